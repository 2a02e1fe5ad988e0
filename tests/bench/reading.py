"""How many invoices are read in a second, by format."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from lxml import etree
from openpyxl import Workbook

from partners.formats.reading import read_file
from portal.demo.invoices import InvoiceLine, InvoiceParty, InvoiceToPrint, cii_xml, factur_x
from pricing.money import Money
from tests.bench.measuring import Section, milliseconds, seconds_each

SHEET_ROWS = 1_000
UBL = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>
<cbc:ID>F-1</cbc:ID><cbc:IssueDate>2026-11-01</cbc:IssueDate><cbc:DueDate>2026-12-31</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AccountingSupplierParty><cac:Party><cac:PartyLegalEntity>
<cbc:RegistrationName>Menuiserie Exemple</cbc:RegistrationName>
<cbc:CompanyID schemeID="0002">000101006</cbc:CompanyID>
</cac:PartyLegalEntity></cac:Party></cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyLegalEntity>
<cbc:RegistrationName>Débiteur Exemple</cbc:RegistrationName>
<cbc:CompanyID schemeID="0002">000113001</cbc:CompanyID>
</cac:PartyLegalEntity></cac:Party></cac:AccountingCustomerParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">200.00</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount currencyID="EUR">1000.00</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">1000.00</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">1200.00</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">1200.00</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>"""


def section() -> Section:
    invoice = _invoice()
    files = {
        "CII XML": ("invoice.xml", cii_xml(invoice), 1),
        "Factur-X PDF": ("invoice.pdf", factur_x(invoice), 1),
        "UBL XML": ("invoice.xml", _ubl(), 1),
        f"XLSX, {SHEET_ROWS} rows": ("invoices.xlsx", _xlsx(), SHEET_ROWS),
        f"CSV, {SHEET_ROWS} rows": ("invoices.csv", _csv(), SHEET_ROWS),
    }
    bare = seconds_each(lambda: etree.fromstring(files["CII XML"][1]))
    rows = []
    for title, (name, content, invoices) in files.items():
        each = seconds_each(lambda name=name, content=content: read_file(content, name)) / invoices
        rows.append((title, f"{1 / each:,.0f}", milliseconds(each), f"{each / bare:.0f} ×"))
    return Section(
        "Reading invoices",
        "One process, one core. The ratio is to lxml merely parsing the CII file, in the same run.",
        ("format", "invoices per second", "each", "against a bare parse"),
        rows,
    )


def _invoice() -> InvoiceToPrint:
    seller = InvoiceParty("Menuiserie Exemple", "000101006", "", "1 rue", "69998", "Exempleville")
    buyer = InvoiceParty("Débiteur Exemple", "000113001", "", "2 rue", "69998", "Exempleville")
    return InvoiceToPrint(
        number="F-1",
        seller=seller,
        buyer=buyer,
        issued_on=date(2026, 11, 1),
        delivered_on=date(2026, 11, 1),
        due_on=date(2026, 12, 31),
        lines=[InvoiceLine(f"Ligne {n}", Money(12_345)) for n in range(10)],
        vat_rate=Decimal("0.20"),
        iban="FR7630006000011234567890189",
        order_reference="BC-1",
        terms="60 jours",
    )


def _csv() -> bytes:
    return "\n".join(";".join(row) for row in _rows()).encode()


def _xlsx() -> bytes:
    book = Workbook()
    for row in _rows():
        book.active.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _rows() -> list[tuple[str, ...]]:
    head = ("Numéro", "Client", "SIREN client", "Date", "Échéance", "Montant HT", "TVA", "TTC")
    same = ("01/11/2026", "31/12/2026", "1000,00", "200,00", "1200,00")
    return [head, *((f"F-{n}", "Débiteur Exemple", "000113001", *same) for n in range(SHEET_ROWS))]


def _ubl() -> bytes:
    return UBL.encode()
