"""Keeping quotes current: what is open and not assigned is quoted once a day and at each change."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Subquery, func, select, update
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
        retire_quotes(session, owner, today=today, at=at)
    for start in range(0, len(everything), AT_ONCE):
        with runtime.transaction() as session:
            _quote(session, everything[start : start + AT_ONCE], today, at)


def refresh_quotes(
    session: Session, assignor_id: UUID, *, today: date, at: datetime, limit: int = AT_ONCE
) -> int:
    """Quote now what has no quote of today; where more than ``limit`` wait, none: how many are left for a job."""
    financeable, quoted = _financeable(assignor_id, today), _quoted(assignor_id)
    stale = quoted.c.quoted_on.is_distinct_from(today)
    waiting, gone = session.execute(
        select(
            func.count().filter(financeable.c.id.is_not(None), stale),
            func.count().filter(financeable.c.id.is_(None)),
        )
        .select_from(financeable)
        .join(quoted, quoted.c.receivable_id == financeable.c.id, full=True)
    ).one()
    if gone:
        retire_quotes(session, assignor_id, today=today, at=at)
    if waiting > limit:
        return int(waiting)
    if waiting:
        ids = (
            select(financeable.c.id)
            .outerjoin(quoted, quoted.c.receivable_id == financeable.c.id)
            .where(stale)
        )
        _quote(session, session.scalars(ids).all(), today, at)
    return 0


def financeable_ids(session: Session, assignor_id: UUID, *, today: date) -> list[UUID]:
    """Receivables still owed, due after today and on no live deed, soonest due first."""
    found = _financeable(assignor_id, today).c
    return list(session.scalars(select(found.id).order_by(found.due_on, found.id)))


def retire_quotes(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> None:
    """Mark the quotes of what is paid, assigned, cancelled or past due: they no longer stand."""
    financeable = _financeable(assignor_id, today).c
    session.execute(
        update(Quote)
        .where(
            Quote.assignor_id == assignor_id,
            Quote.superseded_at.is_(None),
            ~select(financeable.id).where(financeable.id == Quote.receivable_id).exists(),
        )
        .values(superseded_at=at)
        .execution_options(synchronize_session=False)
    )


def _financeable(assignor_id: UUID, today: date) -> Subquery:
    row = positions_of(assignor_id, today).c
    return (
        select(row.id, row.due_on)
        .where(still_owed(row), row.due_on > today, row.deed_id.is_(None))
        .subquery("financeable")
    )


def _quoted(assignor_id: UUID) -> Subquery:
    """The day of the oldest standing quote of each receivable that has one."""
    return (
        select(Quote.receivable_id, func.min(Quote.quoted_on).label("quoted_on"))
        .where(Quote.assignor_id == assignor_id, Quote.superseded_at.is_(None))
        .group_by(Quote.receivable_id)
        .subquery("quoted")
    )


def _quote(session: Session, receivable_ids: Sequence[UUID], today: date, at: datetime) -> None:
    receivables = session.scalars(
        select(Receivable).where(Receivable.id.in_(receivable_ids)).order_by(Receivable.due_on)
    ).all()
    price_stale(session, receivables, today=today, at=at)
