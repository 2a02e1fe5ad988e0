"""When two invoices are the same one: numbers compared, and the debt's keyed fingerprint."""

import hashlib
import hmac
import re
from datetime import date

_SEPARATORS = re.compile(r"[\W_]+")


def number_key(number: str) -> str:
    """The number as one seller's numbers are compared: upper case, every separator the same.

    ``FA 2026/001`` is ``fa-2026-001``; ``F-1-12`` is not ``F-11-2``.
    """
    return _SEPARATORS.sub("-", number.strip()).strip("-").upper() or number.strip()


def fingerprint_of(
    key: str, *, seller_siren: str, number: str, issued_on: date, face_cents: int, currency: str
) -> str:
    """The debt's fingerprint: the same debt gives the same one in every tenant, and reveals nothing.

    HMAC-SHA-256 under ``key`` over the seller, the number without separators, the issue date,
    the face and the currency.
    """
    bare = _SEPARATORS.sub("", number).upper()
    facts = (seller_siren, bare, issued_on.isoformat(), str(face_cents), currency)
    return hmac.new(key.encode(), "\x1f".join(facts).encode(), hashlib.sha256).hexdigest()
