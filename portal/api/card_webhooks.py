"""Stripe's events, per assignor: verified with its own secret, stored, answered at once; a job reads them."""

from http import HTTPStatus

import structlog
from flask import abort, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from partners.payments.stripe_gateway import CardWebhookRefused, read_webhook
from portal.collections.debtor_page.card_keys import account_by_token, keys_of
from portal.collections.debtor_page.settling import store_event
from portal.http.access import public
from portal.http.transactions import runtime

log = structlog.get_logger()

BODY_BYTES_MAX = 500_000

resources = Blueprint(
    "card_events",
    __name__,
    url_prefix="/api/v1/stripe",
    description="What Stripe tells about an assignor's own account.",
)


class CardEventKept(Schema):
    """The event is held; sending it again is harmless."""

    outcome = fields.String(required=True, metadata={"description": "`stored` or `known`."})


@resources.route("/<token>", methods=["POST"])
@resources.response(HTTPStatus.OK, CardEventKept)
@resources.doc(summary="Receive one event of Stripe", tags=["Stripe"])
@public
def receive(token: str) -> dict[str, str]:
    """Keep one event of one assignor's account; 400 when it is not signed with its secret."""
    ours = runtime()
    body = request.stream.read(BODY_BYTES_MAX + 1)
    if len(body) > BODY_BYTES_MAX:
        abort(413)
    with ours.transaction() as session:
        account = account_by_token(session, token)
        if account is None:
            abort(404)
        keys = keys_of(session, ours.settings, account.organisation_id)
        try:
            webhook = read_webhook(
                body,
                request.headers.get("Stripe-Signature", ""),
                keys.webhook_secret if keys else "",
            )
        except CardWebhookRefused as refusal:
            log.warning(
                "card webhook refused", account=str(account.organisation_id), why=str(refusal)
            )
            abort(400)
        fresh = store_event(session, account, webhook, at=ours.clock(session).instant())
    return {"outcome": "stored" if fresh else "known"}
