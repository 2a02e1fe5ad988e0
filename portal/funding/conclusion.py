"""Whether a request still has anything to wait for."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.funding.messages import nobody_offers
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.moves import move_request
from portal.funding.states import OfferState, RequestAction, RequestState, SubmissionState

WORKING = frozenset(
    {
        SubmissionState.PREPARED,
        SubmissionState.SENT,
        SubmissionState.UNANSWERED,
        SubmissionState.RECEIVED,
        SubmissionState.INFO_REQUESTED,
    }
)


def conclude(session: Session, request: FundingRequest, *, at: datetime) -> None:
    """End a request nobody works on any more and that holds no open offer.

    It is declined when a lender said no, expired when all that happened is that time passed.
    """
    session.flush()
    if request.state not in (RequestState.ROUTED, RequestState.OFFERED):
        return
    states = set(
        session.scalars(select(Submission.state).where(Submission.request_id == request.id))
    )
    offers = set(session.scalars(select(Offer.state).where(Offer.request_id == request.id)))
    if OfferState.OPEN in offers or OfferState.SEALED in offers:
        return
    if request.state is RequestState.OFFERED:
        move_request(session, request, RequestAction.LOSE_OFFERS, by=None, at=at)
    if states & WORKING:
        return
    said_no = SubmissionState.DECLINED in states or states <= {
        SubmissionState.POLICY_BLOCKED,
        SubmissionState.DELIVERY_FAILED,
        SubmissionState.DUPLICATE,
    }
    action = RequestAction.DECLINE if said_no else RequestAction.EXPIRE
    move_request(session, request, action, by=None, at=at, reason_code="no_offer_left")
    nobody_offers(session, request, at=at)
