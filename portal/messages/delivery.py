"""Sending what is in the outbox: each message leaves once, or says why it did not."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import Text, Uuid, column, select, table
from sqlalchemy.orm import Session

from partners.post.smtp import (
    Attachment,
    Email,
    MailServer,
    PostRefused,
    PostUnanswered,
    PostUnreached,
)
from portal.audit import trail
from portal.clock import Clock
from portal.config import Settings
from portal.jobs.process import Process
from portal.jobs.queue import Job, enqueue
from portal.messages.models import Message, MessageState
from portal.messages.states import MESSAGE_TRANSITIONS, MessageAction
from portal.states import next_state

logger = structlog.get_logger()

ATTEMPTS_MAX = 10
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
INTERRUPTED = "interrupted"
NO_ANSWER = "no_answer"
DEBTOR_KINDS = "reminder_"

DOCUMENT = table(
    "document",
    column("id", Uuid()),
    column("filename", Text()),
    column("media_type", Text()),
    column("sha256", Text()),
)


class ContentStore(Protocol):
    """Where attached files are kept."""

    def get(self, digest: str) -> bytes:
        """The content kept under this SHA-256."""


class MailProcess(Process, Protocol):
    """A process that can also read documents."""

    @property
    def documents(self) -> ContentStore:
        """The document store."""


def run_send_message(process: MailProcess, *, message_id: str) -> None:
    """Send one message; running it again, at any point, never sends a reminder twice.

    The message is claimed only once the server has accepted sender and recipient, so an
    unreachable server leaves it queued. A process killed after the claim leaves it
    `sending`: see ``docs/decisions/0010-messages-leave-once.md`` for what then happens.
    """
    known = UUID(message_id)
    with process.transaction() as session:
        email = _prepare(session, process, known)
    if email is None:
        return
    server = MailServer.from_url(process.settings.smtp_url)
    try:
        with server.envelope(email) as envelope:
            if not _claim(process, known):
                return
            envelope.deliver()
    except PostUnreached as error:
        _postpone(process, known, f"unreached: {error}")
    except PostRefused as error:
        _end(process, known, MessageAction.FAIL, f"refused: {error}")
    except PostUnanswered as error:
        _leave_in_doubt(process, known, f"{NO_ANSWER}: {error}")
    else:
        _end(process, known, MessageAction.CONFIRM, None)


def send_again(session: Session, message: Message, *, by: UUID | None, at: datetime) -> None:
    """A person decides that a message that failed leaves after all, under the same Message-ID.

    Raises:
        IllegalTransition: it did not fail.
    """
    _move(message, MessageAction.SEND_AGAIN)
    message.attempts, message.failure = 0, None
    if message.organisation_id is not None:
        trail.record(
            session, message.organisation_id, "send_again", "message", message.id, by=by, at=at
        )
    ask_to_send(session, message.id)


def ask_to_send(session: Session, message_id: UUID, *, after: timedelta | None = None) -> None:
    """Have a message sent by a worker, never by two at once."""
    enqueue(
        session,
        Job.SEND_MESSAGE,
        not_before=Clock().instant() + after if after else None,
        one_at_a_time=f"message:{message_id}",
        message_id=message_id,
    )


def wait_before(attempt: int) -> timedelta:
    """How long to wait before attempt number ``attempt`` + 1: doubling, six hours at most."""
    doublings: int = 2 ** max(attempt - 1, 0)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def _prepare(session: Session, process: MailProcess, message_id: UUID) -> Email | None:
    """The message as it will leave; None when there is nothing to send (any more)."""
    message = session.scalar(select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        return None
    if message.state is MessageState.SENDING:
        _recover(message)
    if message.state is not MessageState.QUEUED:
        return None
    if not process.settings.smtp_url:
        _move(message, MessageAction.KEEP)
        return None
    return _email(session, process, message)


def _recover(message: Message) -> None:
    """An earlier run was killed while sending.

    What a member asked for is sent again under the same Message-ID; a debtor is never
    written to twice by a machine: a person looks.
    """
    if message.kind.startswith(DEBTOR_KINDS):
        message.failure = INTERRUPTED
        _move(message, MessageAction.FAIL)
    else:
        _move(message, MessageAction.POSTPONE)


def _email(session: Session, process: MailProcess, message: Message) -> Email:
    settings = process.settings
    return Email(
        message_id=message_id_header(message.id, settings),
        sender=settings.mail_from,
        from_name=message.from_name,
        reply_to=message.reply_to,
        to_address=message.to_address,
        to_name=message.to_name,
        subject=message.subject,
        text=message.body_text,
        html=message.body_html,
        locale=message.locale,
        written_at=message.created_at,
        attachments=_attachments(session, process.documents, message.attachment_ids),
    )


def message_id_header(message_id: UUID, settings: Settings) -> str:
    """The same for every attempt, so that a receiver can tell a repeated message."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
    return f"<{message_id}@{domain}>"


def _attachments(
    session: Session, store: ContentStore, document_ids: list[str]
) -> tuple[Attachment, ...]:
    wanted = [UUID(document_id) for document_id in document_ids]
    rows = session.execute(
        select(DOCUMENT.c.id, DOCUMENT.c.filename, DOCUMENT.c.media_type, DOCUMENT.c.sha256).where(
            DOCUMENT.c.id.in_(wanted)
        )
    ).all()
    by_id = {row.id: row for row in rows}
    return tuple(
        Attachment(by_id[one].filename, by_id[one].media_type, store.get(by_id[one].sha256))
        for one in wanted
        if one in by_id
    )


def _claim(process: MailProcess, message_id: UUID) -> bool:
    with process.transaction() as session:
        message = _locked(session, message_id)
        if message.state is not MessageState.QUEUED:
            return False
        _move(message, MessageAction.CLAIM)
        message.attempts += 1
        return True


def _postpone(process: MailProcess, message_id: UUID, failure: str) -> None:
    with process.transaction() as session:
        message = _locked(session, message_id)
        if message.state is MessageState.QUEUED:
            message.attempts += 1
        message.failure = failure
        if message.attempts >= ATTEMPTS_MAX:
            _move(message, MessageAction.FAIL)
        else:
            _move(message, MessageAction.POSTPONE)
            ask_to_send(session, message_id, after=wait_before(message.attempts))
    logger.warning("message not sent yet", message_id=str(message_id))


def _leave_in_doubt(process: MailProcess, message_id: UUID, failure: str) -> None:
    with process.transaction() as session:
        message = _locked(session, message_id)
        _recover(message)
        message.failure = failure
        if message.state is MessageState.QUEUED:
            ask_to_send(session, message_id, after=wait_before(message.attempts))


def _end(
    process: MailProcess, message_id: UUID, action: MessageAction, failure: str | None
) -> None:
    with process.transaction() as session:
        message = _locked(session, message_id)
        _move(message, action)
        message.failure = failure
        if action is MessageAction.CONFIRM:
            message.sent_at = process.clock(session).instant()


def _locked(session: Session, message_id: UUID) -> Message:
    return session.scalars(select(Message).where(Message.id == message_id).with_for_update()).one()


def _move(message: Message, action: MessageAction) -> None:
    message.state = next_state(MESSAGE_TRANSITIONS, message.state, action)
