"""Stripe's webhooks at our door, per assignor: signed or refused, kept once, read later."""

import json
import time

import pytest
import stripe
from sqlalchemy import func, select

from portal.collections.debtor_page.models import CardEvent
from tests.builders.debtor_page import WEBHOOK_SECRET, a_card_account
from tests.builders.organisations import an_assignor
from tests.web.conftest import _application, _catalogues, app  # noqa: F401

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "checkout.session.completed",
    "data": {"object": {"object": "checkout.session", "id": "cs_1", "payment_intent": "pi_1"}},
}


@pytest.fixture
def account(session, settings):
    return a_card_account(session, settings, an_assignor(session))


def send(app, account, body=EVENT, *, secret=WEBHOOK_SECRET, at=None, signed=None):  # noqa: F811
    raw = json.dumps(body)
    sign = stripe.WebhookSignature.generate_signature_header
    header = sign(signed or raw, secret, timestamp=at)
    token = account if isinstance(account, str) else account.webhook_token
    return app.test_client().post(
        f"/api/v1/stripe/{token}",
        data=raw.encode(),
        headers={"Stripe-Signature": header, "Content-Type": "application/json"},
        csrf=False,
    )


def kept(session):
    return session.scalar(select(func.count()).select_from(CardEvent))


def test_a_signed_event_is_kept_before_it_is_read(app, session, account):  # noqa: F811
    answer = send(app, account)

    assert (answer.status_code, answer.get_json()) == (200, {"outcome": "stored"})
    event = session.scalars(select(CardEvent)).one()
    assert (event.body["session"], event.body["intent"]) == ("cs_1", "pi_1")
    assert event.body["received"] == EVENT
    assert event.processed_at is None
    assert account.last_event_at is not None


def test_the_same_event_again_is_kept_once(app, session, account):  # noqa: F811
    send(app, account)

    assert send(app, account).get_json() == {"outcome": "known"}
    assert kept(session) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "whsec_somebody_else"},
        {"at": int(time.time()) - 3_600},
        {"signed": "another body"},
        {"body": {"object": "event", "id": "evt_2"}},
    ],
)
def test_an_event_that_is_not_signed_for_this_account_is_refused(app, session, account, wrong):  # noqa: F811
    assert send(app, account, **wrong).status_code == 400
    assert kept(session) == 0


def test_the_secret_of_one_assignor_opens_no_other_door(app, session, settings, account):  # noqa: F811
    other = a_card_account(session, settings, an_assignor(session))

    assert send(app, other.webhook_token).status_code == 200
    assert send(app, "nobody's door").status_code == 404


def test_a_body_without_end_is_refused(app, session, account):  # noqa: F811
    assert send(app, account, {**EVENT, "padding": "x" * 600_000}).status_code == 413
    assert kept(session) == 0
