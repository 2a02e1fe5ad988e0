"""The lender's rate cards: every version, what it charges and what it accepts."""

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import session
from portal.identity.permissions import Action
from portal.lenders.lookup import card_of, cards_of
from portal.lenders.rate_cards import policy_of, tariff_of
from portal.web.csv_export import csv_response
from portal.web.product_words import PRODUCT_LABELS
from portal.web.tariff_words import POLICY_WORDS, TARIFF_WORDS, setting_rows

pages = Blueprint("rate_cards", __name__, url_prefix="/rate-cards")


@pages.get("/")
@allow(Action.SEE_DEALS)
def index() -> str:
    """Every version of every card, those in force marked."""
    return render_template(
        "rate_cards/index.html",
        cards=cards_of(session(), the_caller().organisation_id),
        products=PRODUCT_LABELS,
    )


@pages.get("/export.csv")
@allow(Action.SEE_DEALS)
def export() -> Response:
    """The same, as a table."""
    header = [
        gettext("Card"),
        gettext("Product"),
        gettext("Version"),
        gettext("In force since"),
        gettext("Until"),
    ]
    lender_id = the_caller().organisation_id
    return csv_response(
        gettext("rate-cards"),
        header,
        lambda: (
            (
                card.title,
                PRODUCT_LABELS[card.product],
                card.version,
                card.activated_at and card.activated_at.date(),
                card.retired_at and card.retired_at.date(),
            )
            for card in cards_of(session(), lender_id)
        ),
    )


@pages.get("/<uuid:card_id>")
@allow(Action.SEE_DEALS)
def show(card_id: UUID) -> str:
    """One version: its tariff and its policy, as they are read when pricing."""
    card = card_of(session(), the_caller().organisation_id, card_id)
    if card is None:
        abort(404)
    return render_template(
        "rate_cards/show.html",
        card=card,
        products=PRODUCT_LABELS,
        tariff=setting_rows(tariff_of(card), TARIFF_WORDS),
        policy=setting_rows(policy_of(card), POLICY_WORDS),
    )
