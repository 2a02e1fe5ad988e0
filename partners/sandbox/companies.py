"""The fictional companies: what the sandbox's register knows, and who the demo is made of."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class FictionalCompany:
    """One line of `companies.csv`; a foreign company has a VAT number and no SIREN.

    Attributes:
        role: "assignor", "debtor", "lender", "broker" or "other".
        segment: "sme", "large", "public" or "foreign".
        state: "A" active, "C" closed, as the public register writes it.
        diffusion: "O" published, "P" asked not to be.
    """

    siren: str
    role: str
    segment: str
    name: str
    legal_form_code: str
    activity_code: str
    street: str
    postcode: str
    city: str
    size: str
    created_on: str
    country: str
    vat_id: str
    state: str
    diffusion: str
    closed_on: str

    @property
    def siret(self) -> str:
        """The head office's number: the first establishment whose checksum holds."""
        return next(
            number
            for number in (f"{self.siren}{nic:05d}" for nic in range(10, 20))
            if _luhn_holds(number)
        )

    @property
    def french_vat_id(self) -> str:
        """The VAT number that a French SIREN gives."""
        return f"FR{(12 + 3 * (int(self.siren) % 97)) % 97:02d}{self.siren}"


@cache
def fictional_companies() -> tuple[FictionalCompany, ...]:
    """Every company of the file, foreign ones included."""
    text = files("partners.sandbox").joinpath("companies.csv").read_text(encoding="utf-8")
    return tuple(FictionalCompany(**row) for row in csv.DictReader(text.splitlines()))


def companies_of(role: str) -> tuple[FictionalCompany, ...]:
    """The companies of one role, in the file's order."""
    return tuple(company for company in fictional_companies() if company.role == role)


def _luhn_holds(number: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(number[::-1]))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
