"""A lender's dossiers as its queue shows them: who waits, since when, until when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager

from portal.funding.models import FundingRequest, Submission
from portal.funding.states import SubmissionState
from portal.identity.models import Organisation
from pricing.products.quote import Product

GROUPS: dict[str, tuple[SubmissionState, ...]] = {
    "answer": (SubmissionState.SENT, SubmissionState.UNANSWERED, SubmissionState.RECEIVED),
    "waiting": (SubmissionState.INFO_REQUESTED,),
    "offered": (SubmissionState.OFFERED,),
    "over": (
        SubmissionState.DECLINED,
        SubmissionState.EXPIRED,
        SubmissionState.WITHDRAWN,
        SubmissionState.DUPLICATE,
    ),
}
VISIBLE = tuple(state for states in GROUPS.values() for state in states)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What a queue is narrowed to; the default is everything visible."""

    group: str = ""
    product: Product | None = None
    text: str = ""


def queue_of(lender_id: UUID, wanted: QueueFilter) -> Select[Submission]:
    """A lender's dossiers, the one to answer first on top, to be cut into pages."""
    query = (
        select(Submission)
        .join(FundingRequest, FundingRequest.id == Submission.request_id)
        .join(Organisation, Organisation.id == Submission.assignor_id)
        .options(contains_eager(Submission.request))
        .where(
            Submission.lender_id == lender_id,
            Submission.state.in_(GROUPS.get(wanted.group, VISIBLE)),
        )
        .order_by(Submission.sent_at, Submission.id)
    )
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
    rows = session.execute(
        select(Submission.state, func.count())
        .where(Submission.lender_id == lender_id)
        .group_by(Submission.state)
    )
    by_state = {row[0]: row[1] for row in rows}
    return {
        group: sum(by_state.get(state, 0) for state in states) for group, states in GROUPS.items()
    }


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
    waits = submission.state in GROUPS["answer"]
    if not waits or submission.sent_at is None:
        return None
    return submission.sent_at + timedelta(hours=within_hours)
