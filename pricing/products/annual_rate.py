"""Annual rates: the legal TEG by the article of each product, and the actuarial one.

All results are fractions of one, computed in ``Decimal``. Business credit only: the
consumer rate (TAEG) does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pricing.calendar import year_days
from pricing.money import Money, total
from pricing.products.quote import CashFlow, LegalRate

MONTHS_IN_YEAR = 12
SHORTEST_UNIT_DAYS = 30
DISCOUNT_DAYS_MIN = 10
SOLVER_STEPS = 200
SOLVER_PRECISION = Decimal("1e-22")


def civil_year_days(value_date: date) -> int:
    """The year a rate is proportioned to: 365, or 366 when the credit starts in a leap year."""
    return year_days(value_date.year)


def actuarial_rate(flows: Sequence[CashFlow], value_date: date) -> Decimal | None:
    """The yearly rate that makes ``flows`` worth nothing on ``value_date``.

        0 = sum of flow / (1 + rate) ^ (days from value_date / year)

    ``None`` when no cash is received first, or when what is repaid is less than what
    was received.
    """
    factor = _daily_factor(_by_day(flows, value_date))
    if factor is None:
        return None
    return factor ** -Decimal(civil_year_days(value_date)) - 1


def teg_r314_2(flows: Sequence[CashFlow], value_date: date) -> LegalRate | None:
    """The general rule: the rate of the unit period, times the periods in a civil year.

    The unit period is the shortest interval between two flows, never under one month;
    a single repayment after 30 days or more is its own period. Under one month the
    rate is compounded to a normalised month (a twelfth of the year), then times 12:
    our reading where the text is silent.

    Source: C. conso. art. R314-2.
    """
    amounts = _by_day(flows, value_date)
    factor = _daily_factor(amounts)
    if factor is None:
        return None
    year = civil_year_days(value_date)
    unit = _unit_period(sorted(amounts), year)
    period_rate = factor**-unit - 1
    return LegalRate("R314-2", period_rate * year / unit, period_rate, unit, year)


@dataclass(frozen=True, slots=True)
class FinancingNumbers:
    """One receivable's share of a factoring TEG: what is lent, for how long, what is held back.

    ``commissions`` are the financing commission and other financing fees (numerator).
    ``held_back`` is everything taken on the first day, VAT included (denominator).
    """

    gross_financing: Money
    days: int
    commissions: Money
    held_back: Money


def teg_r314_6(numbers: Sequence[FinancingNumbers], value_date: date) -> LegalRate | None:
    """The factoring rule, by the method of numbers with a period of one day.

        debit numbers = gross financing x days
        denominator   = debit numbers - (fees taken on the first day, with VAT) x days
        TEG           = financing commissions / denominator x civil year

    The service commission is kept out of the numerator: show the all-in rate beside.

    Source: C. conso. art. R314-6 and its annex.
    """
    denominator = sum((line.gross_financing - line.held_back).cents * line.days for line in numbers)
    if denominator <= 0:
        return None
    commissions = total(line.commissions for line in numbers)
    daily = Decimal(commissions.cents) / denominator
    year = civil_year_days(value_date)
    return LegalRate("R314-6", daily * year, daily, Decimal(1), year)


def teg_r314_8(
    agios: Money, nominals: Sequence[tuple[Money, int]], value_date: date
) -> LegalRate | None:
    """The rule of discounted bills: agios over the nominal, not over the cash received.

        TEG = agios / nominal x civil year / calendar days (at least 10)

    ``nominals`` are (nominal, calendar days to the due date, that day included);
    bank days raise the agios but never the period. Several bills: mean due date.

    Source: C. conso. art. R314-8.
    """
    nominal = total(amount for amount, _ in nominals)
    weighted = sum(amount.cents * max(days, DISCOUNT_DAYS_MIN) for amount, days in nominals)
    if not nominal:
        return None
    year = civil_year_days(value_date)
    period_rate = agios.share_of(nominal)
    days = Decimal(weighted) / nominal.cents
    return LegalRate("R314-8", period_rate * year / days, period_rate, days, year)


def _by_day(flows: Sequence[CashFlow], value_date: date) -> dict[int, int]:
    amounts: dict[int, int] = {}
    for flow in flows:
        day = (flow.on - value_date).days
        amounts[day] = amounts.get(day, 0) + flow.amount.cents
    return {day: cents for day, cents in amounts.items() if cents}


def _unit_period(days: Sequence[int], year: int) -> Decimal:
    shortest = min(later - sooner for sooner, later in pairwise(days))
    if shortest >= SHORTEST_UNIT_DAYS:
        return Decimal(shortest)
    return Decimal(year) / MONTHS_IN_YEAR


def _daily_factor(amounts: Mapping[int, int]) -> Decimal | None:
    """What one unit paid tomorrow is worth today, in (0, 1]; exact for a single repayment."""
    if amounts.get(0, 0) <= 0 or sum(amounts.values()) > 0 or len(amounts) < 2:
        return None
    if len(amounts) == 2:
        (last,) = (day for day in amounts if day)
        return (Decimal(amounts[0]) / -amounts[last]) ** (1 / Decimal(last))
    return _solved(amounts)


def _solved(amounts: Mapping[int, int]) -> Decimal:
    """Newton's steps from the mean repayment, kept inside the bracket by halving it."""
    low, high = Decimal(0), Decimal(1)
    guess = _mean_factor(amounts)
    for _ in range(SOLVER_STEPS):
        worth = sum(cents * guess**day for day, cents in amounts.items())
        slope = sum(day * cents * guess ** (day - 1) for day, cents in amounts.items() if day)
        if worth > 0:
            low = guess
        else:
            high = guess
        better = guess - worth / slope if slope else low
        if not low <= better <= high:
            better = (low + high) / 2
        if abs(better - guess) < SOLVER_PRECISION:
            return better
        guess = better
    return guess


def _mean_factor(amounts: Mapping[int, int]) -> Decimal:
    later = {day: cents for day, cents in amounts.items() if day}
    repaid = -sum(later.values())
    days = Decimal(sum(day * -cents for day, cents in later.items())) / repaid
    return (Decimal(amounts[0]) / repaid) ** (1 / days) if days > 0 else Decimal("0.999")
