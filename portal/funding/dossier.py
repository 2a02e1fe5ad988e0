"""The dossier one lender is sent: the receivables as frozen, their debtors, documents under signed links."""

from collections.abc import Iterable
from uuid import UUID

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.vocabulary.lending import (
    Address,
    AskedTerms,
    AssignorIdentity,
    DebtorIdentity,
    DocumentRef,
    Dossier,
    DossierReceivable,
)
from portal.clock import PARIS
from portal.config import Settings
from portal.debtors.models import Debtor, DebtorSegment
from portal.documents.models import Document
from portal.funding.models import FundingLine, Submission
from portal.identity.models import Organisation
from portal.lenders.models import RateCard
from portal.lenders.rate_cards import tariff_of
from pricing.money import Money

LINK_DAYS = 14


def dossier_of(session: Session, settings: Settings, submission: Submission) -> Dossier:
    """What one lender is sent; the same each time it is asked for, links apart."""
    request = submission.request
    assignor = session.get_one(Organisation, request.assignor_id)
    documents = _documents(session, submission.lines)
    return Dossier(
        submission_id=submission.id,
        product=submission.product.value,
        reference=request.reference,
        assignor=_assignor(assignor),
        receivables=tuple(
            _receivable(line, request.currency, documents, settings, submission.lender_id)
            for line in submission.lines
        ),
        requested_on=submission.prepared_at.astimezone(PARIS).date(),
        asked=AskedTerms(with_recourse=_recourse_of(session, submission)),
        note=request.note or "",
    )


def document_ref(document: Document, settings: Settings, lender_id: UUID) -> DocumentRef:
    """A document the lender may fetch under a link signed for it alone."""
    return DocumentRef(
        document_id=str(document.id),
        kind=document.kind.value,
        filename=document.filename,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        media_type=document.media_type,
        url=document_link(settings, document.id, lender_id),
    )


def document_link(settings: Settings, document_id: UUID, lender_id: UUID) -> str:
    """An address that lets one lender fetch one document for two weeks."""
    token = _signer(settings).dumps([str(document_id), str(lender_id)])
    return f"{settings.public_url.rstrip('/')}/api/v1/documents/{token}"


def read_document_link(settings: Settings, token: str) -> tuple[UUID, UUID]:
    """(document, lender) of a signed link.

    Raises:
        itsdangerous.BadSignature: it is not ours, or its time is over.
    """
    document_id, lender_id = _signer(settings).loads(token, max_age=LINK_DAYS * 86_400)
    return UUID(document_id), UUID(lender_id)


def _recourse_of(session: Session, submission: Submission) -> bool:
    """The recourse of the card the submission is for: one lender may offer both."""
    return tariff_of(session.get_one(RateCard, submission.rate_card_id)).recourse


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.derive_secret("document links"))


def _assignor(assignor: Organisation) -> AssignorIdentity:
    return AssignorIdentity(
        name=assignor.legal_name,
        siren=assignor.siren or "",
        address=Address(
            line=assignor.address_line or "",
            postcode=assignor.postal_code or "",
            city=assignor.city or "",
            country=assignor.country,
        ),
        legal_form=assignor.legal_form or "",
        activity_code=assignor.activity_code or "",
        vat_id=assignor.vat_id,
        iban=assignor.iban,
        contact_email=assignor.email,
    )


def _receivable(
    line: FundingLine,
    currency: str,
    documents: dict[UUID, Document],
    settings: Settings,
    lender_id: UUID,
) -> DossierReceivable:
    receivable = line.receivable
    wanted = [receivable.document_id, receivable.delivery_proof_id]
    return DossierReceivable(
        receivable_id=receivable.id,
        number=receivable.number,
        face=Money(line.eligible_cents, currency),
        issued_on=receivable.issued_on,
        due_on=receivable.due_on or receivable.issued_on,
        debtor=_debtor(receivable.debtor),
        delivered_on=receivable.delivered_on,
        order_reference=receivable.order_reference,
        contract_reference=receivable.contract_reference,
        documents=tuple(
            document_ref(documents[one], settings, lender_id) for one in wanted if one in documents
        ),
    )


def _debtor(debtor: Debtor) -> DebtorIdentity:
    return DebtorIdentity(
        name=debtor.name,
        siren=debtor.siren,
        vat_id=debtor.vat_id,
        address=Address(line=debtor.address or "", country=debtor.country),
        is_public=debtor.segment is DebtorSegment.PUBLIC,
    )


def _documents(session: Session, lines: Iterable[FundingLine]) -> dict[UUID, Document]:
    wanted = {
        document_id
        for line in lines
        for document_id in (line.receivable.document_id, line.receivable.delivery_proof_id)
        if document_id is not None
    }
    found = session.scalars(select(Document).where(Document.id.in_(wanted)))
    return {document.id: document for document in found}
