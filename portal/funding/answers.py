"""What a lender answers before anything is assigned: one function per kind of answer."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partners.vocabulary.lending import LenderReply, LenderStatus
from portal.funding.conclusion import conclude
from portal.funding.messages import offer_arrived, piece_asked
from portal.funding.models import LenderEvent, Offer, Submission
from portal.funding.moves import move_offer, move_request, move_submission
from portal.funding.offers import OfferUnreadable, record_offer
from portal.funding.outcomes import APPLIED, Outcome, Verdict, ignored, refused, waits
from portal.funding.states import (
    SUBMISSION_TRANSITIONS,
    OfferAction,
    OfferState,
    RequestAction,
    RequestState,
    SubmissionAction,
    SubmissionState,
)

POLL_AGAIN_AFTER = timedelta(minutes=10)

OPEN_REQUESTS = frozenset({RequestState.ROUTED, RequestState.OFFERED})

DECISIVE = tuple(
    f"{Verdict.APPLIED.value}:{status.value}"
    for status in (LenderStatus.OFFERED, LenderStatus.DECLINED, LenderStatus.OFFER_WITHDRAWN)
)
"""Outcomes after which an earlier answer, arriving late, says nothing any more."""

Answer = Callable[[Session, Submission, LenderEvent, LenderReply, datetime], Outcome]


def apply_answer(
    session: Session,
    submission: Submission,
    event: LenderEvent,
    reply: LenderReply,
    *,
    at: datetime,
) -> Outcome:
    """Apply one answer to its submission; the request must be locked by the caller.

    What the lender said later stays: an earlier answer that arrives after it changes nothing.
    """
    if _overtaken(session, event, reply):
        return ignored("overtaken")
    outcome = ANSWERS[reply.status](session, submission, event, reply, at)
    if outcome == APPLIED:
        submission.answered_at = at
        submission.partner_reference = reply.reference
        submission.partner_status = str(event.body.get("raw_status") or reply.raw_status)
        conclude(session, submission.request, at=at)
    return outcome


def _received(
    session: Session, submission: Submission, event: LenderEvent, _: LenderReply, at: datetime
) -> Outcome:
    submission.next_poll_at = at + POLL_AGAIN_AFTER
    return _move(session, submission, SubmissionAction.ACKNOWLEDGE, event, at)


def _info_requested(
    session: Session, submission: Submission, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    outcome = _move(session, submission, SubmissionAction.ASK_FOR_INFORMATION, event, at)
    if outcome == APPLIED:
        submission.next_poll_at = at + POLL_AGAIN_AFTER
        submission.requested_documents = [asked.label for asked in reply.requested_documents]
        submission.reason_text = reply.reason
        piece_asked(session, submission, event, at=at)
    return outcome


def _offered(
    session: Session, submission: Submission, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    if submission.request.state not in OPEN_REQUESTS:
        return refused("request_closed")
    if SubmissionAction.OFFER not in SUBMISSION_TRANSITIONS[submission.state]:
        return refused("submission_closed")
    try:
        offer = record_offer(session, submission, event, reply, at=at)
    except OfferUnreadable as error:
        return refused(error.code)
    if offer is None:
        return ignored("same_offer")
    submission.next_poll_at = None
    submission.requested_documents = []
    move_submission(session, submission, SubmissionAction.OFFER, by=event.sent_by, at=at)
    offer_arrived(session, offer, at=at)
    return APPLIED


def _declined(
    session: Session, submission: Submission, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    if submission.state is SubmissionState.DECLINED:
        return ignored("said_already")
    if _accepted_offer(session, submission) is not None:
        return refused("offer_accepted")
    outcome = _move(
        session, submission, SubmissionAction.DECLINE, event, at, reason_code=reply.reason_code
    )
    if outcome == APPLIED:
        submission.reason_code = reply.reason_code
        submission.reason_text = reply.reason
        submission.next_poll_at = None
        _close_open_offers(session, submission, event, at)
    return outcome


def _offer_withdrawn(
    session: Session, submission: Submission, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    if _accepted_offer(session, submission) is not None:
        return refused("offer_accepted")
    if not _close_open_offers(session, submission, event, at):
        is_over = not SUBMISSION_TRANSITIONS[submission.state]
        return ignored("no_open_offer") if is_over else waits("offer_not_arrived")
    submission.reason_code = reply.reason_code
    submission.reason_text = reply.reason
    return _move(
        session,
        submission,
        SubmissionAction.DECLINE,
        event,
        at,
        reason_code=reply.reason_code or "offer_withdrawn",
    )


def _acknowledged(*_: object) -> Outcome:
    """An acceptance or a withdrawal we announced is acknowledged: nothing moves."""
    return ignored("acknowledged")


ANSWERS: Mapping[LenderStatus, Answer] = {
    LenderStatus.RECEIVED: _received,
    LenderStatus.INFO_REQUESTED: _info_requested,
    LenderStatus.OFFERED: _offered,
    LenderStatus.DECLINED: _declined,
    LenderStatus.OFFER_WITHDRAWN: _offer_withdrawn,
    LenderStatus.ACCEPTED: _acknowledged,
    LenderStatus.WITHDRAWN: _acknowledged,
}


def _move(
    session: Session,
    submission: Submission,
    action: SubmissionAction,
    event: LenderEvent,
    at: datetime,
    reason_code: str | None = None,
) -> Outcome:
    if action not in SUBMISSION_TRANSITIONS[submission.state]:
        return ignored(f"while_{submission.state.value}")
    move_submission(session, submission, action, by=event.sent_by, at=at, reason_code=reason_code)
    return APPLIED


def _close_open_offers(
    session: Session, submission: Submission, event: LenderEvent, at: datetime
) -> bool:
    still_open = session.scalars(
        select(Offer).where(Offer.submission_id == submission.id, Offer.state == OfferState.OPEN)
    ).all()
    for offer in still_open:
        move_offer(session, offer, OfferAction.WITHDRAW, by=event.sent_by, at=at)
    session.flush()
    request = submission.request
    left = session.scalar(
        select(func.count()).where(Offer.request_id == request.id, Offer.state == OfferState.OPEN)
    )
    if still_open and not left and request.state is RequestState.OFFERED:
        move_request(session, request, RequestAction.LOSE_OFFERS, by=event.sent_by, at=at)
    return bool(still_open)


def _accepted_offer(session: Session, submission: Submission) -> Offer | None:
    return session.scalar(
        select(Offer).where(
            Offer.submission_id == submission.id, Offer.state == OfferState.ACCEPTED
        )
    )


def _overtaken(session: Session, event: LenderEvent, reply: LenderReply) -> bool:
    if reply.sequence is None:
        return False
    later = session.scalar(
        select(func.count()).where(
            LenderEvent.submission_id == event.submission_id,
            LenderEvent.id != event.id,
            LenderEvent.outcome.in_(DECISIVE),
            LenderEvent.body["sequence"].as_integer() > reply.sequence,
        )
    )
    return bool(later)
