"""Applying for money: choosing receivables, reading who we are, submitting; or giving it up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.funding.disclosure import Disclosure
from portal.funding.models import FundingLine, FundingRequest
from portal.funding.moves import move_request
from portal.funding.refusals import (
    AlreadyAssigned,
    CurrenciesMixed,
    DisclosureNotSeen,
    NoProductChosen,
    NothingLeftToFinance,
    NothingSelected,
    ReceivableIncomplete,
    ReceivablePastDue,
    ReceivableUnknown,
    TooManyReceivables,
)
from portal.funding.releasing import let_lenders_go
from portal.funding.states import RequestAction, RequestState
from portal.jobs.queue import Job, enqueue
from portal.receivables.models import Receivable
from portal.receivables.position import Position, positions
from pricing.products.quote import Product

RECEIVABLES_MAX = 100


@dataclass(frozen=True, slots=True)
class Financeable:
    """A receivable that may be applied for, and how much of it."""

    receivable: Receivable
    eligible_cents: int


def financeable(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], on: date
) -> list[Financeable]:
    """The chosen receivables with the part that may be assigned that day, in order of due date.

    eligible = outstanding - disputed - retention

    Raises:
        FundingRefused: one of its kinds names the receivable and what to do.
    """
    if not receivable_ids:
        raise NothingSelected
    if len(receivable_ids) > RECEIVABLES_MAX:
        raise TooManyReceivables(most=RECEIVABLES_MAX, chosen=len(receivable_ids))
    found = session.scalars(
        select(Receivable)
        .where(Receivable.assignor_id == assignor_id, Receivable.id.in_(receivable_ids))
        .order_by(Receivable.due_on, Receivable.number)
    ).all()
    if len(found) != len(set(receivable_ids)):
        raise ReceivableUnknown
    currencies = sorted({receivable.currency for receivable in found})
    if len(currencies) > 1:
        raise CurrenciesMixed(currencies=", ".join(currencies))
    where = positions(session, [receivable.id for receivable in found])
    return [_checked(receivable, where[receivable.id], on) for receivable in found]


def draft_request(
    session: Session,
    *,
    assignor_id: UUID,
    broker_id: UUID | None,
    receivable_ids: Collection[UUID],
    products: Sequence[Product],
    note: str | None,
    on: date,
    by: UUID | None,
    at: datetime,
) -> FundingRequest:
    """Open an application, not sent to anyone yet.

    Raises:
        FundingRefused: see `financeable`; or no product was chosen.
    """
    if not products:
        raise NoProductChosen
    chosen = financeable(session, assignor_id, receivable_ids, on)
    request = FundingRequest(
        assignor_id=assignor_id,
        broker_id=broker_id,
        reference=_next_reference(session, at),
        products=[product.value for product in products],
        face_total_cents=sum(one.eligible_cents for one in chosen),
        currency=chosen[0].receivable.currency,
        note=(note or "").strip() or None,
        created_by=by,
        created_at=at,
    )
    session.add(request)
    session.flush()
    _freeze(session, request, chosen)
    trail.record(
        session, assignor_id, "funding_drafted", "funding_request", request.id, by=by, at=at
    )
    return request


def show_disclosure(request: FundingRequest, disclosure: Disclosure, *, at: datetime) -> None:
    """Remember which statement was put before the member, and when: before anything is submitted."""
    if request.state is RequestState.DRAFT and request.disclosure_version != disclosure.version:
        request.disclosure_version = disclosure.version
        request.disclosure_seen_at = at


def submit_request(
    session: Session,
    request: FundingRequest,
    disclosure: Disclosure,
    *,
    on: date,
    by: UUID | None,
    at: datetime,
) -> None:
    """Freeze the lines as they stand that day and have the request sent to lenders.

    Raises:
        DisclosureNotSeen: the statement of this day was not shown before.
        FundingRefused: a receivable may no longer be financed.
        IllegalTransition: it was submitted or withdrawn already.
    """
    lock_request(session, request)
    if request.disclosure_version != disclosure.version or request.disclosure_seen_at is None:
        raise DisclosureNotSeen
    chosen = financeable(
        session, request.assignor_id, [line.receivable_id for line in request.lines], on
    )
    _freeze(session, request, chosen)
    move_request(session, request, RequestAction.SUBMIT, by=by, at=at)
    request.submitted_at = at
    trail.record(
        session,
        request.assignor_id,
        "funding_submitted",
        "funding_request",
        request.id,
        {"face_total_cents": request.face_total_cents, "disclosure": disclosure.version},
        by=by,
        at=at,
    )
    enqueue(session, Job.ROUTE_REQUEST, request_id=request.id)


def withdraw_request(
    session: Session, request: FundingRequest, *, by: UUID | None, at: datetime
) -> None:
    """Give up a request no offer of which was accepted; every lender asked is told.

    Raises:
        IllegalTransition: it is past that, or over.
    """
    lock_request(session, request)
    move_request(session, request, RequestAction.WITHDRAW, by=by, at=at)
    let_lenders_go(session, request, reason_code="withdrawn_by_assignor", by=by, at=at)
    trail.record(
        session,
        request.assignor_id,
        "funding_withdrawn",
        "funding_request",
        request.id,
        by=by,
        at=at,
    )


def lock_request(session: Session, request: FundingRequest) -> None:
    """Hold the request until the transaction ends, as it stands now."""
    session.flush()
    session.refresh(request, with_for_update=True)


def _checked(receivable: Receivable, position: Position, on: date) -> Financeable:
    number = receivable.number
    if receivable.missing or receivable.due_on is None:
        raise ReceivableIncomplete(number=number, missing=", ".join(receivable.missing) or "due_on")
    if position.deed_id is not None:
        raise AlreadyAssigned(number=number)
    eligible = position.outstanding_cents - position.disputed_cents - receivable.retention_cents
    if eligible <= 0:
        raise NothingLeftToFinance(number=number)
    if receivable.due_on <= on:
        raise ReceivablePastDue(number=number, due_on=receivable.due_on.isoformat())
    return Financeable(receivable, eligible)


def _freeze(session: Session, request: FundingRequest, chosen: Sequence[Financeable]) -> None:
    known = {line.receivable_id: line for line in request.lines}
    for position, one in enumerate(chosen, start=1):
        line = known.get(one.receivable.id)
        if line is None:
            line = FundingLine(
                request_id=request.id,
                assignor_id=request.assignor_id,
                receivable_id=one.receivable.id,
            )
            line.receivable = one.receivable
            request.lines.append(line)
        line.position = position
        line.face_cents = one.receivable.face_cents
        line.eligible_cents = one.eligible_cents
    request.face_total_cents = sum(one.eligible_cents for one in chosen)
    session.flush()


def _next_reference(session: Session, at: datetime) -> str:
    number = session.execute(text("SELECT nextval('funding_reference')")).scalar_one()
    return f"D-{at.astimezone(PARIS).year}-{number:06d}"
