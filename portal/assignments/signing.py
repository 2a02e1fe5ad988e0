"""Signing a deed by typing one's name, with the evidence a judge would ask for; never dating it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.assignments.moves import move_deed
from portal.assignments.states import DeedAction, DeedState
from portal.audit import trail
from portal.documents.models import DocumentKind
from portal.documents.rendering import render
from portal.documents.store import DocumentStore, grant, keep
from portal.funding.models import Offer
from portal.funding.refusals import (
    ConsentMissing,
    DeedHasChanged,
    DeedNotReady,
    SignatoryNameDiffers,
)
from portal.identity.models import Member, Organisation
from portal.jobs.queue import Job, enqueue

USER_AGENT_LENGTH_MAX = 300

CONSENT = (
    "J'ai lu l'acte {reference} en entier. Je le signe au nom de {company}, que j'ai le pouvoir"
    " d'engager, en tapant mon nom ci-dessous. Je sais que cette signature m'engage comme une"
    " signature manuscrite, que les créances désignées sont cédées, et que le cessionnaire seul"
    " date l'acte."
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signatory did on the page: typed, ticked, and from where."""

    typed_name: str
    title: str
    consents: bool
    shown_sha256: str
    shown_consent: str
    ip_address: str
    user_agent: str


def consent_text(deed: Deed, company: str) -> str:
    """The exact words consented to; French binds, whatever language the page is in."""
    return CONSENT.format(reference=deed.reference, company=company)


def consent_digest(text: str) -> str:
    """The digest that ties the words shown to the words signed."""
    return hashlib.sha256(text.encode()).hexdigest()


def sign_deed(
    session: Session,
    store: DocumentStore,
    deed: Deed,
    member: Member,
    signature: Signature,
    *,
    at: datetime,
) -> None:
    """Sign a drafted deed and have it sent to the assignee, who alone dates it.

    Raises:
        DeedNotReady: it is not drafted, or signed already.
        DeedHasChanged: what was shown is not what would be signed.
        ConsentMissing, SignatoryNameDiffers: the page says what to correct.
    """
    session.flush()
    session.refresh(deed, with_for_update=True)
    if deed.state is not DeedState.DRAFTED or deed.document_sha256 is None:
        raise DeedNotReady
    company = session.get_one(Organisation, deed.assignor_id).legal_name
    consent = consent_text(deed, company)
    _check(deed, member, signature, consent)
    deed.signed_at, deed.signed_by = at, member.id
    deed.signatory_name, deed.signatory_title = member.name, signature.title.strip() or None
    deed.signature_evidence = {
        "member": str(member.id),
        "email": member.email,
        "typed_name": signature.typed_name.strip(),
        "signed_at": at.isoformat(),
        "ip_address": signature.ip_address,
        "user_agent": signature.user_agent[:USER_AGENT_LENGTH_MAX],
        "document_sha256": deed.document_sha256,
        "consent_sha256": consent_digest(consent),
        "consent": consent,
    }
    move_deed(session, deed, DeedAction.SIGN, by=member.id, at=at)
    _keep_evidence(session, store, deed, company, at)
    trail.record(
        session,
        deed.assignor_id,
        "deed_signed",
        "deed",
        deed.id,
        {"sha256": deed.document_sha256, "consent": deed.signature_evidence["consent_sha256"]},
        by=member.id,
        at=at,
    )
    enqueue(session, Job.SEND_DEED, deed_id=deed.id, one_at_a_time=f"deed:{deed.id}")


def evidence_name(deed: Deed) -> str:
    """The file name under which a deed's evidence is kept."""
    return f"{deed.reference}-preuve.pdf"


def _check(deed: Deed, member: Member, signature: Signature, consent: str) -> None:
    if not signature.consents:
        raise ConsentMissing
    shown = (signature.shown_sha256, signature.shown_consent)
    if shown != (deed.document_sha256, consent_digest(consent)):
        raise DeedHasChanged
    expected = member.name or member.email
    if _folded(signature.typed_name) != _folded(expected):
        raise SignatoryNameDiffers(expected=expected)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _keep_evidence(
    session: Session, store: DocumentStore, deed: Deed, company: str, at: datetime
) -> None:
    evidence = deed.signature_evidence
    shown = [
        ("Acte", deed.reference),
        ("Empreinte SHA-256 de l'acte", evidence["document_sha256"]),
        ("Signataire", f"{evidence['typed_name']} ({evidence['email']})"),
        ("Qualité", deed.signatory_title or "—"),
        ("Au nom de", company),
        ("Instant de la signature (UTC)", evidence["signed_at"]),
        ("Adresse IP", evidence["ip_address"]),
        ("Navigateur", evidence["user_agent"]),
        ("Empreinte SHA-256 du consentement", evidence["consent_sha256"]),
    ]
    content = render(
        "evidence",
        {
            "reference": deed.reference,
            "assignor": {"name": company},
            "evidence": [{"label": label, "value": value} for label, value in shown],
            "consent": evidence["consent"],
        },
        made_at=at,
    )
    document = keep(
        session,
        store,
        owner_id=deed.assignor_id,
        kind=DocumentKind.EVIDENCE,
        filename=evidence_name(deed),
        media_type="application/pdf",
        content=content,
        by=deed.signed_by,
        at=at,
    )
    submission_id = session.get_one(Offer, deed.offer_id).submission_id
    grant(session, document, deed.lender_id, submission_id=submission_id, at=at)
