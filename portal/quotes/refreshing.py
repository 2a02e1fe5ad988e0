"""Keeping quotes current: what is open and not assigned is quoted once a day and at each change."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.quotes.models import Quote
from portal.quotes.pricing import quote_receivables
from portal.receivables.models import Receivable
from portal.receivables.position import OPEN, positions_of
from portal.runtime import Runtime

AT_ONCE = 250


def run_quote_receivables(runtime: Runtime, assignor_id: str) -> None:
    """Quote everything the assignor may still finance, a few hundred per transaction; safe to run twice."""
    owner = UUID(assignor_id)
    with runtime.transaction() as session:
        clock = runtime.clock(session)
        today, at = clock.day(), clock.instant()
        retire_quotes(session, owner, today=today, at=at)
        everything = financeable_ids(session, owner, today=today)
    for start in range(0, len(everything), AT_ONCE):
        with runtime.transaction() as session:
            _quote(session, everything[start : start + AT_ONCE], today, at)


def refresh_quotes(
    session: Session, assignor_id: UUID, *, today: date, at: datetime, limit: int = AT_ONCE
) -> int:
    """Quote now what has no quote of today, at most ``limit`` receivables; how many are left for a job."""
    retire_quotes(session, assignor_id, today=today, at=at)
    quoted = _quoted(session, assignor_id, today)
    everything = financeable_ids(session, assignor_id, today=today)
    waiting = [one for one in everything if one not in quoted]
    _quote(session, waiting[:limit], today, at)
    return max(len(waiting) - limit, 0)


def financeable_ids(session: Session, assignor_id: UUID, *, today: date) -> list[UUID]:
    """Receivables still owed, due after today and on no live deed, soonest due first."""
    row = positions_of(assignor_id, today).c
    return list(
        session.scalars(
            select(row.id)
            .where(
                row.status.in_([status.value for status in OPEN]),
                row.due_on > today,
                row.deed_id.is_(None),
            )
            .order_by(row.due_on, row.id)
        )
    )


def retire_quotes(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> None:
    """Mark the quotes of what is paid, assigned, cancelled or past due: they no longer stand."""
    row = positions_of(assignor_id, today).c
    still = exists().where(
        row.id == Quote.receivable_id,
        row.status.in_([status.value for status in OPEN]),
        row.due_on > today,
        row.deed_id.is_(None),
    )
    session.execute(
        update(Quote)
        .where(Quote.assignor_id == assignor_id, Quote.superseded_at.is_(None), ~still)
        .values(superseded_at=at)
        .execution_options(synchronize_session=False)
    )


def _quoted(session: Session, assignor_id: UUID, today: date) -> set[UUID]:
    return set(
        session.scalars(
            select(Quote.receivable_id)
            .where(
                Quote.assignor_id == assignor_id,
                Quote.superseded_at.is_(None),
                Quote.quoted_on == today,
            )
            .distinct()
        )
    )


def _quote(session: Session, receivable_ids: Sequence[UUID], today: date, at: datetime) -> None:
    receivables = session.scalars(
        select(Receivable).where(Receivable.id.in_(receivable_ids)).order_by(Receivable.due_on)
    ).all()
    quote_receivables(session, receivables, today=today, at=at)
