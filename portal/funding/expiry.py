"""What ends because its time is over: offers, silent lenders, requests nobody answers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.funding.application import lock_request
from portal.funding.conclusion import WORKING, conclude
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.moves import move_offer, move_submission
from portal.funding.releasing import release_submission
from portal.funding.states import OfferAction, OfferState, SubmissionAction, SubmissionState
from portal.runtime import Runtime

AT_A_TIME = 200


def run_expire_overdue(runtime: Runtime) -> None:
    """End what has lasted long enough, one request per transaction; safe to run at any moment."""
    with runtime.transaction() as session:
        now = runtime.clock(session).instant()
        request_ids = overdue_requests(session, now)
    for request_id in request_ids:
        with runtime.transaction() as session:
            expire_request(session, request_id, at=runtime.clock(session).instant())


def overdue_requests(session: Session, at: datetime) -> list[UUID]:
    """Requests holding an offer or a submission whose time is over, a few hundred at a time."""
    offers = select(Offer.request_id).where(Offer.state == OfferState.OPEN, Offer.valid_until < at)
    silent = select(Submission.request_id).where(
        Submission.state.in_(WORKING), Submission.expires_at < at
    )
    return list(session.scalars(offers.union(silent).limit(AT_A_TIME)))


def expire_request(session: Session, request_id: UUID, *, at: datetime) -> None:
    """End the offers and submissions of one request whose time is over, and the request after them."""
    request = session.get_one(FundingRequest, request_id)
    lock_request(session, request)
    offers = session.scalars(
        select(Offer).where(
            Offer.request_id == request_id, Offer.state == OfferState.OPEN, Offer.valid_until < at
        )
    )
    for offer in offers:
        move_offer(session, offer, OfferAction.EXPIRE, by=None, at=at)
        if offer.submission.state is SubmissionState.OFFERED:
            move_submission(session, offer.submission, SubmissionAction.EXPIRE, by=None, at=at)
    silent = session.scalars(
        select(Submission).where(
            Submission.request_id == request_id,
            Submission.state.in_(WORKING),
            Submission.expires_at < at,
        )
    )
    for submission in silent:
        if submission.state is SubmissionState.PREPARED:
            release_submission(session, submission, reason_code="never_sent", by=None, at=at)
        else:
            move_submission(session, submission, SubmissionAction.EXPIRE, by=None, at=at)
        submission.next_poll_at = None
    conclude(session, request, at=at)
