"""Reports that mail servers send back: undelivered (RFC 3464, DSN) and complained of (RFC 5965, ARF)."""

import re
from dataclasses import dataclass
from email.message import Message
from email.utils import parseaddr
from enum import StrEnum

DETAIL_CHARS_MAX = 300

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_BASIC = re.compile(r"\b([245]\d\d)\b")
_ADDRESS_CODES = frozenset({"550", "551", "553"})
_OTHER_ADDRESS_FAULTS = frozenset({"5.0.0", "5.2.1", "5.4.4", "5.5.0"})
_SENDER_FAULTS = frozenset({"5.1.7", "5.1.8"})
_HEADER_ID = re.compile(r"<[^<>\s\x00-\x1f]{1,400}>")


class ReportKind(StrEnum):
    """What a server reports of one of our mails."""

    BOUNCED = "bounced"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class MailReport:
    """What happened to one mail for one recipient.

    Attributes:
        raw: the server's own word: its action and status, or the kind of complaint.
        about: the Message-ID of our mail, when the report returns its headers.
        address_fault: the address itself is wrong or closed (a full box or a policy is not).
    """

    kind: ReportKind
    recipient: str
    raw: str
    detail: str
    about: str | None
    address_fault: bool


def read_report(mail: Message) -> MailReport | None:
    """The report that a mail is; None when it is an ordinary mail."""
    if mail.get_content_type() != "multipart/report":
        return None
    wanted = str(mail.get_param("report-type") or "").lower()
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status" and wanted in ("delivery-status", ""):
            return _delivery(part, _about(mail))
        if kind == "message/feedback-report" and wanted in ("feedback-report", ""):
            return _complaint(part, _about(mail))
    return None


def is_address_fault(words: str) -> bool:
    """Whether a server's refusal means that the address itself is not good."""
    enhanced = _ENHANCED.search(words)
    if enhanced is None:
        basic = _BASIC.search(words)
        return basic is not None and basic[1] in _ADDRESS_CODES
    code = enhanced[0]
    if code in _SENDER_FAULTS:
        return False
    return code.startswith("5.1.") or code in _OTHER_ADDRESS_FAULTS


def _delivery(part: Message, about: str | None) -> MailReport | None:
    """The worst that a delivery report says: a failure before a delay before a delivery."""
    reports = [one for block in _blocks(part) if (one := _recipient(block, about)) is not None]
    order = [ReportKind.BOUNCED, ReportKind.DELAYED, ReportKind.DELIVERED]
    return min(reports, key=lambda report: order.index(report.kind), default=None)


def _recipient(block: Message, about: str | None) -> MailReport | None:
    action = _text(block, "Action").lower()
    kind = {
        "failed": ReportKind.BOUNCED,
        "delayed": ReportKind.DELAYED,
        "delivered": ReportKind.DELIVERED,
        "relayed": ReportKind.DELIVERED,
        "expanded": ReportKind.DELIVERED,
    }.get(action)
    if kind is None:
        return None
    status, detail = _text(block, "Status"), _text(block, "Diagnostic-Code")
    telling = detail if _ENHANCED.search(detail) else f"{status} {detail}"
    return MailReport(
        kind=kind,
        recipient=_mailbox(_text(block, "Original-Recipient"))
        or _mailbox(_text(block, "Final-Recipient")),
        raw=f"{action} {status}".strip(),
        detail=detail[:DETAIL_CHARS_MAX] or status,
        about=about,
        address_fault=kind is ReportKind.BOUNCED and is_address_fault(telling),
    )


def _complaint(part: Message, about: str | None) -> MailReport | None:
    fields = next(iter(_blocks(part)), None)
    if fields is None:
        return None
    feedback = _text(fields, "Feedback-Type").lower()
    if feedback in ("", "not-spam"):
        return None
    return MailReport(
        kind=ReportKind.COMPLAINED,
        recipient=_mailbox(_text(fields, "Original-Rcpt-To")),
        raw=feedback,
        detail=_text(fields, "User-Agent")[:DETAIL_CHARS_MAX],
        about=about,
        address_fault=False,
    )


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report; the standard library parses the delivery kind itself."""
    payload = part.get_payload()
    if isinstance(payload, list):
        found = [one for one in payload if isinstance(one, Message)]
        return [_reread(one) if not one.keys() else one for one in found]
    return [_fields(_decoded(part))]


def _reread(part: Message) -> Message:
    return _fields(_decoded(part))


def _decoded(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _fields(written: str) -> Message:
    made = Message()
    for line in written.splitlines():
        name, mark, value = line.partition(":")
        if mark and re.fullmatch(r"[A-Za-z-]{1,60}", name):
            made[name] = value.strip()
    return made


def _about(mail: Message) -> str | None:
    """The Message-ID of the mail returned, from the last part that holds its headers."""
    found = None
    for part in mail.walk():
        if part is mail or part.get_content_maintype() == "multipart":
            continue
        held = part.get("Message-ID")
        if held is None and part.get_content_type() == "text/rfc822-headers":
            held = _fields(_decoded(part)).get("Message-ID")
        matched = _HEADER_ID.search(str(held)) if held else None
        found = matched[0] if matched else found
    return found


def _text(block: Message, name: str) -> str:
    written = str(block.get(name, "")).encode("utf-8", "replace").decode()
    return " ".join("".join(char if char.isprintable() else " " for char in written).split())


def _mailbox(field: str) -> str:
    """The address after its type, as in ``rfc822; someone@example``."""
    return parseaddr(field.rpartition(";")[2].strip())[1].lower()
