"""What an assignor has to collect, reached for a viewer."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from portal.collections.models import Dispute, Promise, Reminder
from portal.db import streamed
from portal.debtors.models import Debtor
from portal.payments.account import POSITION
from portal.receivables.models import Receivable
from portal.receivables.position import positions_of

AnySelect = Select[*tuple[Any, ...]]
PER_PAGE = 50
LATE_NO_MORE_THAN = 36_500


class CollectionNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


class ChaseView(enum.StrEnum):
    """The ways to look at what is to collect."""

    OVERDUE = "overdue"
    SOON = "soon"
    PROMISED = "promised"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class ChaseFilter:
    """Which receivables to chase are listed, and in what order."""

    view: ChaseView = ChaseView.OVERDUE
    search: str = ""
    debtor_id: UUID | None = None
    days_min: int = 0
    days_max: int = LATE_NO_MORE_THAN
    sort: str = "-weight"


@dataclass(frozen=True, slots=True)
class Chased:
    """One line of the list."""

    receivable: Receivable
    debtor_name: str
    outstanding_cents: int
    disputed_cents: int
    promised_for: date | None


@dataclass(frozen=True, slots=True)
class ChaseCounts:
    """How many receivables a filter shows, what they owe in cents, and how many each view would show."""

    total: int
    owed_cents: int
    views: Mapping[ChaseView, int]


SOON_DAYS = 15


def count_chased(
    session: Session, assignor_id: UUID, wanted: ChaseFilter, today: date
) -> ChaseCounts:
    """How many receivables the filter and each view show, and how much the filter's owe, in one pass."""
    open_ = _Open.of(assignor_id, today)
    shown = and_(*_conditions(open_, wanted, today))
    counted: list[Any] = [
        func.count().filter(shown),
        func.coalesce(func.sum(open_.row.outstanding_cents).filter(shown), 0),
        *(func.count().filter(_seen_as(open_, ChaseFilter(view), today)) for view in ChaseView),
    ]
    query: AnySelect = select(*counted)
    total, owed, *views = session.execute(_opened(query, open_)).one()
    return ChaseCounts(int(total), int(owed), dict(zip(ChaseView, views, strict=True)))


def list_chased(
    session: Session,
    assignor_id: UUID,
    wanted: ChaseFilter,
    today: date,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> list[Chased]:
    """One page of receivables to chase; by default the heaviest first: amount times days late."""
    query, down = _ordered(assignor_id, wanted, today)
    query = query.limit(per_page).offset((page - 1) * per_page)
    return [Chased(*found) for found in session.execute(_whole(query.subquery("chosen"), down))]


def every_chased(
    session: Session, assignor_id: UUID, wanted: ChaseFilter, today: date
) -> Iterator[list[Chased]]:
    """All of them for an export, a few hundred at a time as they are streamed."""
    query, down = _ordered(assignor_id, wanted, today)
    for part in streamed(session, _whole(query.subquery("chosen"), down)).partitions():
        yield [Chased(*found) for found in part]


def _ordered(assignor_id: UUID, wanted: ChaseFilter, today: date) -> tuple[AnySelect, bool]:
    """The ids asked for in their order, and whether it goes down."""
    open_ = _Open.of(assignor_id, today)
    row = open_.row
    orders: dict[str, Any] = {
        "weight": row.outstanding_cents * func.greatest(today - row.due_on, 1),
        "amount": row.outstanding_cents,
        "due": row.due_on,
        "debtor": Debtor.name,
        "number": row.number,
    }
    column = orders.get(wanted.sort.removeprefix("-"), orders["weight"])
    down = wanted.sort.startswith("-")
    query = select(
        row.id,
        Debtor.name.label("debtor_name"),
        row.outstanding_cents,
        row.disputed_cents,
        open_.promised.c.promised_for,
        column.label("place"),
    )
    query = _chased(query, open_, wanted, today)
    return query.order_by(column.desc() if down else column.asc(), row.id), down


def find_receivable(session: Session, receivable_id: UUID, *, assignor_id: UUID) -> Receivable:
    """The assignor's own receivable.

    Raises:
        CollectionNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(Receivable).where(
            Receivable.id == receivable_id, Receivable.assignor_id == assignor_id
        )
    )
    if found is None:
        raise CollectionNotFound(receivable_id)
    return found


def find_dispute(session: Session, dispute_id: UUID, *, assignor_id: UUID) -> Dispute:
    """The assignor's own dispute.

    Raises:
        CollectionNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(Dispute)
        .where(Dispute.id == dispute_id, Dispute.assignor_id == assignor_id)
        .with_for_update()
    )
    if found is None:
        raise CollectionNotFound(dispute_id)
    return found


def find_promise(session: Session, promise_id: UUID, *, assignor_id: UUID) -> Promise:
    """The assignor's own promise.

    Raises:
        CollectionNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(Promise)
        .where(Promise.id == promise_id, Promise.assignor_id == assignor_id)
        .with_for_update()
    )
    if found is None:
        raise CollectionNotFound(promise_id)
    return found


def live_promises(session: Session, receivable_id: UUID) -> Sequence[Promise]:
    """Promises not cancelled, kept or not."""
    return session.scalars(
        select(Promise)
        .where(Promise.receivable_id == receivable_id, Promise.cancelled_at.is_(None))
        .order_by(Promise.promised_for)
    ).all()


def open_disputes(session: Session, receivable_id: UUID) -> Sequence[Dispute]:
    """Disputes not closed yet, oldest first."""
    return session.scalars(
        select(Dispute)
        .where(Dispute.receivable_id == receivable_id, Dispute.closed_on.is_(None))
        .order_by(Dispute.opened_on, Dispute.id)
    ).all()


def reminders_of(session: Session, receivable_id: UUID) -> Sequence[Reminder]:
    """Every step decided for a receivable, in the order of levels."""
    return session.scalars(
        select(Reminder)
        .where(Reminder.receivable_id == receivable_id)
        .order_by(Reminder.planned_on, Reminder.dunning_level)
    ).all()


def owed_on(session: Session, receivable: Receivable, *, lock: bool = False) -> int:
    """What is still owed of the principal, in cents; ``lock`` it before deciding on it."""
    if lock:
        session.execute(
            select(Receivable.id).where(Receivable.id == receivable.id).with_for_update()
        )
    found = session.scalar(
        select(POSITION.c.outstanding_cents).where(POSITION.c.receivable_id == receivable.id)
    )
    return int(found or 0)


def disputed_on(session: Session, receivable_id: UUID) -> int:
    """What open disputes contest, in cents."""
    found = session.scalar(
        select(POSITION.c.disputed_cents).where(POSITION.c.receivable_id == receivable_id)
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class _Open:
    """The positions of one assignor, summed for the whole tenant, and the latest promise on each."""

    positions: Subquery
    promised: Subquery

    @classmethod
    def of(cls, assignor_id: UUID, today: date) -> "_Open":
        promised = (
            select(Promise.receivable_id, func.max(Promise.promised_for).label("promised_for"))
            .where(Promise.assignor_id == assignor_id, Promise.cancelled_at.is_(None))
            .group_by(Promise.receivable_id)
            .subquery("promised")
        )
        return cls(positions_of(assignor_id, today), promised)

    @property
    def row(self) -> Any:
        return self.positions.c


def _whole(chosen: Subquery, down: bool) -> AnySelect:
    """The chosen lines in their order, each with its receivable: whole rows are read for a page alone."""
    found = chosen.c
    return (
        select(
            Receivable,
            found.debtor_name,
            found.outstanding_cents,
            found.disputed_cents,
            found.promised_for,
        )
        .join(chosen, found.id == Receivable.id)
        .order_by(found.place.desc() if down else found.place.asc(), found.id)
    )


def _opened(query: AnySelect, open_: _Open) -> AnySelect:
    return (
        query.select_from(open_.positions)
        .join(Debtor, Debtor.id == open_.row.debtor_id)
        .outerjoin(open_.promised, open_.promised.c.receivable_id == open_.row.id)
        .where(open_.row.outstanding_cents > 0, open_.row.due_on.is_not(None))
    )


def _chased(query: AnySelect, open_: _Open, wanted: ChaseFilter, today: date) -> AnySelect:
    return _opened(query, open_).where(*_conditions(open_, wanted, today))


def _conditions(open_: _Open, wanted: ChaseFilter, today: date) -> list[ColumnElement[bool]]:
    conditions = [_seen_as(open_, wanted, today)]
    if wanted.search:
        pattern = f"%{wanted.search}%"
        conditions.append(or_(open_.row.number.ilike(pattern), Debtor.name.ilike(pattern)))
    if wanted.debtor_id:
        conditions.append(open_.row.debtor_id == wanted.debtor_id)
    return conditions


def _seen_as(open_: _Open, wanted: ChaseFilter, today: date) -> ColumnElement[bool]:
    due_on = open_.row.due_on
    match wanted.view:
        case ChaseView.OVERDUE:
            return and_(
                due_on <= today - timedelta(days=max(wanted.days_min, 1)),
                due_on >= today - timedelta(days=wanted.days_max),
            )
        case ChaseView.SOON:
            return and_(due_on >= today, due_on <= today + timedelta(days=SOON_DAYS))
        case ChaseView.PROMISED:
            return open_.promised.c.promised_for.is_not(None)
        case ChaseView.DISPUTED:
            return and_(open_.row.disputed_cents > 0)
