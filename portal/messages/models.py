"""The outbox."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class MessageState(enum.StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    FAILED = "failed"


class Message(Identified):
    """One e-mail to one address; ``dedupe_key`` makes asking twice harmless.

    ``kept`` is the final state where no mail server is set (demonstration): it can be read, it did not leave.
    """

    __tablename__ = "message"

    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    to_address: Mapped[str]
    to_name: Mapped[str | None]
    from_name: Mapped[str | None]
    reply_to: Mapped[str | None]
    locale: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    attachment_ids: Mapped[list[str]] = mapped_column(default=list)
    receivable_id: Mapped[UUID | None] = mapped_column(index=True)
    request_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]
