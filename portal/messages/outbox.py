"""The outbox: a message is written in the transaction that causes it, and leaves afterwards, once."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.jobs.queue import Job, enqueue
from portal.messages.models import Message


@dataclass(frozen=True, slots=True)
class Draft:
    """A message ready to be written; ``dedupe_key`` names the reason it exists, so that it exists once."""

    kind: str
    dedupe_key: str
    to_address: str
    subject: str
    body_text: str
    locale: str = "fr"
    to_name: str | None = None
    from_name: str | None = None
    reply_to: str | None = None
    body_html: str | None = None
    organisation_id: UUID | None = None
    attachment_ids: tuple[UUID, ...] = field(default=())
    receivable_id: UUID | None = None
    request_id: UUID | None = None


def write(session: Session, draft: Draft, *, at: datetime) -> Message:
    """Put a message in the outbox and ask for it to be sent; the same key again changes nothing."""
    known = session.scalar(select(Message).where(Message.dedupe_key == draft.dedupe_key))
    if known is not None:
        return known
    message = Message(
        organisation_id=draft.organisation_id,
        kind=draft.kind,
        dedupe_key=draft.dedupe_key,
        to_address=draft.to_address,
        to_name=draft.to_name,
        from_name=draft.from_name,
        reply_to=draft.reply_to,
        locale=draft.locale,
        subject=_one_line(draft.subject),
        body_text=draft.body_text,
        body_html=draft.body_html,
        attachment_ids=[str(document_id) for document_id in draft.attachment_ids],
        receivable_id=draft.receivable_id,
        request_id=draft.request_id,
        created_at=at,
    )
    session.add(message)
    session.flush()
    enqueue(
        session,
        Job.SEND_MESSAGE,
        one_at_a_time=f"message:{message.id}",
        message_id=message.id,
    )
    return message


def _one_line(subject: str) -> str:
    return " ".join(subject.split())
