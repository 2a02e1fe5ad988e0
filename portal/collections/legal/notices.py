"""Formal notices: written once, followed by what the post did; their effect is read from these dates."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.dunning.casefile import case_files
from portal.collections.formal_notice import ANSWER_DAYS, render_formal_notice
from portal.collections.legal.models import FormalNotice, LetterReturn
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.models import Reminder, ReminderState
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from pricing.parameters import LegalParameters


def effective_on(notice: FormalNotice) -> date | None:
    """The day the notice has its effect: when it was received, else presented.

    A letter left unclaimed or refused keeps its effect on the day it was presented (Cass. 1re
    civ. 20 January 2021, 19-20.680); one that found no address has none. Legal interest runs
    from the notice (C. civ. art. 1231-6, 1344-1); which of its days starts it is our reading.
    """
    if notice.return_reason is LetterReturn.UNKNOWN_ADDRESS:
        return None
    return notice.received_on or notice.presented_on


def write_notice(
    session: Session,
    store: DocumentStore,
    receivable: Receivable,
    *,
    law: LegalParameters,
    by: UUID | None,
    at: datetime,
) -> FormalNotice:
    """Set the formal notice of a late receivable in type and keep it; nothing is sent.

    Raises:
        LegalActRefused: ``no_due_date``, ``not_due_yet``, ``nothing_owed`` or ``insolvent``.
    """
    today = at.astimezone(PARIS).date()
    assignor = session.get_one(Organisation, receivable.assignor_id)
    if receivable.due_on is None:
        raise LegalActRefused("no_due_date")
    if receivable.due_on >= today:
        raise LegalActRefused("not_due_yet")
    if receivable.debtor.insolvent_since is not None:
        raise LegalActRefused("insolvent")
    file = case_files(session, assignor, [receivable.id], today=today)[receivable.id]
    asked = file.statement(today, law)
    if asked.total.cents <= 0 or file.case.outstanding_cents <= 0:
        raise LegalActRefused("nothing_owed")
    document = keep(
        session,
        store,
        owner_id=receivable.assignor_id,
        kind=DocumentKind.FORMAL_NOTICE,
        filename=f"mise-en-demeure-{receivable.number}-{today.isoformat()}.pdf",
        media_type="application/pdf",
        content=render_formal_notice(file, assignor, today, law),
        by=by,
        at=at,
    )
    return _add(session, receivable, document.id, asked.total.cents, written_on=today, by=by, at=at)


def adopt_draft(session: Session, reminder: Reminder, *, by: UUID | None, at: datetime) -> None:
    """Follow from now on the notice that a scenario drafted; adopting it twice changes nothing."""
    if reminder.document_id is None or reminder.state is not ReminderState.DRAFTED:
        raise LegalActRefused("not_possible_now")
    known = select(FormalNotice.id).where(FormalNotice.document_id == reminder.document_id)
    if session.scalar(known) is not None:
        return
    receivable = session.get_one(Receivable, reminder.receivable_id)
    _add(
        session,
        receivable,
        reminder.document_id,
        reminder.asked_cents or receivable.face_cents,
        written_on=reminder.decided_on,
        by=by,
        at=at,
    )


def unfollowed_drafts(session: Session, receivable_id: UUID) -> list[Reminder]:
    """The notices that a scenario drafted and nobody follows yet."""
    followed = select(FormalNotice.document_id).where(FormalNotice.receivable_id == receivable_id)
    return list(
        session.scalars(
            select(Reminder).where(
                Reminder.receivable_id == receivable_id,
                Reminder.state == ReminderState.DRAFTED,
                Reminder.document_id.is_not(None),
                Reminder.document_id.not_in(followed),
            )
        )
    )


def record_deposit(
    session: Session,
    notice: FormalNotice,
    on: date,
    *,
    reference: str | None,
    proof_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The letter was handed to the post under this number.

    Raises:
        LegalActRefused: ``already_recorded``, ``day_in_future`` or ``day_out_of_order``.
    """
    if notice.deposited_on is not None:
        raise LegalActRefused("already_recorded", "deposited_on")
    _check(on, notice.written_on, "deposited_on", at)
    notice.deposited_on, notice.deposit_reference = on, reference or None
    notice.proof_id = proof_id or notice.proof_id
    notice.answer_by = max(notice.answer_by, on + timedelta(days=ANSWER_DAYS))
    _trace(session, "deposit_formal_notice", notice, on, by=by, at=at)


def record_presentation(
    session: Session, notice: FormalNotice, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The post presented the letter; its debtor may have been out.

    Raises:
        LegalActRefused: ``not_deposited``, ``already_recorded``, ``day_in_future``, ``day_out_of_order``.
    """
    if notice.presented_on is not None:
        raise LegalActRefused("already_recorded", "presented_on")
    _check(on, _deposited(notice, "presented_on"), "presented_on", at)
    notice.presented_on = on
    _trace(session, "present_formal_notice", notice, on, by=by, at=at)


def record_receipt(
    session: Session,
    notice: FormalNotice,
    on: date,
    *,
    proof_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The debtor signed for the letter.

    Raises:
        LegalActRefused: ``not_deposited``, ``already_recorded``, ``day_in_future``, ``day_out_of_order``.
    """
    if notice.received_on is not None or notice.returned_on is not None:
        raise LegalActRefused("already_recorded", "received_on")
    first = notice.presented_on or _deposited(notice, "received_on")
    _check(on, first, "received_on", at)
    notice.received_on = on
    notice.presented_on = notice.presented_on or on
    notice.proof_id = proof_id or notice.proof_id
    _trace(session, "receive_formal_notice", notice, on, by=by, at=at)


def record_return(
    session: Session,
    notice: FormalNotice,
    on: date,
    reason: LetterReturn,
    *,
    proof_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The letter came back; unclaimed or refused, it keeps the effect of its presentation.

    Raises:
        LegalActRefused: ``not_deposited``, ``already_recorded``, ``day_in_future``, ``day_out_of_order``.
    """
    if notice.received_on is not None or notice.returned_on is not None:
        raise LegalActRefused("already_recorded", "returned_on")
    first = notice.presented_on or _deposited(notice, "returned_on")
    _check(on, first, "returned_on", at)
    notice.returned_on, notice.return_reason = on, reason
    notice.proof_id = proof_id or notice.proof_id
    _trace(session, "return_formal_notice", notice, on, by=by, at=at)


def cancel_notice(session: Session, notice: FormalNotice, *, by: UUID | None, at: datetime) -> None:
    """Set aside a notice that never left.

    Raises:
        LegalActRefused: ``already_recorded``: it was deposited.
    """
    if notice.deposited_on is not None:
        raise LegalActRefused("already_recorded")
    notice.cancelled_at = at
    _trace(session, "cancel_formal_notice", notice, notice.written_on, by=by, at=at)


def _add(
    session: Session,
    receivable: Receivable,
    document_id: UUID,
    asked_cents: int,
    *,
    written_on: date,
    by: UUID | None,
    at: datetime,
) -> FormalNotice:
    notice = FormalNotice(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        document_id=document_id,
        asked_cents=asked_cents,
        written_on=written_on,
        answer_by=written_on + timedelta(days=ANSWER_DAYS),
        created_at=at,
        created_by=by,
    )
    session.add(notice)
    session.flush()
    _trace(session, "write_formal_notice", notice, written_on, by=by, at=at)
    return notice


def _deposited(notice: FormalNotice, name: str) -> date:
    if notice.deposited_on is None:
        raise LegalActRefused("not_deposited", name)
    return notice.deposited_on


def _check(on: date, not_before: date, name: str, at: datetime) -> None:
    if on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", name)
    if on < not_before:
        raise LegalActRefused("day_out_of_order", name)


def _trace(
    session: Session,
    action: str,
    notice: FormalNotice,
    on: date,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    session.flush()
    facts = {"receivable": notice.receivable_id, "on": on}
    trail.record(
        session, notice.assignor_id, action, "formal_notice", notice.id, facts, by=by, at=at
    )
