"""The aged balance: open amounts by days past due, and how late the book is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.money import Money, total


class Bucket(StrEnum):
    """Days past due; a receivable due today is not overdue."""

    NOT_DUE = "not_due"
    DAYS_1_30 = "1_30"
    DAYS_31_60 = "31_60"
    DAYS_61_90 = "61_90"
    OVER_90 = "over_90"


@dataclass(frozen=True, slots=True)
class OpenReceivable:
    """One receivable as the book sees it: its dates and what is still owed, VAT included."""

    issued_on: date
    due_on: date
    open_amount: Money


@dataclass(frozen=True, slots=True)
class AgedBalance:
    """Open amounts by bucket on one day; ``days`` are weighted by the amounts, exact.

    ``overdue_rate`` is a fraction of one; ``weighted_days_overdue`` counts the overdue
    part only, ``weighted_age_days`` the whole book since the issue dates.
    """

    on: date
    buckets: dict[Bucket, Money]
    overdue_rate: Decimal
    weighted_days_overdue: Decimal
    weighted_age_days: Decimal

    @property
    def total(self) -> Money:
        """Everything still owed."""
        return total(self.buckets.values())

    @property
    def current(self) -> Money:
        """What is not yet overdue."""
        return self.buckets[Bucket.NOT_DUE]

    @property
    def overdue(self) -> Money:
        """What is past its due date."""
        return self.total - self.current


def bucket_of(due_on: date, on: date) -> Bucket:
    """The bucket of a receivable due on ``due_on``, seen on ``on``."""
    days = (on - due_on).days
    if days <= 0:
        return Bucket.NOT_DUE
    if days <= 30:
        return Bucket.DAYS_1_30
    if days <= 60:
        return Bucket.DAYS_31_60
    return Bucket.DAYS_61_90 if days <= 90 else Bucket.OVER_90


def aged_balance(
    receivables: Iterable[OpenReceivable], on: date, currency: str = "EUR"
) -> AgedBalance:
    """The book on ``on``, bucket by bucket; every bucket is present, even empty.

    Raises:
        OtherCurrency: a receivable is not in ``currency``.
    """
    listed = list(receivables)
    buckets = dict.fromkeys(Bucket, Money(0, currency))
    for one in listed:
        bucket = bucket_of(one.due_on, on)
        buckets[bucket] = buckets[bucket] + one.open_amount
    late = [one for one in listed if one.due_on < on]
    whole = total(buckets.values())
    return AgedBalance(
        on=on,
        buckets=buckets,
        overdue_rate=(whole - buckets[Bucket.NOT_DUE]).share_of(whole),
        weighted_days_overdue=_weighted([(one.open_amount, one.due_on) for one in late], on),
        weighted_age_days=_weighted([(one.open_amount, one.issued_on) for one in listed], on),
    )


def _weighted(dated: Sequence[tuple[Money, date]], on: date) -> Decimal:
    weight = sum(amount.cents for amount, _ in dated)
    if not weight:
        return Decimal(0)
    return Decimal(sum(amount.cents * (on - day).days for amount, day in dated)) / weight
