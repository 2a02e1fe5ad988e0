"""What the post tells us: events of letters and texts, and mails handed over as they came; signed, kept once."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
from flask import request
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from werkzeug.wrappers import Response

from partners.exchange.reading import UnreadableMessage
from partners.exchange.webhooks import (
    BODY_BYTES_MAX,
    TimestampOutsideTolerance,
    WebhookRefused,
    verify_signed,
    verify_webhook,
)
from partners.post.inbound import MAIL_BYTES_MAX
from portal.api.webhooks import EventKept, Problem, problem
from portal.http.access import public
from portal.http.transactions import runtime
from portal.messages.hearing import NoSuchMessage, hear_event
from portal.messages.inbound import take_in
from portal.runtime import Runtime

log = structlog.get_logger()

Proven = TypeVar("Proven")

resources = Blueprint(
    "post_events",
    __name__,
    url_prefix="/api/v1/post",
    description="What the post tells us, as signed webhooks (see docs/post-api.md).",
)


class MailKept(Schema):
    """The mail is ours to read; sending it again is harmless."""

    outcome = fields.String(required=True, metadata={"description": "`kept`."})
    inbound = fields.UUID(required=True, metadata={"description": "Our id of the mail."})


@resources.route("/events", methods=["POST"])
@resources.response(HTTPStatus.ACCEPTED, EventKept)
@resources.alt_response(HTTPStatus.OK, schema=EventKept, description="Held already")
@resources.alt_response(HTTPStatus.UNAUTHORIZED, schema=Problem)
@resources.alt_response(HTTPStatus.NOT_FOUND, schema=Problem)
@resources.doc(summary="Receive one event of a letter or a text message", tags=["Post"])
@public
def receive_event() -> Response | tuple[dict[str, str], int]:
    """Keep one event and answer at once: 202 when it is new, 200 when it is held already."""
    ours = runtime()
    body = request.stream.read(BODY_BYTES_MAX + 1)
    secrets = ours.settings.post_secret.split()
    try:
        webhook = _proven(
            ours, lambda at: verify_webhook(dict(request.headers), body, secrets, at=at)
        )
        with ours.transaction() as session:
            is_new = hear_event(session, webhook.body, at=ours.clock(session).instant())
    except WebhookRefused as error:
        return _refused(error)
    except UnreadableMessage as error:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "EventUnreadable", str(error))
    except NoSuchMessage:
        return problem(HTTPStatus.NOT_FOUND, "no_such_message", "we handed no such message over")
    status = HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK
    return {"event": webhook.event_id, "outcome": "stored" if is_new else "known"}, status


@resources.route("/mail", methods=["POST"])
@resources.response(HTTPStatus.ACCEPTED, MailKept)
@resources.alt_response(HTTPStatus.UNAUTHORIZED, schema=Problem)
@resources.alt_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, schema=Problem)
@resources.doc(summary="Receive one mail as it came (message/rfc822)", tags=["Post"])
@public
def receive_mail() -> Response | tuple[dict[str, Any], int]:
    """Keep an answer, an undelivered mail or a complaint; what it is about is found by us."""
    ours = runtime()
    body = request.stream.read(MAIL_BYTES_MAX + 1)
    secrets = ours.settings.mail_secret.split()
    headers = dict(request.headers)
    try:
        _proven(
            ours,
            lambda at: verify_signed(headers, body, secrets, at=at, bytes_max=MAIL_BYTES_MAX),
        )
    except WebhookRefused as error:
        return _refused(error)
    with ours.transaction() as session:
        kept = take_in(session, ours, body, at=ours.clock(session).instant())
        return {"outcome": "kept", "inbound": kept.id}, HTTPStatus.ACCEPTED


def _proven(ours: Runtime, verify: Callable[[datetime], Proven]) -> Proven:
    """What was verified, its age told by the machine's clock or by the demonstration's calendar."""
    try:
        return verify(ours.read_clock())
    except TimestampOutsideTolerance:
        with ours.transaction() as session:
            at = ours.clock(session).instant()
        return verify(at)


def _refused(error: WebhookRefused) -> Response:
    log.warning("webhook of the post refused", cause=type(error).__name__)
    return problem(error.http_status, type(error).__name__, str(error))
