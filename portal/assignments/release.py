"""Giving debts back to their assignor: a deed that never took effect, or a receivable bought back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.assignments.moves import move_deed
from portal.assignments.states import DeedAction, DeedState
from portal.audit import trail
from portal.funding.application import lock_request, withdraw_request
from portal.funding.models import FundingRequest, Offer
from portal.funding.moves import move_offer, move_request
from portal.funding.refusals import TooLateToWithdraw
from portal.funding.releasing import release_submission
from portal.funding.states import (
    REQUEST_TRANSITIONS,
    OfferAction,
    OfferState,
    RequestAction,
    RequestState,
)

NOT_SIGNED = frozenset({DeedState.PREPARING, DeedState.DRAFTED})


def withdraw(session: Session, request: FundingRequest, *, by: UUID | None, at: datetime) -> None:
    """Give up a request, even after an acceptance as long as nothing was signed.

    Raises:
        TooLateToWithdraw: the deed is signed, or the request is over.
    """
    lock_request(session, request)
    if request.state is not RequestState.ACCEPTED:
        _withdraw_before_acceptance(session, request, by=by, at=at)
        return
    deed = session.scalars(
        select(Deed)
        .where(Deed.request_id == request.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if deed.state not in NOT_SIGNED:
        raise TooLateToWithdraw
    undo_acceptance(session, deed, reason_code="withdrawn_by_assignor", by=by, at=at)


def undo_acceptance(
    session: Session, deed: Deed, *, reason_code: str, by: UUID | None, at: datetime
) -> None:
    """Release a deed nobody signed: its debts are free again and its request is over."""
    request = session.get_one(FundingRequest, deed.request_id)
    offer = session.get_one(Offer, deed.offer_id)
    hand_back(session, deed, None, because=reason_code, at=at)
    move_deed(session, deed, DeedAction.RELEASE, by=by, at=at, reason_code=reason_code)
    deed.released_at = at
    if offer.state is OfferState.ACCEPTED:
        move_offer(session, offer, OfferAction.WITHDRAW, by=by, at=at, reason_code=reason_code)
    release_submission(session, offer.submission, reason_code=reason_code, by=by, at=at)
    move_request(session, request, RequestAction.WITHDRAW, by=by, at=at, reason_code=reason_code)
    trail.record(
        session,
        deed.assignor_id,
        "deed_released",
        "deed",
        deed.id,
        {"because": reason_code},
        by=by,
        at=at,
    )


def hand_back(
    session: Session,
    deed: Deed,
    receivable_ids: Collection[UUID] | None,
    *,
    because: str,
    at: datetime,
) -> None:
    """End live assignments of a deed (all of them for None): these debts are the assignor's again."""
    query = select(Assignment).where(
        Assignment.deed_id == deed.id, Assignment.released_at.is_(None)
    )
    if receivable_ids is not None:
        query = query.where(Assignment.receivable_id.in_(receivable_ids))
    for assignment in session.scalars(query):
        assignment.released_at = at
        assignment.released_because = because
    session.flush()


def _withdraw_before_acceptance(
    session: Session, request: FundingRequest, *, by: UUID | None, at: datetime
) -> None:
    if RequestAction.WITHDRAW not in REQUEST_TRANSITIONS[request.state]:
        raise TooLateToWithdraw
    withdraw_request(session, request, by=by, at=at)
