"""Reading a mail that came in: what it says in plain text, what it carries, what it answers.

A mail is written by anyone. Nothing in it is executed or fetched, and everything has a limit; one that passes
a limit is refused by name, and kept by the caller as it came. A character set that is unknown or wrong does
not lose a debtor's answer: what cannot be read is replaced.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

from partners.post.bounces import MailReport, read_report
from partners.vocabulary.post import Attachment

MAIL_BYTES_MAX = 25_000_000
PARTS_MAX = 100
DEPTH_MAX = 12
HEADERS_MAX = 500
ATTACHMENTS_MAX = 20
ATTACHMENT_BYTES_MAX = 10_000_000
TEXT_CHARS_MAX = 50_000
HEADER_CHARS_MAX = 1_000
REFERENCES_MAX = 50

_BOUNDARY = re.compile(rb"boundary\s*=", re.IGNORECASE)
_NESTED = re.compile(rb"message/(rfc822|partial)", re.IGNORECASE)
_HEADER_ID = re.compile(r"<[^<>\s\x00-\x1f]{1,400}>")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,100}")
_RECIPIENT_HEADERS = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_SKIPPED_TAGS = frozenset({"script", "style", "head", "title"})
_BREAKING_TAGS = frozenset({"p", "br", "div", "tr", "li", "blockquote", "h1", "h2", "h3"})


class MailRefused(ValueError):
    """The mail passes a limit or cannot be taken apart; the message says which."""


@dataclass(frozen=True, slots=True)
class InboundMail:
    """One mail, taken apart.

    Attributes:
        message_id: with its angle brackets; empty when the sender gave none.
        references: the mails it follows, oldest first.
        to_addresses: everyone it was sent to, the mailbox it was delivered in included; lower case.
        text: its words without formatting, cut at `TEXT_CHARS_MAX`.
        is_automatic: written by a machine (absence, list, report), by its own headers.
        report: set when it is a bounce or a complaint.
    """

    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    from_address: str
    from_name: str | None
    to_addresses: tuple[str, ...]
    subject: str
    text: str
    written_at: datetime | None
    is_automatic: bool
    attachments: tuple[Attachment, ...]
    report: MailReport | None
    raw: bytes


def read_mail(raw: bytes) -> InboundMail:
    """A mail taken apart, within limits.

    Raises:
        MailRefused: it passes a limit, or is no mail at all.
    """
    mail = _parsed(raw)
    parts = _parts(mail)
    if not mail.get("From"):
        raise MailRefused("a mail without sender")
    name, address = parseaddr(_words(mail, "From"))
    return InboundMail(
        message_id=next(iter(_ids(mail, "Message-ID")), ""),
        in_reply_to=next(iter(_ids(mail, "In-Reply-To")), None),
        references=tuple(_ids(mail, "References")[-REFERENCES_MAX:]),
        from_address=_printable(address).lower(),
        from_name=_printable(name) or None,
        to_addresses=_recipients(mail),
        subject=" ".join(_words(mail, "Subject").split()),
        text=_text(parts),
        written_at=_instant(mail),
        is_automatic=_is_automatic(mail),
        attachments=_attachments(parts),
        report=_report(mail),
        raw=raw,
    )


def _parsed(raw: bytes) -> Message:
    """The mail's structure; what could exhaust the parser is refused before it."""
    if len(raw) > MAIL_BYTES_MAX:
        raise MailRefused(f"a mail holds at most {MAIL_BYTES_MAX} bytes")
    if len(_BOUNDARY.findall(raw)) > PARTS_MAX or len(_NESTED.findall(raw)) > PARTS_MAX:
        raise MailRefused(f"a mail holds at most {PARTS_MAX} nested parts")
    try:
        mail = message_from_bytes(raw)
    except (RecursionError, ValueError, LookupError, TypeError) as error:
        raise MailRefused("the mail cannot be taken apart") from error
    if len(mail.keys()) > HEADERS_MAX:
        raise MailRefused(f"a mail holds at most {HEADERS_MAX} headers")
    return mail


def _parts(mail: Message) -> list[Message]:
    """Its leaves, in order; a forwarded mail inside it is one leaf."""
    leaves: list[Message] = []
    waiting: list[tuple[Message, int]] = [(mail, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > PARTS_MAX or depth > DEPTH_MAX:
            raise MailRefused(f"more than {PARTS_MAX} parts, or nested more than {DEPTH_MAX} deep")
        payload = part.get_payload() if part.is_multipart() else None
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [(one, depth + 1) for one in reversed(payload) if isinstance(one, Message)]
        else:
            leaves.append(part)
    return leaves


def _text(parts: list[Message]) -> str:
    plain = [one for one in parts if one.get_content_type() == "text/plain" and not _named(one)]
    if plain:
        return "\n".join(_decoded(one) for one in plain)[:TEXT_CHARS_MAX].strip()
    formatted = [one for one in parts if one.get_content_type() == "text/html" and not _named(one)]
    return "\n".join(plain_text(_decoded(one)) for one in formatted)[:TEXT_CHARS_MAX].strip()


def plain_text(html: str) -> str:
    """The words of an HTML text; nothing in it is executed or fetched."""
    reader = _Words()
    reader.feed(html[: TEXT_CHARS_MAX * 10])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.found).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser's signature
        if tag in _SKIPPED_TAGS:
            self._hidden += 1
        elif tag in _BREAKING_TAGS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED_TAGS:
            self._hidden = max(self._hidden - 1, 0)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.found.append(data)


def _attachments(parts: list[Message]) -> tuple[Attachment, ...]:
    files = [
        Attachment(name, _media_type(one), content)
        for one in parts
        if (name := _named(one)) and (content := _content(one))
    ]
    if len(files) > ATTACHMENTS_MAX:
        raise MailRefused(f"a mail carries at most {ATTACHMENTS_MAX} files")
    if any(len(one.content) > ATTACHMENT_BYTES_MAX for one in files):
        raise MailRefused(f"a file holds at most {ATTACHMENT_BYTES_MAX} bytes")
    return tuple(files)


def _named(part: Message) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        name = None
    if name:
        return _printable(_unfolded(name))[:200]
    return "attachment" if part.get_content_disposition() == "attachment" else ""


def _media_type(part: Message) -> str:
    stated = part.get_content_type()
    return stated if _MEDIA_TYPE.fullmatch(stated) else "application/octet-stream"


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError):
        part.del_param("charset")
        content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Message) -> str:
    content = _content(part)
    try:
        return _printable(content.decode(part.get_content_charset() or "utf-8"), keep="\n\t")
    except (LookupError, UnicodeError, ValueError):
        return _printable(content.decode("utf-8", "replace"), keep="\n\t")


def _words(mail: Message, header: str) -> str:
    return _printable(_unfolded(str(mail.get(header, ""))))[:HEADER_CHARS_MAX]


def _unfolded(written: str) -> str:
    """Words written in the mail's own encoding (RFC 2047), or as they stand."""
    try:
        return str(make_header(decode_header(written[: HEADER_CHARS_MAX * 4])))
    except (ValueError, LookupError, UnicodeError, AssertionError):
        return written.encode("utf-8", "replace").decode("utf-8", "replace")


def _printable(words: str, keep: str = "") -> str:
    safe = words.encode("utf-8", "replace").decode("utf-8")
    plain = "".join(char if char.isprintable() or char in keep else " " for char in safe)
    return plain if keep else plain.strip()


def _ids(mail: Message, header: str) -> list[str]:
    return _HEADER_ID.findall(str(mail.get(header, ""))[:20_000])


def _recipients(mail: Message) -> tuple[str, ...]:
    written = [str(value) for header in _RECIPIENT_HEADERS for value in mail.get_all(header, [])]
    found = [address.lower() for _, address in getaddresses(written[:PARTS_MAX]) if address]
    return tuple(dict.fromkeys(_printable(address) for address in found))[:PARTS_MAX]


def _instant(mail: Message) -> datetime | None:
    try:
        written = parsedate_to_datetime(str(mail.get("Date", "")))
        return (written if written.tzinfo else written.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _is_automatic(mail: Message) -> bool:
    submitted = str(mail.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    return (
        submitted not in ("", "no")
        or precedence in ("bulk", "list", "junk", "auto_reply")
        or mail.get("X-Autoreply") is not None
        or mail.get("X-Autorespond") is not None
        or mail.get("List-Id") is not None
        or str(mail.get("Return-Path", "")).strip() == "<>"
    )


def _report(mail: Message) -> MailReport | None:
    try:
        return read_report(mail)
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
