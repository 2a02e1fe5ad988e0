"""Mails that come in: kept as they came, linked to the message they answer, reports acted upon.

``take_in(session, process, raw, *, at) -> InboundMessage`` is the one way in, from the mailbox and from the
webhook; the same mail by both roads is kept once. A mail is linked by our signed address among its recipients,
else by the Message-ID it answers; one that answers nothing of ours has no organisation and waits for the operator.

For whoever sorts replies: ``InboundMessage`` rows of kind ``reply`` carry ``organisation_id``, ``debtor_id``,
``receivable_id``, ``answers_message_id``, ``body_text``, ``is_automatic``, ``attachment_ids``.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from partners.post.bounces import MailReport, ReportKind
from partners.post.inbound import InboundMail, MailRefused, read_mail
from partners.post.mailbox import FetchedMail, Mailbox, MailboxUnreached, OpenMailbox
from partners.vocabulary.post import Attachment, Channel, PostEvent, PostStatus
from portal.config import Settings
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.messages.carrying import PostProcess
from portal.messages.models import InboundKind, InboundMessage, Message, RejectionReason
from portal.messages.reading_position import move_position, position_of
from portal.messages.rejections import reject
from portal.messages.reply_address import message_at
from portal.messages.tracking import record_event

logger = structlog.get_logger()

MAILS_AT_ONCE = 500
MAIL_MEDIA_TYPE = "message/rfc822"

_OUR_ID = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@([^<>\s@]+)>")
_KINDS = {
    ReportKind.BOUNCED: InboundKind.BOUNCE,
    ReportKind.DELAYED: InboundKind.BOUNCE,
    ReportKind.DELIVERED: InboundKind.BOUNCE,
    ReportKind.COMPLAINED: InboundKind.COMPLAINT,
}
_STATUSES = {
    ReportKind.BOUNCED: PostStatus.BOUNCED,
    ReportKind.DELAYED: PostStatus.DELAYED,
    ReportKind.DELIVERED: PostStatus.DELIVERED,
    ReportKind.COMPLAINED: PostStatus.COMPLAINED,
}


@dataclass(frozen=True, slots=True)
class _Opened:
    """A mail as far as it could be read; ``failure`` says why not further."""

    mail: InboundMail | None
    failure: str | None

    @property
    def kind(self) -> InboundKind:
        if self.failure is not None or self.mail is None:
            return InboundKind.UNREADABLE
        return _KINDS[self.mail.report.kind] if self.mail.report else InboundKind.REPLY


def run_read_mailbox(process: PostProcess) -> None:
    """Take in every mail that came since the last time, oldest first; stops where it was cut.

    Each mail and how far the mailbox was read are kept in one transaction, so that a crash loses and
    repeats nothing.

    Raises:
        MailboxRefused: the credentials or the folder are refused.
    """
    if not process.settings.mailbox_url:
        return
    mailbox = Mailbox.from_url(process.settings.mailbox_url)
    try:
        with mailbox.opened() as opened:
            for _ in range(MAILS_AT_ONCE):
                if not _read_next(process, opened, mailbox.name):
                    return
    except MailboxUnreached as error:
        logger.warning("mailbox not read", cause=str(error))


def take_in(
    session: Session,
    process: PostProcess,
    raw: bytes,
    *,
    at: datetime,
    failure: str | None = None,
) -> InboundMessage:
    """Keep a mail and link it to what it answers; the same mail again is the row known already.

    ``failure`` says why only the headers are given.
    """
    opened = _open(raw, failure)
    key = _content_key(opened, raw)
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"inbound:{key}"}
    )
    known = session.scalar(select(InboundMessage).where(InboundMessage.content_key == key))
    if known is not None:
        return known
    answered = _answered(session, process.settings, opened.mail) if opened.mail else None
    row = _kept(process, opened, raw, key, answered, at)
    session.add(row)
    session.flush()
    _keep_documents(session, process, row, opened, raw, at)
    if answered is not None and opened.mail is not None and opened.mail.report is not None:
        _act_on_report(session, answered, opened.mail.report, row, at)
    return row


def _read_next(process: PostProcess, opened: OpenMailbox, source: str) -> bool:
    """Take in one mail; False when there is none left."""
    mark = opened.uid_validity
    with process.transaction() as session:
        last = position_of(session, source, mark=mark)
    uids = opened.after(last, 1)
    if not uids:
        return False
    fetched = opened.fetch(uids[0])
    with process.transaction() as session:
        if fetched is not None:
            at = process.clock(session).instant()
            take_in(session, process, fetched.content, at=at, failure=_too_large(fetched))
        move_position(session, source, uids[0], mark=mark)
    return True


def _too_large(fetched: FetchedMail) -> str | None:
    return None if fetched.is_whole else f"too large: {fetched.size_bytes} bytes"


def _open(raw: bytes, failure: str | None) -> _Opened:
    """The mail; when it is refused, at least what its headers say."""
    try:
        return _Opened(read_mail(raw), failure)
    except MailRefused as error:
        reason = failure or str(error)
    head = raw[:200_000].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    try:
        return _Opened(read_mail(head + b"\n\n"), reason)
    except MailRefused:
        return _Opened(None, reason)


def _content_key(opened: _Opened, raw: bytes) -> str:
    """The same for one mail that came by two roads, whose trace headers differ."""
    mail = opened.mail
    if mail is None or not mail.message_id or opened.failure is not None:
        return hashlib.sha256(raw).hexdigest()
    report = mail.report
    told = (
        *(mail.message_id, mail.from_address, mail.subject, str(mail.written_at), mail.text),
        *((str(report.about), report.recipient, report.raw) if report else ()),
    )
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


def _answered(session: Session, settings: Settings, mail: InboundMail) -> Message | None:
    """Our message that a mail is about: by the signed address first, then by Message-ID."""
    signed = (message_at(settings, address) for address in mail.to_addresses)
    about = mail.report.about if mail.report else None
    named = [about, mail.in_reply_to, *reversed(mail.references)]
    candidates = [*(one for one in signed if one), *_our_ids(settings, named)]
    if not candidates:
        return None
    found = {
        message.id: message
        for message in session.scalars(select(Message).where(Message.id.in_(candidates)))
    }
    return next((found[one] for one in candidates if one in found), None)


def _our_ids(settings: Settings, header_ids: Iterable[str | None]) -> list[UUID]:
    domain = settings.mail_from.rpartition("@")[2].strip("> ").lower()
    matched = (_OUR_ID.fullmatch(one.lower()) for one in header_ids if one)
    return [UUID(one[1]) for one in matched if one is not None and one[2] == domain]


def _kept(
    process: PostProcess,
    opened: _Opened,
    raw: bytes,
    key: str,
    answered: Message | None,
    at: datetime,
) -> InboundMessage:
    mail = opened.mail
    return InboundMessage(
        organisation_id=answered.organisation_id if answered else None,
        kind=opened.kind,
        content_key=key,
        header_id=mail.message_id or None if mail else None,
        in_reply_to=mail.in_reply_to if mail else None,
        header_references=list(mail.references) if mail else [],
        from_address=mail.from_address if mail else "",
        from_name=mail.from_name if mail else None,
        to_addresses=list(mail.to_addresses) if mail else [],
        subject=mail.subject if mail else "",
        body_text=mail.text if mail else "",
        is_automatic=mail.is_automatic if mail else False,
        written_at=mail.written_at if mail else None,
        received_at=at,
        answers_message_id=answered.id if answered else None,
        receivable_id=answered.receivable_id if answered else None,
        debtor_id=answered.debtor_id if answered else None,
        attachment_ids=[],
        raw_sha256=process.documents.put(raw),
        failure=opened.failure,
    )


def _keep_documents(
    session: Session,
    process: PostProcess,
    row: InboundMessage,
    opened: _Opened,
    raw: bytes,
    at: datetime,
) -> None:
    """The mail and its files become documents of the organisation it is for."""
    if row.organisation_id is None:
        return
    whole = Attachment(f"message-{row.id}.eml", MAIL_MEDIA_TYPE, raw)
    carried = opened.mail.attachments if opened.mail and row.kind is InboundKind.REPLY else ()
    ids = [_keep(session, process, row.organisation_id, one, at) for one in (whole, *carried)]
    row.raw_document_id = ids[0]
    row.attachment_ids = [str(one) for one in ids[1:]]


def _keep(
    session: Session, process: PostProcess, owner_id: UUID, file: Attachment, at: datetime
) -> UUID:
    return keep(
        session,
        process.documents,
        owner_id=owner_id,
        kind=DocumentKind.OTHER,
        filename=file.filename,
        media_type=file.media_type,
        content=file.content,
        by=None,
        at=at,
    ).id


def _act_on_report(
    session: Session, message: Message, report: MailReport, row: InboundMessage, at: datetime
) -> None:
    """Write the report in the message's history; a debtor's bad address is not written to again."""
    event = PostEvent(
        event_id=f"mail:{row.content_key}",
        key=str(message.id),
        reference=row.header_id or "",
        status=_STATUSES[report.kind],
        raw_status=report.raw,
        happened_at=row.written_at or at,
        detail=report.detail,
    )
    record_event(session, message, event, at=at)
    complained = report.kind is ReportKind.COMPLAINED
    if not (complained or report.address_fault) or message.channel is not Channel.EMAIL:
        return
    if message.organisation_id is not None and message.is_to_debtor:
        reject(
            session,
            message.organisation_id,
            message.to_address,
            reason=RejectionReason.COMPLAINED if complained else RejectionReason.BOUNCED,
            detail=report.detail,
            message_id=message.id,
            by=None,
            at=at,
        )
