"""One cost scale for all products: what comes today, what it costs, what comes back and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.money import Money
from pricing.products.quote import Quote


@dataclass(frozen=True, slots=True)
class Cost:
    """A quote on the common scale; rates are fractions of one, per year.

    ``cost_of_cash`` is the total cost for each unit of cash received today, ``None``
    when none is. ``annual_rate`` is the actuarial rate of the real cash flows.
    """

    cash_today: Money
    reserve: Money
    reserve_release_on: date
    cash_later: Money
    total_cost: Money
    total_vat: Money
    cost_of_cash: Decimal | None
    annual_rate: Decimal | None


class RankBy(StrEnum):
    """What the assignor cares about first."""

    CASH_TODAY = "cash_today"
    TOTAL_COST = "total_cost"
    ANNUAL_RATE = "annual_rate"
    COST_OF_CASH = "cost_of_cash"


def cost_of(quote: Quote) -> Cost:
    """The quote's figures on the common scale."""
    positive = quote.net_today > quote.net_today.zero()
    return Cost(
        cash_today=quote.net_today,
        reserve=quote.reserve,
        reserve_release_on=quote.reserve_release_on,
        cash_later=quote.cash_later,
        total_cost=quote.total_cost,
        total_vat=quote.total_vat,
        cost_of_cash=quote.total_cost.share_of(quote.net_today) if positive else None,
        annual_rate=quote.all_in_annual_rate,
    )


def rank(
    quotes: Iterable[Quote], by: RankBy = RankBy.TOTAL_COST, *, cash_needed: Money | None = None
) -> list[Quote]:
    """The quotes best first; those that bring less than ``cash_needed`` today come last.

    No single figure is fair when advances differ, so ties go to the other ones in this
    order: total cost, annual rate, cash today. A quote without a rate comes after those
    that have one. The order given is kept between equal quotes.
    """
    key = _KEYS[by]
    return sorted(quotes, key=lambda quote: (_is_short(quote, cash_needed), *key(quote)))


def cost_by_pay_date(
    price_paid_on: Callable[[date], Quote], pay_dates: Sequence[date]
) -> list[tuple[date, Cost]]:
    """The cost for each day the debtor may pay; ``price_paid_on`` prices one such day."""
    return [(paid_on, cost_of(price_paid_on(paid_on))) for paid_on in pay_dates]


def _is_short(quote: Quote, cash_needed: Money | None) -> bool:
    return cash_needed is not None and quote.net_today < cash_needed


def _rate(quote: Quote) -> Decimal:
    rate = quote.all_in_annual_rate
    return Decimal("Infinity") if rate is None else rate


def _unit_cost(quote: Quote) -> Decimal:
    unit = cost_of(quote).cost_of_cash
    return Decimal("Infinity") if unit is None else unit


_KEYS: dict[RankBy, Callable[[Quote], tuple[Decimal, ...]]] = {
    RankBy.CASH_TODAY: lambda q: (-q.net_today.euros, q.total_cost.euros, _rate(q)),
    RankBy.TOTAL_COST: lambda q: (q.total_cost.euros, _rate(q), -q.net_today.euros),
    RankBy.ANNUAL_RATE: lambda q: (_rate(q), q.total_cost.euros, -q.net_today.euros),
    RankBy.COST_OF_CASH: lambda q: (_unit_cost(q), _rate(q), -q.net_today.euros),
}
