"""The evidence dossier of one claim: an index as PDF/A, and a sealed archive with every file it names."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.evidence.contents import (
    Piece,
    account,
    correspondence,
    day_of,
    event_words,
    papers,
    story,
    trail_extract,
)
from portal.collections.evidence.models import EvidenceDossier
from portal.collections.evidence.seal import seal_archive, seal_of
from portal.collections.legal.account_lines import LOCALE, account_lines, money_words
from portal.collections.legal.claim import Claim
from portal.collections.legal.paperwork import address_of, exhibits_of
from portal.collections.timeline import Happening, timeline
from portal.documents.models import DocumentKind
from portal.documents.rendering import render
from portal.documents.store import DocumentStore, keep
from pricing.wording import amount_text, date_text

HERE = Path(__file__).parent
INDEX = "00-index.pdf"


@dataclass(frozen=True, slots=True)
class Assembled:
    """A dossier ready to be kept: its index, its archive, its seal, how many files it seals."""

    index: bytes
    archive: bytes
    seal: str
    files: int


def assemble(session: Session, store: DocumentStore, claim: Claim, *, at: datetime) -> Assembled:
    """Gather everything about a claim as it stands; no side effect, and the same facts give the same seal.

    Raises:
        DocumentDamaged: a kept file is missing or no longer what was kept.
    """
    happenings = timeline(session, claim.receivable, today=claim.asked.on)[::-1]
    pieces = [
        *papers(session, store, claim),
        *correspondence(session, store, claim),
        account(claim),
        story(happenings),
        trail_extract(session, claim),
    ]
    index = render("dossier", _facts(claim, pieces, happenings, at), made_at=at, folder=HERE)
    files = {INDEX: index, **{piece.path: piece.content for piece in pieces}}
    about = {
        "claim": claim.receivable.number,
        "receivable": str(claim.receivable.id),
        "creditor_siren": claim.assignor.siren,
        "debtor_siren": claim.debtor.siren,
        "asked_cents": claim.asked.total.cents,
        "on": claim.asked.on.isoformat(),
    }
    archive = seal_archive(files, about, made_at=at)
    return Assembled(index, archive, seal_of(files, about), len(files))


def make_dossier(
    session: Session, store: DocumentStore, claim: Claim, *, by: UUID | None, at: datetime
) -> EvidenceDossier:
    """Make and keep the dossier of a claim; its seal stands in the audit trail, where nobody rewrites it."""
    assembled = assemble(session, store, claim, at=at)
    one = claim.receivable
    stem = f"dossier-{one.number}-{claim.asked.on.isoformat()}"

    def kept(content: bytes, extension: str, media_type: str) -> UUID:
        document = keep(
            session,
            store,
            owner_id=one.assignor_id,
            kind=DocumentKind.CLAIM_DOSSIER,
            filename=f"{stem}.{extension}",
            media_type=media_type,
            content=content,
            by=by,
            at=at,
        )
        return document.id

    dossier = EvidenceDossier(
        assignor_id=one.assignor_id,
        receivable_id=one.id,
        pdf_id=kept(assembled.index, "pdf", "application/pdf"),
        archive_id=kept(assembled.archive, "zip", "application/zip"),
        seal=assembled.seal,
        files=assembled.files,
        made_at=at,
        made_by=by,
    )
    session.add(dossier)
    session.flush()
    facts = {"receivable": one.id, "seal": assembled.seal, "files": assembled.files}
    trail.record(
        session, one.assignor_id, "make_dossier", "evidence_dossier", dossier.id, facts, by=by, at=at
    )  # fmt: skip
    return dossier


def _facts(
    claim: Claim, pieces: Sequence[Piece], happenings: Sequence[Happening], at: datetime
) -> dict[str, object]:
    one, asked = claim.receivable, claim.asked
    return {
        "creditor": {
            "name": claim.assignor.legal_name,
            "siren": claim.assignor.siren or "",
            "address": address_of(claim.assignor),
        },
        "debtor": {
            "name": claim.debtor.name,
            "siren": claim.debtor.siren or "",
            "address": claim.debtor.address or "",
        },
        "number": one.number,
        "issued_on": _day_text(one.issued_on),
        "due_on": _day_text(claim.due_on),
        "made_on": _day_text(at.astimezone(PARIS).date()),
        "lines": account_lines(asked),
        "total": money_words(asked.total.cents, asked),
        "day_count": asked.due.day_count.value if asked.due else "",
        "exhibits": exhibits_of(claim),
        "story": [_told(happening, one.currency) for happening in happenings],
        "files": [
            [piece.path, piece.title, hashlib.sha256(piece.content).hexdigest()] for piece in pieces
        ],
    }


def _told(happening: Happening, currency: str) -> list[str]:
    amount = "" if happening.cents is None else amount_text(happening.cents, LOCALE, currency)
    return [_day_text(day_of(happening.at)), event_words(happening.event.value), amount]


def _day_text(day: object) -> str:
    return date_text(str(day), LOCALE)
