"""Proving that a webhook comes from the partner it names, recently, and reading its body.

Nothing is remembered here: the caller stores `event_id` under a unique key per
sender, so that the same event is processed once however often it is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from partners.exchange.reading import UnreadableMessage, read_json_object
from partners.exchange.signing import (
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
class Stamp:
    """Who may have sent a message is known; `event_id` makes it unique."""

    event_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedWebhook:
    """A webhook known to come from the partner; `event_id` makes it unique."""

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
        secrets: the partner's live secrets; two while one replaces the other.
        at: the instant of reception, UTC-aware.

    Raises:
        SignatureMissing, SignatureInvalid, TimestampOutsideTolerance,
        WebhookTooLarge, WebhookUnreadable: nothing may be done with it.
    """
    stamp = verify_signed(headers, body, secrets, at=at, tolerance=tolerance)
    try:
        return VerifiedWebhook(stamp.event_id, stamp.sent_at, read_json_object(body))
    except UnreadableMessage as error:
        raise WebhookUnreadable(str(error)) from error


def verify_signed(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    *,
    at: datetime,
    tolerance: timedelta = TOLERANCE,
    bytes_max: int = BODY_BYTES_MAX,
) -> Stamp:
    """Who signed these bytes, whatever they hold, and when. Raises as `verify_webhook`."""
    if len(body) > bytes_max:
        raise WebhookTooLarge(f"a webhook holds at most {bytes_max} bytes")
    event_id, timestamp, stated = _signature_headers(headers)
    if not is_signed_by(stated, secrets, event_id, timestamp, body):
        raise SignatureInvalid("no live secret made this signature")
    sent_at = datetime.fromtimestamp(int(timestamp), at.tzinfo)
    if abs(at - sent_at) > tolerance:
        raise TimestampOutsideTolerance(f"sent at {sent_at.isoformat()}, too far from now")
    return Stamp(event_id, sent_at)


def _signature_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    found = {name.lower(): value for name, value in headers.items()}
    event_id = found.get(ID_HEADER, "")
    timestamp = found.get(TIMESTAMP_HEADER, "")
    stated = found.get(SIGNATURE_HEADER, "")
    is_plain = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11
    if not (0 < len(event_id) <= EVENT_ID_CHARS_MAX and is_plain and stated):
        raise SignatureMissing(f"{ID_HEADER}, {TIMESTAMP_HEADER} and {SIGNATURE_HEADER} are due")
    return event_id, timestamp, stated
