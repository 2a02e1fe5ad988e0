"""The SDK against localstripe, a server of Stripe's API, as a process of its own."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
import stripe

from partners.payments.stripe_gateway import (
    CardGateway,
    CardKeyRefused,
    CardMethod,
    CardPaymentState,
    CardRequestRefused,
    CardServiceUnavailable,
    CardWebhookRefused,
    CheckoutAsked,
    read_webhook,
)

KEY = "sk_test_localstripe"
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "localstripe_checkout.py"), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with suppress(httpx.TransportError):
                httpx.get(f"{address}/v1/balance", auth=(KEY, ""), timeout=1)
                break
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def asked(**given: object) -> CheckoutAsked:
    return CheckoutAsked(
        **{
            "reference": "11111111-1111-4111-8111-111111111111",
            "amount_cents": 12_345,
            "currency": "EUR",
            "label": "Facture F-1 – Exemple SARL",
            "methods": (CardMethod.CARD, CardMethod.SEPA_DEBIT),
            "locale": "fr",
            "return_url": "https://encaisse.example/d/t/r/payments/1",
            "cancel_url": "https://encaisse.example/d/t/r",
            "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
            **given,
        }  # type: ignore[arg-type]
    )


def pay(service: str, session_key: str, number: str = "4242424242424242") -> None:
    answer = httpx.post(
        f"{service}/v1/checkout/sessions/{session_key}/_pay",
        auth=(KEY, ""),
        data={"number": number},
    )
    assert answer.is_success, answer.text


def test_a_key_is_tried_before_it_is_kept(service: str):
    assert CardGateway(KEY, service).is_live() is False
    with pytest.raises(CardKeyRefused):
        CardGateway("nobody's key", service).is_live()


def test_a_service_that_is_away_is_not_a_refusal():
    with pytest.raises(CardServiceUnavailable):
        CardGateway(KEY, "http://127.0.0.1:9").is_live()


def test_a_payment_is_read_with_what_it_cost(service: str):
    gateway = CardGateway(KEY, service)
    opened = gateway.open_checkout(asked())
    assert gateway.read(opened.key).state is CardPaymentState.OPEN

    pay(service, opened.key)
    found = gateway.read(opened.key)

    assert found.state is CardPaymentState.PAID
    assert (found.amount_cents, found.currency, found.kept_cents) == (12_345, "EUR", 12_345)
    assert (found.fee_cents, found.net_cents) == (0, 12_345)
    assert found.reference == asked().reference
    assert found.intent_key is not None
    assert gateway.session_of(found.intent_key) == opened.key


def test_what_was_refunded_is_no_longer_kept(service: str):
    gateway = CardGateway(KEY, service)
    opened = gateway.open_checkout(asked())
    pay(service, opened.key)
    intent = gateway.read(opened.key).intent_key
    client = stripe.StripeClient(KEY, base_addresses={"api": service})

    client.v1.refunds.create(params={"payment_intent": intent or "", "amount": 2_345})

    found = gateway.read(opened.key)
    assert (found.refunded_cents, found.kept_cents) == (2_345, 10_000)


def test_a_declined_card_pays_nothing(service: str):
    gateway = CardGateway(KEY, service)
    opened = gateway.open_checkout(asked())

    pay(service, opened.key, "4000000000000341")
    found = gateway.read(opened.key)

    assert found.state is CardPaymentState.FAILED
    assert (found.kept_cents, found.failure) == (0, "card_declined")


def test_a_page_that_does_not_exist_is_refused(service: str):
    with pytest.raises(CardRequestRefused):
        CardGateway(KEY, service).read("cs_unknown")


def mine(received: list[tuple[bytes, str]], key: str) -> list[tuple[bytes, str]]:
    """The events about one session: localstripe sends them a second late."""
    return [one for one in received if key.encode() in one[0]]


def test_the_services_own_webhooks_are_verified(service: str):
    received: list[tuple[bytes, str]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    listener = HTTPServer(("127.0.0.1", 0), Listener)
    thread = Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.server_port}/"
    hook = {"url": url, "secret": "whsec_listener", "events": ["checkout.session.completed"]}
    httpx.post(f"{service}/_config/webhooks/one", json=hook)
    opened = CardGateway(KEY, service).open_checkout(asked())
    pay(service, opened.key)
    deadline = time.monotonic() + 10
    while not mine(received, opened.key) and time.monotonic() < deadline:
        time.sleep(0.05)
    listener.shutdown()
    thread.join()
    listener.server_close()

    [given] = mine(received, opened.key)
    webhook = read_webhook(*given, "whsec_listener")

    assert (webhook.kind, webhook.session_key) == ("checkout.session.completed", opened.key)
    with pytest.raises(CardWebhookRefused):
        read_webhook(*given, "whsec_somebody_else")


def test_an_old_or_altered_webhook_is_refused():
    body = json.dumps(
        {"id": "evt_1", "object": "event", "type": "charge.refunded", "data": {"object": {}}}
    )
    sign = stripe.WebhookSignature.generate_signature_header
    old = sign(body, "whsec_x", timestamp=int(time.time()) - 3_600)

    altered, empty = (body + " ", sign(body, "whsec_x")), ("{}", sign("{}", "whsec_x"))
    for given, signature in ((body, old), altered, (body, ""), empty):
        with pytest.raises(CardWebhookRefused):
            read_webhook(given.encode(), signature, "whsec_x")
