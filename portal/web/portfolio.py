"""What the lender has outstanding, and what is late."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.lenders.lookup import names_of
from portal.settlement.portfolio import every_holding, holdings_of, shares_by
from portal.web.csv_export import Amount, csv_response
from portal.web.product_words import PRODUCT_LABELS

pages = Blueprint("portfolio", __name__, url_prefix="/portfolio")

SHOWN = 100


@pages.get("/")
@allow(Action.SEE_DEALS)
def index() -> str:
    """Outstanding by debtor, company and product; arrears."""
    today = clock().day()
    holdings = holdings_of(session(), the_caller().organisation_id)
    late = [one for one in holdings if one.days_late(today)]
    names = names_of(session(), {one.assignor_id for one in holdings})
    return render_template(
        "portfolio/index.html",
        holdings=holdings,
        late=sorted(late, key=lambda one: -one.days_late(today))[:SHOWN],
        late_cents=sum(one.left_cents for one in late),
        by_debtor=shares_by(holdings, lambda one: one.debtor, today)[:SHOWN],
        by_company=shares_by(holdings, lambda one: names.get(one.assignor_id, ""), today)[:SHOWN],
        by_product=shares_by(holdings, lambda one: str(PRODUCT_LABELS[one.product]), today),
        names=names,
        today=today,
    )


@pages.get("/export.csv")
@allow(Action.SEE_DEALS)
def export() -> Response:
    """Every receivable outstanding, as a spreadsheet."""
    lender_id, today = the_caller().organisation_id, clock().day()
    header = [
        gettext("Company"),
        gettext("Debtor"),
        gettext("SIREN"),
        gettext("Product"),
        gettext("Number"),
        gettext("Due"),
        gettext("Owed"),
        gettext("Advance outstanding"),
        gettext("Days late"),
    ]
    return csv_response(gettext("portfolio"), header, lambda: _exported(lender_id, today))


def _exported(lender_id: UUID, today: date) -> Iterator[list[Any]]:
    for part in every_holding(session(), lender_id):
        names = names_of(session(), {one.assignor_id for one in part})
        for one in part:
            yield [
                names.get(one.assignor_id, ""),
                one.debtor,
                one.debtor_siren,
                PRODUCT_LABELS[one.product],
                one.number,
                one.due_on,
                Amount(one.left_cents),
                Amount(one.advance_left_cents),
                one.days_late(today),
            ]
