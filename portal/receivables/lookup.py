"""The door to receivables: one tenant's rows, a page at a time, filtered and summed in SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.db import streamed
from portal.debtors.models import Debtor
from portal.receivables.models import CreditNote, ImportBatch, ImportOutcome, ImportRow, Receivable
from portal.receivables.position import Status, positions_of, still_owed

PER_PAGE = 25
PER_PAGE_MAX = 200


class ReceivableNotFound(LookupError):
    """No such receivable, or not the viewer's: both look the same."""


class ImportNotFound(LookupError):
    """No such batch or row, or not the viewer's: both look the same."""


class Financed:
    """The choices of the ``financed`` filter."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; the default is everything. Amounts are whole cents."""

    text: str = ""
    statuses: tuple[Status, ...] = ()
    debtor_id: UUID | None = None
    due_from: date | None = None
    due_to: date | None = None
    face_min_cents: int | None = None
    face_max_cents: int | None = None
    financed: str = ""
    ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a whole filtered list, in one currency."""

    currency: str
    count: int
    face_cents: int
    outstanding_cents: int
    overdue_cents: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows; each row has the columns of ``COLUMNS`` and ``status``."""

    rows: Sequence[Row[Any]]
    number: int
    per_page: int
    total: int
    totals: tuple[Totals, ...] = ()
    counts: Mapping[Status, int] = field(default_factory=dict)

    @property
    def pages(self) -> int:
        return max(-(-self.total // self.per_page), 1)


SORTS = {
    "number": ("number_key",),
    "debtor": ("debtor_name", "due_on"),
    "issued": ("issued_on",),
    "due": ("due_on",),
    "face": ("face_cents",),
    "outstanding": ("outstanding_cents",),
    "status": ("status", "due_on"),
}
DEFAULT_SORT = "-due"


def find_receivable(
    session: Session, receivable_id: UUID, *, assignor_id: UUID, lock: bool = False
) -> Receivable:
    """The assignor's own receivable; ``lock`` it before changing it.

    Raises:
        ReceivableNotFound: it does not exist, or belongs to somebody else.
    """
    query = select(Receivable).where(
        Receivable.id == receivable_id, Receivable.assignor_id == assignor_id
    )
    if lock:
        query = query.with_for_update(of=Receivable).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise ReceivableNotFound(str(receivable_id))
    return found


def find_receivables(
    session: Session, receivable_ids: Sequence[UUID], *, assignor_id: UUID
) -> list[Receivable]:
    """Those of the ids that are the assignor's, by due date."""
    return list(
        session.scalars(
            select(Receivable)
            .where(Receivable.id.in_(receivable_ids), Receivable.assignor_id == assignor_id)
            .order_by(Receivable.due_on, Receivable.number_key)
        )
    )


def list_receivables(
    session: Session,
    assignor_id: UUID,
    filters: Filters,
    *,
    today: date,
    sort: str = DEFAULT_SORT,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page:
    """One page of the assignor's receivables, with totals over all its filtered rows, per currency.

    ``counts`` tells how many stand in each status under the other filters.
    """
    everything = _listed(assignor_id, replace(filters, statuses=()), today)
    counts, totals = _summed(session, everything, filters.statuses, today)
    total = sum(one.count for one in totals)
    per_page = min(per_page, PER_PAGE_MAX)
    number = min(max(page, 1), max(-(-total // per_page), 1))
    cut = (per_page, (number - 1) * per_page)
    rows = _cut_rows(session, assignor_id, filters, today, sort, cut)
    return Page(rows, number, per_page, total, totals, counts)


def every_receivable(
    session: Session, assignor_id: UUID, filters: Filters, *, today: date, sort: str = DEFAULT_SORT
) -> Iterator[Row[Any]]:
    """Every filtered row, streamed, for an export."""
    listed = _listed(assignor_id, filters, today)
    yield from streamed(session, _sorted(select(listed), listed, sort))


def list_batches(session: Session, assignor_id: UUID, *, limit: int = 20) -> list[Row[Any]]:
    """The latest imports, newest first, each with its number of rows by outcome."""
    return list(session.execute(_batches(assignor_id).limit(limit)))


def every_batch(session: Session, assignor_id: UUID) -> Iterator[Row[Any]]:
    """The same, all of them, streamed for an export."""
    yield from streamed(session, _batches(assignor_id))


def _batches(assignor_id: UUID) -> Select[*tuple[Any, ...]]:
    counts = {
        outcome: func.count().filter(ImportRow.outcome == outcome) for outcome in ImportOutcome
    }
    to_resolve = func.count().filter(
        ImportRow.outcome == ImportOutcome.CONFLICT, ImportRow.resolved_at.is_(None)
    )
    return (
        select(
            ImportBatch.id,
            ImportBatch.received_at,
            ImportBatch.source,
            func.count(func.distinct(ImportRow.filename)).label("files"),
            func.min(ImportRow.filename).label("filename"),
            to_resolve.label("to_resolve"),
            *(counts[outcome].label(outcome.value) for outcome in ImportOutcome),
        )
        .join(ImportRow, ImportRow.batch_id == ImportBatch.id)
        .where(ImportBatch.assignor_id == assignor_id)
        .group_by(ImportBatch.id)
        .order_by(ImportBatch.received_at.desc(), ImportBatch.id)
    )


def find_batch(session: Session, batch_id: UUID, *, assignor_id: UUID) -> ImportBatch:
    """One import with its rows.

    Raises:
        ImportNotFound: it does not exist, or belongs to somebody else.
    """
    found = session.scalar(
        select(ImportBatch)
        .where(ImportBatch.id == batch_id, ImportBatch.assignor_id == assignor_id)
        .options(selectinload(ImportBatch.rows))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise ImportNotFound(str(batch_id))
    return found


def find_import_row(
    session: Session, row_id: UUID, *, assignor_id: UUID, lock: bool = False
) -> ImportRow:
    """One row of an import.

    Raises:
        ImportNotFound: it does not exist, or belongs to somebody else.
    """
    query = select(ImportRow).where(ImportRow.id == row_id, ImportRow.assignor_id == assignor_id)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise ImportNotFound(str(row_id))
    return found


def open_conflicts(session: Session, assignor_id: UUID, *, limit: int = 20) -> list[ImportRow]:
    """Conflicts that nobody has settled, oldest first."""
    return list(
        session.scalars(
            select(ImportRow)
            .where(
                ImportRow.assignor_id == assignor_id,
                ImportRow.outcome == ImportOutcome.CONFLICT,
                ImportRow.resolved_at.is_(None),
            )
            .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
            .order_by(ImportBatch.received_at, ImportRow.position)
            .limit(limit)
        )
    )


def credit_notes_of(session: Session, receivable: Receivable) -> list[CreditNote]:
    """The credit notes that lower a receivable."""
    return list(
        session.scalars(
            select(CreditNote)
            .where(
                CreditNote.receivable_id == receivable.id,
                CreditNote.assignor_id == receivable.assignor_id,
            )
            .order_by(CreditNote.issued_on)
        )
    )


def like_pattern(typed: str) -> str:
    """What was typed, found anywhere, its own wildcards taken literally."""
    escaped = typed.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _listed(
    assignor_id: UUID, filters: Filters, today: date, only: Collection[UUID] | None = None
) -> Subquery:
    standing = positions_of(assignor_id, today, only)
    query = (
        select(standing, Debtor.name.label("debtor_name"))
        .join(Debtor, Debtor.id == standing.c.debtor_id)
        .where(Debtor.assignor_id == assignor_id, *_conditions(standing, filters))
    )
    return query.subquery("chosen")


def _cut_rows(
    session: Session,
    assignor_id: UUID,
    filters: Filters,
    today: date,
    sort: str,
    cut: tuple[int, int],
) -> Sequence[Row[Any]]:
    """The rows of a page. Where neither filter nor order needs a position, those of the page alone are summed."""
    if filters.statuses or filters.financed or sort.removeprefix("-") in ("outstanding", "status"):
        listed = _listed(assignor_id, filters, today)
        return session.execute(
            _sorted(select(listed), listed, sort).limit(cut[0]).offset(cut[1])
        ).all()
    bare = _bare(assignor_id, filters)
    ids = session.scalars(_sorted(select(bare.c.id), bare, sort).limit(cut[0]).offset(cut[1])).all()
    listed = _listed(assignor_id, Filters(), today, ids)
    return session.execute(_sorted(select(listed), listed, sort)).all()


def _bare(assignor_id: UUID, filters: Filters) -> Subquery:
    """Receivables as they are stored, without their positions."""
    stored = (
        select(
            Receivable.id,
            Receivable.debtor_id,
            Receivable.number,
            Receivable.number_key,
            Receivable.face_cents,
            Receivable.issued_on,
            Receivable.due_on,
        )
        .where(Receivable.assignor_id == assignor_id)
        .subquery("stored")
    )
    return (
        select(stored, Debtor.name.label("debtor_name"))
        .join(Debtor, Debtor.id == stored.c.debtor_id)
        .where(Debtor.assignor_id == assignor_id, *_conditions(stored, filters))
        .subquery("bare")
    )


def _conditions(standing: Subquery, filters: Filters) -> list[ColumnElement[bool]]:
    row = standing.c
    conditions: list[ColumnElement[bool]] = []
    if filters.text.strip():
        pattern = like_pattern(filters.text)
        conditions.append(or_(row.number.ilike(pattern), Debtor.name.ilike(pattern)))
    if filters.statuses:
        conditions.append(row.status.in_([status.value for status in filters.statuses]))
    if filters.debtor_id is not None:
        conditions.append(row.debtor_id == filters.debtor_id)
    if filters.due_from is not None:
        conditions.append(row.due_on >= filters.due_from)
    if filters.due_to is not None:
        conditions.append(row.due_on <= filters.due_to)
    if filters.face_min_cents is not None:
        conditions.append(row.face_cents >= filters.face_min_cents)
    if filters.face_max_cents is not None:
        conditions.append(row.face_cents <= filters.face_max_cents)
    if filters.financed:
        wanted = row.deed_id.is_not(None)
        conditions.append(wanted if filters.financed == Financed.YES else ~wanted)
    if filters.ids:
        conditions.append(row.id.in_(filters.ids))
    return conditions


def _summed(
    session: Session, listed: Subquery, chosen: tuple[Status, ...], today: date
) -> tuple[dict[Status, int], tuple[Totals, ...]]:
    """In one pass: how many per status, and the sums of the chosen statuses per currency."""
    row = listed.c
    late = case((still_owed(row) & (row.due_on < today), row.outstanding_cents), else_=0)
    summed = session.execute(
        select(
            row.currency,
            row.status,
            func.count(),
            func.sum(row.face_cents),
            func.sum(row.outstanding_cents),
            func.sum(late),
        ).group_by(row.currency, row.status)
    )
    counts: dict[Status, int] = {}
    by_currency: dict[str, list[int]] = {}
    for currency, status, count, *cents in summed:
        counts[Status(status)] = counts.get(Status(status), 0) + count
        if not chosen or Status(status) in chosen:
            sums = by_currency.setdefault(currency, [0, 0, 0, 0])
            by_currency[currency] = [a + int(b) for a, b in zip(sums, (count, *cents), strict=True)]
    most_first = sorted(by_currency.items(), key=lambda one: -one[1][0])
    return counts, tuple(Totals(currency, *sums) for currency, sums in most_first)


def _sorted(query: Select[Any], listed: Subquery, sort: str) -> Select[Any]:
    """Sorted by a known key (``-`` for descending), always ending on the id: no row twice, none lost."""
    down, key = sort.startswith("-"), sort.removeprefix("-")
    names = SORTS.get(key)
    if names is None:
        down, names = True, SORTS["due"]
    columns = [listed.c[name] for name in names]
    ordered = [
        (one.desc() if down else one.asc()).nulls_first() if down else one.asc().nulls_last()
        for one in columns
    ]
    return query.order_by(*ordered, listed.c.id)
