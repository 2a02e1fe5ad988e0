"""The assignor's book, read whole in a few queries for the columns of pricing."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import Text, cast, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment
from portal.clock import PARIS
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import CreditNote, Receivable
from pricing.portfolio.book import Book, MovementRow, ReceivableRow, book_from_rows


def read_book(session: Session, assignor_id: UUID, *, on: date, currency: str) -> Book:
    """Every receivable with a due date that is not cancelled, its credit notes and payments.

    All of them are read, whatever their day: `pricing.portfolio` looks at the day it is asked.
    Only ``assigned`` depends on ``on``: whether a deed was live at the end of that day, in
    Paris. Of a payment, the principal allocated to a receivable counts, whoever was paid; what
    was undone does not. Credit notes that are not linked to an invoice are left out.
    """
    return book_from_rows(
        _receivables(session, assignor_id, on, currency),
        _credits(session, assignor_id),
        _payments(session, assignor_id),
    )


def count_in_other_currencies(session: Session, assignor_id: UUID, *, currency: str) -> int:
    """How many live receivables the book in ``currency`` leaves out."""
    found = session.scalar(
        select(func.count()).where(
            Receivable.assignor_id == assignor_id,
            Receivable.cancelled_at.is_(None),
            Receivable.currency != currency,
        )
    )
    return found or 0


def _receivables(
    session: Session, assignor_id: UUID, on: date, currency: str
) -> list[ReceivableRow]:
    end_of_day = datetime.combine(on + timedelta(days=1), time.min, PARIS)
    assigned = exists().where(
        Assignment.receivable_id == Receivable.id,
        Assignment.assignor_id == assignor_id,
        Assignment.assigned_at < end_of_day,
        or_(Assignment.released_at.is_(None), Assignment.released_at >= end_of_day),
    )
    found = session.execute(
        select(
            cast(Receivable.id, Text),
            cast(Receivable.debtor_id, Text),
            Receivable.issued_on,
            Receivable.due_on,
            func.greatest(Receivable.face_cents - Receivable.prepaid_cents, 0),
            assigned,
        )
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.due_on.is_not(None),
            Receivable.cancelled_at.is_(None),
            Receivable.currency == currency,
        )
        .order_by(Receivable.issued_on, Receivable.id)
    )
    return [
        (key, debtor, issued_on, due_on, payable, live)
        for key, debtor, issued_on, due_on, payable, live in found
        if due_on is not None
    ]


def _credits(session: Session, assignor_id: UUID) -> list[MovementRow]:
    found = session.execute(
        select(
            cast(CreditNote.receivable_id, Text), CreditNote.issued_on, CreditNote.amount_cents
        ).where(CreditNote.assignor_id == assignor_id, CreditNote.receivable_id.is_not(None))
    )
    return [(key, day, cents) for key, day, cents in found if key is not None]


def _payments(session: Session, assignor_id: UUID) -> list[MovementRow]:
    found = session.execute(
        select(
            cast(PaymentAllocation.receivable_id, Text),
            Payment.received_on,
            PaymentAllocation.principal_cents,
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.assignor_id == assignor_id,
            Payment.assignor_id == assignor_id,
            PaymentAllocation.undone_at.is_(None),
            Payment.undone_at.is_(None),
        )
    )
    return [(key, day, cents) for key, day, cents in found]
