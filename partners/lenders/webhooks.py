"""Proving that a webhook comes from the lender it names, recently, and reading its body.

Nothing is remembered here: the caller stores `event_id` under a unique key per
lender, so that the same event is processed once however often it is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from partners.lenders.reading import UnreadableMessage, read_json_object
from partners.lenders.signing import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    is_signed_by,
)

TOLERANCE = timedelta(minutes=5)
BODY_BYTES_MAX = 262_144
EVENT_ID_CHARS_MAX = 128


class WebhookRefused(Exception):
    """The webhook is not acted upon; `http_status` is what the sender is told."""

    http_status = 400


class SignatureMissing(WebhookRefused):
    """A signature header is absent or misshapen."""

    http_status = 401


class SignatureInvalid(WebhookRefused):
    """No live secret made this signature."""

    http_status = 401


class TimestampOutsideTolerance(WebhookRefused):
    """The message is too old, or from the future: it may be a replay."""

    http_status = 401


class WebhookTooLarge(WebhookRefused):
    """The body exceeds `BODY_BYTES_MAX`."""

    http_status = 413


class WebhookUnreadable(WebhookRefused):
    """The body is signed, and is not a JSON object."""


@dataclass(frozen=True, slots=True)
class VerifiedWebhook:
    """A webhook known to come from the lender; `event_id` makes it unique."""

    event_id: str
    sent_at: datetime
    body: Mapping[str, Any]


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    at: datetime,
    tolerance: timedelta = TOLERANCE,
) -> VerifiedWebhook:
    """The webhook, once its signature, age, size and shape are accepted.

    Args:
        headers: any mapping; names are compared without case.
        body: the bytes exactly as received.
        secrets: the lender's live secrets; two while one replaces the other.
        at: the instant of reception, UTC-aware.

    Raises:
        SignatureMissing, SignatureInvalid, TimestampOutsideTolerance,
        WebhookTooLarge, WebhookUnreadable: nothing may be done with it.
    """
    if len(body) > BODY_BYTES_MAX:
        raise WebhookTooLarge(f"a webhook holds at most {BODY_BYTES_MAX} bytes")
    event_id, timestamp, stated = _signature_headers(headers)
    if not is_signed_by(stated, secrets, event_id, timestamp, body):
        raise SignatureInvalid("no live secret made this signature")
    sent_at = datetime.fromtimestamp(int(timestamp), at.tzinfo)
    if abs(at - sent_at) > tolerance:
        raise TimestampOutsideTolerance(f"sent at {sent_at.isoformat()}, too far from now")
    try:
        return VerifiedWebhook(event_id, sent_at, read_json_object(body))
    except UnreadableMessage as error:
        raise WebhookUnreadable(str(error)) from error


def _signature_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    found = {name.lower(): value for name, value in headers.items()}
    event_id = found.get(ID_HEADER, "")
    timestamp = found.get(TIMESTAMP_HEADER, "")
    stated = found.get(SIGNATURE_HEADER, "")
    is_plain = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11
    if not (0 < len(event_id) <= EVENT_ID_CHARS_MAX and is_plain and stated):
        raise SignatureMissing(f"{ID_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER} are due")
    return event_id, timestamp, stated
