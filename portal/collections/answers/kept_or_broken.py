"""Promises whose day and grace have passed: found broken once, unless the money came meanwhile."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.models import Promise
from portal.payments.models import PaymentAllocation
from portal.receivables.models import Receivable
from portal.receivables.position import Position

POSITION = Position.__table__


def last_broken(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> dict[UUID, date]:
    """The last day on which a promise was found broken, by receivable; one query."""
    rows = session.execute(
        select(Promise.receivable_id, func.max(Promise.broken_on))
        .where(
            Promise.assignor_id == assignor_id,
            Promise.receivable_id.in_(receivable_ids),
            Promise.broken_on.is_not(None),
        )
        .group_by(Promise.receivable_id)
    )
    return {receivable_id: on for receivable_id, on in rows if on is not None}


def broken_promises(
    session: Session, assignor_id: UUID, debtor_ids: Collection[UUID]
) -> dict[UUID, int]:
    """How many promises each debtor broke; debtors that broke none are left out."""
    rows = session.execute(
        select(Receivable.debtor_id, func.count())
        .join(Promise, Promise.receivable_id == Receivable.id)
        .where(
            Promise.assignor_id == assignor_id,
            Receivable.debtor_id.in_(debtor_ids),
            Promise.broken_on.is_not(None),
        )
        .group_by(Receivable.debtor_id)
    )
    return {debtor_id: int(count) for debtor_id, count in rows}


def promises_to_judge(session: Session, assignor_id: UUID, today: date) -> list[Promise]:
    """Promises whose day has passed on debts still owed, not judged broken yet."""
    return list(
        session.scalars(
            select(Promise)
            .join(POSITION, POSITION.c.receivable_id == Promise.receivable_id)
            .where(
                Promise.assignor_id == assignor_id,
                Promise.cancelled_at.is_(None),
                Promise.broken_on.is_(None),
                Promise.promised_for < today,
                POSITION.c.outstanding_cents > 0,
            )
            .order_by(Promise.promised_for, Promise.id)
            .with_for_update(of=Promise)
        )
    )


def paid_since(session: Session, promises: Collection[Promise]) -> dict[UUID, int]:
    """What came on each promise's receivable since it was recorded, in cents, by promise."""
    whole = (
        PaymentAllocation.principal_cents
        + PaymentAllocation.interest_cents
        + PaymentAllocation.indemnity_cents
    )
    rows = session.execute(
        select(Promise.id, func.sum(whole))
        .join(PaymentAllocation, PaymentAllocation.receivable_id == Promise.receivable_id)
        .where(
            Promise.id.in_([one.id for one in promises]),
            PaymentAllocation.undone_at.is_(None),
            PaymentAllocation.allocated_at >= Promise.recorded_at,
        )
        .group_by(Promise.id)
    )
    return {promise_id: int(cents) for promise_id, cents in rows}


def mark_broken(session: Session, promise: Promise, today: date, *, at: datetime) -> None:
    """The promise was not kept; marking twice changes nothing."""
    if promise.broken_on is not None:
        return
    promise.broken_on = today
    session.flush()
    facts = {"receivable": promise.receivable_id, "promised_for": promise.promised_for}
    trail.record(
        session, promise.assignor_id, "break_promise", "promise", promise.id, facts, by=None, at=at
    )
