"""What every lender's adapter shares: sending, checking, and never guessing."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any, ClassVar, Self
from uuid import UUID

from partners.lenders.channel import Channel
from partners.vocabulary.lending import (
    DocumentRef,
    Dossier,
    LenderReply,
    LenderStatus,
    LenderUnanswered,
    ProposedTerms,
    SignedDeed,
)
from pricing.money import Money

logger = logging.getLogger(__name__)


class TermsDoNotAddUp(LenderUnanswered):
    """An offer whose own figures contradict each other, or the dossier: nobody is shown it."""


class LenderAdapter(ABC):
    """Translates between our words and one kind of lender's.

    A subclass names itself and its products, maps the lender's statuses, and writes
    pure translations. Sending, timing, checking and logging happen here. Every call
    may be repeated: its idempotency key comes from the submission and the act.

    Args:
        channel: reaches the lender; None for a lender that works in the portal.
        lender: the lender's slug, for the logs.
        callback_url: where the lender is told to send its webhooks.
    """

    slug: ClassVar[str]
    products: ClassVar[frozenset[str]]
    statuses: ClassVar[Mapping[str, LenderStatus]]
    is_remote: ClassVar[bool] = True

    def __init__(
        self, channel: Channel | None = None, *, lender: str = "", callback_url: str = ""
    ) -> None:
        self._channel = channel
        self._lender = lender or self.slug
        self._callback_url = callback_url

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections; use the adapter in a `with` block."""
        if self._channel is not None:
            self._channel.close()

    @abstractmethod
    def encode(self, dossier: Dossier) -> dict[str, Any]:
        """Our dossier in the lender's words."""

    @abstractmethod
    def encode_deed(self, deed: SignedDeed) -> dict[str, Any]:
        """The signed deed in the lender's words."""

    @abstractmethod
    def decode(self, answer: Mapping[str, Any]) -> LenderReply:
        """One answer or event of the lender in our words; KeyError, TypeError or ValueError
        when it cannot be read."""

    def submit(self, dossier: Dossier) -> LenderReply:
        """Send one dossier; safe to repeat, since its id is the idempotency key.

        Raises:
            LenderUnreached, LenderUnanswered: ask again later.
            LenderRefusedMessage: a person must look.
        """
        return self._exchange(
            "/dossiers",
            self.encode(dossier),
            key=str(dossier.submission_id),
            submission_id=dossier.submission_id,
            face=dossier.face_total,
        )

    def poll(
        self, submission_id: UUID, *, after_sequence: int = 0, face: Money | None = None
    ) -> tuple[LenderReply, ...]:
        """Every event of a dossier after the one applied last, in the lender's order.

        The events bear the ids their webhooks have, so what already arrived is
        recognised. An event that cannot be read is left out, and logged.

        Raises: as `submit`.
        """
        answer = self._open_channel().fetch(
            f"/dossiers/{submission_id}/events", {"after": str(after_sequence)}
        )
        replies = []
        for event in _events(answer, self._lender):
            try:
                replies.append(self.read_event(event, submission_id=submission_id, face=face))
            except LenderUnanswered:
                logger.warning(
                    "event left out",
                    extra={"lender": self._lender, "submission": str(submission_id)},
                )
        return tuple(sorted(replies, key=lambda reply: reply.sequence or 0))

    def accept_offer(self, submission_id: UUID, offer_reference: str) -> LenderReply:
        """Tell the lender its offer is accepted; `offer_reference` is its reply's `event_id`."""
        return self._exchange(
            f"/dossiers/{submission_id}/acceptance",
            {"offer": offer_reference},
            key=f"{submission_id}:accept:{offer_reference}",
            submission_id=submission_id,
        )

    def withdraw(self, submission_id: UUID, reason: str) -> LenderReply:
        """Tell the lender the assignor no longer wants its answer."""
        return self._exchange(
            f"/dossiers/{submission_id}/withdrawal",
            {"reason": reason},
            key=f"{submission_id}:withdraw",
            submission_id=submission_id,
        )

    def send_documents(
        self, submission_id: UUID, request_reference: str, documents: Sequence[DocumentRef]
    ) -> LenderReply:
        """Answer a request for documents; `request_reference` is its reply's `event_id`."""
        body = {
            "request": request_reference,
            "documents": [self.encode_document(d) for d in documents],
        }
        return self._exchange(
            f"/dossiers/{submission_id}/documents",
            body,
            key=f"{submission_id}:documents:{request_reference}",
            submission_id=submission_id,
        )

    def send_deed(self, deed: SignedDeed) -> LenderReply:
        """Send the signed deed to the assignee, who alone dates it (art. L313-25 CMF)."""
        return self._exchange(
            f"/dossiers/{deed.submission_id}/deed",
            self.encode_deed(deed),
            key=f"{deed.submission_id}:deed:{deed.deed_id}",
            submission_id=deed.submission_id,
        )

    def encode_document(self, document: DocumentRef) -> dict[str, Any]:
        """Where the lender fetches a document, and how it recognises it."""
        return {
            "id": document.document_id,
            "kind": document.kind,
            "filename": document.filename,
            "sha256": document.sha256,
            "size_bytes": document.size_bytes,
            "media_type": document.media_type,
            "url": document.url,
        }

    def read_event(
        self,
        event: Mapping[str, Any],
        *,
        submission_id: UUID | None = None,
        face: Money | None = None,
    ) -> LenderReply:
        """One event, decoded and checked; give what it must agree with when it is known.

        Raises:
            LenderUnanswered: it cannot be read, or speaks of another dossier.
            TermsDoNotAddUp: its offer contradicts itself or the face assigned.
        """
        try:
            reply = self.decode(event)
        except (KeyError, TypeError, ValueError) as error:
            raise LenderUnanswered(f"{self._lender} sent an answer we cannot read") from error
        if submission_id and reply.submission_id not in (None, submission_id):
            raise LenderUnanswered(f"{self._lender} answered about another dossier")
        if reply.terms is not None:
            check_terms(reply.terms, face)
        return reply

    def status_of(self, raw_status: str) -> LenderStatus:
        """The lender's status in our words; one we do not know leaves the dossier waiting.

        Only a status named in the table may decline or disburse.
        """
        if raw_status not in self.statuses:
            logger.warning(
                "unmapped status", extra={"lender": self._lender, "raw": raw_status[:64]}
            )
        return self.statuses.get(raw_status, LenderStatus.RECEIVED)

    def _exchange(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        key: str,
        submission_id: UUID,
        face: Money | None = None,
    ) -> LenderReply:
        started = monotonic()
        try:
            answer = self._open_channel().send(path, body, idempotency_key=key)
        finally:
            logger.info(
                "message sent",
                extra={
                    "lender": self._lender,
                    "submission": str(submission_id),
                    "seconds": round(monotonic() - started, 3),
                },
            )
        return self.read_event(answer, submission_id=submission_id, face=face)

    def _open_channel(self) -> Channel:
        if self._channel is None:
            raise RuntimeError(f"the adapter '{self.slug}' was built without a channel")
        return self._channel


def check_terms(terms: ProposedTerms, face: Money | None = None) -> None:
    """Refuse an offer that contradicts itself, or the face of what is assigned.

        advance + reserve                 = face
        advance - fees of the first day   = net proceeds

    Raises:
        TermsDoNotAddUp: one of them is off; the message says which, and by how much.
    """
    if face is not None and (terms.face_cents, terms.currency) != (face.cents, face.currency):
        raise TermsDoNotAddUp(
            f"the offer is for {terms.face_cents} {terms.currency}, "
            f"the dossier for {face.cents} {face.currency} (cents)"
        )
    gap = terms.face_cents - terms.advance_cents - terms.reserve_cents
    if gap:
        raise TermsDoNotAddUp(f"advance and reserve miss the face by {gap} cents")
    gap = terms.advance_cents - terms.upfront_fees_cents - terms.net_proceeds_cents
    if gap:
        raise TermsDoNotAddUp(f"advance less fees misses the net proceeds by {gap} cents")


def _events(answer: Mapping[str, Any], lender: str) -> list[Mapping[str, Any]]:
    events = answer.get("events")
    if not isinstance(events, list) or not all(isinstance(event, Mapping) for event in events):
        raise LenderUnanswered(f"{lender} sent a list of events we cannot read")
    return events
