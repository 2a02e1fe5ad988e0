"""Files people bring: Factur-X and ZUGFeRD, CII, UBL, spreadsheets, read into our words."""
