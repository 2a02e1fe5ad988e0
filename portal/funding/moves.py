"""The one way each state of a financing changes; every move leaves its trace."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.documents.store import end_grants
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.states import (
    OFFER_TRANSITIONS,
    OUT_OF_THE_RACE,
    REQUEST_TRANSITIONS,
    SUBMISSION_TRANSITIONS,
    OfferAction,
    RequestAction,
    SubmissionAction,
)
from portal.states import next_state


def move_request(
    session: Session,
    request: FundingRequest,
    action: RequestAction,
    *,
    by: UUID | None,
    at: datetime,
    reason_code: str | None = None,
) -> None:
    """Move a request, or raise `IllegalTransition`."""
    before = request.state
    request.state = next_state(REQUEST_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.FUNDING_REQUEST,
        request.id,
        action,
        before,
        request.state,
        assignor_id=request.assignor_id,
        by=by,
        at=at,
        reason_code=reason_code,
    )


def move_submission(
    session: Session,
    submission: Submission,
    action: SubmissionAction,
    *,
    by: UUID | None,
    at: datetime,
    reason_code: str | None = None,
) -> None:
    """Move a submission, or raise `IllegalTransition`; once it is over, its lender's documents are closed."""
    before = submission.state
    submission.state = next_state(SUBMISSION_TRANSITIONS, before, action)
    if submission.state in OUT_OF_THE_RACE:
        end_grants(session, submission.id, at=at)
    trace_move(
        session,
        MoveSubject.SUBMISSION,
        submission.id,
        action,
        before,
        submission.state,
        assignor_id=submission.assignor_id,
        lender_id=submission.lender_id,
        by=by,
        at=at,
        reason_code=reason_code,
    )


def move_offer(
    session: Session,
    offer: Offer,
    action: OfferAction,
    *,
    by: UUID | None,
    at: datetime,
    reason_code: str | None = None,
) -> None:
    """Move an offer, or raise `IllegalTransition`."""
    before = offer.state
    offer.state = next_state(OFFER_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.OFFER,
        offer.id,
        action,
        before,
        offer.state,
        assignor_id=offer.assignor_id,
        lender_id=offer.lender_id,
        by=by,
        at=at,
        reason_code=reason_code,
    )
