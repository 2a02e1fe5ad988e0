"""The first page: what the product does, with an example computed on the spot."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from portal.http.access import public
from portal.http.transactions import clock, session
from portal.lenders.lookup import active_cards
from portal.lenders.rate_cards import tariff_of
from portal.web.presentation import current_locale
from portal.web.product_words import PRODUCT_LABELS
from pricing.money import Money
from pricing.products.catalogue import price_batch
from pricing.products.fee_text import describe_fee
from pricing.products.quote import AssignedReceivable, Product, Quote

pages = Blueprint("landing", __name__)

EXAMPLE_FACE = Money(1_000_000)
EXAMPLE_DAYS = 60


@pages.get("/")
@public
def index() -> str:
    """What it does, what it costs on one example, and where to start."""
    return render_template(
        "landing.html",
        start_url=url_for("apply.company"),
        suggest_url=url_for("apply.suggestions"),
        company=request.args.get("company", ""),
        example_invoice={
            "face_cents": EXAMPLE_FACE.cents,
            "due_in_days": EXAMPLE_DAYS,
            "currency": EXAMPLE_FACE.currency,
        },
        example=_example(clock().day()),
    )


def _example(today: date) -> Sequence[Mapping[str, Any]]:
    """One line per product that some lender offers, the best of each; empty without lenders."""
    line = AssignedReceivable("", EXAMPLE_FACE, today + timedelta(days=EXAMPLE_DAYS))
    best: dict[Product, Quote] = {}
    for card in active_cards(session(), tuple(Product)):
        price = price_batch(tariff_of(card), [line], today)
        rival = best.get(card.product)
        if rival is None or price.net_today > rival.net_today:
            best[card.product] = price
    ways = [best[product] for product in Product if product in best]
    most = max((way.net_today.cents for way in ways), default=0)
    least = min((way.total_cost.cents for way in ways), default=0)
    return [_way(way, _distinction(way, most, least)) for way in ways]


def _distinction(way: Quote, most: int, least: int) -> str | None:
    if way.net_today.cents == most:
        return str(gettext("most cash today"))
    return str(gettext("lowest cost")) if way.total_cost.cents == least else None


def _way(way: Quote, best: str | None) -> dict[str, Any]:
    locale = current_locale()
    fees = [(describe_fee(fee, locale).label, fee.amount.cents) for fee in way.fees]
    return {
        "product": str(PRODUCT_LABELS[way.product]),
        "advance_cents": way.net_today.cents,
        "cost_cents": way.total_cost.cents,
        "annual_rate": way.all_in_annual_rate,
        "reserve_cents": way.reserve.cents,
        "debtor_told": way.debtor_notified,
        "best": best,
        "explain": [*fees, (gettext("Total cost"), way.total_cost.cents)],
    }
