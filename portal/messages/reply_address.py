"""The address that brings an answer, or an undelivered mail, back to the message it is about.

``replies+<token>@…``: the token names the message and is signed, so that nobody can post into another's file.
"""

import base64
import binascii
import hashlib
import hmac
from uuid import UUID

from portal.config import Settings

PURPOSE = "reply-address"
SIGNATURE_BYTES = 10
_ID_CHARS = 26


def reply_address(settings: Settings, message_id: UUID) -> str | None:
    """Where answers to a message may be sent; None when no mailbox is read."""
    mailbox, at, domain = settings.reply_address.rpartition("@")
    if not at:
        return None
    token = _encoded(message_id.bytes) + _encoded(_signature(settings, message_id))
    return f"{mailbox}+{token}@{domain}"


def message_at(settings: Settings, address: str) -> UUID | None:
    """The message that an address of ours names; None when we did not make this address."""
    mailbox, _, domain = settings.reply_address.lower().rpartition("@")
    local, _, given_domain = address.strip().lower().rpartition("@")
    name, plus, token = local.partition("+")
    if not mailbox or not plus or (name, given_domain) != (mailbox, domain):
        return None
    try:
        message_id = UUID(bytes=_decoded(token[:_ID_CHARS]))
        signed = _decoded(token[_ID_CHARS:])
    except (ValueError, binascii.Error):
        return None
    return message_id if hmac.compare_digest(signed, _signature(settings, message_id)) else None


def _signature(settings: Settings, message_id: UUID) -> bytes:
    secret = settings.derive_secret(PURPOSE).encode()
    return hmac.new(secret, message_id.bytes, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def _encoded(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=").lower()


def _decoded(token: str) -> bytes:
    return base64.b32decode(token.upper() + "=" * (-len(token) % 8))
