"""Keeping quotes current: what is open and not assigned is quoted once a day and at each change."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.quotes.models import Quote
from portal.quotes.pricing import price_stale
from portal.receivables.models import Receivable
from portal.receivables.position import positions_of, still_owed
from portal.runtime import Runtime

AT_ONCE = 250


def run_quote_receivables(runtime: Runtime, assignor_id: str) -> None:
    """Quote everything the assignor may still finance, a few hundred per transaction; safe to run twice."""
    owner = UUID(assignor_id)
    with runtime.transaction() as session:
        clock = runtime.clock(session)
        today, at = clock.day(), clock.instant()
        everything = financeable_ids(session, owner, today=today)
        retire_quotes(session, owner, still=everything, at=at)
    for start in range(0, len(everything), AT_ONCE):
        with runtime.transaction() as session:
            _quote(session, everything[start : start + AT_ONCE], today, at)


def refresh_quotes(
    session: Session, assignor_id: UUID, *, today: date, at: datetime, limit: int = AT_ONCE
) -> int:
    """Quote now what has no quote of today; where more than ``limit`` wait, none: how many are left for a job."""
    everything = financeable_ids(session, assignor_id, today=today)
    quoted = retire_quotes(session, assignor_id, still=everything, at=at)
    waiting = [one for one in everything if quoted.get(one) != today]
    if len(waiting) > limit:
        return len(waiting)
    _quote(session, waiting, today, at)
    return 0


def financeable_ids(session: Session, assignor_id: UUID, *, today: date) -> list[UUID]:
    """Receivables still owed, due after today and on no live deed, soonest due first."""
    row = positions_of(assignor_id, today).c
    return list(
        session.scalars(
            select(row.id)
            .where(
                still_owed(row),
                row.due_on > today,
                row.deed_id.is_(None),
            )
            .order_by(row.due_on, row.id)
        )
    )


def retire_quotes(
    session: Session, assignor_id: UUID, *, still: Collection[UUID], at: datetime
) -> dict[UUID, date]:
    """Mark the quotes of what is paid, assigned, cancelled or past due: they no longer stand.

    Returns the day of the oldest standing quote of each receivable that has one.
    """
    found = session.execute(
        select(Quote.receivable_id, func.min(Quote.quoted_on))
        .where(Quote.assignor_id == assignor_id, Quote.superseded_at.is_(None))
        .group_by(Quote.receivable_id)
    )
    quoted: dict[UUID, date] = dict(found.all())
    gone = quoted.keys() - set(still)
    if gone:
        session.execute(
            update(Quote)
            .where(Quote.receivable_id.in_(gone), Quote.superseded_at.is_(None))
            .values(superseded_at=at)
            .execution_options(synchronize_session=False)
        )
    return quoted


def _quote(session: Session, receivable_ids: Sequence[UUID], today: date, at: datetime) -> None:
    receivables = session.scalars(
        select(Receivable).where(Receivable.id.in_(receivable_ids)).order_by(Receivable.due_on)
    ).all()
    price_stale(session, receivables, today=today, at=at)
