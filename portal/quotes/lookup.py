"""What the quotes that stand add up to, for one assignor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.quotes.models import Quote, QuoteStatus
from pricing.products.quote import Product


@dataclass(frozen=True, slots=True)
class Raisable:
    """Cash that could be raised today, in whole cents, each receivable counted once with its best quote.

    ``by_product`` gives (cents, receivables) if only that product were used. ``quoted_on`` is the day of
    the oldest quote counted; None when nothing is eligible.
    """

    net_today_cents: int
    total_cost_cents: int
    receivables: int
    by_product: Mapping[Product, tuple[int, int]]
    quoted_on: date | None


def raisable(session: Session, assignor_id: UUID) -> Raisable:
    """What the assignor could raise now with what is eligible."""
    best = _best(assignor_id, per_product=False)
    cash, cost, count, oldest = session.execute(
        select(
            func.coalesce(func.sum(best.c.net_today_cents), 0),
            func.coalesce(func.sum(best.c.total_cost_cents), 0),
            func.count(),
            func.min(best.c.quoted_on),
        )
    ).one()
    each = _best(assignor_id, per_product=True)
    products = session.execute(
        select(each.c.product, func.sum(each.c.net_today_cents), func.count()).group_by(
            each.c.product
        )
    )
    by_product = {product: (int(cents), number) for product, cents, number in products}
    return Raisable(int(cash), int(cost), count, by_product, oldest)


def best_today(session: Session, receivable_ids: list[UUID]) -> dict[UUID, int]:
    """The most cash one quote gives today, by receivable; those nothing is eligible for are left out."""
    found = session.execute(
        select(Quote.receivable_id, func.max(Quote.net_today_cents))
        .where(
            Quote.receivable_id.in_(receivable_ids),
            Quote.superseded_at.is_(None),
            Quote.status == QuoteStatus.ELIGIBLE,
        )
        .group_by(Quote.receivable_id)
    )
    return {receivable_id: cents for receivable_id, cents in found if cents is not None}


def _best(assignor_id: UUID, *, per_product: bool) -> Subquery:
    one_for = [Quote.receivable_id, *([Quote.product] if per_product else [])]
    return (
        select(
            Quote.receivable_id,
            Quote.product,
            Quote.net_today_cents,
            Quote.total_cost_cents,
            Quote.quoted_on,
        )
        .where(
            Quote.assignor_id == assignor_id,
            Quote.superseded_at.is_(None),
            Quote.status == QuoteStatus.ELIGIBLE,
            Quote.net_today_cents.is_not(None),
        )
        .ext(distinct_on(*one_for))
        .order_by(*one_for, Quote.net_today_cents.desc(), Quote.total_cost_cents)
        .subquery()
    )
