"""What a lender has outstanding: by debtor, by company, by product, and what is late."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.db import streamed
from portal.debtors.models import Debtor
from portal.funding.models import FundingRequest
from portal.funding.states import RequestState
from portal.receivables.models import Receivable
from portal.settlement.deal import PAYMENTS
from portal.settlement.models import Movement
from pricing.products.quote import Product

FUNDED = (RequestState.DISBURSED, RequestState.RECOURSED)


@dataclass(frozen=True, slots=True)
class Holding:
    """One receivable a lender has financed and is still owed."""

    assignor_id: UUID
    debtor: str
    debtor_siren: str
    product: Product
    number: str
    due_on: date
    left_cents: int
    advance_left_cents: int

    def days_late(self, today: date) -> int:
        return max((today - self.due_on).days, 0)


@dataclass(frozen=True, slots=True)
class Share:
    """One slice of a portfolio, in cents."""

    label: Any
    count: int
    left_cents: int
    advance_left_cents: int
    late_cents: int


def holdings_of(session: Session, lender_id: UUID) -> list[Holding]:
    """Every receivable on the lender's funded deeds that its debtor has not paid in full."""
    return [_holding(row) for row in session.execute(_held(lender_id))]


def every_holding(session: Session, lender_id: UUID) -> Iterator[list[Holding]]:
    """The same for an export, a few hundred at a time as they are streamed."""
    for part in streamed(session, _held(lender_id)).partitions():
        yield [_holding(row) for row in part]


def _held(lender_id: UUID) -> Select[*tuple[Any, ...]]:
    paid = (
        select(
            Movement.deed_id,
            Movement.receivable_id,
            func.sum(Movement.amount_cents).label("cents"),
        )
        .where(Movement.lender_id == lender_id, Movement.kind.in_(PAYMENTS))
        .group_by(Movement.deed_id, Movement.receivable_id)
        .subquery()
    )
    return (
        select(
            Assignment.assignor_id,
            Debtor.name,
            Debtor.siren,
            Deed.product,
            Receivable.number,
            Receivable.due_on,
            Assignment.face_cents,
            Assignment.advance_cents,
            func.coalesce(paid.c.cents, 0).label("paid_cents"),
        )
        .join(Deed, Deed.id == Assignment.deed_id)
        .join(FundingRequest, FundingRequest.id == Deed.request_id)
        .join(Receivable, Receivable.id == Assignment.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .outerjoin(
            paid,
            (paid.c.deed_id == Deed.id) & (paid.c.receivable_id == Assignment.receivable_id),
        )
        .where(
            Assignment.lender_id == lender_id,
            Assignment.released_at.is_(None),
            FundingRequest.state.in_(FUNDED),
            Assignment.face_cents > func.coalesce(paid.c.cents, 0),
        )
        .order_by(Receivable.due_on, Receivable.number, Assignment.id)
    )


def shares_by(
    holdings: Sequence[Holding], key: Callable[[Holding], Any], today: date
) -> list[Share]:
    """A portfolio cut by one key, the largest slice first."""
    grouped: dict[Any, list[Holding]] = defaultdict(list)
    for holding in holdings:
        grouped[key(holding)].append(holding)
    shares = [
        Share(
            label=label,
            count=len(held),
            left_cents=sum(one.left_cents for one in held),
            advance_left_cents=sum(one.advance_left_cents for one in held),
            late_cents=sum(one.left_cents for one in held if one.days_late(today)),
        )
        for label, held in grouped.items()
    ]
    return sorted(shares, key=lambda share: (-share.left_cents, str(share.label)))


def _holding(row: Any) -> Holding:
    paid = int(row.paid_cents)
    covered = row.advance_cents * paid // row.face_cents
    return Holding(
        assignor_id=row.assignor_id,
        debtor=row.name,
        debtor_siren=row.siren or "",
        product=row.product,
        number=row.number,
        due_on=row.due_on,
        left_cents=row.face_cents - paid,
        advance_left_cents=row.advance_cents - covered,
    )
