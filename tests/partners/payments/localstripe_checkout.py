"""localstripe with the hosted payment pages it lacks: run as a process by the tests, on the port given.

Sessions are completed on localstripe's own payment methods, intents, charges, refunds and signed webhooks.
"""

import sys

from localstripe import resources
from localstripe.errors import UserError
from localstripe.resources import (
    Event,
    List,
    PaymentIntent,
    PaymentMethod,
    StripeObject,
    extra_apis,
)
from localstripe.webhooks import schedule_webhook


class CheckoutSession(StripeObject):
    object = "checkout.session"
    _id_prefix = "cs_"

    def __init__(self, mode=None, line_items=None, client_reference_id=None, **given):
        if mode != "payment" or not line_items:
            raise UserError(400, "Bad request")
        super().__init__()
        price = line_items[0]["price_data"]
        self.client_reference_id = client_reference_id
        self.amount_total = int(price["unit_amount"])
        self.currency = price["currency"]
        self.status, self.payment_status = "open", "unpaid"
        self.payment_intent = None
        self.success_url = given["success_url"]
        self.url = f"http://checkout.example/{self.id}"
        self.metadata = given.get("metadata") or {}

    @classmethod
    def _api_pay(cls, id=None, number="4242424242424242"):
        session = cls._api_retrieve(id)
        card = {"number": number, "exp_month": "12", "exp_year": "2040", "cvc": "123"}
        method = PaymentMethod(type="card", card=card)
        intent = PaymentIntent(
            amount=session.amount_total,
            currency=session.currency,
            payment_method=method.id,
            metadata=session.metadata,
        )
        session.payment_intent = intent.id
        intent._confirm(on_failure_now=lambda: None)
        session.status = "complete"
        session.payment_status = "paid" if intent.status == "succeeded" else "unpaid"
        schedule_webhook(Event("checkout.session.completed", session))
        return session

    @classmethod
    def _api_of_intent(cls, payment_intent=None, limit=None):
        found = List("/v1/checkout/sessions", limit=limit)
        found._list = [
            one
            for key, one in resources.store.items()
            if key.startswith("checkout.session:") and one.payment_intent == payment_intent
        ]
        return found


extra_apis.extend(
    (
        ("POST", "/v1/checkout/sessions/{id}/_pay", CheckoutSession._api_pay),
        ("POST", "/v1/checkout/sessions", CheckoutSession._api_create),
        ("GET", "/v1/checkout/sessions/{id}", CheckoutSession._api_retrieve),
        ("GET", "/v1/checkout/sessions", CheckoutSession._api_of_intent),
    )
)

if __name__ == "__main__":
    resources.Store.dump_to_disk = lambda self: None
    sys.argv[1:] = ["--port", sys.argv[1], "--from-scratch"]
    from localstripe.server import start

    start()
