"""Deeds as each viewer may see them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.documents.models import Document, DocumentKind
from portal.funding.models import Offer


class DeedNotFound(LookupError):
    """No such deed, or not the viewer's: both look the same."""


def deed_of(session: Session, assignor_id: UUID, request_id: UUID) -> Deed | None:
    """The deed of one of an assignor's requests, once an offer was accepted."""
    return session.scalar(
        select(Deed).where(Deed.request_id == request_id, Deed.assignor_id == assignor_id)
    )


def deed_for_lender(session: Session, lender_id: UUID, request_id: UUID) -> Deed | None:
    """The deed a lender holds on a request."""
    return session.scalar(
        select(Deed).where(Deed.request_id == request_id, Deed.lender_id == lender_id)
    )


def deeds_by_submission(session: Session, submission_ids: Collection[UUID]) -> dict[UUID, Deed]:
    """The deeds that came of these submissions, by submission: none where its offer was not accepted."""
    rows = session.execute(
        select(Offer.submission_id, Deed)
        .join(Deed, Deed.offer_id == Offer.id)
        .where(Offer.submission_id.in_(submission_ids))
    )
    return {row[0]: row[1] for row in rows}


def evidence_of(session: Session, deed: Deed) -> Document | None:
    """The evidence of a deed's signature, once signed."""
    return session.scalar(
        select(Document).where(
            Document.owner_id == deed.assignor_id,
            Document.kind == DocumentKind.EVIDENCE,
            Document.filename == f"{deed.reference}-preuve.pdf",
        )
    )
