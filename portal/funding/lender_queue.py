"""A lender's dossiers as its queue shows them: who waits, since when, until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, contains_eager

from portal.debtors.models import Debtor
from portal.funding.models import FundingLine, FundingRequest, Offer, Submission, SubmissionLine
from portal.funding.states import OfferState, RequestState, SubmissionState
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
    """Who owes what one dossier offers: how many, the largest of them, and its share, a fraction of one."""

    receivables: int
    debtors: int
    largest: str
    share: float


def queue_of(lender_id: UUID, wanted: QueueFilter) -> Select[Submission]:
    """A lender's dossiers, the one to answer first on top, to be cut into pages.

    ``request`` is None on those that are over: the lender keeps their summary.
    """
    query = (
        select(Submission)
        .outerjoin(FundingRequest, FundingRequest.id == Submission.request_id)
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
            _summed_up("assignor", "name").icontains(wanted.text, autoescape=True)
            | _summed_up("reference").icontains(wanted.text, autoescape=True)
        )
    return query


def counts_by_group(session: Session, lender_id: UUID) -> dict[str, int]:
    """How many dossiers each group of the queue holds."""
    grouped = (
        select(_group().label("stands"))
        .select_from(Submission)
        .outerjoin(FundingRequest, FundingRequest.id == Submission.request_id)
        .where(Submission.lender_id == lender_id, Submission.state.in_(VISIBLE))
        .subquery()
    )
    rows = session.execute(select(grouped.c.stands, func.count()).group_by(grouped.c.stands))
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {group: found.get(group, 0) for group in GROUPS}


def debtors_of(session: Session, submission_ids: Collection[UUID]) -> dict[UUID, Debtors]:
    """The debtors of what each submission carries, in one query."""
    rows = session.execute(
        select(
            SubmissionLine.submission_id,
            func.max(Debtor.name),
            func.count(),
            func.sum(FundingLine.eligible_cents),
        )
        .join(FundingLine, FundingLine.id == SubmissionLine.line_id)
        .join(Receivable, Receivable.id == FundingLine.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .where(SubmissionLine.submission_id.in_(submission_ids), SubmissionLine.left_out.is_(False))
        .group_by(SubmissionLine.submission_id, Debtor.id)
    )
    by_submission: dict[UUID, list[tuple[int, str, int]]] = {}
    for submission_id, name, count, cents in rows:
        by_submission.setdefault(submission_id, []).append((int(cents), name, count))
    return {submission_id: _debtors(found) for submission_id, found in by_submission.items()}


def past_with(
    session: Session, lender_id: UUID, assignor_id: UUID, *, but: UUID
) -> Collection[Submission]:
    """The lender's other dossiers of one assignor, the latest first, a few."""
    return session.scalars(
        select(Submission)
        .outerjoin(FundingRequest, FundingRequest.id == Submission.request_id)
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


def _summed_up(*names: str) -> ColumnElement[str]:
    """A text of the dossier as it was sent."""
    return func.jsonb_extract_path_text(Submission.summary, *names)


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
