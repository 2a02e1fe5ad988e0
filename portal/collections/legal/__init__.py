"""The legal road of one claim: notice, court, insolvency, limitation, agency, loss. It shows; the user decides."""
