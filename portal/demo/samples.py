"""Invoices for somebody trying the product: files of a fictional company, as its software would make them."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from partners.sandbox.companies import FictionalCompany, companies_of, fictional_companies
from portal.demo.companies import fictional_iban
from portal.demo.invoices import InvoiceLine, InvoiceParty, InvoiceToPrint, factur_x
from pricing.money import Money

NEWCOMER_SIREN = "000157008"
TWENTY_PERCENT = Decimal("0.20")
SAMPLES: tuple[tuple[str, int, int, int], ...] = (
    ("Portail coulissant et motorisation", 1, 9, 1_240_000),
    ("Grilles de défense, 14 fenêtres", 3, 20, 868_000),
    ("Serrures et organigramme de clés, par logement", 45, 5, 36_500),
    ("Escalier de secours, lot métallerie", 2, 30, 1_975_050),
    ("Dépannage et remplacement de cylindres", 1, 2, 48_900),
)
"""Wording, number of lines, days since issue, net amount of each line in cents."""


class UnknownSeller(LookupError):
    """The sandbox's register has no such company."""


def sample_invoices(siren: str, today: date) -> Iterator[tuple[str, bytes]]:
    """File names and Factur-X files issued by one fictional company; one of them runs over several pages.

    Raises:
        UnknownSeller: no fictional company has this SIREN.
    """
    seller = next((one for one in fictional_companies() if one.siren == siren), None)
    if seller is None:
        raise UnknownSeller(f"{siren} is not one of the sandbox's fictional companies")
    buyers = [company for company in companies_of("debtor") if company.siren]
    for position, (wording, lines, age, cents) in enumerate(SAMPLES, start=1):
        issued_on = today - timedelta(days=age)
        number = f"FA{today:%Y%m}-{position:03d}"
        invoice = InvoiceToPrint(
            number=number,
            seller=_party(seller),
            buyer=_party(buyers[(position * 3) % len(buyers)]),
            issued_on=issued_on,
            delivered_on=issued_on - timedelta(days=2),
            due_on=issued_on + timedelta(days=60),
            lines=[
                InvoiceLine(f"{wording} ({line}/{lines})" if lines > 1 else wording, Money(cents))
                for line in range(1, lines + 1)
            ],
            vat_rate=TWENTY_PERCENT,
            iban=fictional_iban(siren),
            order_reference=f"CDE-{position:05d}",
            terms="60 jours date de facture",
        )
        yield f"{number}.pdf", factur_x(invoice)


def _party(company: FictionalCompany) -> InvoiceParty:
    return InvoiceParty(
        company.name,
        company.siren,
        company.french_vat_id,
        company.street,
        company.postcode,
        company.city,
    )
