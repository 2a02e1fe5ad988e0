"""Dossiers, deeds and channels for tests about lenders; valid unless a test says otherwise."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4, uuid5

from partners.vocabulary.lending import (
    Address,
    AskedTerms,
    AssignorIdentity,
    DebtorIdentity,
    DocumentRef,
    Dossier,
    DossierReceivable,
    SignedDeed,
)
from pricing.money import Money

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
_STARTED = monotonic()


def instant():
    """The tests' instant: always the same day, going on as real time does."""
    return NOW + timedelta(seconds=monotonic() - _STARTED)


ASSIGNOR = AssignorIdentity(
    name="Menuiserie de l'Exemple",
    siren="000101006",
    address=Address("12 rue des Copeaux", "69998", "Villeneuve-l'Exemple"),
    iban="FR7630006000011234567890189",
)
DEBTOR = DebtorIdentity(name="Constructions Exemple Bâtiment", siren="000114009")


def a_receivable(number="F-2026-001", cents=1_000_000, due_on=date(2027, 1, 21)):
    return DossierReceivable(
        receivable_id=uuid5(UUID(int=1), number),
        number=number,
        face=Money(cents),
        issued_on=date(2026, 11, 16),
        due_on=due_on,
        debtor=DEBTOR,
        documents=(a_document(),),
    )


def a_document(kind="invoice"):
    return DocumentRef("doc-1", kind, "facture.pdf", sha256(b"x").hexdigest(), 1)


def a_dossier(product="advance", *, receivables=None, submission_id=None, note="", asked=None):
    return Dossier(
        submission_id=submission_id or uuid4(),
        product=product,
        reference="DF-2026-0001",
        assignor=ASSIGNOR,
        receivables=receivables or (a_receivable(),),
        requested_on=TODAY,
        asked=asked or AskedTerms(),
        note=note,
    )


def a_deed(dossier, *, signed_at=NOW, face_total=None):
    content = b"%PDF-1.7 deed"
    return SignedDeed(
        deed_id=uuid5(dossier.submission_id, "deed"),
        submission_id=dossier.submission_id,
        kind=dossier.product,
        sha256=sha256(content).hexdigest(),
        content=content,
        receivable_count=len(dossier.receivables),
        face_total=face_total or dossier.face_total,
        signatory="Camille Exemple",
        signed_at=signed_at,
    )


class RecordedChannel:
    """Answers every message with the same recorded answer, and keeps what was sent."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer
        self.sent: list[tuple[str, Mapping[str, Any], str]] = []

    def send(self, path, body, *, idempotency_key):
        self.sent.append((path, body, idempotency_key))
        return self.answer

    def fetch(self, path, params=MappingProxyType({})):
        self.sent.append((path, params, ""))
        return self.answer

    def close(self):
        pass
