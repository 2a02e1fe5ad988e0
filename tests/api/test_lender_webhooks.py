"""Lenders' webhooks at our door: signed or refused, kept once, read later."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from partners.exchange.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from portal.funding.models import LenderEvent
from portal.lenders.keys import keep_keys
from portal.lenders.models import LenderProfile
from tests.builders.funding import a_routed_request
from tests.conftest import NOW
from tests.web.conftest import _application, _catalogues, app  # noqa: F401

SECRET = "a-shared-secret"


@pytest.fixture
def dossier(session, settings):
    """A submission whose lender signs with SECRET: (slug, submission)."""
    submission = a_routed_request(session).submissions[0]
    keep_keys(session, settings, submission.lender_id, outgoing=SECRET, webhooks=[SECRET], at=NOW)
    profile = session.get_one(LenderProfile, submission.lender_id)
    session.flush()
    return profile.slug, submission


def send(app, slug, body, *, secret=SECRET, key="evt_1", at=None):  # noqa: F811
    raw = json.dumps(body).encode()
    at = at or NOW
    return app.test_client().post(
        f"/api/v1/lenders/{slug}/events",
        data=raw,
        headers={
            "Content-Type": "application/json",
            ID_HEADER: key,
            TIMESTAMP_HEADER: str(int(at.timestamp())),
            SIGNATURE_HEADER: signature(secret, key, at, raw),
        },
        csrf=False,
    )


def kept(session):
    return session.scalar(select(func.count()).select_from(LenderEvent))


def test_a_signed_event_is_kept_as_received_and_answered_at_once(app, session, dossier):  # noqa: F811
    slug, submission = dossier
    body = {"id": "evt_1", "dossier": str(submission.id), "status": "whatever", "rate": 0.1}

    answer = send(app, slug, body)

    assert answer.status_code == 202, answer.get_data(as_text=True)
    event = session.scalars(select(LenderEvent)).one()
    assert event.body == body | {"rate": "0.1"}
    assert event.processed_at is None


def test_the_same_event_again_is_kept_once(app, session, dossier):  # noqa: F811
    slug, submission = dossier
    body = {"dossier": str(submission.id), "status": "received"}
    send(app, slug, body)

    again = send(app, slug, body)

    assert (again.status_code, again.get_json()["outcome"]) == (200, "known")
    assert kept(session) == 1


def test_an_event_that_nobody_signed_is_refused(app, session, dossier):  # noqa: F811
    slug, submission = dossier
    body = {"dossier": str(submission.id), "status": "disbursed"}

    forged = send(app, slug, body, secret="another secret")

    assert forged.status_code == 401
    assert forged.content_type == "application/problem+json"
    assert kept(session) == 0


def test_a_lender_cannot_speak_of_another_lenders_dossier(app, session, dossier):  # noqa: F811
    slug, _ = dossier
    other = a_routed_request(session).submissions[0]

    answer = send(app, slug, {"dossier": str(other.id), "status": "declined"})

    assert answer.status_code == 404
    assert kept(session) == 0


def test_what_cannot_be_kept_is_refused_as_the_senders_mistake(app, session, dossier):  # noqa: F811
    slug, submission = dossier
    body = {"dossier": str(submission.id), "status": "declined", "reason": {"text": "no\0"}}

    answer = send(app, slug, body)

    assert answer.status_code == 400
    assert kept(session) == 0


def test_a_body_beyond_the_limit_is_refused_unread(app, session, dossier):  # noqa: F811
    slug, submission = dossier
    body = {"dossier": str(submission.id), "status": "received", "more": "x" * 300_000}

    answer = send(app, slug, body)

    assert answer.status_code == 413
    assert kept(session) == 0


def test_an_old_message_played_again_is_refused(app, dossier):  # noqa: F811
    slug, submission = dossier
    old = NOW - timedelta(days=1)

    answer = send(app, slug, {"dossier": str(submission.id), "status": "received"}, at=old)

    assert answer.status_code == 401


def test_the_api_describes_itself(app):  # noqa: F811
    described = app.test_client().get("/api/v1/openapi.json").get_json()

    assert "/api/v1/lenders/{slug}/events" in described["paths"]
