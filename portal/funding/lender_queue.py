"""A lender's dossiers as its queue shows them: who waits, since when, until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, contains_eager

from portal.debtors.models import Debtor
from portal.funding.models import FundingLine, FundingRequest, Offer, Submission
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from pricing.products.quote import Product

ANSWERABLE = (SubmissionState.SENT, SubmissionState.UNANSWERED, SubmissionState.RECEIVED)
VISIBLE = (
    *ANSWERABLE,
    SubmissionState.INFO_REQUESTED,
    SubmissionState.OFFERED,
    SubmissionState.DECLINED,
    SubmissionState.EXPIRED,
    SubmissionState.WITHDRAWN,
    SubmissionState.DUPLICATE,
)
GROUPS = ("answer", "accepted", "waiting", "offered", "funded", "over")
"""Where a dossier stands for its lender, what it must act on first."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a queue is narrowed to; the default is everything visible."""

    group: str = ""
    product: Product | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Debtors:
    """Who owes what one request offers: how many, the largest of them, and its share, a fraction of one."""

    receivables: int
    debtors: int
    largest: str
    share: float


def queue_of(lender_id: UUID, wanted: QueueFilter) -> Select[Submission]:
    """A lender's dossiers, the one to answer first on top, to be cut into pages."""
    query = (
        select(Submission)
        .join(FundingRequest, FundingRequest.id == Submission.request_id)
        .join(Organisation, Organisation.id == Submission.assignor_id)
        .options(contains_eager(Submission.request))
        .where(
            Submission.lender_id == lender_id,
            Submission.state.in_(VISIBLE),
        )
        .order_by(*_first_to_last(), Submission.id)
    )
    if wanted.group in GROUPS:
        query = query.where(_group() == wanted.group)
    if wanted.product is not None:
        query = query.where(Submission.product == wanted.product)
    if wanted.text:
        query = query.where(
            Organisation.legal_name.icontains(wanted.text, autoescape=True)
            | FundingRequest.reference.icontains(wanted.text, autoescape=True)
        )
    return query


def counts_by_group(session: Session, lender_id: UUID) -> dict[str, int]:
    """How many dossiers each group of the queue holds."""
    grouped = (
        select(_group().label("stands"))
        .select_from(Submission)
        .join(FundingRequest, FundingRequest.id == Submission.request_id)
        .where(Submission.lender_id == lender_id, Submission.state.in_(VISIBLE))
        .subquery()
    )
    rows = session.execute(select(grouped.c.stands, func.count()).group_by(grouped.c.stands))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {group: found.get(group, 0) for group in GROUPS}


def debtors_of(session: Session, request_ids: Collection[UUID]) -> dict[UUID, Debtors]:
    """The debtors behind each request, in one query."""
    rows = session.execute(
        select(
            FundingLine.request_id,
            func.max(Debtor.name),
            func.count(),
            func.sum(FundingLine.eligible_cents),
        )
        .join(Receivable, Receivable.id == FundingLine.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .where(FundingLine.request_id.in_(request_ids))
        .group_by(FundingLine.request_id, Debtor.id)
    )
    by_request: dict[UUID, list[tuple[int, str, int]]] = {}
    for request_id, name, count, cents in rows:
        by_request.setdefault(request_id, []).append((int(cents), name, count))
    return {request_id: _debtors(found) for request_id, found in by_request.items()}


def past_with(
    session: Session, lender_id: UUID, assignor_id: UUID, *, but: UUID
) -> Collection[Submission]:
    """The lender's other dossiers of one assignor, the latest first, a few."""
    return session.scalars(
        select(Submission)
        .join(FundingRequest, FundingRequest.id == Submission.request_id)
        .options(contains_eager(Submission.request))
        .where(
            Submission.lender_id == lender_id,
            Submission.assignor_id == assignor_id,
            Submission.id != but,
        )
        .order_by(Submission.prepared_at.desc())
        .limit(10)
    ).all()


def answer_due_at(submission: Submission, within_hours: int) -> datetime | None:
    """When the lender said it would answer by; None once it has, or before it was sent."""
    waits = submission.state in ANSWERABLE
    if not waits or submission.sent_at is None:
        return None
    return submission.sent_at + timedelta(hours=within_hours)


def _group() -> ColumnElement[str]:
    won = (
        select(Offer.id)
        .where(Offer.submission_id == Submission.id, Offer.state == OfferState.ACCEPTED)
        .exists()
    )
    offered = Submission.state == SubmissionState.OFFERED
    closing = (RequestState.ACCEPTED, RequestState.ASSIGNED)
    running = (RequestState.DISBURSED, RequestState.RECOURSED)
    return case(
        (Submission.state.in_(ANSWERABLE), "answer"),
        (Submission.state == SubmissionState.INFO_REQUESTED, "waiting"),
        (and_(offered, won, FundingRequest.state.in_(closing)), "accepted"),
        (and_(offered, won, FundingRequest.state.in_(running)), "funded"),
        (and_(offered, ~won), "offered"),
        else_="over",
    )


def _first_to_last() -> tuple[ColumnElement[Any], ...]:
    rank = case({group: place for place, group in enumerate(GROUPS)}, value=_group())
    longest_waiting = case((Submission.state.in_(ANSWERABLE), Submission.sent_at))
    latest = Submission.sent_at.desc()
    return rank, longest_waiting.asc().nulls_last(), latest


def _debtors(found: list[tuple[int, str, int]]) -> Debtors:
    largest_cents, largest, _ = max(found)
    total = sum(cents for cents, _, _ in found)
    return Debtors(
        receivables=sum(count for _, _, count in found),
        debtors=len(found),
        largest=largest,
        share=largest_cents / total if total else 0.0,
    )
