"""How many invoices are read in a second, by format."""

from datetime import date
from decimal import Decimal

from lxml import etree

from partners.formats.reading import read_file
from portal.demo.invoices import InvoiceLine, InvoiceParty, InvoiceToPrint, cii_xml, factur_x
from pricing.money import Money
from tests.bench.measuring import Section, milliseconds, seconds_each

SHEET_ROWS = 1_000


def section() -> Section:
    invoice = _invoice()
    files = {
        "CII XML": ("invoice.xml", cii_xml(invoice), 1),
        "Factur-X PDF": ("invoice.pdf", factur_x(invoice), 1),
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
    head = "Numéro;Client;SIREN client;Date;Échéance;Montant HT;TVA;Montant TTC"
    rows = (
        f"F-{n};Débiteur Exemple;000113001;01/11/2026;31/12/2026;1000,00;200,00;1200,00"
        for n in range(SHEET_ROWS)
    )
    return "\n".join((head, *rows)).encode()
