"""Accepting an offer: one wins, the debts go on one deed, every other lender is let go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.audit import trail
from portal.clock import PARIS
from portal.funding.application import lock_request
from portal.funding.models import FundingLine, FundingRequest, Offer
from portal.funding.moves import move_offer, move_request
from portal.funding.offer_rates import spread
from portal.funding.refusals import (
    AlreadyAssigned,
    AnotherOfferAccepted,
    OfferExpired,
    OfferNotOpen,
    OfferUnknown,
    ReceivableChanged,
)
from portal.funding.releasing import let_lenders_go
from portal.funding.states import OfferAction, OfferState, RequestAction
from portal.identity.models import Organisation
from portal.jobs.queue import Job, enqueue
from portal.receivables.models import Receivable
from portal.receivables.position import positions

LIVE_ASSIGNMENT = "uq_assignment_live"


def accept_offer(
    session: Session, request: FundingRequest, offer_id: UUID, *, by: UUID | None, at: datetime
) -> Deed:
    """Accept one offer; the request and the receivables it is for are held until the transaction ends.

    The other receivables of the request stay free.

    Raises:
        OfferUnknown, OfferNotOpen, OfferExpired, AnotherOfferAccepted: this offer cannot be taken.
        AlreadyAssigned: a receivable stands on another live deed, perhaps since a moment ago.
        ReceivableChanged: less is left of a receivable than was offered for assignment.
    """
    lock_request(session, request)
    offer = _open_offer(session, request, offer_id, at)
    _hold_receivables(session, offer)
    deed = _open_deed(session, request, offer, at)
    _assign(session, deed, offer, at)
    move_offer(session, offer, OfferAction.ACCEPT, by=by, at=at)
    offer.accepted_at, offer.accepted_by = at, by
    move_request(session, request, RequestAction.ACCEPT, by=by, at=at)
    let_lenders_go(
        session,
        request,
        reason_code="another_offer_taken",
        by=by,
        at=at,
        except_submission=offer.submission_id,
    )
    _have_it_followed(session, deed, offer)
    trail.record(
        session,
        request.assignor_id,
        "offer_accepted",
        "offer",
        offer.id,
        {"request": request.id, "deed": deed.id},
        by=by,
        at=at,
    )
    return deed


def _open_offer(session: Session, request: FundingRequest, offer_id: UUID, at: datetime) -> Offer:
    offers = session.scalars(
        select(Offer)
        .where(Offer.request_id == request.id)
        .execution_options(populate_existing=True)
    ).all()
    offer = next((one for one in offers if one.id == offer_id), None)
    if offer is None:
        raise OfferUnknown
    taken = next((one for one in offers if one.state is OfferState.ACCEPTED), None)
    if taken is not None:
        raise AnotherOfferAccepted(lender=_name(session, taken.lender_id))
    if offer.state is OfferState.EXPIRED or offer.valid_until < at:
        ended_on = offer.valid_until.astimezone(PARIS).date().isoformat()
        raise OfferExpired(lender=_name(session, offer.lender_id), ended_on=ended_on)
    if offer.state is not OfferState.OPEN:
        raise OfferNotOpen(lender=_name(session, offer.lender_id))
    return offer


def _hold_receivables(session: Session, offer: Offer) -> None:
    lines = offer.submission.lines
    ids = sorted(line.receivable_id for line in lines)
    session.execute(
        select(Receivable.id)
        .where(Receivable.id.in_(ids))
        .order_by(Receivable.id)
        .with_for_update(of=Receivable)
    )
    where = positions(session, ids)
    for line in lines:
        position, receivable = where[line.receivable_id], line.receivable
        if position.deed_id is not None:
            raise AlreadyAssigned(number=receivable.number)
        left = position.outstanding_cents - position.disputed_cents - receivable.retention_cents
        if left < line.eligible_cents:
            raise ReceivableChanged(
                number=receivable.number, asked_cents=line.eligible_cents, left_cents=max(left, 0)
            )


def _open_deed(session: Session, request: FundingRequest, offer: Offer, at: datetime) -> Deed:
    deed = Deed(
        request_id=request.id,
        offer_id=offer.id,
        assignor_id=request.assignor_id,
        lender_id=offer.lender_id,
        product=offer.product,
        reference=request.reference.replace("D-", "A-", 1),
        created_at=at,
    )
    session.add(deed)
    session.flush()
    return deed


def _assign(session: Session, deed: Deed, offer: Offer, at: datetime) -> None:
    """One row per debt, in the order of fingerprints so that two acceptances never wait for each other."""
    lines = offer.submission.lines
    advances = spread(offer.advance_cents, [line.eligible_cents for line in lines])
    shares: Sequence[tuple[FundingLine, int]] = list(zip(lines, advances, strict=True))
    for line, advance in sorted(shares, key=lambda share: share[0].receivable.fingerprint):
        assignment = Assignment(
            deed_id=deed.id,
            assignor_id=deed.assignor_id,
            lender_id=deed.lender_id,
            receivable_id=line.receivable_id,
            position=line.position,
            fingerprint=line.receivable.fingerprint,
            face_cents=line.eligible_cents,
            advance_cents=advance,
            assigned_at=at,
        )
        _insert_live(session, assignment, line.receivable.number)


def _insert_live(session: Session, assignment: Assignment, number: str) -> None:
    try:
        with session.begin_nested():
            session.add(assignment)
    except IntegrityError as error:
        if LIVE_ASSIGNMENT in str(error.orig):
            raise AlreadyAssigned(number=number) from error
        raise


def _have_it_followed(session: Session, deed: Deed, offer: Offer) -> None:
    enqueue(session, Job.PREPARE_DEED, deed_id=deed.id, one_at_a_time=f"deed:{deed.id}")
    enqueue(
        session,
        Job.TELL_LENDER,
        submission_id=offer.submission_id,
        act="accept",
        subject=offer.partner_key,
        one_at_a_time=f"submission:{offer.submission_id}",
    )


def _name(session: Session, lender_id: UUID) -> str:
    return session.get_one(Organisation, lender_id).legal_name
