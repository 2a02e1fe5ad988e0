"""The secrets shared with lenders: encrypted at rest, opened by jobs and the webhook's door only."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.lenders.models import LenderSecret


class SecretUnreadable(Exception):
    """A stored secret was not encrypted with this installation's key: set it again."""


@dataclass(frozen=True, slots=True)
class LenderKeys:
    """What signs our calls, and what may have signed theirs (two while one replaces the other)."""

    outgoing: str = field(repr=False)
    webhooks: tuple[str, ...] = field(repr=False)


def keep_keys(
    session: Session,
    settings: Settings,
    lender_id: UUID,
    *,
    outgoing: str,
    webhooks: Sequence[str],
    at: datetime,
) -> None:
    """Store a lender's secrets encrypted, replacing those it had."""
    box = _box(settings)
    kept = session.get(LenderSecret, lender_id) or LenderSecret(organisation_id=lender_id)
    kept.outgoing_key = _seal(box, outgoing)
    kept.webhook_keys = [_seal(box, key) for key in webhooks]
    kept.rotated_at = at
    session.add(kept)
    session.flush()


def keys_of(session: Session, settings: Settings, lender_id: UUID) -> LenderKeys | None:
    """The lender's secrets in clear; None when it has none. The session must look as the system.

    Raises:
        SecretUnreadable: they were encrypted under another key.
    """
    kept = session.get(LenderSecret, lender_id)
    if kept is None:
        return None
    box = _box(settings)
    return LenderKeys(
        _open(box, kept.outgoing_key), tuple(_open(box, k) for k in kept.webhook_keys)
    )


def _box(settings: Settings) -> Fernet:
    derived = bytes.fromhex(settings.derive_secret("lender secrets"))
    return Fernet(base64.urlsafe_b64encode(derived))


def _seal(box: Fernet, secret: str) -> str:
    return box.encrypt(secret.encode()).decode()


def _open(box: Fernet, sealed: str) -> str:
    try:
        return box.decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable("a lender's secret was sealed under another key") from error
