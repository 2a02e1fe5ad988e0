"""An organisation's messages, reached for a viewer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, column, func, or_, select, table
from sqlalchemy.orm import Session

from portal.db import streamed
from portal.messages.models import Message, MessageState

PER_PAGE = 25
DOCUMENT = table("document", column("id", Uuid()), column("filename", Text()))


class MessageNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages a list shows."""

    search: str = ""
    state: MessageState | None = None
    kind: str = ""


def find_message(session: Session, message_id: UUID, *, organisation_id: UUID) -> Message:
    """The organisation's own message.

    Raises:
        MessageNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(Message).where(Message.id == message_id, Message.organisation_id == organisation_id)
    )
    if found is None:
        raise MessageNotFound(message_id)
    return found


def count_messages(session: Session, organisation_id: UUID, wanted: MessageFilter) -> int:
    """How many messages the filter shows."""
    query = _filtered(select(func.count(Message.id)), organisation_id, wanted)
    return session.scalar(query) or 0


def list_messages(
    session: Session,
    organisation_id: UUID,
    wanted: MessageFilter,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Sequence[Message]:
    """One page of messages, the latest first."""
    query = _listed(organisation_id, wanted).limit(per_page).offset((page - 1) * per_page)
    return session.scalars(query).all()


def every_message(
    session: Session, organisation_id: UUID, wanted: MessageFilter
) -> Iterator[Message]:
    """All of them, streamed for an export."""
    yield from streamed(session, _listed(organisation_id, wanted)).scalars()


def _listed(organisation_id: UUID, wanted: MessageFilter) -> Select[Message]:
    query = _filtered(select(Message), organisation_id, wanted)
    found: Select[Message] = query.order_by(Message.created_at.desc(), Message.id)
    return found


def attachments_of(session: Session, message: Message) -> list[tuple[UUID, str]]:
    """The id and name of each file carried."""
    wanted = [UUID(one) for one in message.attachment_ids]
    rows = session.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.filename).where(DOCUMENT.c.id.in_(wanted))
    )
    return [(document_id, name) for document_id, name in rows]


def _filtered(query: Select, organisation_id: UUID, wanted: MessageFilter) -> Select:  # type: ignore[type-arg]
    query = query.where(Message.organisation_id == organisation_id)
    if wanted.search:
        pattern = f"%{wanted.search}%"
        searched = (Message.subject, Message.to_address, Message.body_text)
        query = query.where(or_(*(one.ilike(pattern) for one in searched)))
    if wanted.state is not None:
        query = query.where(Message.state == wanted.state)
    if wanted.kind:
        query = query.where(Message.kind.startswith(wanted.kind, autoescape=True))
    return query
