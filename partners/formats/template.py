"""The table to start from: headings we recognise and one example, as CSV or Excel."""

import csv
import io

from partners.formats.headings import SYNONYMS

FIELDS = (
    "number", "kind", "issued_on", "due_on", "delivered_on", "buyer_name", "buyer_siren",
    "buyer_vat", "buyer_street", "buyer_postcode", "buyer_city", "buyer_country", "buyer_email",
    "currency", "net", "vat", "gross", "prepaid", "payable", "terms", "order_reference",
    "contract_reference", "preceding", "iban", "note",
)  # fmt: skip

EXAMPLE = {
    "number": "F-2026-0042",
    "issued_on": "15/01/2026",
    "due_on": "28/02/2026",
    "delivered_on": "12/01/2026",
    "buyer_name": "Menuiserie Exemple SARL",
    "buyer_siren": "900000100",
    "buyer_street": "1 rue de l'Exemple",
    "buyer_postcode": "99000",
    "buyer_city": "Exempleville",
    "buyer_country": "FR",
    "currency": "EUR",
    "net": "1000,00",
    "vat": "200,00",
    "gross": "1200,00",
    "prepaid": "0,00",
    "payable": "1200,00",
    "order_reference": "BC-117",
}
KINDS = {"fr": "Facture", "en": "Invoice"}


def titles(lang: str = "fr") -> list[str]:
    """The headings of the template, in order."""
    return [SYNONYMS[field][1 if lang == "en" else 0] for field in FIELDS]


def _example(lang: str) -> list[str]:
    return [{"kind": KINDS[lang], **EXAMPLE}.get(field, "") for field in FIELDS]


def template_csv(lang: str = "fr") -> bytes:
    """The template as Excel opens it in France: UTF-8 with its mark, semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerows([titles(lang), _example(lang)])
    return text.getvalue().encode("utf-8-sig")


def template_xlsx(lang: str = "fr") -> bytes:
    """The template as a workbook, every cell as text so that nothing is reinterpreted."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet("Factures" if lang == "fr" else "Invoices")
    for row in (titles(lang), _example(lang)):
        sheet.append(row)
    for column in sheet.columns:
        for cell in column:
            cell.number_format = "@"
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()
