"""An assignor's own account with the payment service: its keys encrypted, opened by jobs and the webhook's door."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.payments.stripe_gateway import CardGateway, CardMethod
from portal.audit import trail
from portal.collections.debtor_page.models import CardAccount, CardSecret
from portal.config import Settings

PURPOSE = "card payment keys"


class CardKeysUnreadable(Exception):
    """The keys were sealed under another installation's secret: they must be given again."""


@dataclass(frozen=True, slots=True)
class CardKeys:
    """What opens the account, and what signs its webhooks."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


def keep_account(
    session: Session,
    settings: Settings,
    assignor_id: UUID,
    keys: CardKeys,
    *,
    webhook_token: str,
    live: bool,
    by: UUID | None,
    at: datetime,
) -> CardAccount:
    """Keep an account whose key was just tried, replacing the one there was. The session looks as the system."""
    box = _box(settings)
    secret = session.get(CardSecret, assignor_id) or CardSecret(organisation_id=assignor_id)
    secret.secret_key = box.encrypt(keys.secret_key.encode()).decode()
    secret.webhook_secret = box.encrypt(keys.webhook_secret.encode()).decode()
    secret.set_at = at
    account = session.get(CardAccount, assignor_id) or CardAccount(
        organisation_id=assignor_id, by_card=True, by_debit=False
    )
    account.webhook_token, account.live, account.enabled = webhook_token, live, True
    account.checked_at, account.set_at, account.set_by = at, at, by
    account.last_event_at = None
    session.add_all([secret, account])
    session.flush()
    facts = {"live": live}
    trail.record(
        session, assignor_id, "set_card_account", "organisation", assignor_id, facts, by=by, at=at
    )
    return account


def choose_methods(
    session: Session,
    account: CardAccount,
    *,
    by_card: bool,
    by_debit: bool,
    by: UUID | None,
    at: datetime,
) -> None:
    """Offer card, direct debit, both, or neither for now; payments under way go on."""
    account.by_card, account.by_debit = by_card, by_debit
    account.enabled = by_card or by_debit
    session.flush()
    owner = account.organisation_id
    facts = {"by_card": by_card, "by_debit": by_debit}
    trail.record(session, owner, "choose_card_methods", "organisation", owner, facts, by=by, at=at)


def a_webhook_token() -> str:
    """What names an account in its webhook's address; it cannot be guessed."""
    return token_urlsafe(24)


def webhook_url(settings: Settings, token: str) -> str:
    """Where the payment service sends the events of one account."""
    return f"{settings.public_url.rstrip('/')}/api/v1/stripe/{token}"


def account_of(session: Session, assignor_id: UUID) -> CardAccount | None:
    """The assignor's account, as its viewer may see it: never its keys."""
    return session.get(CardAccount, assignor_id)


def account_by_token(session: Session, token: str) -> CardAccount | None:
    """The account a webhook's address names. The session looks as the system."""
    return session.scalar(select(CardAccount).where(CardAccount.webhook_token == token))


def keys_of(session: Session, settings: Settings, assignor_id: UUID) -> CardKeys | None:
    """The keys in clear; None when there are none. The session looks as the system.

    Raises:
        CardKeysUnreadable: they were sealed under another secret.
    """
    kept = session.get(CardSecret, assignor_id)
    if kept is None:
        return None
    box = _box(settings)
    try:
        return CardKeys(
            box.decrypt(kept.secret_key.encode()).decode(),
            box.decrypt(kept.webhook_secret.encode()).decode(),
        )
    except InvalidToken as error:
        raise CardKeysUnreadable("the card keys were sealed under another secret") from error


def gateway_of(session: Session, settings: Settings, assignor_id: UUID) -> CardGateway | None:
    """The way to the assignor's account; None when it has none. The session looks as the system."""
    keys = keys_of(session, settings, assignor_id)
    return CardGateway(keys.secret_key, settings.stripe_url) if keys else None


def methods_of(account: CardAccount, currency: str) -> tuple[CardMethod, ...]:
    """What an account offers for an invoice in this currency; a debit is in euros."""
    offered = []
    if account.enabled and account.by_card:
        offered.append(CardMethod.CARD)
    if account.enabled and account.by_debit and currency == "EUR":
        offered.append(CardMethod.SEPA_DEBIT)
    return tuple(offered)


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(settings.derive_secret(PURPOSE))))
