"""An assignor's payments, reached for a viewer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from portal.db import streamed
from portal.debtors.models import Debtor
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import Receivable

PER_PAGE = 50
SORTS = {
    "received": Payment.received_on,
    "amount": Payment.amount_cents,
    "debtor": Debtor.name,
}


class PaymentNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What a list of payments shows."""

    search: str = ""
    debtor_id: UUID | None = None
    received_from: date | None = None
    received_to: date | None = None
    sort: str = "-received"


@dataclass(frozen=True, slots=True)
class SettledInvoice:
    """One invoice a payment went to."""

    payment_id: UUID
    receivable_id: UUID
    number: str
    principal_cents: int
    interest_cents: int
    indemnity_cents: int


def find_payment(session: Session, payment_id: UUID, *, assignor_id: UUID) -> Payment:
    """The assignor's own payment.

    Raises:
        PaymentNotFound: it does not exist, or belongs to someone else.
    """
    payment = session.scalar(
        select(Payment)
        .where(Payment.id == payment_id, Payment.assignor_id == assignor_id)
        .options(selectinload(Payment.allocations))
    )
    if payment is None:
        raise PaymentNotFound(payment_id)
    return payment


def count_payments(session: Session, assignor_id: UUID, wanted: PaymentFilter) -> int:
    """How many payments the filter shows."""
    query = _filtered(select(func.count(Payment.id)), assignor_id, wanted)
    return session.scalar(query) or 0


def list_payments(
    session: Session,
    assignor_id: UUID,
    wanted: PaymentFilter,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> list[tuple[Payment, str]]:
    """One page of payments, each with its debtor's name."""
    query = _listed(assignor_id, wanted).limit(per_page).offset((page - 1) * per_page)
    return [(payment, name) for payment, name in session.execute(query)]


def every_payment(
    session: Session, assignor_id: UUID, wanted: PaymentFilter
) -> Iterator[list[tuple[Payment, str]]]:
    """All of them for an export, a few hundred at a time as they are streamed."""
    for part in streamed(session, _listed(assignor_id, wanted)).partitions():
        yield [(payment, name) for payment, name in part]


def _listed(assignor_id: UUID, wanted: PaymentFilter) -> Select[Payment, str]:
    column = SORTS.get(wanted.sort.removeprefix("-"), Payment.received_on)
    ordered = column.desc() if wanted.sort.startswith("-") else column.asc()
    query = _filtered(select(Payment, Debtor.name), assignor_id, wanted)
    query = query.order_by(ordered, Payment.recorded_at.desc(), Payment.id)
    found: Select[Payment, str] = query.options(selectinload(Payment.allocations))
    return found


def invoices_of(
    session: Session, assignor_id: UUID, payment_ids: Sequence[UUID]
) -> dict[UUID, list[SettledInvoice]]:
    """What each payment went to, undone payments included, in one query."""
    rows = session.execute(
        select(
            PaymentAllocation.payment_id,
            Receivable.id,
            Receivable.number,
            PaymentAllocation.principal_cents,
            PaymentAllocation.interest_cents,
            PaymentAllocation.indemnity_cents,
        )
        .join(Receivable, Receivable.id == PaymentAllocation.receivable_id)
        .where(
            PaymentAllocation.assignor_id == assignor_id,
            PaymentAllocation.payment_id.in_(payment_ids),
        )
        .order_by(Receivable.number)
    )
    found: dict[UUID, list[SettledInvoice]] = {}
    for row in rows:
        one = SettledInvoice(*row)
        found.setdefault(one.payment_id, []).append(one)
    return found


def _filtered(query: Select, assignor_id: UUID, wanted: PaymentFilter) -> Select:  # type: ignore[type-arg]
    query = query.join(Debtor, Debtor.id == Payment.debtor_id)
    query = query.where(Payment.assignor_id == assignor_id)
    if wanted.search:
        pattern = f"%{wanted.search}%"
        query = query.where(or_(Debtor.name.ilike(pattern), Payment.reference.ilike(pattern)))
    if wanted.debtor_id:
        query = query.where(Payment.debtor_id == wanted.debtor_id)
    if wanted.received_from:
        query = query.where(Payment.received_on >= wanted.received_from)
    if wanted.received_to:
        query = query.where(Payment.received_on <= wanted.received_to)
    return query
