"""Message signatures of the "Standard Webhooks" scheme, used in both directions.

A signature is HMAC-SHA256 over `id.timestamp.content`, in base64, prefixed by `v1,`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"

_BASE64_MARK = "whsec_"
_VERSION = "v1,"


def signature(secret: str, message_id: str, at: datetime, content: bytes) -> str:
    """The `v1,…` signature of one message sent at `at`."""
    return _VERSION + _digest(secret, message_id, str(int(at.timestamp())), content)


def is_signed_by(
    stated: str, secrets: Iterable[str], message_id: str, timestamp: str, content: bytes
) -> bool:
    """Whether one of the stated signatures was made with one of the live secrets.

    `stated` may hold several signatures separated by spaces, as a sender that is
    changing its secret does. Every pair is compared, in constant time.
    """
    offered = [part.removeprefix(_VERSION) for part in stated.split() if part.startswith(_VERSION)]
    matched = False
    for secret in secrets:
        expected = _digest(secret, message_id, timestamp, content)
        for candidate in offered:
            matched |= hmac.compare_digest(expected.encode(), candidate.encode())
    return matched


def request_content(method: str, path: str, body: bytes) -> bytes:
    """What is signed of a request: its line as well as its body, so it fits one place only."""
    return f"{method} {path}\n".encode() + body


def _digest(secret: str, message_id: str, timestamp: str, content: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + content
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _key(secret: str) -> bytes:
    if not secret:
        raise ValueError("an empty secret signs nothing")
    if secret.startswith(_BASE64_MARK):
        try:
            return base64.b64decode(secret.removeprefix(_BASE64_MARK), validate=True)
        except binascii.Error as error:
            raise ValueError("a secret after 'whsec_' is base64") from error
    return secret.encode()
