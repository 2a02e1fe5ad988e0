"""Interest day by day: stretches of days at one rate on one principal, exact until rounded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pricing.calendar import DayCount, add_months, year_fraction_between
from pricing.money import Money
from pricing.penalty_rates import PenaltyRate, semester_start

ONE_DAY = timedelta(days=1)

RateRule = Callable[[date], PenaltyRate]


@dataclass(frozen=True, slots=True)
class Accrual:
    """One stretch of days at one rate on one principal; ``amount`` is in euros, not rounded."""

    from_on: date
    to_on: date
    days: int
    principal: Money
    annual_rate: Decimal
    amount: Decimal
    source: str


def stretches(start: date, end: date, stops: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Cut ``start``..``end`` (both included) after each semester and after each of ``stops``."""
    while start <= end:
        next_semester = semester_start(add_months(semester_start(start), 6))
        cuts = [next_semester - ONE_DAY, end, *(stop for stop in stops if stop >= start)]
        yield start, min(cuts)
        start = min(cuts) + ONE_DAY


def accrual(
    principal: Money, first: date, last: date, rate: PenaltyRate, day_count: DayCount
) -> Accrual:
    share = year_fraction_between(first - ONE_DAY, last, day_count)
    return Accrual(
        from_on=first,
        to_on=last,
        days=(last - first).days + 1,
        principal=principal,
        annual_rate=rate.annual_rate,
        amount=principal.euros * rate.annual_rate * share,
        source=rate.source,
    )
