"""Payments by card: the assignor's own Stripe account, tried before it is kept."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from partners.payments.stripe_gateway import (
    CardGateway,
    CardKeyRefused,
    CardRequestRefused,
    CardServiceUnavailable,
)
from portal.collections.debtor_page.card_keys import (
    CardKeys,
    a_webhook_token,
    account_of,
    choose_methods,
    keep_account,
    webhook_url,
)
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, commit_now, runtime, session
from portal.identity.permissions import Action

pages = Blueprint("card_settings", __name__, url_prefix="/settings/card-payments")

KEY_STARTS = ("sk_", "rk_")
KEY_CHARS_MAX = 300


@pages.get("/")
@allow(Action.MANAGE_CARD_PAYMENTS)
def show() -> str:
    """The account in use, and how to connect one."""
    return _page({})


@pages.post("/")
@allow(Action.MANAGE_CARD_PAYMENTS)
def connect() -> Response | tuple[str, int]:
    """Try a key with Stripe, ask it to send its events, and keep both; nothing changes when it fails."""
    key = request.form.get("secret_key", "").strip()[:KEY_CHARS_MAX]
    signed_by = request.form.get("webhook_secret", "").strip()[:KEY_CHARS_MAX]
    if not key.startswith(KEY_STARTS):
        text = gettext(
            "A secret key starts with sk_ or rk_: copy it from Stripe, Developers, API keys."
        )
        return _page({"secret_key": text}), 422
    if signed_by and not signed_by.startswith("whsec_"):
        text = gettext(
            "A webhook's secret starts with whsec_: leave it empty to let us create the webhook."
        )
        return _page({"webhook_secret": text}), 422
    owner, member_id, settings = current_assignor_id(), the_caller().member_id, runtime().settings
    known, at = account_of(session(), owner), clock().instant()
    token = known.webhook_token if known else a_webhook_token()
    commit_now()
    gateway = CardGateway(key, settings.stripe_url)
    try:
        live = gateway.is_live()
        secret = signed_by or gateway.register_webhook(webhook_url(settings, token))
    except CardKeyRefused:
        text = gettext(
            "Stripe refuses this key: check that it is whole, active and allowed to take payments."
        )
        return _page({"secret_key": text}), 422
    except CardRequestRefused:
        text = gettext(
            "Stripe refused to create the webhook: create it yourself and give its secret."
        )
        return _page({"webhook_secret": text}), 422
    except CardServiceUnavailable:
        text = gettext("Stripe does not answer: nothing was changed, try again in a moment.")
        return _page({"secret_key": text}), 422
    with runtime().transaction() as system:
        keep_account(
            system,
            settings,
            owner,
            CardKeys(key, secret),
            webhook_token=token,
            live=live,
            by=member_id,
            at=at,
        )
    flash(gettext("The key works: your customers can now pay by card."), "success")
    return redirect(url_for("card_settings.show"), 303)


@pages.post("/methods")
@allow(Action.MANAGE_CARD_PAYMENTS)
def methods() -> Response:
    """Offer card, direct debit, both or neither."""
    account = account_of(session(), current_assignor_id())
    if account is not None:
        choose_methods(
            session(),
            account,
            by_card="by_card" in request.form,
            by_debit="by_debit" in request.form,
            by=the_caller().member_id,
            at=clock().instant(),
        )
        flash(gettext("Settings saved."), "success")
    return redirect(url_for("card_settings.show"), 303)


def _page(errors: dict[str, str]) -> str:
    account = account_of(session(), current_assignor_id())
    address = webhook_url(runtime().settings, account.webhook_token) if account else None
    return render_template(
        "card_settings/show.html", account=account, address=address, errors=errors
    )
