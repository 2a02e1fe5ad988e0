"""Everything that happened to one receivable, in one list: the invoice, words, money, quarrels and financing."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.clock import PARIS
from portal.collections.models import Dispute, Promise, Reminder, ReminderState
from portal.identity.models import Member, Organisation
from portal.messages.models import Message
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import CreditNote, Receivable
from portal.settlement.models import Movement


class Event(enum.StrEnum):
    """The kinds of things that happen to a receivable."""

    ISSUED = "issued"
    IMPORTED = "imported"
    FELL_DUE = "fell_due"
    DEBTOR_CONFIRMED = "debtor_confirmed"
    CANCELLED = "cancelled"
    CREDITED = "credited"
    REMINDER_SENT = "reminder_sent"
    CALL_PLANNED = "call_planned"
    NOTICE_DRAFTED = "notice_drafted"
    REMINDER_SUPPRESSED = "reminder_suppressed"
    PAID = "paid"
    PAYMENT_UNDONE = "payment_undone"
    PROMISED = "promised"
    PROMISE_CANCELLED = "promise_cancelled"
    DISPUTE_OPENED = "dispute_opened"
    DISPUTE_CLOSED = "dispute_closed"
    ASSIGNED = "assigned"
    DEED_DATED = "deed_dated"
    DEBTOR_NOTIFIED = "debtor_notified"
    RELEASED = "released"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. ``facts`` holds codes, amounts and days, never words."""

    at: date | datetime
    event: Event
    cents: int | None = None
    by: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    message_id: UUID | None = None
    document_id: UUID | None = None


def timeline(session: Session, receivable: Receivable, *, today: date) -> list[Happening]:
    """What happened up to ``today``, the latest first; a dozen queries whatever the length of the story."""
    found = [
        *_of_the_invoice(session, receivable, today),
        *_of_reminders(session, receivable),
        *_of_payments(session, receivable),
        *_of_promises(session, receivable),
        *_of_disputes(session, receivable),
        *_of_financing(session, receivable),
    ]
    return sorted(found, key=_when, reverse=True)


def actors(session: Session, happenings: list[Happening]) -> dict[UUID, str]:
    """The names of the members who did something, by id."""
    ids = {one.by for one in happenings if one.by}
    rows = session.execute(select(Member.id, Member.name, Member.email).where(Member.id.in_(ids)))
    return {member_id: name or email for member_id, name, email in rows}


def _when(one: Happening) -> tuple[date, int, str]:
    """By day; on one day, what only has a day comes before what has an hour."""
    if isinstance(one.at, datetime):
        local = one.at.astimezone(PARIS)
        return local.date(), 1, local.isoformat()
    return one.at, 0, ""


def _of_the_invoice(session: Session, one: Receivable, today: date) -> Iterator[Happening]:
    yield Happening(one.issued_on, Event.ISSUED, one.face_cents)
    yield Happening(one.created_at, Event.IMPORTED, document_id=one.document_id)
    if one.due_on is not None and one.due_on <= today:
        yield Happening(one.due_on, Event.FELL_DUE)
    if one.debtor_confirmed_on is not None:
        yield Happening(one.debtor_confirmed_on, Event.DEBTOR_CONFIRMED)
    if one.cancelled_at is not None:
        yield Happening(one.cancelled_at, Event.CANCELLED)
    for note in session.scalars(select(CreditNote).where(CreditNote.receivable_id == one.id)):
        facts = {"number": note.number}
        yield Happening(
            note.issued_on, Event.CREDITED, note.amount_cents, facts=facts, document_id=note.document_id
        )  # fmt: skip


REMINDER_EVENTS = {
    ReminderState.SENT: Event.REMINDER_SENT,
    ReminderState.TO_CALL: Event.CALL_PLANNED,
    ReminderState.DRAFTED: Event.NOTICE_DRAFTED,
    ReminderState.SUPPRESSED: Event.REMINDER_SUPPRESSED,
}


def _of_reminders(session: Session, one: Receivable) -> Iterator[Happening]:
    rows = session.execute(
        select(Reminder, Message.state, Message.to_address, Message.subject)
        .outerjoin(Message, Message.id == Reminder.message_id)
        .where(Reminder.receivable_id == one.id, Reminder.state != ReminderState.OVERTAKEN)
    )
    for reminder, state, to_address, subject in rows:
        facts = {
            "step": reminder.step_code,
            "channel": reminder.channel,
            "number": reminder.document_number,
            "level": reminder.dunning_level,
            "reason": reminder.reason_code,
            "message_state": state,
            "to": to_address,
            "subject": subject,
        }
        yield Happening(
            reminder.created_at,
            REMINDER_EVENTS[reminder.state],
            reminder.asked_cents,
            facts=facts,
            message_id=reminder.message_id,
            document_id=reminder.document_id,
        )


def _of_payments(session: Session, one: Receivable) -> Iterator[Happening]:
    rows = session.execute(
        select(Payment, PaymentAllocation)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(PaymentAllocation.receivable_id == one.id)
    )
    for payment, part in rows:
        cents = part.principal_cents + part.interest_cents + part.indemnity_cents
        facts = {
            "principal_cents": part.principal_cents,
            "interest_cents": part.interest_cents,
            "indemnity_cents": part.indemnity_cents,
            "paid_to": payment.paid_to,
            "undone": payment.undone_at is not None,
        }
        yield Happening(payment.received_on, Event.PAID, cents, payment.recorded_by, facts)
        if payment.undone_at is not None:
            why = {"because": payment.undone_because}
            yield Happening(payment.undone_at, Event.PAYMENT_UNDONE, cents, payment.undone_by, why)


def _of_promises(session: Session, one: Receivable) -> Iterator[Happening]:
    for promise in session.scalars(select(Promise).where(Promise.receivable_id == one.id)):
        facts = {"promised_for": promise.promised_for, "note": promise.note}
        yield Happening(
            promise.recorded_at, Event.PROMISED, promise.amount_cents, promise.recorded_by, facts
        )
        if promise.cancelled_at is not None:
            yield Happening(promise.cancelled_at, Event.PROMISE_CANCELLED, facts=facts)


def _of_disputes(session: Session, one: Receivable) -> Iterator[Happening]:
    for dispute in session.scalars(select(Dispute).where(Dispute.receivable_id == one.id)):
        facts = {"reason": dispute.reason, "note": dispute.note, "outcome": dispute.outcome}
        cents = dispute.amount_cents
        yield Happening(dispute.opened_on, Event.DISPUTE_OPENED, cents, dispute.opened_by, facts)
        if dispute.closed_on is not None:
            yield Happening(
                dispute.closed_on, Event.DISPUTE_CLOSED, cents, dispute.closed_by, facts
            )


def _of_financing(session: Session, one: Receivable) -> Iterator[Happening]:
    rows = session.execute(
        select(Assignment, Deed, Organisation.legal_name)
        .join(Deed, Deed.id == Assignment.deed_id)
        .outerjoin(Organisation, Organisation.id == Assignment.lender_id)
        .where(Assignment.receivable_id == one.id)
    )
    for assignment, deed, lender in rows:
        facts = {"lender": lender, "reference": deed.reference, "product": deed.product}
        yield Happening(
            assignment.assigned_at,
            Event.ASSIGNED,
            assignment.face_cents,
            facts=facts,
            document_id=deed.document_id,
        )
        if deed.dated_on is not None:
            yield Happening(deed.dated_on, Event.DEED_DATED, facts=facts)
        if deed.notified_on is not None:
            yield Happening(deed.notified_on, Event.DEBTOR_NOTIFIED, facts=facts)
        if assignment.released_at is not None:
            why = {**facts, "because": assignment.released_because}
            yield Happening(assignment.released_at, Event.RELEASED, facts=why)
    yield from _of_movements(session, one)


def _of_movements(session: Session, one: Receivable) -> Iterator[Happening]:
    moved = select(Movement).where(
        Movement.assignor_id == one.assignor_id, Movement.receivable_id == one.id
    )
    for movement in session.scalars(moved):
        facts = {"kind": movement.kind}
        yield Happening(movement.value_date, Event.MOVED, movement.amount_cents, facts=facts)
