"""Letting lenders go: offers not taken are declined, those still looking are told it is over."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.moves import move_offer, move_submission
from portal.funding.states import (
    SUBMISSION_TRANSITIONS,
    OfferAction,
    OfferState,
    SubmissionAction,
    SubmissionState,
)
from portal.jobs.queue import Job, enqueue

REACHED = frozenset(
    {
        SubmissionState.SENT,
        SubmissionState.UNANSWERED,
        SubmissionState.RECEIVED,
        SubmissionState.INFO_REQUESTED,
        SubmissionState.OFFERED,
    }
)
"""Submissions whose lender may still be working on the dossier."""


def let_lenders_go(
    session: Session,
    request: FundingRequest,
    *,
    reason_code: str,
    by: UUID | None,
    at: datetime,
    except_submission: UUID | None = None,
) -> None:
    """Close what is open on a request, but for one submission, and have its lenders told."""
    for offer in session.scalars(
        select(Offer).where(Offer.request_id == request.id, Offer.state == OfferState.OPEN)
    ):
        if offer.submission_id != except_submission:
            move_offer(session, offer, OfferAction.DECLINE, by=by, at=at, reason_code=reason_code)
    for submission in session.scalars(
        select(Submission).where(Submission.request_id == request.id).with_for_update()
    ):
        if submission.id != except_submission:
            release_submission(session, submission, reason_code=reason_code, by=by, at=at)


def release_submission(
    session: Session, submission: Submission, *, reason_code: str, by: UUID | None, at: datetime
) -> None:
    """Withdraw one submission; a lender that has the dossier is told. Nothing when it is over."""
    was_reached = submission.state in REACHED
    if SubmissionAction.WITHDRAW not in SUBMISSION_TRANSITIONS[submission.state]:
        return
    move_submission(
        session, submission, SubmissionAction.WITHDRAW, by=by, at=at, reason_code=reason_code
    )
    submission.next_poll_at = None
    if was_reached:
        enqueue(
            session,
            Job.TELL_LENDER,
            submission_id=submission.id,
            act="withdraw",
            subject=reason_code,
            one_at_a_time=f"submission:{submission.id}",
        )
