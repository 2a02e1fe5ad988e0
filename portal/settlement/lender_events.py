"""Reading what lenders told us: each event once, in whatever order it arrived, by whichever way."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.lenders.adapter import TermsDoNotAddUp
from partners.vocabulary.lending import LenderReply, LenderUnanswered
from portal.audit import trail
from portal.clock import PARIS
from portal.funding.answers import ANSWERS, apply_answer
from portal.funding.application import lock_request
from portal.funding.events import read_stored
from portal.funding.models import LenderEvent, Submission
from portal.funding.outcomes import Outcome, Verdict, refused, waits
from portal.funding.review import event_to_settle
from portal.lenders.models import LenderProfile, RateCard
from portal.lenders.rate_cards import value_days_of
from portal.runtime import Runtime
from portal.settlement.deal import deal_of
from portal.settlement.movements import apply_report
from portal.settlement.report_days import days_refusal


def run_apply_lender_event(runtime: Runtime, event_id: str) -> None:
    """Apply one stored event, and those that were waiting for it; running twice changes nothing."""
    with runtime.transaction() as session:
        event = session.get(LenderEvent, UUID(event_id))
        if event is not None:
            apply_event(session, event, at=runtime.clock(session).instant())


def apply_event(session: Session, event: LenderEvent, *, at: datetime) -> Outcome:
    """Apply an event to its request, which is held until the transaction ends; its outcome.

    The session must look as the system. An event applied, ignored or refused is never read
    again; one that waits is tried after each event of the same dossier.
    """
    submission = session.get_one(Submission, event.submission_id)
    lock_request(session, submission.request)
    session.refresh(event)
    session.refresh(submission)
    outcome = _once(session, submission, event, at)
    if outcome.verdict is Verdict.APPLIED:
        _retry_waiting(session, submission, at)
    return outcome


def read_again(session: Session, event_id: UUID, *, by: UUID | None, at: datetime) -> Outcome:
    """Read once more a message that was refused or waits, its cause being gone; what becomes of it.

    Raises:
        EventNotToReview: there is no such message.
    """
    event = event_to_settle(session, event_id)
    trail.record(
        session,
        event.lender_id,
        "lender_event_read_again",
        "lender_event",
        event.id,
        {"outcome": event.outcome},
        by=by,
        at=at,
    )
    event.processed_at = event.outcome = None
    event.examined_at = event.examined_by = event.examination = None
    session.flush()
    return apply_event(session, event, at=at)


def _once(session: Session, submission: Submission, event: LenderEvent, at: datetime) -> Outcome:
    if event.processed_at is not None:
        verdict, _, code = (event.outcome or "").partition(":")
        return Outcome(Verdict(verdict), code)
    outcome = _read_and_apply(session, submission, event, at)
    event.outcome = str(outcome)
    if outcome.is_final:
        event.processed_at = at
    if outcome.verdict is Verdict.REFUSED:
        _report(session, event, outcome, at)
    session.flush()
    return outcome


def _read_and_apply(
    session: Session, submission: Submission, event: LenderEvent, at: datetime
) -> Outcome:
    try:
        reply = read_stored(event, session.get_one(LenderProfile, event.lender_id))
    except TermsDoNotAddUp:
        return refused("terms_do_not_add_up")
    except LenderUnanswered:
        return refused("unreadable")
    card = session.get_one(RateCard, submission.rate_card_id)
    impossible = days_refusal(reply, at.astimezone(PARIS).date(), value_days_of(card))
    if impossible:
        return refused(impossible)
    outcome = _apply(session, submission, event, reply, at)
    is_applied = outcome.verdict is Verdict.APPLIED
    return Outcome(Verdict.APPLIED, reply.status.value) if is_applied else outcome


def _apply(
    session: Session,
    submission: Submission,
    event: LenderEvent,
    reply: LenderReply,
    at: datetime,
) -> Outcome:
    if reply.status in ANSWERS:
        return apply_answer(session, submission, event, reply, at=at)
    deal = deal_of(session, submission.id)
    if deal is None:
        return waits("offer_not_accepted")
    return apply_report(session, deal, event, reply, at=at)


def _retry_waiting(session: Session, submission: Submission, at: datetime) -> None:
    progress = True
    while progress:
        progress = any(
            _once(session, submission, event, at).verdict is Verdict.APPLIED
            for event in _waiting(session, submission)
        )


def _waiting(session: Session, submission: Submission) -> list[LenderEvent]:
    """Events of the dossier tried before and not applied yet, in the lender's own order."""
    found = session.scalars(
        select(LenderEvent)
        .where(
            LenderEvent.submission_id == submission.id,
            LenderEvent.processed_at.is_(None),
            LenderEvent.outcome.is_not(None),
        )
        .order_by(LenderEvent.body["sequence"].as_integer(), LenderEvent.received_at)
    )
    return list(found)


def _report(session: Session, event: LenderEvent, outcome: Outcome, at: datetime) -> None:
    """The operator sees in the lender's trail what could not be applied, and why."""
    trail.record(
        session,
        event.lender_id,
        "lender_event_refused",
        "lender_event",
        event.id,
        {"code": outcome.code, "submission": event.submission_id},
        by=event.sent_by,
        at=at,
    )
