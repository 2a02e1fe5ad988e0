"""Drafting the deed of an accepted offer: checked for every mandatory mention, set in type, hashed, kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assignments.debtor_notices import prepare_notices
from portal.assignments.deed_facts import TEMPLATES, DeedIncomplete, deed_facts, missing_mentions
from portal.assignments.models import Deed
from portal.assignments.moves import move_deed
from portal.assignments.states import DeedAction, DeedState
from portal.audit import trail
from portal.documents.models import DocumentKind
from portal.documents.rendering import render
from portal.documents.store import DocumentStore, grant, keep
from portal.funding.messages import tell_assignor
from portal.funding.models import FundingRequest, Offer
from portal.identity.models import Organisation
from portal.runtime import Runtime
from pricing.products.quote import Product


def run_prepare_deed(runtime: Runtime, deed_id: str) -> None:
    """Draft a deed still being prepared; a second run finds it drafted and does nothing."""
    with runtime.transaction() as session:
        deed = session.get(Deed, UUID(deed_id), with_for_update=True)
        if deed is not None and deed.state is DeedState.PREPARING:
            draft_deed(session, runtime.documents, deed, at=runtime.clock(session).instant())


def draft_deed(session: Session, store: DocumentStore, deed: Deed, *, at: datetime) -> None:
    """Set the deed in type and keep it; the assignor is told it can be signed, the lender may read it.

    Raises:
        DeedIncomplete: a mandatory mention is missing; nothing is issued.
    """
    facts = deed_facts(session, deed)
    missing = missing_mentions(facts)
    if missing:
        raise DeedIncomplete(missing)
    content = render(TEMPLATES[deed.product], facts, made_at=deed.created_at)
    document = keep(
        session,
        store,
        owner_id=deed.assignor_id,
        kind=DocumentKind.DEED,
        filename=f"{deed.reference}.pdf",
        media_type="application/pdf",
        content=content,
        by=None,
        at=at,
    )
    submission_id = session.get_one(Offer, deed.offer_id).submission_id
    grant(session, document, deed.lender_id, submission_id=submission_id, at=at)
    if deed.product is Product.DAILLY and facts["debtor_notice"]:
        prepare_notices(session, store, deed, at=at)
    deed.document_id, deed.document_sha256, deed.drafted_at = document.id, document.sha256, at
    move_deed(session, deed, DeedAction.DRAFT, by=None, at=at)
    trail.record(
        session,
        deed.assignor_id,
        "deed_drafted",
        "deed",
        deed.id,
        {"sha256": document.sha256},
        by=None,
        at=at,
    )
    tell_assignor(
        session,
        deed.assignor_id,
        "deed_to_sign",
        f"deed:{deed.id}",
        deed.request_id,
        at=at,
        lender=session.get_one(Organisation, deed.lender_id).legal_name,
        reference=session.get_one(FundingRequest, deed.request_id).reference,
    )
