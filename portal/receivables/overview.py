"""The assignor's book summed up on a day: what is late and by how much, what comes in and when."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    func,
    select,
)
from sqlalchemy.orm import Session

from portal.db import streamed
from portal.debtors.models import Debtor
from portal.receivables.lookup import Page, like_pattern
from portal.receivables.models import CreditNote, ImportOutcome, ImportRow, Receivable
from portal.receivables.position import positions_of, still_owed

AGES = ("not_due", "1_30", "31_60", "61_90", "over_90")
AGES_END = (0, 30, 60, 90)
"""The last day late of each age but the last."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """What is still owed of everything that falls due on one day, in whole cents."""

    due_on: date
    count: int
    outstanding_cents: int
    disputed_cents: int


@dataclass(frozen=True, slots=True)
class Book:
    """Open receivables of the main currency; whole cents, ``by_age`` in the order of ``AGES``."""

    currency: str
    outstanding_cents: int
    overdue_cents: int
    overdue_count: int
    open_count: int
    disputed_cents: int
    by_age: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the assignor itself."""

    drafts: int
    conflicts: int
    incomplete: int
    unlinked_credit_notes: int


def due_days_of(
    session: Session, assignor_id: UUID, *, today: date, currency: str = "EUR"
) -> list[DueDay]:
    """What is still owed, summed by due date: the book and the weeks to come are read from it."""
    row = positions_of(assignor_id, today).c
    found = session.execute(
        select(
            row.due_on,
            func.count(),
            func.sum(row.outstanding_cents),
            func.sum(func.least(row.disputed_cents, row.outstanding_cents)),
        )
        .where(still_owed(row), row.currency == currency)
        .group_by(row.due_on)
    )
    return [DueDay(on, count, int(owed), int(disputed)) for on, count, owed, disputed in found]


def book_of(days: Sequence[DueDay], *, today: date, currency: str = "EUR") -> Book:
    """The open book on a day; its ages sum to what is outstanding."""
    cents, counts = [0] * len(AGES), [0] * len(AGES)
    for day in days:
        age = bisect_left(AGES_END, (today - day.due_on).days)
        cents[age] += day.outstanding_cents
        counts[age] += day.count
    disputed = sum(day.disputed_cents for day in days)
    return Book(
        currency, sum(cents), sum(cents[1:]), sum(counts[1:]), sum(counts), disputed, tuple(cents)
    )


def coming_in(days: Sequence[DueDay], *, today: date, weeks: int = 8) -> list[tuple[date, int]]:
    """What falls due in each of the next weeks: (Monday, cents); the current week first, from today."""
    monday = today - timedelta(days=today.weekday())
    cents = [0] * weeks
    for day in days:
        week = (day.due_on - monday).days // 7
        if day.due_on >= today and week < weeks:
            cents[week] += day.outstanding_cents
    return [(monday + timedelta(weeks=week), total) for week, total in enumerate(cents)]


def most_overdue(
    session: Session, assignor_id: UUID, *, today: date, limit: int = 5
) -> Sequence[Row[tuple[UUID, str, str, date, int, str]]]:
    """The largest late receivables: (id, number, debtor, due date, outstanding, currency)."""
    row = positions_of(assignor_id, today).c
    return session.execute(
        select(row.id, row.number, Debtor.name, row.due_on, row.outstanding_cents, row.currency)
        .join(Debtor, Debtor.id == row.debtor_id)
        .where(still_owed(row), row.due_on < today)
        .order_by(row.outstanding_cents.desc(), row.id)
        .limit(limit)
    ).all()


def waiting_for_assignor(session: Session, assignor_id: UUID) -> Waiting:
    """Drafts without a due date, conflicts, documents to complete, credit notes without invoice."""
    drafts = select(func.count()).where(
        Receivable.assignor_id == assignor_id,
        Receivable.due_on.is_(None),
        Receivable.cancelled_at.is_(None),
    )
    rows = select(func.count()).where(
        ImportRow.assignor_id == assignor_id, ImportRow.resolved_at.is_(None)
    )
    conflicts = rows.where(ImportRow.outcome == ImportOutcome.CONFLICT)
    incomplete = rows.where(
        ImportRow.outcome == ImportOutcome.REJECTED,
        ImportRow.reasons.contains([{"code": "incomplete", "origin": "import"}]),
    )
    unlinked = select(func.count()).where(
        CreditNote.assignor_id == assignor_id, CreditNote.receivable_id.is_(None)
    )
    counts = session.execute(
        select(*(one.scalar_subquery() for one in (drafts, conflicts, incomplete, unlinked)))
    ).one()
    return Waiting(*counts)


def list_debtors(
    session: Session,
    assignor_id: UUID,
    *,
    today: date,
    search: str = "",
    segment: str = "",
    sort: str = "-outstanding",
    page: int = 1,
    per_page: int = 50,
) -> Page:
    """Debtors with what they owe and how they pay: a page of rows, with the same figures for each.

    Rows have ``id, name, siren, segment, contact_email, outstanding_cents, overdue_cents,
    open_count, mean_days_late, invoices_paid, share_rate`` (part of everything owed).
    """
    wanted = _wanted(search, segment)
    total = session.scalar(
        select(func.count()).select_from(Debtor).where(Debtor.assignor_id == assignor_id, *wanted)
    )
    number = min(max(page, 1), max(-(-(total or 0) // per_page), 1))
    query = _ordered_debtors(assignor_id, today, sort).where(*wanted)
    rows = session.execute(query.limit(per_page).offset((number - 1) * per_page)).all()
    return Page(rows, number, per_page, total or 0)


def every_debtor(
    session: Session,
    assignor_id: UUID,
    *,
    today: date,
    search: str = "",
    segment: str = "",
    sort: str = "-outstanding",
) -> Iterator[Row[Any]]:
    """The rows of `list_debtors`, all of them, streamed for an export."""
    query = _ordered_debtors(assignor_id, today, sort).where(*_wanted(search, segment))
    yield from streamed(session, query)


def _wanted(search: str, segment: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if search.strip():
        pattern = like_pattern(search)
        wanted.append(Debtor.name.ilike(pattern) | Debtor.siren.ilike(pattern))
    if segment:
        wanted.append(Debtor.segment == segment)
    return wanted


def _ordered_debtors(assignor_id: UUID, today: date, sort: str) -> Select[Any]:
    sums = _debtor_sums(assignor_id, today)
    return _debtors_with(sums, assignor_id).order_by(_debtor_order(sums, sort), Debtor.id)


def _debtor_sums(assignor_id: UUID, today: date) -> Subquery:
    row = positions_of(assignor_id, today).c
    is_open = still_owed(row)
    settled = (row.outstanding_cents == 0) & (row.paid_cents > 0) & row.due_on.is_not(None)
    owed = func.coalesce(func.sum(row.outstanding_cents).filter(is_open), 0)
    late = func.sum(row.outstanding_cents).filter(is_open, row.due_on < today)
    delay = func.round(func.avg(row.last_paid_on - row.due_on).filter(settled))
    return (
        select(
            row.debtor_id,
            owed.label("outstanding_cents"),
            func.coalesce(late, 0).label("overdue_cents"),
            func.count().filter(is_open).label("open_count"),
            delay.label("mean_days_late"),
            func.count().filter(settled).label("invoices_paid"),
            (owed / func.nullif(func.sum(owed).over(), 0)).label("share_rate"),
        )
        .group_by(row.debtor_id)
        .subquery("sums")
    )


def _debtors_with(sums: Subquery, assignor_id: UUID) -> Select[Any]:
    found = sums.c
    return (
        select(
            Debtor.id,
            Debtor.name,
            Debtor.siren,
            Debtor.segment,
            Debtor.contact_email,
            func.coalesce(found.outstanding_cents, 0).label("outstanding_cents"),
            func.coalesce(found.overdue_cents, 0).label("overdue_cents"),
            func.coalesce(found.open_count, 0).label("open_count"),
            found.mean_days_late,
            func.coalesce(found.invoices_paid, 0).label("invoices_paid"),
            func.coalesce(found.share_rate, 0).label("share_rate"),
        )
        .outerjoin(sums, found.debtor_id == Debtor.id)
        .where(Debtor.assignor_id == assignor_id)
    )


def _debtor_order(sums: Subquery, sort: str) -> ColumnElement[Any]:
    """The order asked for; what is owed, largest first, when it is unknown."""
    columns: dict[str, ColumnElement[Any]] = {
        "name": func.lower(Debtor.name),
        "outstanding": func.coalesce(sums.c.outstanding_cents, 0),
        "overdue": func.coalesce(sums.c.overdue_cents, 0),
        "late": sums.c.mean_days_late,
        "share": func.coalesce(sums.c.share_rate, 0),
    }
    column = columns.get(sort.removeprefix("-"))
    if column is None:
        return columns["outstanding"].desc()
    return column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
