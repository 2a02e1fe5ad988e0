"""A debt paid in instalments (*échéancier*): the dates, the amounts, and how far payments cover them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pricing.calendar import add_months, next_business_day
from pricing.money import Money

NUMBER_MIN, NUMBER_MAX = 2, 36


class Period(StrEnum):
    """What separates two instalments."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"


class Progress(StrEnum):
    """Where one instalment stands on a day."""

    PAID = "paid"
    TO_COME = "to_come"
    AWAITED = "awaited"
    MISSED = "missed"


class ScheduleRefused(ValueError):
    """No schedule can be made of these figures; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of a schedule; numbers start at 1."""

    number: int
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class FollowedInstalment:
    """One instalment with what payments cover of it; ``grace_ends_on`` is its last day before it is missed."""

    instalment: Instalment
    paid: Money
    grace_ends_on: date
    progress: Progress

    @property
    def missing(self) -> Money:
        """What is still to be paid of it."""
        return self.instalment.amount - self.paid


def schedule(
    total: Money, *, number: int, first_on: date, period: Period
) -> tuple[Instalment, ...]:
    """Equal instalments from ``first_on``; the last one takes the rest of the division.

        amount = total / number, rounded down to the cent
        last   = total - (number - 1) x amount

    Months are counted from the first day, so that a schedule begun on the 31st comes back to the 31st wherever
    the month has one.

    Raises:
        ScheduleRefused: ``number_out_of_range``, or ``amount_too_small`` for one cent each.
    """
    if not NUMBER_MIN <= number <= NUMBER_MAX:
        raise ScheduleRefused("number_out_of_range")
    if total.cents < number:
        raise ScheduleRefused("amount_too_small")
    each = total.cents // number
    amounts = [each] * (number - 1) + [total.cents - each * (number - 1)]
    return tuple(
        Instalment(place + 1, _day(first_on, period, place), Money(cents, total.currency))
        for place, cents in enumerate(amounts)
    )


def follow(
    instalments: Sequence[Instalment], paid: Money, *, today: date, grace_days: int
) -> tuple[FollowedInstalment, ...]:
    """Each instalment with what was paid of it: what came covers them in their order.

    ``paid`` is all that came since the agreement. An instalment is missed the day after its
    grace, which never ends on a Saturday, a Sunday or a public holiday.
    """
    left = paid.cents
    found = []
    for one in instalments:
        taken = min(max(left, 0), one.amount.cents)
        left -= taken
        ends_on = next_business_day(one.due_on + timedelta(days=grace_days))
        progress = _progress(one, taken, ends_on, today)
        found.append(FollowedInstalment(one, Money(taken, paid.currency), ends_on, progress))
    return tuple(found)


def first_missed(followed: Sequence[FollowedInstalment]) -> FollowedInstalment | None:
    """The oldest instalment missed."""
    return next((one for one in followed if one.progress is Progress.MISSED), None)


def _progress(one: Instalment, taken: int, grace_ends_on: date, today: date) -> Progress:
    if taken >= one.amount.cents:
        return Progress.PAID
    if today <= one.due_on:
        return Progress.TO_COME
    return Progress.AWAITED if today <= grace_ends_on else Progress.MISSED


def _day(first_on: date, period: Period, place: int) -> date:
    match period:
        case Period.WEEK:
            return first_on + timedelta(weeks=place)
        case Period.FORTNIGHT:
            return first_on + timedelta(weeks=2 * place)
        case Period.MONTH:
            return add_months(first_on, place)
        case Period.QUARTER:
            return add_months(first_on, 3 * place)
