"""A stand-in for Stripe: hosted payments, refunds, chargebacks and debits that fail later, with signed events.

It keeps its state in memory and speaks Stripe's published API for exactly the calls the product makes. Fees are
1.5 % and 25 cents. It is for demonstrations and tests; no money exists here.
"""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

FEE_RATE_PER_THOUSAND, FEE_FIXED = 15, 25
DEBIT = "sepa_debit"
SEND_SECONDS = 5.0


class CardRefusal(Exception):
    """An answer in Stripe's own form: status, type, code, message."""

    def __init__(self, status: int, kind: str, code: str, message: str) -> None:
        self.status, self.kind, self.code, self.message = status, kind, code, message
        super().__init__(message)


@dataclass(slots=True)
class Endpoint:
    """Where one account's events go, and what signs them."""

    url: str
    secret: str


@dataclass(slots=True)
class CardDesk:
    """The accounts' sessions, by id; one key is one account."""

    public_url: str = ""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    disputes: dict[str, dict[str, Any]] = field(default_factory=dict)
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def register(self, account: str, url: str) -> dict[str, Any]:
        """Note where an account wants its events."""
        endpoint = Endpoint(url, f"whsec_{uuid4().hex}")
        self.endpoints[account] = endpoint
        return {
            "id": f"we_{uuid4().hex}",
            "object": "webhook_endpoint",
            "url": url,
            "secret": endpoint.secret,
        }

    def open(self, account: str, given: Mapping[str, Any], key: str) -> dict[str, Any]:
        """Open a session; the same idempotency key gives the same session."""
        if key and (account, key) in self.known:
            return self.sessions[self.known[account, key]]
        price = given["line_items"]["0"]["price_data"]
        amount = int(price["unit_amount"])
        if amount < 50:
            raise CardRefusal(400, "invalid_request_error", "amount_too_small", "Amount too small")
        session_id = f"cs_test_{uuid4().hex}"
        self.sessions[session_id] = {
            "id": session_id,
            "object": "checkout.session",
            "account": account,
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": amount,
            "currency": price["currency"],
            "label": price["product_data"]["name"],
            "methods": list(given["payment_method_types"].values()),
            "locale": given.get("locale", "fr"),
            "client_reference_id": given.get("client_reference_id"),
            "success_url": given["success_url"],
            "cancel_url": given["cancel_url"],
            "payment_intent": None,
            "url": f"{self.public_url}/card-payments/{session_id}",
        }
        if key:
            self.known[account, key] = session_id
        return self.sessions[session_id]

    def pay(self, session_id: str, method: str) -> dict[str, Any]:
        """The debtor pays on the hosted page: a card at once, a debit when its bank answers."""
        session = self.sessions[session_id]
        if session["status"] != "open":
            return session
        session["status"] = "complete"
        session["payment_intent"] = _intent(session, method)
        if method != DEBIT:
            self._collect(session)
        self.tell("checkout.session.completed", session)
        return session

    def answer_debit(self, session_id: str, *, paid: bool) -> None:
        """The debtor's bank honours the debit, or returns it."""
        session = self.sessions[session_id]
        if paid:
            self._collect(session)
            self.tell("checkout.session.async_payment_succeeded", session)
            return
        intent = session["payment_intent"]
        intent["status"] = "requires_payment_method"
        intent["last_payment_error"] = {"code": "insufficient_funds"}
        self.tell("checkout.session.async_payment_failed", session)

    def refund(self, session_id: str, cents: int) -> None:
        """The account gives money back."""
        charge = self.sessions[session_id]["payment_intent"]["latest_charge"]
        charge["amount_refunded"] += cents
        self.tell("charge.refunded", charge, self.sessions[session_id]["account"])

    def dispute(self, session_id: str, status: str = "needs_response") -> None:
        """The debtor's bank takes the money back, or gives it back once the dispute is ``won``."""
        session = self.sessions[session_id]
        intent = session["payment_intent"]
        intent["latest_charge"]["disputed"] = True
        found = self.disputes.setdefault(
            intent["id"],
            {
                "id": f"du_{uuid4().hex}",
                "object": "dispute",
                "amount": session["amount_total"],
                "payment_intent": intent["id"],
            },
        )
        found["status"] = status
        kind = "created" if status == "needs_response" else "closed"
        self.tell(f"charge.dispute.{kind}", found, session["account"])

    def expire(self, session_id: str) -> None:
        """Nobody paid in time."""
        session = self.sessions[session_id]
        session["status"] = "expired"
        self.tell("checkout.session.expired", session)

    def tell(self, kind: str, about: Mapping[str, Any], account: str = "") -> None:
        """Send a signed event to the account's endpoint, after the answer that caused it."""
        event = {
            "id": f"evt_{uuid4().hex}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": collapsed(about)},
        }
        self.sent.append(event)
        endpoint = self.endpoints.get(account or str(about.get("account", "")))
        if endpoint is not None:
            threading.Thread(target=send, args=(endpoint, event), daemon=True).start()

    def _collect(self, session: dict[str, Any]) -> None:
        intent = session["payment_intent"]
        amount = session["amount_total"]
        fee = amount * FEE_RATE_PER_THOUSAND // 1000 + FEE_FIXED
        intent["status"] = "succeeded"
        intent["latest_charge"]["balance_transaction"] = {
            "id": f"txn_{uuid4().hex}",
            "object": "balance_transaction",
            "currency": session["currency"],
            "fee": fee,
            "net": amount - fee,
        }
        session["payment_status"] = "paid"


def collapsed(about: Mapping[str, Any]) -> dict[str, Any]:
    """An object as events carry it: what it points to is an id."""
    intent = about.get("payment_intent")
    short = {**about}
    if isinstance(intent, Mapping):
        short["payment_intent"] = intent["id"]
    short.pop("account", None)
    return short


def signature(secret: str, body: bytes, at: int) -> str:
    """The header that proves who wrote a body."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def send(endpoint: Endpoint, event: Mapping[str, Any]) -> None:
    """Post one event; a receiver that is away finds out by asking."""
    body = json.dumps(event).encode()
    headers = {
        "Content-Type": "application/json",
        "Stripe-Signature": signature(endpoint.secret, body, int(time.time())),
    }
    try:
        httpx.post(endpoint.url, content=body, headers=headers, timeout=SEND_SECONDS)
    except httpx.TransportError:
        return


def _intent(session: Mapping[str, Any], method: str) -> dict[str, Any]:
    intent_id = f"pi_{uuid4().hex}"
    return {
        "id": intent_id,
        "object": "payment_intent",
        "status": "processing",
        "last_payment_error": None,
        "latest_charge": {
            "id": f"ch_{uuid4().hex}",
            "object": "charge",
            "payment_intent": intent_id,
            "amount": session["amount_total"],
            "currency": session["currency"],
            "amount_refunded": 0,
            "disputed": False,
            "balance_transaction": None,
            "payment_method_details": {"type": method},
        },
    }
