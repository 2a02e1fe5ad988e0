"""What a deal file holds: its documents, and what it adds to its lender's exposure."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.documents.models import Document, DocumentGrant, DocumentKind
from portal.funding.exposure import exposures
from portal.funding.models import Submission
from portal.lenders.lookup import limits_on


def documents_of(session: Session, submission: Submission, deed: Deed | None) -> list[Document]:
    """What belongs to this dossier: its receivables' files, its deed's, and the pieces sent for it."""
    granted = session.execute(
        select(Document, DocumentGrant.granted_at)
        .join(DocumentGrant, DocumentGrant.document_id == Document.id)
        .where(
            DocumentGrant.submission_id == submission.id,
            DocumentGrant.organisation_id == submission.lender_id,
            DocumentGrant.ended_at.is_(None),
        )
        .order_by(Document.stored_at, Document.filename)
    )
    of_lines = {
        document_id
        for line in submission.lines
        for document_id in (line.receivable.document_id, line.receivable.delivery_proof_id)
    }
    return [
        document
        for document, granted_at in granted
        if document.id in of_lines
        or (deed is not None and document.filename.startswith(deed.reference))
        or (document.kind is DocumentKind.OTHER and granted_at >= submission.prepared_at)
    ]


def exposure_of(session: Session, submission: Submission) -> list[dict[str, Any]]:
    """Each debtor of the dossier: what is asked, what its lender carries on it already, and its limit; in cents."""
    lender = submission.lender_id
    debtors = {line.receivable.debtor_id: line.receivable.debtor for line in submission.lines}
    sirens = {one.siren for one in debtors.values() if one.siren}
    taken = exposures(session, [lender], sirens)
    limits = limits_on(session, [lender], sirens)
    asked: dict[UUID, int] = {}
    for line in submission.lines:
        debtor_id = line.receivable.debtor_id
        asked[debtor_id] = asked.get(debtor_id, 0) + line.eligible_cents
    return [
        {
            "debtor": debtor,
            "asked_cents": asked[debtor_id],
            "exposure_cents": taken.get((lender, debtor.siren or ""), 0),
            "limit_cents": limit.limit_cents
            if (limit := limits.get((lender, debtor.siren or "")))
            else None,
        }
        for debtor_id, debtor in debtors.items()
    ]
