"""Where each receivable stands on a day: derived from payments, credit notes, disputes and assignments.

`Position` maps the view ``receivable_position``, for a few receivables at a time. `positions_of` says the same
of a whole tenant at once, in sums instead of look-ups, for lists and totals; a test holds the two together.
"""

import enum
from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Subquery,
    Table,
    Uuid,
    and_,
    case,
    column,
    func,
    literal,
    select,
    table,
    true,
)
from sqlalchemy import MetaData as ViewMetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, Session

from portal.receivables.models import CreditNote, Receivable


class Status(enum.StrEnum):
    """What an assignor says of a receivable, in the order in which the first true one is told."""

    CANCELLED = "cancelled"
    DRAFT = "draft"
    CREDITED = "credited"
    PAID = "paid"
    DISPUTED = "disputed"
    OVERDUE = "overdue"
    PART_PAID = "part_paid"
    DUE = "due"
    UPCOMING = "upcoming"


OPEN = (Status.DISPUTED, Status.OVERDUE, Status.PART_PAID, Status.DUE, Status.UPCOMING)
"""The statuses in which something is still owed."""


class _Views(DeclarativeBase):
    """Apart from the tables, so that migrations do not take the view for one."""

    metadata = ViewMetaData()


class Position(_Views):
    """One row of the view: read, never written."""

    __table__ = Table(
        "receivable_position",
        _Views.metadata,
        Column("receivable_id", Uuid, primary_key=True),
        Column("assignor_id", Uuid),
        Column("debtor_id", Uuid),
        Column("due_on", Date),
        Column("paid_cents", BigInteger),
        Column("last_paid_on", Date),
        Column("credited_cents", BigInteger),
        Column("disputed_cents", BigInteger),
        Column("outstanding_cents", BigInteger),
        Column("promised_for", Date),
        Column("deed_id", Uuid),
        Column("lender_id", Uuid),
    )

    receivable_id: Mapped[UUID]
    assignor_id: Mapped[UUID]
    debtor_id: Mapped[UUID]
    due_on: Mapped[date | None]
    paid_cents: Mapped[int]
    last_paid_on: Mapped[date | None]
    credited_cents: Mapped[int]
    disputed_cents: Mapped[int]
    outstanding_cents: Mapped[int]
    promised_for: Mapped[date | None]
    deed_id: Mapped[UUID | None]
    lender_id: Mapped[UUID | None]


def status_of(receivable: Receivable, position: Position, today: date) -> Status:
    """The status of one receivable on a day; `status_expression` is the same rule in SQL."""
    if receivable.cancelled_at is not None:
        return Status.CANCELLED
    if receivable.due_on is None:
        return Status.DRAFT
    if position.outstanding_cents == 0:
        settled_by_credit = position.credited_cents > 0 and position.paid_cents == 0
        return Status.CREDITED if settled_by_credit else Status.PAID
    if position.disputed_cents > 0:
        return Status.DISPUTED
    if receivable.due_on < today:
        return Status.OVERDUE
    if position.paid_cents > 0:
        return Status.PART_PAID
    return Status.DUE if receivable.due_on == today else Status.UPCOMING


def status_expression(row: Any, today: date) -> ColumnElement[str]:
    """The status in SQL over the columns of `positions_of` (or anything with their names)."""
    settled = row.outstanding_cents == 0
    return case(
        (row.cancelled_at.is_not(None), Status.CANCELLED.value),
        (row.due_on.is_(None), Status.DRAFT.value),
        (
            and_(settled, row.credited_cents > 0, row.paid_cents == 0),
            Status.CREDITED.value,
        ),
        (settled, Status.PAID.value),
        (row.disputed_cents > 0, Status.DISPUTED.value),
        (row.due_on < today, Status.OVERDUE.value),
        (row.paid_cents > 0, Status.PART_PAID.value),
        (row.due_on == today, Status.DUE.value),
        else_=Status.UPCOMING.value,
    )


def still_owed(row: Any) -> ColumnElement[bool]:
    """Whether the status is one of ``OPEN``, from what is owed alone: no status is worked out for it."""
    return and_(row.outstanding_cents > 0, row.due_on.is_not(None))


def days_past_due(due_on: date | None, today: date) -> int:
    """Days since the due date, nought before it."""
    return max((today - due_on).days, 0) if due_on else 0


def positions(session: Session, receivable_ids: list[UUID]) -> dict[UUID, Position]:
    """The positions of a few receivables, by id."""
    found = session.scalars(select(Position).where(Position.receivable_id.in_(receivable_ids)))
    return {one.receivable_id: one for one in found.unique()}


def position_of(session: Session, receivable_id: UUID) -> Position:
    """The position of one receivable, read afresh."""
    return session.scalars(
        select(Position)
        .where(Position.receivable_id == receivable_id)
        .execution_options(populate_existing=True)
    ).one()


def is_assigned(session: Session, receivable_id: UUID) -> bool:
    """Whether the receivable stands on a live deed."""
    return position_of(session, receivable_id).deed_id is not None


def positions_of(assignor_id: UUID, today: date, only: Collection[UUID] | None = None) -> Subquery:
    """Every receivable of one assignor (or ``only`` some) with its position and ``status`` on a day."""
    return _everything(assignor_id, today) if only is None else _standing(assignor_id, today, only)


@lru_cache(maxsize=256)
def _everything(assignor_id: UUID, today: date) -> Subquery:
    """Composing the query costs milliseconds and a page asks it several times: once for a tenant's day."""
    return _standing(assignor_id, today, None)


def _standing(assignor_id: UUID, today: date, only: Collection[UUID] | None) -> Subquery:
    sums = _sums(assignor_id, only)
    return select(sums, status_expression(sums.c, today).label("status")).subquery("listed")


def _sums(assignor_id: UUID, only: Collection[UUID] | None) -> Subquery:
    paid, credited = _paid(assignor_id, only), _credited(assignor_id, only)
    disputed, live = _disputed(assignor_id, only), _live(assignor_id)
    paid_cents = func.coalesce(paid.c.cents, 0)
    credited_cents = func.coalesce(credited.c.cents, 0)
    left = Receivable.face_cents - Receivable.prepaid_cents - paid_cents - credited_cents
    outstanding = case(
        (Receivable.cancelled_at.is_(None), func.greatest(left, 0)), else_=literal(0)
    )
    return (
        select(
            Receivable.id,
            Receivable.debtor_id,
            Receivable.number,
            Receivable.number_key,
            Receivable.currency,
            Receivable.face_cents,
            Receivable.issued_on,
            Receivable.due_on,
            Receivable.cancelled_at,
            paid_cents.label("paid_cents"),
            paid.c.last_on.label("last_paid_on"),
            credited_cents.label("credited_cents"),
            func.coalesce(disputed.c.cents, 0).label("disputed_cents"),
            outstanding.label("outstanding_cents"),
            live.c.deed_id,
            live.c.lender_id,
        )
        .outerjoin(paid, paid.c.receivable_id == Receivable.id)
        .outerjoin(credited, credited.c.receivable_id == Receivable.id)
        .outerjoin(disputed, disputed.c.receivable_id == Receivable.id)
        .outerjoin(live, live.c.receivable_id == Receivable.id)
        .where(Receivable.assignor_id == assignor_id, _among(Receivable.id, only))
        .subquery("sums")
    )


def _paid(assignor_id: UUID, only: Collection[UUID] | None) -> Subquery:
    allocation, payment = _PAYMENT_ALLOCATION.c, _PAYMENT.c
    return (
        select(
            allocation.receivable_id,
            func.sum(allocation.principal_cents).cast(BigInteger).label("cents"),
            func.max(payment.received_on).label("last_on"),
        )
        .select_from(_PAYMENT_ALLOCATION)
        .join(_PAYMENT, payment.id == allocation.payment_id)
        .where(
            allocation.assignor_id == assignor_id,
            payment.assignor_id == assignor_id,
            allocation.undone_at.is_(None),
            payment.undone_at.is_(None),
            _among(allocation.receivable_id, only),
        )
        .group_by(allocation.receivable_id)
        .subquery("paid")
    )


def _credited(assignor_id: UUID, only: Collection[UUID] | None) -> Subquery:
    return (
        select(
            CreditNote.receivable_id,
            func.sum(CreditNote.amount_cents).cast(BigInteger).label("cents"),
        )
        .where(
            CreditNote.assignor_id == assignor_id,
            CreditNote.receivable_id.is_not(None),
            _among(CreditNote.receivable_id, only),
        )
        .group_by(CreditNote.receivable_id)
        .subquery("credited")
    )


def _disputed(assignor_id: UUID, only: Collection[UUID] | None) -> Subquery:
    dispute = _DISPUTE.c
    return (
        select(
            dispute.receivable_id,
            func.sum(dispute.amount_cents).cast(BigInteger).label("cents"),
        )
        .where(
            dispute.assignor_id == assignor_id,
            dispute.closed_on.is_(None),
            _among(dispute.receivable_id, only),
        )
        .group_by(dispute.receivable_id)
        .subquery("disputed")
    )


def _live(assignor_id: UUID) -> Subquery:
    assignment = _ASSIGNMENT.c
    return (
        select(assignment.receivable_id, assignment.deed_id, assignment.lender_id)
        .where(assignment.assignor_id == assignor_id, assignment.released_at.is_(None))
        .subquery("live")
    )


def _among(one: Any, only: Collection[UUID] | None) -> ColumnElement[bool]:
    among: ColumnElement[bool] = true() if only is None else one.in_(only)
    return among


# Payments, disputes and assignments belong to later packages: their tables are read by name.
_PAYMENT = table(
    "payment",
    column("id", Uuid),
    column("assignor_id", Uuid),
    column("received_on", Date),
    column("undone_at", DateTime),
)
_PAYMENT_ALLOCATION = table(
    "payment_allocation",
    column("payment_id", Uuid),
    column("receivable_id", Uuid),
    column("assignor_id", Uuid),
    column("principal_cents", BigInteger),
    column("undone_at", DateTime),
)
_DISPUTE = table(
    "dispute",
    column("receivable_id", Uuid),
    column("assignor_id", Uuid),
    column("amount_cents", BigInteger),
    column("closed_on", Date),
)
_ASSIGNMENT = table(
    "assignment",
    column("receivable_id", Uuid),
    column("assignor_id", Uuid),
    column("deed_id", Uuid),
    column("lender_id", Uuid),
    column("released_at", DateTime),
)
