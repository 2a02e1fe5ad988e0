"""Sending what is in the outbox: each message leaves once, or says why it did not."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached, RecipientRefused
from partners.post.smtp import Email, MailServer
from partners.vocabulary.post import Channel, Letter, PostEvent, PostStatus, TextMessage
from portal.audit import trail
from portal.clock import Clock
from portal.jobs.queue import Job, enqueue
from portal.messages.carrying import (
    PostProcess,
    Sending,
    hand_over,
    open_post_office,
    prepare_sending,
)
from portal.messages.models import Message, MessageState, RejectionReason
from portal.messages.rejections import reject, rejection_of
from portal.messages.states import MESSAGE_TRANSITIONS, MessageAction
from portal.messages.tracking import record_event
from portal.states import next_state

logger = structlog.get_logger()

ATTEMPTS_MAX = 10
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
INTERRUPTED = "interrupted"
NO_ANSWER = "no_answer"
ADDRESS_REJECTED = "address_rejected"


def run_send_message(process: PostProcess, *, message_id: str) -> None:
    """Send one message; running it again, at any point, never sends a reminder twice.

    An e-mail is claimed only once the server has accepted sender and recipient, so an unreachable server
    leaves it queued. A process killed after the claim leaves it `sending`: see
    ``docs/decisions/0010-messages-leave-once.md`` for what then happens.
    """
    known = UUID(message_id)
    with process.transaction() as session:
        sending = _prepare(session, process, known)
    if isinstance(sending, Email):
        _send_email(process, known, sending)
    elif sending is not None:
        _send_by_post(process, known, sending)


def _send_email(process: PostProcess, message_id: UUID, email: Email) -> None:
    server = MailServer.from_url(process.settings.smtp_url)
    try:
        with server.envelope(email) as envelope:
            if not _claim(process, message_id):
                return
            said = envelope.deliver()
            _confirm(process, message_id, said, headers=envelope.headers)
    except PostUnreached as error:
        _postpone(process, message_id, f"unreached: {error}")
    except RecipientRefused as error:
        _reject_address(process, message_id, str(error))
        _fail(process, message_id, f"refused: {error}")
    except PostRefused as error:
        _fail(process, message_id, f"refused: {error}")
    except PostUnanswered as error:
        _leave_in_doubt(process, message_id, f"{NO_ANSWER}: {error}")


def _send_by_post(process: PostProcess, message_id: UUID, sending: Letter | TextMessage) -> None:
    """The post office repeats nothing under one key: whatever the doubt, it is sent again."""
    if not _claim(process, message_id):
        return
    try:
        with open_post_office(process.settings) as office:
            reference = hand_over(office, sending)
    except PostUnreached as error:
        _postpone(process, message_id, f"unreached: {error}")
    except PostUnanswered as error:
        _postpone(process, message_id, f"{NO_ANSWER}: {error}")
    except PostRefused as error:
        _fail(process, message_id, f"refused: {error}")
    else:
        _confirm(process, message_id, "accepted", reference=reference)


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


def _prepare(session: Session, process: PostProcess, message_id: UUID) -> Sending | None:
    """The message as it will leave; None when there is nothing to send (any more)."""
    message = session.scalar(select(Message).where(Message.id == message_id).with_for_update())
    if message is None:
        return None
    if message.state is MessageState.SENDING:
        _recover(message)
    if message.state is not MessageState.QUEUED:
        return None
    settings = process.settings
    is_email = message.channel is Channel.EMAIL
    if not (settings.smtp_url if is_email else settings.post_url):
        _move(message, MessageAction.KEEP)
        return None
    if _is_rejected(session, message):
        message.failure = ADDRESS_REJECTED
        _move(message, MessageAction.FAIL)
        return None
    return prepare_sending(session, process, message)


def _is_rejected(session: Session, message: Message) -> bool:
    """Whether this debtor's address was found bad after the message was written."""
    owner = message.organisation_id
    if owner is None or not message.is_to_debtor or message.channel is not Channel.EMAIL:
        return False
    return rejection_of(session, owner, message.to_address) is not None


def _recover(message: Message) -> None:
    """An earlier run was killed while sending.

    What a member asked for is sent again under the same Message-ID, a letter under the same key; a
    debtor is never sent the same e-mail twice by a machine: a person looks.
    """
    if message.is_to_debtor and message.channel is Channel.EMAIL:
        message.failure = INTERRUPTED
        _move(message, MessageAction.FAIL)
    else:
        _move(message, MessageAction.POSTPONE)


def _claim(process: PostProcess, message_id: UUID) -> bool:
    with process.transaction() as session:
        message = _locked(session, message_id)
        if message.state is not MessageState.QUEUED:
            return False
        _move(message, MessageAction.CLAIM)
        message.attempts += 1
        return True


def _postpone(process: PostProcess, message_id: UUID, failure: str) -> None:
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


def _leave_in_doubt(process: PostProcess, message_id: UUID, failure: str) -> None:
    with process.transaction() as session:
        message = _locked(session, message_id)
        _recover(message)
        message.failure = failure
        if message.state is not MessageState.QUEUED:
            return
        if message.attempts >= ATTEMPTS_MAX:
            _move(message, MessageAction.FAIL)
        else:
            ask_to_send(session, message_id, after=wait_before(message.attempts))


def _confirm(
    process: PostProcess,
    message_id: UUID,
    said: str,
    *,
    reference: str | None = None,
    headers: str | None = None,
) -> None:
    """It left; who took it, and in which words, is the first line of its history."""
    with process.transaction() as session:
        message = _locked(session, message_id)
        _move(message, MessageAction.CONFIRM)
        at = process.clock(session).instant()
        message.failure, message.sent_at = None, at
        message.partner_reference, message.headers = reference, headers
        taken = PostEvent(
            event_id=f"handed_over:{message_id}",
            key=str(message_id),
            reference=reference or "",
            status=PostStatus.HANDED_OVER,
            raw_status=said,
            happened_at=at,
        )
        record_event(session, message, taken, at=at)


def _fail(process: PostProcess, message_id: UUID, failure: str) -> None:
    with process.transaction() as session:
        message = _locked(session, message_id)
        _move(message, MessageAction.FAIL)
        message.failure = failure


def _reject_address(process: PostProcess, message_id: UUID, said: str) -> None:
    """The server knows no such address: the assignor's debtor is not written to there again."""
    with process.transaction() as session:
        message = _locked(session, message_id)
        if message.organisation_id is None or not message.is_to_debtor:
            return
        reject(
            session,
            message.organisation_id,
            message.to_address,
            reason=RejectionReason.BOUNCED,
            detail=said,
            message_id=message_id,
            by=None,
            at=process.clock(session).instant(),
        )


def _locked(session: Session, message_id: UUID) -> Message:
    return session.scalars(select(Message).where(Message.id == message_id).with_for_update()).one()


def _move(message: Message, action: MessageAction) -> None:
    message.state = next_state(MESSAGE_TRANSITIONS, message.state, action)
