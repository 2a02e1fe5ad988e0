"""Stripe, with an assignor's own keys: its account receives the money, ours never does.

The one module that imports stripe. It opens hosted payment pages (Checkout), reads what became of them, and
verifies webhooks. What happened is always read again from Stripe: a webhook only says that it is worth asking,
so that events lost, repeated or out of order change nothing.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import stripe

STRIPE_API = "https://api.stripe.com"
ANSWER_SECONDS = 10
RETRIES = 1
CURRENCIES = frozenset({"EUR", "GBP", "USD", "CHF"})
DEBIT_CURRENCIES = frozenset({"EUR"})
CENTS_MIN, CENTS_MAX = 100, 99_999_999
"""What a payment may amount to: Stripe's own limits, the lowest kept at one unit."""

FOLLOWED = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.payment_failed",
    "charge.refunded",
    "charge.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
)
"""The events an account is asked to send."""

NOT_WITHDRAWN = frozenset(
    {"won", "warning_needs_response", "warning_under_review", "warning_closed", "prevented"}
)
"""States of a dispute in which the money stays with, or is back with, the account."""


class CardServiceUnavailable(Exception):
    """Stripe did not answer; nothing is known, and asking again under the same key is harmless."""


class CardKeyRefused(Exception):
    """Stripe refuses this key: wrong, revoked or without the rights needed."""


class CardRequestRefused(Exception):
    """Stripe answers no to what is asked; ``code`` is its word (``amount_too_small``…)."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class CardWebhookRefused(Exception):
    """Nobody who knows the secret signed this, or too long ago."""


class CardMethod(enum.StrEnum):
    """How the debtor pays."""

    CARD = "card"
    SEPA_DEBIT = "sepa_debit"


class CardPaymentState(enum.StrEnum):
    """Where a payment stands; ``processing`` is a debit that the debtor's bank has not answered."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CheckoutAsked:
    """One hosted payment page to open. ``label`` is what the debtor reads there; ``reference`` is ours."""

    reference: str
    amount_cents: int
    currency: str
    label: str
    methods: tuple[CardMethod, ...]
    locale: str
    return_url: str
    cancel_url: str
    expires_at: datetime
    email: str | None = None


@dataclass(frozen=True, slots=True)
class CheckoutOpened:
    """Stripe's own name of the page, and where the debtor pays."""

    key: str
    url: str


@dataclass(frozen=True, slots=True)
class CardPaymentRead:
    """What became of a payment, in cents of ``currency``; fee and net are None until the money is settled."""

    state: CardPaymentState
    reference: str
    session_key: str
    intent_key: str | None
    amount_cents: int
    currency: str
    fee_cents: int | None = None
    net_cents: int | None = None
    refunded_cents: int = 0
    disputed_cents: int = 0
    method: str | None = None
    failure: str | None = None

    @property
    def kept_cents(self) -> int:
        """What the account holds of it today, its fee left aside."""
        if self.state is not CardPaymentState.PAID:
            return 0
        return max(self.amount_cents - self.refunded_cents - self.disputed_cents, 0)


@dataclass(frozen=True, slots=True)
class CardWebhook:
    """One verified event: its own id, its kind, and which payment it speaks of."""

    key: str
    kind: str
    body: Mapping[str, Any]
    session_key: str | None = None
    intent_key: str | None = None


@dataclass(frozen=True, slots=True)
class CardGateway:
    """One assignor's account with Stripe."""

    secret_key: str = field(repr=False)
    api_url: str = STRIPE_API

    def is_live(self) -> bool:
        """Ask Stripe whether the key works; True for a key that moves real money.

        Raises:
            CardKeyRefused: it does not.
            CardServiceUnavailable: Stripe did not answer.
        """
        balance = _asked(lambda: self._client().v1.balance.retrieve())
        return bool(balance.livemode)

    def register_webhook(self, url: str) -> str:
        """Ask Stripe to send the events that matter to ``url``; the secret that signs them.

        Raises:
            CardKeyRefused, CardRequestRefused, CardServiceUnavailable: nothing was registered.
        """
        events: Any = list(FOLLOWED)
        made = _asked(
            lambda: self._client().v1.webhook_endpoints.create(
                params={"url": url, "enabled_events": events, "description": "Encaisse"}
            )
        )
        if not made.secret:
            raise CardRequestRefused("no_webhook_secret", "Stripe gave no secret for the webhook")
        return str(made.secret)

    def open_checkout(self, asked: CheckoutAsked) -> CheckoutOpened:
        """Open a hosted payment page; the same reference again gives the same page.

        Raises:
            CardKeyRefused, CardRequestRefused, CardServiceUnavailable: no page was opened.
        """
        params: Any = _session_params(asked)
        made = _asked(
            lambda: self._client().v1.checkout.sessions.create(
                params=params, options={"idempotency_key": f"checkout-{asked.reference}"}
            )
        )
        return CheckoutOpened(made.id, made.url or "")

    def read(self, session_key: str) -> CardPaymentRead:
        """What became of the payment of one page, read from Stripe now.

        Raises:
            CardKeyRefused, CardRequestRefused, CardServiceUnavailable: nothing is known.
        """
        expand = ["payment_intent.latest_charge.balance_transaction"]
        found = _asked(
            lambda: self._client().v1.checkout.sessions.retrieve(
                session_key, params={"expand": expand}
            )
        )
        return self._understood(found.to_dict())

    def session_of(self, intent_key: str) -> str | None:
        """The page a payment was made on; None when it was made elsewhere on the account."""
        found = _asked(
            lambda: self._client().v1.checkout.sessions.list(
                params={"payment_intent": intent_key, "limit": 1}
            )
        )
        return found.data[0].id if found.data else None

    def _understood(self, session: Mapping[str, Any]) -> CardPaymentRead:
        intent: Mapping[str, Any] = session.get("payment_intent") or {}
        charge: Mapping[str, Any] = intent.get("latest_charge") or {}
        settled: Mapping[str, Any] = charge.get("balance_transaction") or {}
        currency = str(session["currency"]).upper()
        in_currency = str(settled.get("currency", "")).upper() == currency
        disputed = self._disputed(intent["id"]) if charge.get("disputed") else 0
        return CardPaymentRead(
            state=_state(session, intent),
            reference=session.get("client_reference_id") or "",
            session_key=session["id"],
            intent_key=intent.get("id"),
            amount_cents=int(session["amount_total"]),
            currency=currency,
            fee_cents=settled.get("fee") if in_currency else None,
            net_cents=settled.get("net") if in_currency else None,
            refunded_cents=int(charge.get("amount_refunded") or 0),
            disputed_cents=disputed,
            method=(charge.get("payment_method_details") or {}).get("type"),
            failure=(intent.get("last_payment_error") or {}).get("code"),
        )

    def _disputed(self, intent_key: str) -> int:
        found = _asked(
            lambda: self._client().v1.disputes.list(params={"payment_intent": intent_key})
        )
        return sum(one.amount for one in found.data if one.status not in NOT_WITHDRAWN)

    def _client(self) -> stripe.StripeClient:
        return stripe.StripeClient(
            self.secret_key,
            base_addresses={"api": self.api_url.rstrip("/")},
            http_client=stripe.RequestsClient(timeout=ANSWER_SECONDS),
            max_network_retries=RETRIES,
        )


def read_webhook(body: bytes, signature: str, secret: str) -> CardWebhook:
    """Verify one webhook and say which payment it speaks of.

    Raises:
        CardWebhookRefused: it is not signed with ``secret``, is too old, or is no event.
    """
    try:
        given = stripe.Webhook.construct_event(body, signature, secret).to_dict()
        key, told, about = str(given["id"]), str(given["type"]), given["data"]["object"]
    except (stripe.SignatureVerificationError, ValueError, KeyError, AttributeError) as error:
        raise CardWebhookRefused(type(error).__name__) from error
    kind = str(about.get("object"))
    return CardWebhook(
        key=key,
        kind=told,
        body=given,
        session_key=about["id"] if kind == "checkout.session" else None,
        intent_key=about["id"] if kind == "payment_intent" else about.get("payment_intent"),
    )


def _state(session: Mapping[str, Any], intent: Mapping[str, Any]) -> CardPaymentState:
    if session["status"] == "expired":
        return CardPaymentState.EXPIRED
    if intent.get("status") == "succeeded":
        return CardPaymentState.PAID
    if intent.get("status") == "processing":
        return CardPaymentState.PROCESSING
    if session["status"] == "open":
        return CardPaymentState.OPEN
    return CardPaymentState.FAILED


def _session_params(asked: CheckoutAsked) -> dict[str, Any]:
    params: dict[str, Any] = {
        "mode": "payment",
        "client_reference_id": asked.reference,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": asked.currency.lower(),
                    "unit_amount": asked.amount_cents,
                    "product_data": {"name": asked.label},
                },
            }
        ],
        "payment_method_types": [method.value for method in asked.methods],
        "payment_intent_data": {
            "description": asked.label,
            "metadata": {"checkout": asked.reference},
        },
        "metadata": {"checkout": asked.reference},
        "locale": asked.locale,
        "success_url": asked.return_url,
        "cancel_url": asked.cancel_url,
        "expires_at": int(asked.expires_at.timestamp()),
    }
    return params | ({"customer_email": asked.email} if asked.email else {})


def _asked(call: Any) -> Any:
    try:
        return call()
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise CardKeyRefused(type(error).__name__) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise CardServiceUnavailable(type(error).__name__) from error
    except stripe.StripeError as error:
        if (error.http_status or 500) >= 500:
            raise CardServiceUnavailable(type(error).__name__) from error
        raise CardRequestRefused(error.code or "refused", error.user_message or "") from error
