"""How long the assignor waits for its money (*DSO*), and how well it collects."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.money import Money, total


@dataclass(frozen=True, slots=True)
class CountBack:
    """Days of sales still unpaid; with ``incomplete`` they are a minimum, history ran out."""

    days: Decimal
    incomplete: bool = False


def dso_days(receivables: Money, sales: Money, period_days: int) -> Decimal | None:
    """Receivables over sales times days, both VAT included; ``None`` without sales."""
    if not sales:
        return None
    return receivables.share_of(sales) * period_days


def best_possible_dso_days(current: Money, sales: Money, period_days: int) -> Decimal | None:
    """The DSO if nothing were overdue; ``None`` without sales."""
    return dso_days(current, sales, period_days)


def average_days_delinquent(
    receivables: Money, current: Money, sales: Money, period_days: int
) -> Decimal | None:
    """The part of the DSO that delay explains: DSO less best possible DSO."""
    return dso_days(receivables - current, sales, period_days)


def dso_count_back(
    receivables: Money, sales_by_month: Mapping[date, Money], *, until: date | None = None
) -> CountBack:
    """Sales are taken off the receivables from the latest month back; their days add up.

    The keys are any day of each month. The last month taken counts for the share that
    is needed. A month without sales counts for all its days. When the book is read in the
    course of a month, ``until`` is that day: its month counts for the days gone by.
    """
    left, days = receivables, Decimal(0)
    for month in sorted(sales_by_month, reverse=True):
        sales = sales_by_month[month]
        month_days = _days_of(month, until)
        if left <= sales:
            return CountBack(days + left.share_of(sales) * month_days)
        left, days = left - sales, days + month_days
    return CountBack(days, incomplete=bool(left))


def _days_of(month: date, until: date | None) -> int:
    if until and (month.year, month.month) == (until.year, until.month):
        return until.day
    return monthrange(month.year, month.month)[1]


def collection_effectiveness(
    opening: Money, credit_sales: Money, closing: Money, closing_current: Money
) -> Decimal | None:
    """What was collected of what could be (*CEI*), a fraction of one; ``None`` if nothing could.

    CEI = (opening + sales - closing) / (opening + sales - closing not overdue)
    """
    collectable = opening + credit_sales - closing_current
    if not collectable:
        return None
    return (opening + credit_sales - closing).share_of(collectable)


@dataclass(frozen=True, slots=True)
class PaidReceivable:
    """One receivable paid in full, for the time it really took."""

    issued_on: date
    due_on: date
    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PaymentTime:
    """Days weighted by the amounts: from issue to payment, and past the due date (never under 0)."""

    days_to_pay: Decimal
    days_late: Decimal


def payment_time(paid: Iterable[PaidReceivable]) -> PaymentTime | None:
    """The real time to be paid; ``None`` when nothing was."""
    listed = list(paid)
    weight = total(one.amount for one in listed).cents
    if not weight:
        return None
    waited = sum(one.amount.cents * (one.paid_on - one.issued_on).days for one in listed)
    late = sum(one.amount.cents * max(0, (one.paid_on - one.due_on).days) for one in listed)
    return PaymentTime(Decimal(waited) / weight, Decimal(late) / weight)


def working_capital_need(
    stocks: Money, receivables: Money, payables: Money, tax_and_social: Money
) -> Money:
    """Cash tied up by the business cycle (*BFR*)."""
    return stocks + receivables - payables - tax_and_social
