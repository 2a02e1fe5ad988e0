"""The card stand-in over HTTP: Stripe's calls, the page where a debtor pays, and buttons for what happens later."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from partners.sandbox.card_desk import DEBIT, CardDesk, CardRefusal

routes = Blueprint("card_payments", __name__)

TEXTS = {
    "fr": ("Page de paiement de démonstration", "Payer par carte", "Payer par prélèvement", "Revenir sans payer"),
    "en": ("Demonstration payment page", "Pay by card", "Pay by direct debit", "Go back without paying"),
}  # fmt: skip

PAGE = Markup(
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>'
    "<main><h1>{title}</h1><p>{label}</p><p><strong>{amount}</strong></p>"
    '<form method="post">{buttons}</form><p><a href="{cancel}">{back}</a></p></main></body></html>'
)


def desk() -> CardDesk:
    """The stand-in's state."""
    found: CardDesk = current_app.extensions["card_desk"]
    return found


@routes.errorhandler(CardRefusal)
def refuse(refusal: CardRefusal) -> tuple[Response, int]:
    error = {"type": refusal.kind, "code": refusal.code, "message": refusal.message}
    return jsonify(error=error), refusal.status


@routes.get("/v1/balance")
def balance() -> Response:
    """Whether a key works."""
    account()
    return jsonify(object="balance", livemode=False, available=[], pending=[])


@routes.post("/v1/webhook_endpoints")
def webhook_endpoint() -> Response:
    """Where an account's events go from now on."""
    return jsonify(desk().register(account(), request.form["url"]))


@routes.post("/v1/checkout/sessions")
def open_session() -> Response:
    """Open a payment page."""
    key = request.headers.get("Idempotency-Key", "")
    desk().public_url = request.host_url.rstrip("/")
    return jsonify(desk().open(account(), nested(request.form.to_dict()), key))


@routes.get("/v1/checkout/sessions/<session_id>")
def session(session_id: str) -> Response:
    """One session of the account, its payment expanded."""
    found = desk().sessions.get(session_id)
    if found is None or found["account"] != account():
        raise CardRefusal(404, "invalid_request_error", "resource_missing", "No such session")
    return jsonify(found)


@routes.get("/v1/checkout/sessions")
def sessions() -> Response:
    """The account's sessions of one payment."""
    wanted, mine = request.args.get("payment_intent"), account()
    found = [
        one
        for one in desk().sessions.values()
        if one["account"] == mine and (one["payment_intent"] or {}).get("id") == wanted
    ]
    return jsonify(object="list", data=found, has_more=False, url="/v1/checkout/sessions")


@routes.get("/v1/disputes")
def disputes() -> Response:
    """The disputes of one payment."""
    account()
    found = desk().disputes.get(request.args.get("payment_intent", ""))
    return jsonify(object="list", data=[found] if found else [], has_more=False, url="/v1/disputes")


@routes.get("/card-payments/<session_id>")
def page(session_id: str) -> str:
    """Where the debtor pays: no card is asked, this is a demonstration."""
    found = desk().sessions[session_id]
    locale = found["locale"] if found["locale"] in TEXTS else "en"
    title, by_card, by_debit, back = TEXTS[locale]
    labels = {"card": by_card, DEBIT: by_debit}
    buttons = Markup("").join(
        Markup('<p><button name="method" value="{}">{}</button></p>').format(one, labels[one])
        for one in found["methods"]
    )
    amount = f"{found['amount_total'] / 100:.2f} {found['currency'].upper()}"
    return PAGE.format(
        lang=locale, title=title, label=found["label"], amount=amount, buttons=buttons,
        cancel=found["cancel_url"], back=back,
    )  # fmt: skip


@routes.post("/card-payments/<session_id>")
def pay(session_id: str) -> AnyResponse:
    """The debtor has paid, and goes back."""
    found = desk().pay(session_id, request.form["method"])
    return redirect(found["success_url"], 303)


@routes.post("/card-payments/<session_id>/then/<what>")
def then(session_id: str, what: str) -> Response:
    """What happens later: ``honoured``, ``returned``, ``refunded``, ``disputed``, ``won``, ``expired``."""
    if what in ("honoured", "returned"):
        desk().answer_debit(session_id, paid=what == "honoured")
    elif what == "refunded":
        desk().refund(session_id, int(request.form["cents"]))
    elif what == "expired":
        desk().expire(session_id)
    else:
        desk().dispute(session_id, "won" if what == "won" else "needs_response")
    return jsonify(done=what)


def account() -> str:
    """The key that asks, which must look like one."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not re.fullmatch(r"[sr]k_test_\w{8,}", key):
        raise CardRefusal(401, "invalid_request_error", "api_key_invalid", "Invalid API Key")
    return key


def nested(flat: dict[str, str]) -> dict[str, Any]:
    """``a[b][0]=c`` as nested dictionaries."""
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *path, last = re.findall(r"[^\[\]]+", name)
        node = tree
        for step in path:
            node = node.setdefault(step, {})
        node[last] = value
    return tree
