"""The yearly rates a late debtor owes, semester by semester, as the law counts them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.parameters import LegalParameters, NoLegalValue


class RateUnknown(LookupError):
    """The reference rate of a semester is not recorded; it is never extrapolated."""

    code = "RATE_UNKNOWN"

    def __init__(self, semester: date, why: str) -> None:
        self.semester = semester
        super().__init__(f"no rate recorded for the semester that starts on {semester}: {why}")


@dataclass(frozen=True, slots=True)
class PenaltyRate:
    """A yearly rate (fraction of one) and the text it comes from."""

    annual_rate: Decimal
    source: str


def semester_start(day: date) -> date:
    """1 January or 1 July, whichever opens the semester of ``day``."""
    return date(day.year, 1 if day.month <= 6 else 7, 1)


def reference_rate(day: date, law: LegalParameters) -> Decimal:
    """The ECB rate that counts on ``day``: the one in force on the first day of its semester.

    Raises:
        RateUnknown: that day's rate is not recorded.

    Source: C. com. art. L441-10, II.
    """
    return _on_semester("ecb_refinancing_rate", day, law)


def default_penalty_rate(day: date, law: LegalParameters) -> PenaltyRate:
    """The rate owed on ``day`` between businesses when the contract sets none.

    rate = ECB rate of the semester + 10 points

    Raises:
        RateUnknown: the semester's rate is not recorded.

    Source: C. com. art. L441-10, II.
    """
    return _with_margin("penalty_margin_default", day, law)


def public_penalty_rate(first_day: date, law: LegalParameters) -> PenaltyRate:
    """The rate a public buyer owes for the whole delay, frozen on the first day of interest.

    rate = ECB rate of the semester in which interest started + 8 points

    Raises:
        RateUnknown: that semester's rate is not recorded.

    Source: décret 2013-269, art. 8.
    """
    return _with_margin("penalty_margin_public", first_day, law)


def legal_interest_rate(
    day: date, law: LegalParameters, *, creditor_is_business: bool = True
) -> Decimal:
    """The legal interest rate of the semester of ``day`` (*taux de l'intérêt légal*).

    Raises:
        RateUnknown: the semester's rate is not recorded.

    Source: CMF art. L313-2, D313-1-A.
    """
    column = "business" if creditor_is_business else "individual"
    return _on_semester(f"legal_interest_rate_{column}", day, law)


def contract_rate_floor(day: date, law: LegalParameters) -> Decimal:
    """The lowest penalty rate a contract may set on ``day``: three times the legal rate.

    Raises:
        RateUnknown: the semester's legal rate is not recorded.

    Source: C. com. art. L441-10, II.
    """
    return legal_interest_rate(day, law) * law["penalty_floor_multiple"].on(day).amount


def _with_margin(name: str, day: date, law: LegalParameters) -> PenaltyRate:
    reference = reference_rate(day, law)
    if not law[name].covers(day):
        raise RateUnknown(semester_start(day), f"'{name}' has no value on {day}")
    margin = law[name].on(day)
    return PenaltyRate(reference + margin.amount, margin.source)


def _on_semester(name: str, day: date, law: LegalParameters) -> Decimal:
    start = semester_start(day)
    try:
        return law[name].on(start).amount
    except NoLegalValue as missing:
        raise RateUnknown(start, str(missing)) from missing
