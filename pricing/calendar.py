"""Days that count: day-count bases, French bank holidays, months, and payment terms."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache

SATURDAY = 5


class DayCount(StrEnum):
    """How days become a share of a year."""

    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_ACT = "ACT/ACT"


def year_days(year: int) -> int:
    """365, or 366 in a leap civil year."""
    return 366 if isleap(year) else 365


def year_fraction(days: int, day_count: DayCount) -> Decimal:
    """``days`` as a share of a year of fixed length.

    Raises:
        ValueError: ``ACT/ACT`` depends on the dates; use ``year_fraction_between``.
    """
    if day_count is DayCount.ACT_ACT:
        raise ValueError("ACT/ACT needs the dates, not only their distance")
    return Decimal(days) / (360 if day_count is DayCount.ACT_360 else 365)


def year_fraction_between(start: date, end: date, day_count: DayCount) -> Decimal:
    """The days after ``start`` up to and including ``end``, as a share of a year.

    With ``ACT/ACT`` each day counts for one 365th or 366th by its own civil year.
    """
    if day_count is not DayCount.ACT_ACT:
        return year_fraction((end - start).days, day_count)
    return sum(
        (Decimal(days) / year_days(year) for year, days in _days_by_year(start, end)), Decimal(0)
    )


def _days_by_year(start: date, end: date) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = min(end, date(start.year, 12, 31))
        if stop == start:
            start, stop = stop, min(end, date(start.year + 1, 12, 31))
            yield stop.year, (stop - start).days
        else:
            yield stop.year, (stop - start).days
        start = stop


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus's method)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon_drift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon_drift + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    months, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, months, day + 1)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The eleven French public holidays of ``year``; local ones are left out.

    Source: C. trav. art. L3133-1.
    """
    sunday = easter(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (1, 39, 50)
    return frozenset(date(year, month, day) for month, day in fixed) | frozenset(
        sunday + timedelta(days=days) for days in moving
    )


def is_business_day(day: date) -> bool:
    """Neither a Saturday, a Sunday nor a public holiday."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


def next_business_day(day: date) -> date:
    """``day`` itself, or the first business day after it (CPC art. 642)."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """The day ``count`` business days after ``day`` (before it when negative)."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_business_day(day):
            day += step
    return day


def end_of_month(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day number ``months`` later, or the last day of that month.

    Source: CPC art. 641.
    """
    years, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + years, month + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))


class TermRule(StrEnum):
    """A way to compute a due date from the issue date, or from the delivery date."""

    DEFAULT30 = "DEFAULT30"
    NET30 = "NET30"
    NET45 = "NET45"
    NET60 = "NET60"
    EOM45_A = "EOM45_A"
    EOM45_B = "EOM45_B"
    PERIODIC45 = "PERIODIC45"
    TRANSPORT30 = "TRANSPORT30"
    PERISHABLE30 = "PERISHABLE30"
    PERISHABLE30_DECADE = "PERISHABLE30_DECADE"
    LIVESTOCK20 = "LIVESTOCK20"
    ALCOHOL30_EOM = "ALCOHOL30_EOM"


FROM_DELIVERY = frozenset(
    {
        TermRule.DEFAULT30,
        TermRule.PERISHABLE30,
        TermRule.PERISHABLE30_DECADE,
        TermRule.LIVESTOCK20,
        TermRule.ALCOHOL30_EOM,
    }
)


class NoStartingDay(ValueError):
    """The term runs from the delivery, and the delivery date is not known."""


def end_of_ten_days(day: date) -> date:
    """The end of the ten-day block (*décade*): the 10th, the 20th, or the end of the month."""
    if day.day <= 10:
        return day.replace(day=10)
    return day.replace(day=20) if day.day <= 20 else end_of_month(day)


def due_date(
    rule: TermRule,
    *,
    issued_on: date,
    delivered_on: date | None = None,
    days: int | None = None,
) -> date:
    """The last day to pay under ``rule``; it is not moved when it falls on a holiday.

    ``days`` replaces the number in the rule's name, when the law sets another one.

    Raises:
        NoStartingDay: the rule counts from a delivery that is not dated.

    Source: C. com. art. L441-10 I and L441-11 II.
    """
    start = delivered_on if rule in FROM_DELIVERY else issued_on
    if start is None:
        raise NoStartingDay(f"{rule} counts from the delivery, which has no date")
    return _due_from(rule, start, timedelta(days=named_days(rule) if days is None else days))


def named_days(rule: TermRule) -> int:
    """The number of days in the rule's name."""
    return int(re.sub(r"\D", "", rule))


def _due_from(rule: TermRule, start: date, wait: timedelta) -> date:
    match rule:
        case TermRule.EOM45_A:
            return end_of_month(start + wait)
        case TermRule.EOM45_B | TermRule.ALCOHOL30_EOM:
            return end_of_month(start) + wait
        case TermRule.PERISHABLE30_DECADE:
            return end_of_ten_days(start) + wait
        case _:
            return start + wait
