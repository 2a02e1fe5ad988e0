"""Financings as each viewer may see them; absent and not yours look the same."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, Uuid, column, func, or_, select, table
from sqlalchemy.orm import Session, selectinload

from portal.audit.models import StateMove
from portal.funding.models import FundingLine, FundingRequest, Offer, Submission
from portal.funding.states import OfferState, RequestState

_DEED = table("deed", column("id", Uuid), column("request_id", Uuid))


class RequestNotFound(LookupError):
    """No such request, or not the viewer's."""


class SubmissionNotFound(LookupError):
    """No such submission, or not the viewer's."""


def requests_of(
    assignor_id: UUID, states: Collection[RequestState] = (), text: str = ""
) -> Select[FundingRequest]:
    """An assignor's requests, the latest first, to be cut into pages."""
    query = (
        select(FundingRequest)
        .where(FundingRequest.assignor_id == assignor_id)
        .options(selectinload(FundingRequest.offers))
        .order_by(FundingRequest.created_at.desc(), FundingRequest.id)
    )
    if states:
        query = query.where(FundingRequest.state.in_(states))
    if text:
        query = query.where(FundingRequest.reference.icontains(text, autoescape=True))
    return query


def counts_by_state(session: Session, assignor_id: UUID) -> dict[RequestState, int]:
    """How many of an assignor's requests are in each state."""
    rows = session.execute(
        select(FundingRequest.state, func.count())
        .where(FundingRequest.assignor_id == assignor_id)
        .group_by(FundingRequest.state)
    )
    return {row[0]: row[1] for row in rows}


def find_request(session: Session, assignor_id: UUID, request_id: UUID) -> FundingRequest:
    """One of an assignor's requests with its lines, submissions and offers.

    Raises:
        RequestNotFound: absent, or another's.
    """
    found = session.scalar(
        select(FundingRequest)
        .where(FundingRequest.id == request_id, FundingRequest.assignor_id == assignor_id)
        .options(
            selectinload(FundingRequest.lines),
            selectinload(FundingRequest.submissions).selectinload(Submission.parts),
            selectinload(FundingRequest.offers),
        )
    )
    if found is None:
        raise RequestNotFound
    return found


def find_submission(session: Session, lender_id: UUID, submission_id: UUID) -> Submission:
    """One of a lender's dossiers.

    Raises:
        SubmissionNotFound: absent, or another's.
    """
    found = session.scalar(
        select(Submission)
        .where(Submission.id == submission_id, Submission.lender_id == lender_id)
        .options(selectinload(Submission.request), selectinload(Submission.parts))
    )
    if found is None:
        raise SubmissionNotFound
    return found


def open_offers(request: FundingRequest) -> list[Offer]:
    """The offers that may still be accepted."""
    return [offer for offer in request.offers if offer.state is OfferState.OPEN]


def moves_about(session: Session, request: FundingRequest) -> Sequence[StateMove]:
    """Everything that changed on a request, its submissions, offers and deed; oldest first."""
    ids = [one.id for one in (*request.submissions, *request.offers)]
    return session.scalars(
        select(StateMove)
        .where(
            StateMove.assignor_id == request.assignor_id,
            or_(
                StateMove.subject_id.in_([request.id, *ids]),
                StateMove.subject_id.in_(_deeds_of(request.id)),
            ),
        )
        .order_by(StateMove.happened_at, StateMove.id)
    ).all()


def _deeds_of(request_id: UUID) -> Select[UUID]:
    """Deeds belong to a later package: their table is read by name."""
    return select(_DEED.c.id).where(_DEED.c.request_id == request_id)


def lines_count(session: Session, request_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many receivables each request holds."""
    rows = session.execute(
        select(FundingLine.request_id, func.count())
        .where(FundingLine.request_id.in_(request_ids))
        .group_by(FundingLine.request_id)
    )
    return {row[0]: row[1] for row in rows}
