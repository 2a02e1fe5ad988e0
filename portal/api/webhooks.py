"""Lenders' events: verified, stored as received, answered at once; a job reads them at our own pace."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

import structlog
from flask import jsonify, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from partners.exchange.webhooks import (
    BODY_BYTES_MAX,
    TimestampOutsideTolerance,
    VerifiedWebhook,
    WebhookRefused,
    verify_webhook,
)
from portal.funding.events import WEBHOOK, store_event
from portal.funding.models import Submission
from portal.http.access import public
from portal.http.transactions import runtime
from portal.jobs.queue import Job, enqueue
from portal.lenders.keys import keys_of
from portal.lenders.lookup import profile_by_slug
from portal.lenders.models import LenderProfile
from portal.runtime import Runtime

log = structlog.get_logger()

ZERO = b"\\u0000"
"""The one character that JSON can write and the database cannot keep."""

resources = Blueprint(
    "lender_events",
    __name__,
    url_prefix="/api/v1/lenders",
    description="What lenders tell us, as signed webhooks (see docs/lender-api.md).",
)


class EventKept(Schema):
    """The event is ours to read; sending it again is harmless."""

    event = fields.String(required=True, metadata={"description": "The event's own id."})
    outcome = fields.String(required=True, metadata={"description": "`stored` or `known`."})


class Problem(Schema):
    """A refusal (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    code = fields.String()
    message = fields.String()


@resources.route("/<slug>/events", methods=["POST"])
@resources.response(HTTPStatus.ACCEPTED, EventKept)
@resources.alt_response(HTTPStatus.OK, schema=EventKept, description="Held already")
@resources.alt_response(HTTPStatus.UNAUTHORIZED, schema=Problem)
@resources.alt_response(HTTPStatus.NOT_FOUND, schema=Problem)
@resources.doc(summary="Receive one event of a lender", tags=["Lenders"])
@public
def receive_event(slug: str) -> Response | tuple[dict[str, str], int]:
    """Keep one event and answer at once: 202 when it is new, 200 when it is held already."""
    ours: Runtime = runtime()
    body = request.stream.read(BODY_BYTES_MAX + 1)
    with ours.transaction() as session:
        profile = profile_by_slug(session, slug)
        if profile is None:
            return problem(HTTPStatus.NOT_FOUND, "no_such_lender", "no lender has this name")
        try:
            webhook = _verified(session, ours, profile, body)
        except WebhookRefused as error:
            log.warning("webhook refused", lender=slug, cause=type(error).__name__)
            return problem(error.http_status, type(error).__name__, str(error))
        if ZERO in body:
            return problem(HTTPStatus.BAD_REQUEST, "WebhookUnreadable", "a text holds a zero")
        submission = _submission(session, profile, webhook.body.get("dossier"))
        if submission is None:
            return problem(HTTPStatus.NOT_FOUND, "no_such_dossier", "you hold no such dossier")
        return _keep(session, submission, webhook, at=ours.clock(session).instant())


def _verified(
    session: Session, ours: Runtime, profile: LenderProfile, body: bytes
) -> VerifiedWebhook:
    """The webhook, its age told by the machine's clock or by the demonstration's calendar."""
    keys = keys_of(session, ours.settings, profile.organisation_id)
    secrets = keys.webhooks if keys else ()
    headers = dict(request.headers)
    try:
        return verify_webhook(headers, body, secrets, at=ours.read_clock())
    except TimestampOutsideTolerance:
        return verify_webhook(headers, body, secrets, at=ours.clock(session).instant())


def _submission(session: Session, profile: LenderProfile, dossier: Any) -> Submission | None:
    try:
        submission_id = UUID(str(dossier))
    except ValueError:
        return None
    return session.scalar(
        select(Submission).where(
            Submission.id == submission_id, Submission.lender_id == profile.organisation_id
        )
    )


def _keep(
    session: Session, submission: Submission, webhook: VerifiedWebhook, *, at: datetime
) -> tuple[dict[str, str], int]:
    event, is_new = store_event(
        session,
        submission,
        event_key=webhook.event_id,
        origin=WEBHOOK,
        body=webhook.body,
        sent_by=None,
        at=at,
    )
    if is_new:
        enqueue(
            session,
            Job.APPLY_LENDER_EVENT,
            event_id=event.id,
            one_at_a_time=f"request:{submission.request_id}",
        )
    status = HTTPStatus.ACCEPTED if is_new else HTTPStatus.OK
    return {"event": webhook.event_id, "outcome": "stored" if is_new else "known"}, status


def problem(status: int, code: str, message: str) -> Response:
    """A refusal as `application/problem+json`."""
    response: Response = jsonify(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": int(status),
            "code": code,
            "message": message,
        }
    )
    response.status_code = int(status)
    response.content_type = "application/problem+json"
    return response
