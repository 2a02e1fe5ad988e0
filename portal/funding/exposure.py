"""What a lender has at risk on debtors: reserved from the moment it offers, until the debt is settled."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor
from portal.funding.models import FundingLine, FundingRequest, Offer, SubmissionLine
from portal.funding.states import OfferState, RequestState
from portal.receivables.models import Receivable

AT_RISK = (
    RequestState.ACCEPTED,
    RequestState.ASSIGNED,
    RequestState.DISBURSED,
    RequestState.RECOURSED,
)


def exposures(
    session: Session,
    lender_ids: Collection[UUID],
    sirens: Collection[str],
    *,
    except_assignor: UUID | None = None,
) -> Mapping[tuple[UUID, str], int]:
    """Faces each lender stands behind on each debtor, in cents: open offers, and accepted ones not settled."""
    counted = or_(
        Offer.state == OfferState.OPEN,
        and_(Offer.state == OfferState.ACCEPTED, FundingRequest.state.in_(AT_RISK)),
    )
    query = (
        select(Offer.lender_id, Debtor.siren, func.sum(FundingLine.eligible_cents))
        .join(FundingRequest, FundingRequest.id == Offer.request_id)
        .join(SubmissionLine, SubmissionLine.submission_id == Offer.submission_id)
        .join(FundingLine, FundingLine.id == SubmissionLine.line_id)
        .join(Receivable, Receivable.id == FundingLine.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .where(Offer.lender_id.in_(lender_ids), Debtor.siren.in_(sirens), counted)
        .where(SubmissionLine.left_out.is_(False))
        .group_by(Offer.lender_id, Debtor.siren)
    )
    if except_assignor is not None:
        query = query.where(Offer.assignor_id != except_assignor)
    return {
        (lender_id, siren): int(cents)
        for lender_id, siren, cents in session.execute(query)
        if siren is not None
    }
