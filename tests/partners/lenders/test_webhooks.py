"""A webhook is believed only when a live secret signed these very bytes, lately."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.exchange.signing import is_signed_by, signature
from partners.exchange.webhooks import (
    BODY_BYTES_MAX,
    SignatureInvalid,
    SignatureMissing,
    TimestampOutsideTolerance,
    WebhookTooLarge,
    WebhookUnreadable,
    verify_webhook,
)

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
BODY = json.dumps({"id": "evt_1", "status": "offered"}).encode()


def headers_of(body=BODY, *, secret="new", event_id="evt_1", sent_at=AT):
    return {
        "Webhook-Id": event_id,
        "Webhook-Timestamp": str(int(sent_at.timestamp())),
        "Webhook-Signature": signature(secret, event_id, sent_at, body),
    }


def test_a_signed_and_recent_webhook_is_read():
    webhook = verify_webhook(headers_of(), BODY, ["new"], at=AT)

    assert webhook.event_id == "evt_1"
    assert webhook.sent_at == AT
    assert webhook.body["status"] == "offered"


def test_the_scheme_gives_the_signature_published_by_standard_webhooks():
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )

    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_are_live():
    old, new = headers_of(secret="old"), headers_of(secret="new")

    for headers in (old, new):
        assert verify_webhook(headers, BODY, ["new", "old"], at=AT).event_id == "evt_1"
    with pytest.raises(SignatureInvalid):
        verify_webhook(old, BODY, ["new"], at=AT)


def test_a_sender_may_state_several_signatures():
    headers = headers_of(secret="old")
    headers["Webhook-Signature"] += " " + headers_of(secret="new")["Webhook-Signature"]

    assert verify_webhook(headers, BODY, ["new"], at=AT)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_of_distance_are_tolerated(seconds):
    headers = headers_of(sent_at=AT + timedelta(seconds=seconds))

    assert verify_webhook(headers, BODY, ["new"], at=AT)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_one_second_more_may_be_a_replay(seconds):
    headers = headers_of(sent_at=AT + timedelta(seconds=seconds))

    with pytest.raises(TimestampOutsideTolerance):
        verify_webhook(headers, BODY, ["new"], at=AT)


def test_a_replay_under_another_id_or_later_time_is_not_signed():
    headers = headers_of()

    for name, forged in (("Webhook-Id", "evt_2"), ("Webhook-Timestamp", "1795424401")):
        with pytest.raises(SignatureInvalid):
            verify_webhook(headers | {name: forged}, BODY, ["new"], at=AT)


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
@pytest.mark.parametrize("value", [None, "", "²", "é" * 200])
def test_a_missing_or_misshapen_header_is_refused(name, value):
    headers = headers_of()
    headers.pop(name)
    if value is not None:
        headers[name] = value

    with pytest.raises((SignatureMissing, SignatureInvalid)) as refusal:
        verify_webhook(headers, BODY, ["new"], at=AT)
    assert refusal.value.http_status == 401


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"a": NaN}', b"[" * 100_000])
def test_a_signed_body_that_is_no_json_object_is_unreadable(body):
    with pytest.raises(WebhookUnreadable):
        verify_webhook(headers_of(body), body, ["new"], at=AT)


def test_a_body_beyond_the_limit_is_not_even_verified():
    body = b" " * (BODY_BYTES_MAX + 1)

    with pytest.raises(WebhookTooLarge):
        verify_webhook({}, body, ["new"], at=AT)


def test_an_empty_secret_never_verifies():
    with pytest.raises(ValueError, match="signs nothing"):
        is_signed_by("v1,x", [""], "id", "1", b"")


@given(st.binary(max_size=60), st.integers(0, 7), st.data())
def test_one_changed_bit_breaks_the_signature(body, bit, data):
    stated = signature("secret", "id", AT, body + b"!")
    place = data.draw(st.integers(0, len(body)))
    changed = bytearray(body + b"!")
    changed[place] ^= 1 << bit

    timestamp = str(int(AT.timestamp()))
    assert is_signed_by(stated, ["secret"], "id", timestamp, body + b"!")
    assert not is_signed_by(stated, ["secret"], "id", timestamp, bytes(changed))
