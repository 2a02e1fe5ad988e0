"""The outbox, what became of each message, and what comes back."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from partners.vocabulary.post import Channel, PostStatus
from portal.db import Base, Identified


class MessageState(enum.StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"


class Message(Identified):
    """One message to one address; ``dedupe_key`` makes asking twice harmless.

    ``kept`` is the final state where no server is set (demonstration): it can be read, it did not leave.
    ``to_address`` is an e-mail address, a telephone number or a postal address on one line, by ``channel``.
    """

    __tablename__ = "message"

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str]
    channel: Mapped[Channel] = mapped_column(default=Channel.EMAIL, server_default="email")
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    to_address: Mapped[str]
    to_name: Mapped[str | None]
    to_postal: Mapped[dict[str, Any] | None]
    from_name: Mapped[str | None]
    from_postal: Mapped[dict[str, Any] | None]
    reply_to: Mapped[str | None]
    in_reply_to: Mapped[str | None]
    locale: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    attachment_ids: Mapped[list[str]] = mapped_column(default=list)
    receivable_id: Mapped[UUID | None] = mapped_column(index=True)
    request_id: Mapped[UUID | None] = mapped_column(index=True)
    debtor_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    partner_reference: Mapped[str | None]
    headers: Mapped[str | None]

    @property
    def is_to_debtor(self) -> bool:
        """Whether a debtor is written to, rather than a member."""
        return self.debtor_id is not None or self.kind.startswith("reminder_")


class MessageEvent(Identified):
    """One thing said of a message by whoever carried it; never changed.

    ``told`` is what was said, word for word; ``event_key`` lets it be said twice. ``proof_reference``
    names a document at the carrier; once fetched it is a `MessageProof`.
    """

    __tablename__ = "message_event"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    event_key: Mapped[str] = mapped_column(unique=True)
    status: Mapped[PostStatus]
    raw_status: Mapped[str]
    happened_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    detail: Mapped[str | None]
    proof_reference: Mapped[str | None]
    told: Mapped[dict[str, Any] | None]


class MessageProof(Identified):
    """A document that proves one event, kept byte for byte; never changed."""

    __tablename__ = "message_proof"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("message_event.id"), unique=True)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    kept_at: Mapped[datetime]


class RejectionReason(enum.StrEnum):
    """Why nothing more is sent to an address."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"
    BY_HAND = "by_hand"


class RejectedAddress(Identified):
    """An address an organisation no longer writes to, until a person restores it."""

    __tablename__ = "rejected_address"
    __table_args__ = (
        Index(
            "uq_rejected_address_live",
            "organisation_id",
            "address",
            unique=True,
            postgresql_where=text("restored_at IS NULL"),
        ),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    address: Mapped[str]
    reason: Mapped[RejectionReason]
    detail: Mapped[str | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    rejected_at: Mapped[datetime]
    restored_at: Mapped[datetime | None]
    restored_by: Mapped[UUID | None]


class InboundKind(enum.StrEnum):
    """What came into the mailbox; ``unreadable`` was kept and not opened."""

    REPLY = "reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNREADABLE = "unreadable"


class InboundMessage(Identified):
    """A mail that came in, kept as it came; without an organisation it waits for the operator.

    ``raw_sha256`` finds the bytes in the document store; once the organisation is known they are also
    its document ``raw_document_id``, and the attachments its documents ``attachment_ids``.
    """

    __tablename__ = "inbound_message"

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[InboundKind]
    content_key: Mapped[str] = mapped_column(unique=True)
    header_id: Mapped[str | None]
    in_reply_to: Mapped[str | None]
    header_references: Mapped[list[str]] = mapped_column(default=list)
    from_address: Mapped[str]
    from_name: Mapped[str | None]
    to_addresses: Mapped[list[str]] = mapped_column(default=list)
    subject: Mapped[str]
    body_text: Mapped[str]
    is_automatic: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    answers_message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), index=True)
    receivable_id: Mapped[UUID | None] = mapped_column(index=True)
    debtor_id: Mapped[UUID | None] = mapped_column(index=True)
    attachment_ids: Mapped[list[str]] = mapped_column(default=list)
    raw_sha256: Mapped[str] = mapped_column(String(64))
    raw_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    failure: Mapped[str | None]


class ReadingPosition(Base):
    """How far a source outside was read: the post office's events, the mailbox."""

    __tablename__ = "reading_position"

    source: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
