"""The outbox: a message is written in the transaction that causes it, and leaves afterwards, once.

One outbox for every channel. What to fill in a `Draft` beside subject and text:

- ``Channel.EMAIL``: ``to_address``; files are attached; ``in_reply_to`` threads it.
- ``Channel.SMS``: ``to_address`` is a telephone number (`telephone_number` makes it); no file.
- ``Channel.LETTER``, ``Channel.REGISTERED_LETTER`` (LRAR): ``to_postal``, ``from_postal``, and at least one
  PDF among ``attachment_ids``: the PDFs are what is printed, in that order; subject and text stay with us.
- ``Channel.REGISTERED_EMAIL`` (lettre recommandée électronique): ``to_address``, at least one PDF. Towards a
  consumer it needs prior consent (CPCE, art. L100): whoever drafts it has checked.

``debtor_id`` says that a debtor is written to: a machine never repeats such an e-mail on a doubt, and its
bounces reject the debtor's address. What became of a message is read by `portal.messages.tracking`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.vocabulary.post import PAPER, WITH_FILES_ONLY, Channel, PostalAddress
from portal.jobs.queue import Job, enqueue
from portal.messages.models import Message

SMS_CHARS_MAX = 612
"""Four linked text messages."""

_PHONE = re.compile(r"\+[1-9]\d{6,14}")
_NATIONAL_PHONE = re.compile(r"0[1-9]\d{8}")


class DraftUnsuited(ValueError):
    """The message cannot travel by its channel; the message says what is missing."""


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
    debtor_id: UUID | None = None
    channel: Channel = Channel.EMAIL
    to_postal: PostalAddress | None = None
    from_postal: PostalAddress | None = None
    in_reply_to: str | None = None


def write(session: Session, draft: Draft, *, at: datetime) -> Message:
    """Put a message in the outbox and ask for it to be sent; the same key again changes nothing.

    Raises:
        DraftUnsuited: the channel lacks what it needs.
    """
    known = session.scalar(select(Message).where(Message.dedupe_key == draft.dedupe_key))
    if known is not None:
        return known
    refuse_unsuited(draft)
    message = Message(
        organisation_id=draft.organisation_id,
        kind=draft.kind,
        channel=draft.channel,
        dedupe_key=draft.dedupe_key,
        to_address=_destination(draft),
        to_name=draft.to_name,
        to_postal=draft.to_postal.as_json() if draft.to_postal else None,
        from_name=draft.from_name,
        from_postal=draft.from_postal.as_json() if draft.from_postal else None,
        reply_to=draft.reply_to,
        in_reply_to=draft.in_reply_to,
        locale=draft.locale,
        subject=_one_line(draft.subject),
        body_text=draft.body_text,
        body_html=draft.body_html,
        attachment_ids=[str(document_id) for document_id in draft.attachment_ids],
        receivable_id=draft.receivable_id,
        request_id=draft.request_id,
        debtor_id=draft.debtor_id,
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


def refuse_unsuited(draft: Draft) -> None:
    """Check that the channel has what it needs.

    Raises:
        DraftUnsuited: something is missing; its text says what.
    """
    if draft.channel in PAPER and (draft.to_postal is None or draft.from_postal is None):
        raise DraftUnsuited("a letter needs the postal addresses of addressee and sender")
    if draft.channel in WITH_FILES_ONLY and not draft.attachment_ids:
        raise DraftUnsuited("a letter is a PDF: attach the document to be sent")
    if draft.channel in WITH_FILES_ONLY and draft.organisation_id is None:
        raise DraftUnsuited("a letter is sent in an organisation's name: say whose")
    if draft.channel is Channel.REGISTERED_EMAIL and "@" not in draft.to_address:
        raise DraftUnsuited("an electronic registered letter needs an e-mail address")
    if draft.channel is Channel.SMS:
        _refuse_unsuited_sms(draft)


def telephone_number(written: str, *, country: str = "FR") -> str | None:
    """A telephone number in international form (+33612345678), or None when it is not one.

    ``country`` is where a national number belongs; only French ones are completed.
    """
    bare = re.sub(r"[\s.\-()/\u00a0]", "", written)
    bare = re.sub(r"^00", "+", bare)
    bare = re.sub(r"^\+330", "+33", bare)
    if country == "FR" and _NATIONAL_PHONE.fullmatch(bare):
        bare = f"+33{bare[1:]}"
    return bare if _PHONE.fullmatch(bare) else None


def _refuse_unsuited_sms(draft: Draft) -> None:
    if not _PHONE.fullmatch(draft.to_address):
        raise DraftUnsuited("a text message needs a telephone number, as +33612345678")
    if len(draft.body_text.strip()) > SMS_CHARS_MAX:
        raise DraftUnsuited(f"a text message holds at most {SMS_CHARS_MAX} characters")
    if draft.attachment_ids:
        raise DraftUnsuited("a text message carries no file")


def _destination(draft: Draft) -> str:
    if draft.channel in PAPER and draft.to_postal is not None:
        return draft.to_postal.one_line
    return draft.to_address


def _one_line(subject: str) -> str:
    return " ".join(subject.split())
