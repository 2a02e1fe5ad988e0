"""What may be expected of an unpaid invoice when it is chased: share, day, cash, cost; and whom to chase first.

Every rate is stated, dated and sourced in ``recovery_rates.toml``. They are conventions, not statistics: whoever
shows a result says so, with ``RecoveryTable.source``.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from pricing.money import Money

SOON_DAYS = 7
"""How close to the next age, where chances fall, a debt counts as ageing soon."""
LEAST_RATE = Decimal("0.02")
"""No debt still owed is worth nothing."""


class Payer(StrEnum):
    """What a debtor is to its creditor; ``UNKNOWN`` until its behaviour says more."""

    UNKNOWN = "unknown"
    GOOD_PAYER = "good_payer"
    SLOW = "slow"
    BAD = "bad"
    STRATEGIC = "strategic"
    PUBLIC = "public"
    ABROAD = "abroad"


class Reason(StrEnum):
    """What makes a debtor urgent today."""

    PROMISE_BROKEN = "promise_broken"
    CALL_PLANNED = "call_planned"
    FOLLOW_UP_DUE = "follow_up_due"
    MENTIONED = "mentioned"
    AGES_SOON = "ages_soon"
    NEVER_REMINDED = "never_reminded"


class NoRecoveryTable(LookupError):
    """No table was in force on that day; the earliest one recorded starts later."""


@dataclass(frozen=True, slots=True)
class AgeRate:
    """From ``from_day`` days past due: the share expected to be paid, and the days until it is."""

    from_day: int
    paid_rate: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class PayerFactor:
    """What a kind of payer does to the share that is not paid, and to the days."""

    unpaid_factor: Decimal
    days_factor: Decimal


@dataclass(frozen=True, slots=True)
class RecoveryTable:
    """The rates stated from one day on. Rates are fractions of one; ``step_costs`` whole cents by channel."""

    since: date
    basis: str
    source: str
    read_on: date
    ages: tuple[AgeRate, ...]
    payers: Mapping[Payer, PayerFactor]
    urgency: Mapping[Reason, Decimal]
    step_costs: Mapping[str, int]

    def rate(self, days_past_due: int, payer: Payer = Payer.UNKNOWN) -> Decimal:
        """The share expected to be paid of a debt that old."""
        unpaid = 1 - self._age(days_past_due).paid_rate
        return max(1 - unpaid * self.payers[payer].unpaid_factor, LEAST_RATE)

    def days(self, days_past_due: int, payer: Payer = Payer.UNKNOWN) -> int:
        """Days from today until the money may be expected; from the due date on when it is to come."""
        days = Decimal(self._age(days_past_due).days) * self.payers[payer].days_factor
        return max(-days_past_due, 0) + int(days.to_integral_value())

    def spans(self) -> list[tuple[Payer, int, int, Decimal]]:
        """The rates as rows (payer, first day, last day, rate), for a query over many debts."""
        bounds = [(one.from_day, next_.from_day - 1) for one, next_ in pairwise(self.ages)]
        bounds.append((self.ages[-1].from_day, 1_000_000))
        return [
            (payer, first, last, self.rate(first, payer))
            for payer in Payer
            for first, last in bounds
        ]

    def ages_soon(self, days_past_due: int) -> bool:
        """Whether the debt reaches the next age, where its chances fall, within a week."""
        return any(first <= days_past_due <= last for first, last in self.soon_spans())

    def soon_spans(self) -> list[tuple[int, int]]:
        """The days past due, first and last, that precede each later age by a week or less."""
        return [(one.from_day - SOON_DAYS, one.from_day - 1) for one in self.ages[2:]]

    def urgency_of(self, reasons: Collection[Reason]) -> Decimal:
        """One, and what each reason adds."""
        return Decimal(1) + sum((self.urgency[one] for one in set(reasons)), Decimal(0))

    def cost_of(self, channels: Iterable[str], currency: str = "EUR") -> Money:
        """What steps by these channels cost the creditor."""
        return Money(sum(self.step_costs[channel] for channel in channels), currency)

    def _age(self, days_past_due: int) -> AgeRate:
        return next(one for one in reversed(self.ages) if one.from_day <= days_past_due)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What chasing one debt may be expected to bring: an indication, from stated rates."""

    owed: Money
    rate: Decimal
    cash: Money
    days: int
    expected_on: date
    cost: Money


def expected_recovery(
    owed: Money,
    due_on: date,
    today: date,
    *,
    payer: Payer = Payer.UNKNOWN,
    channels: Sequence[str] = (),
    table: RecoveryTable | None = None,
) -> Recovery:
    """What a debt still owed may bring, and when, if its steps are done.

        cash = owed x rate of its age and payer
        day  = today + days of its age and payer, counted from the due date when it is to come
        cost = sum of what each step left costs

    Cash is rounded half up to the cent, once. Late-payment penalties are left out: they are due, seldom paid.
    """
    rates = table or recovery_table(today)
    age = (today - due_on).days
    rate, days = rates.rate(age, payer), rates.days(age, payer)
    return Recovery(
        owed=owed,
        rate=rate,
        cash=owed.portion(rate),
        days=days,
        expected_on=today + timedelta(days=days),
        cost=rates.cost_of(channels, owed.currency),
    )


def weight(
    debts: Iterable[tuple[int, int]],
    payer: Payer,
    reasons: Collection[Reason],
    table: RecoveryTable,
) -> Decimal:
    """How much chasing a debtor today is worth: the sum of amount x probability, x urgency.

    ``debts`` are (cents that may be asked, days past due). The result only orders debtors; it is no amount.
    """
    expected = sum((cents * table.rate(age, payer) for cents, age in debts), Decimal(0))
    return expected * table.urgency_of(reasons)


def recovery_table(on: date) -> RecoveryTable:
    """The table in force on a day.

    Raises:
        NoRecoveryTable: the first table starts later.
    """
    tables = _tables()
    for table in tables:
        if table.since <= on:
            return table
    raise NoRecoveryTable(f"no recovery rates on {on}: the earliest start on {tables[-1].since}")


@cache
def _tables() -> tuple[RecoveryTable, ...]:
    text = resources.files("pricing").joinpath("recovery_rates.toml").read_text("utf-8")
    stored = tomllib.loads(text, parse_float=Decimal)["tables"]
    return tuple(sorted(map(_table, stored), key=lambda one: one.since, reverse=True))


def _table(stored: Mapping[str, Any]) -> RecoveryTable:
    return RecoveryTable(
        since=stored["since"],
        basis=stored["basis"],
        source=stored["source"],
        read_on=stored["read_on"],
        ages=tuple(AgeRate(**age) for age in stored["ages"]),
        payers={Payer(name): PayerFactor(**one) for name, one in stored["payers"].items()},
        urgency={Reason(name): value for name, value in stored["urgency"].items()},
        step_costs=dict(stored["step_costs"]),
    )
