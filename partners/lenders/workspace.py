"""Lenders that work inside the portal: nothing is sent, they find the dossier in their queue."""

# ruff: noqa: ARG002 (the signatures are those of the base; nothing is sent, so little is used)

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from partners.lenders.adapter import LenderAdapter
from partners.vocabulary.lending import (
    DocumentRef,
    Dossier,
    LenderReply,
    LenderStatus,
    SignedDeed,
)
from pricing.money import Money
from pricing.products.quote import Product


class WorkspaceLender(LenderAdapter):
    """Every call is acknowledged at once; the lender's people act on the portal's pages."""

    slug = "workspace"
    products = frozenset(product.value for product in Product)
    statuses = MappingProxyType(
        {
            "in_queue": LenderStatus.RECEIVED,
            "acceptance_shown": LenderStatus.ACCEPTED,
            "documents_shown": LenderStatus.RECEIVED,
            "deed_shown": LenderStatus.ACCEPTED,
            "withdrawal_shown": LenderStatus.WITHDRAWN,
        }
    )
    is_remote = False

    def encode(self, dossier: Dossier) -> dict[str, Any]:
        """What identifies the dossier in the lender's queue."""
        return {"dossier": str(dossier.submission_id), "status": "in_queue"}

    def encode_deed(self, deed: SignedDeed) -> dict[str, Any]:
        """What identifies the deed shown to the lender, who dates it on its page."""
        return {"dossier": str(deed.submission_id), "status": "deed_shown"}

    def decode(self, answer: Mapping[str, Any]) -> LenderReply:
        """The acknowledgement of one act."""
        submission_id = UUID(answer["dossier"])
        raw_status = str(answer["status"])
        return LenderReply(
            status=self.status_of(raw_status),
            raw_status=raw_status,
            reference=f"W-{submission_id.hex[:8].upper()}",
            submission_id=submission_id,
            event_id=f"{submission_id}:{raw_status}",
        )

    def submit(self, dossier: Dossier) -> LenderReply:
        """The dossier is in the lender's queue at once."""
        return self.decode(self.encode(dossier))

    def poll(
        self, submission_id: UUID, *, after_sequence: int = 0, face: Money | None = None
    ) -> tuple[LenderReply, ...]:
        """Nothing: what the lender decides is written by its own pages."""
        return ()

    def accept_offer(self, submission_id: UUID, offer_reference: str) -> LenderReply:
        """The acceptance shows on the lender's page."""
        return self._acknowledged(submission_id, "acceptance_shown")

    def withdraw(self, submission_id: UUID, reason: str) -> LenderReply:
        """The dossier leaves the lender's queue."""
        return self._acknowledged(submission_id, "withdrawal_shown")

    def send_documents(
        self, submission_id: UUID, request_reference: str, documents: Sequence[DocumentRef]
    ) -> LenderReply:
        """The documents show on the lender's page."""
        return self._acknowledged(submission_id, "documents_shown")

    def send_deed(self, deed: SignedDeed) -> LenderReply:
        """The signed deed waits on the lender's page for its date."""
        return self.decode(self.encode_deed(deed))

    def _acknowledged(self, submission_id: UUID, raw_status: str) -> LenderReply:
        return self.decode({"dossier": str(submission_id), "status": raw_status})
