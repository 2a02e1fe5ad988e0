"""What goes into a dossier: the papers of the claim, every message with what became of it, the account, the trail."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry
from portal.clock import PARIS
from portal.collections.amounts import explain
from portal.collections.legal.claim import Claim
from portal.collections.models import Reminder
from portal.collections.timeline import Happening
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.messages.models import InboundMessage, Message, MessageEvent, MessageProof


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of the dossier: its place, its bytes, and what it is in words."""

    path: str
    content: bytes
    title: str


def papers(session: Session, store: DocumentStore, claim: Claim) -> Iterator[Piece]:
    """The invoice as received, the delivery proof, notices and their postal proofs, the request to the court."""
    one = claim.receivable
    wanted: list[tuple[str, str, UUID | None]] = [
        ("facture", f"Facture {one.number} telle que reçue", one.document_id),
        ("livraison", "Preuve de livraison ou d'exécution", one.delivery_proof_id),
    ]
    for notice in claim.notices:
        wanted.append(("mise-en-demeure", "Mise en demeure", notice.document_id))
        wanted.append(("mise-en-demeure", "Preuve postale de la mise en demeure", notice.proof_id))
    wanted += [("requete", "Requête en injonction de payer", o.document_id) for o in claim.orders]
    wanted += [
        ("relances", "Document de relance", reminder_document)
        for reminder_document in _reminder_documents(session, one.id, claim)
    ]
    ids = {document_id for *_, document_id in wanted if document_id}
    known = _documents(session, ids)
    kept = [(folder, title, known[key]) for folder, title, key in wanted if key in known]
    for number, (folder, title, document) in enumerate(kept, 1):
        path = f"pieces/{number:02d}-{folder}/{document.filename}"
        yield Piece(path, store.get(document.sha256), title)


def correspondence(session: Session, store: DocumentStore, claim: Claim) -> Iterator[Piece]:
    """Every message with its headers, what the carrier said of it, its proofs; and what the debtor answered."""
    messages = _messages(session, claim)
    ids = [message.id for message in messages]
    events = session.scalars(
        select(MessageEvent)
        .where(MessageEvent.message_id.in_(ids))
        .order_by(MessageEvent.happened_at, MessageEvent.id)
    ).all()
    proofs = session.execute(
        select(MessageProof.message_id, Document)
        .join(Document, Document.id == MessageProof.document_id)
        .where(MessageProof.message_id.in_(ids))
        .order_by(MessageProof.kept_at, MessageProof.id)
    ).all()
    for number, message in enumerate(messages, 1):
        stem = f"messages/{number:03d}"
        yield Piece(f"{stem}-message.eml", _as_sent(message), message.subject)
        told = [_told(event) for event in events if event.message_id == message.id]
        fate = {"state": message.state.value, "attempts": message.attempts, "events": told}
        yield Piece(f"{stem}-suivi.json", _json(fate), "Suivi de l'acheminement")
        for rank, document in enumerate((d for key, d in proofs if key == message.id), 1):
            path = f"{stem}-preuve-{rank}-{document.filename}"
            yield Piece(path, store.get(document.sha256), "Preuve de dépôt ou de remise")
    yield from _answers(session, store, claim, ids)


def account(claim: Claim) -> Piece:
    """What was asked on the day of the dossier, line by line with its article, in whole cents."""
    amount = explain(claim.asked)
    lines = [
        {
            "line": line.kind.value,
            "cents": line.cents,
            "source": line.source,
            "from": line.accrual.from_on if line.accrual else None,
            "to": line.accrual.to_on if line.accrual else None,
            "days": line.accrual.days if line.accrual else None,
            "annual_rate": line.accrual.annual_rate if line.accrual else None,
            "principal_cents": line.accrual.principal.cents if line.accrual else None,
            "interest_unrounded": line.accrual.amount if line.accrual else None,
        }
        for line in amount.lines
    ]
    facts = {
        "on": claim.asked.on,
        "currency": claim.asked.account.currency,
        "day_count": claim.asked.due.day_count.value if claim.asked.due else None,
        "flags": [flag.value for flag in amount.flags],
        "lines": lines,
    }
    return Piece("decompte.json", _json(facts), "Décompte ligne à ligne")


def story(happenings: Iterable[Happening]) -> Piece:
    """Everything that happened, the oldest first."""
    told = [
        {
            "at": one.at,
            "event": one.event.value,
            "words": event_words(one.event.value),
            "cents": one.cents,
            "by": one.by,
            "facts": one.facts,
        }
        for one in happenings
    ]
    return Piece("chronologie.json", _json(told), "Chronologie")


def trail_extract(session: Session, claim: Claim) -> Piece:
    """The entries of the audit chain about this claim, each with its hash and the one before.

    Hashes let anybody who holds the whole chain find these entries in it; alone, they show
    that each entry's content is the one that was hashed.
    """
    about = [claim.receivable.id, *(n.id for n in claim.notices), *(o.id for o in claim.orders)]
    ids = [str(one) for one in about]
    entries = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.organisation_id == claim.receivable.assignor_id,
            or_(
                AuditEntry.subject_id.in_(ids),
                AuditEntry.facts["receivable"].as_string() == str(claim.receivable.id),
            ),
        )
        .order_by(AuditEntry.sequence)
    )
    told = [
        {
            "organisation": entry.organisation_id,
            "sequence": entry.sequence,
            "happened_at": entry.happened_at,
            "member": entry.member_id,
            "action": entry.action,
            "subject": [entry.subject_kind, entry.subject_id],
            "facts": entry.facts,
            "previous": entry.previous_hash,
            "hash": entry.entry_hash,
        }
        for entry in entries
    ]
    return Piece("piste-d-audit.json", _json(told), "Extrait de la piste d'audit")


@cache
def _words() -> dict[str, str]:
    text = resources.files("portal.collections.evidence").joinpath("words.toml").read_text("utf-8")
    return tomllib.loads(text)


def event_words(event: str) -> str:
    """What a happening is called; its code when nobody has named it."""
    return _words().get(event, event.replace("_", " "))


def day_of(at: date | datetime) -> date:
    """The day of a happening, in Paris."""
    return at.astimezone(PARIS).date() if isinstance(at, datetime) else at


def _messages(session: Session, claim: Claim) -> list[Message]:
    of_reminders = select(Reminder.message_id).where(
        Reminder.receivable_id == claim.receivable.id, Reminder.message_id.is_not(None)
    )
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.organisation_id == claim.receivable.assignor_id,
                or_(Message.receivable_id == claim.receivable.id, Message.id.in_(of_reminders)),
            )
            .order_by(Message.created_at, Message.id)
        )
    )


def _answers(
    session: Session, store: DocumentStore, claim: Claim, sent: list[UUID]
) -> Iterator[Piece]:
    rows = session.execute(
        select(InboundMessage, Document)
        .join(Document, Document.id == InboundMessage.raw_document_id)
        .where(
            InboundMessage.organisation_id == claim.receivable.assignor_id,
            or_(
                InboundMessage.receivable_id == claim.receivable.id,
                InboundMessage.answers_message_id.in_(sent),
            ),
        )
        .order_by(InboundMessage.received_at, InboundMessage.id)
    )
    for number, (answer, document) in enumerate(rows, 1):
        path = f"reponses/{number:03d}-reponse.eml"
        yield Piece(path, store.get(document.sha256), answer.subject or "Réponse du débiteur")


def _as_sent(message: Message) -> bytes:
    """The message with the headers it left with; those of the outbox where it has not left as an e-mail."""
    head = (message.headers or "").strip()
    if not head:
        lines = {
            "From": message.from_name or "",
            "Reply-To": message.reply_to or "",
            "To": message.to_address,
            "Subject": message.subject,
            "Date": (message.sent_at or message.created_at).astimezone(PARIS).isoformat(),
            "X-Message-Id": str(message.id),
        }
        head = "\n".join(f"{name}: {value}" for name, value in lines.items() if value)
    return f"{head}\n\n{message.body_text}".encode()


def _told(event: MessageEvent) -> dict[str, Any]:
    return {
        "status": event.status.value,
        "raw_status": event.raw_status,
        "happened_at": event.happened_at,
        "heard_at": event.heard_at,
        "detail": event.detail,
        "proof_reference": event.proof_reference,
    }


def _reminder_documents(session: Session, receivable_id: UUID, claim: Claim) -> list[UUID]:
    followed = {notice.document_id for notice in claim.notices}
    found = session.scalars(
        select(Reminder.document_id)
        .where(Reminder.receivable_id == receivable_id, Reminder.document_id.is_not(None))
        .order_by(Reminder.created_at)
    )
    return [one for one in dict.fromkeys(found) if one is not None and one not in followed]


def _documents(session: Session, ids: set[UUID]) -> dict[UUID | None, Document]:
    found = session.scalars(select(Document).where(Document.id.in_(ids)))
    return {one.id: one for one in found}


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()
