"""A message as it travels: an e-mail, a letter or a text, ready for the partner that carries it."""

from email.utils import parseaddr
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.post.letters import LetterPost
from partners.post.office import PostConnection, PostOffice
from partners.post.sms import SmsPost
from partners.post.smtp import Email
from partners.vocabulary.post import PAPER, Attachment, Channel, Letter, PostalAddress, TextMessage
from portal.clock import Clock
from portal.config import Settings
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.jobs.process import Process
from portal.messages.models import Message
from portal.messages.reply_address import reply_address

CALLBACK_PATH = "/api/v1/post/events"

Sending = Email | Letter | TextMessage


class PostProcess(Process, Protocol):
    """A process that can also read and keep documents."""

    @property
    def documents(self) -> DocumentStore:
        """The document store."""


def prepare_sending(session: Session, process: PostProcess, message: Message) -> Sending:
    """The message as its channel carries it."""
    if message.channel is Channel.EMAIL:
        return _email(session, process, message)
    if message.channel is Channel.SMS:
        return TextMessage(
            key=str(message.id),
            to_phone=message.to_address,
            from_name=message.from_name or "",
            text=message.body_text.strip(),
        )
    return _letter(session, process, message)


def open_post_office(settings: Settings) -> PostOffice:
    """A line to the post office of the settings; close it after use."""
    connection = PostConnection(
        base_url=settings.post_url,
        secrets=tuple(settings.post_secret.split()),
        callback_url=f"{settings.public_url.rstrip('/')}{CALLBACK_PATH}",
    )
    return PostOffice(connection, at=Clock().instant)


def hand_over(office: PostOffice, sending: Letter | TextMessage) -> str:
    """Give a letter or a text to the post office; its reference. Raises as `PostAdapter.send`."""
    if isinstance(sending, Letter):
        return LetterPost(office).send(sending)
    return SmsPost(office).send(sending)


def message_id_header(message_id: UUID, settings: Settings) -> str:
    """The same for every attempt, so that a receiver can tell a repeated message."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<{message_id}@{domain}>"


def _email(session: Session, process: PostProcess, message: Message) -> Email:
    """Answers to what a debtor gets go to the assignor, and to the mailbox read for it."""
    settings = process.settings
    ours = reply_address(settings, message.id) if message.is_to_debtor else None
    return Email(
        message_id=message_id_header(message.id, settings),
        sender=settings.mail_from,
        envelope_sender=ours,
        from_name=message.from_name,
        reply_to=tuple(one for one in (message.reply_to, ours) if one),
        in_reply_to=message.in_reply_to,
        to_address=message.to_address,
        to_name=message.to_name,
        subject=message.subject,
        text=message.body_text,
        html=message.body_html,
        locale=message.locale,
        written_at=message.created_at,
        attachments=_attachments(session, process.documents, message.attachment_ids),
    )


def _letter(session: Session, process: PostProcess, message: Message) -> Letter:
    on_paper = message.channel in PAPER
    return Letter(
        key=str(message.id),
        channel=message.channel,
        to_name=message.to_name or "",
        from_name=message.from_name or "",
        files=_attachments(session, process.documents, message.attachment_ids),
        to=PostalAddress.from_json(message.to_postal) if message.to_postal else None,
        to_email=None if on_paper else message.to_address,
        sender=PostalAddress.from_json(message.from_postal) if message.from_postal else None,
    )


def _attachments(
    session: Session, store: DocumentStore, document_ids: list[str]
) -> tuple[Attachment, ...]:
    wanted = [UUID(document_id) for document_id in document_ids]
    by_id = {
        row.id: row for row in session.scalars(select(Document).where(Document.id.in_(wanted)))
    }
    return tuple(
        Attachment(by_id[one].filename, by_id[one].media_type, store.get(by_id[one].sha256))
        for one in wanted
        if one in by_id
    )
