"""What an assignor has to collect, reached for a viewer."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.collections.models import Dispute, Promise, Reminder
from portal.debtors.models import Debtor
from portal.payments.account import POSITION
from portal.receivables.models import Receivable

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


SOON_DAYS = 15


def count_chased(
    session: Session, assignor_id: UUID, wanted: ChaseFilter, today: date
) -> tuple[int, int]:
    """How many receivables the filter shows, and how much they owe, in cents."""
    query = select(func.count(), func.coalesce(func.sum(POSITION.c.outstanding_cents), 0))
    found = session.execute(_chased(query, assignor_id, wanted, today)).one()
    return int(found[0]), int(found[1])


def list_chased(
    session: Session,
    assignor_id: UUID,
    wanted: ChaseFilter,
    today: date,
    *,
    page: int = 1,
    per_page: int | None = PER_PAGE,
) -> list[Chased]:
    """One page of receivables to chase; by default the heaviest first: amount times days late."""
    query = select(
        Receivable,
        Debtor.name,
        POSITION.c.outstanding_cents,
        POSITION.c.disputed_cents,
        POSITION.c.promised_for,
    )
    late = func.greatest(today - Receivable.due_on, 1)
    orders = {
        "weight": POSITION.c.outstanding_cents * late,
        "amount": POSITION.c.outstanding_cents,
        "due": Receivable.due_on,
        "debtor": Debtor.name,
        "number": Receivable.number,
    }
    column = orders.get(wanted.sort.removeprefix("-"), orders["weight"])
    ordered = column.desc() if wanted.sort.startswith("-") else column.asc()
    query = _chased(query, assignor_id, wanted, today).order_by(ordered, Receivable.id)
    if per_page is not None:
        query = query.limit(per_page).offset((page - 1) * per_page)
    return [Chased(*row) for row in session.execute(query)]


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


def _chased(query: Select, assignor_id: UUID, wanted: ChaseFilter, today: date) -> Select:  # type: ignore[type-arg]
    query = (
        query.select_from(Receivable)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.cancelled_at.is_(None),
            POSITION.c.outstanding_cents > 0,
        )
    )
    query = _seen_as(query, wanted, today)
    if wanted.search:
        pattern = f"%{wanted.search}%"
        query = query.where(or_(Receivable.number.ilike(pattern), Debtor.name.ilike(pattern)))
    if wanted.debtor_id:
        query = query.where(Receivable.debtor_id == wanted.debtor_id)
    return query


def _seen_as(query: Select, wanted: ChaseFilter, today: date) -> Select:  # type: ignore[type-arg]
    match wanted.view:
        case ChaseView.OVERDUE:
            return query.where(
                Receivable.due_on < today - timedelta(days=max(wanted.days_min - 1, 0)),
                Receivable.due_on >= today - timedelta(days=wanted.days_max),
            )
        case ChaseView.SOON:
            until = today + timedelta(days=SOON_DAYS)
            return query.where(Receivable.due_on.between(today, until))
        case ChaseView.PROMISED:
            return query.where(POSITION.c.promised_for.is_not(None))
        case ChaseView.DISPUTED:
            return query.where(
                exists().where(Dispute.receivable_id == Receivable.id, Dispute.closed_on.is_(None))
            )
