"""The payments of an assignor's debtors: the list, and taking one back."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.payments import lookup
from portal.payments.lookup import PaymentFilter
from portal.payments.recording import PaymentRefused, unallocated_cents, undo_payment
from portal.web.collection_words import METHOD_WORDS
from portal.web.csv_export import Amount, csv_response
from portal.web.paging import Page, asked_page
from portal.web.payment_words import refusal_text

pages = Blueprint("payments", __name__, url_prefix="/payments")

PER_PAGE = 25


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """What was received, on which invoices, and what settles nothing yet."""
    owner, wanted = current_assignor_id(), _wanted()
    total = lookup.count_payments(session(), owner, wanted)
    pages_count = max(-(-total // PER_PAGE), 1)
    number = min(asked_page(), pages_count)
    rows = lookup.list_payments(session(), owner, wanted, page=number, per_page=PER_PAGE)
    return render_template(
        "payments/index.html",
        page=Page(number, pages_count, total, PER_PAGE, rows),
        invoices=lookup.invoices_of(session(), owner, [one.id for one, _ in rows]),
        unallocated=unallocated_cents,
        methods=METHOD_WORDS,
        wanted=wanted,
        may_record=the_caller().may(Action.RECORD_PAYMENT),
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """The same list, whole."""
    header = [
        gettext("Received"),
        gettext("Debtor"),
        gettext("Amount"),
        gettext("Currency"),
        gettext("Invoices"),
        gettext("Unallocated"),
        gettext("Reference"),
        gettext("Undone because"),
    ]
    return csv_response(gettext("payments"), header, _exported())


@pages.post("/<uuid:payment_id>/undo")
@allow(Action.RECORD_PAYMENT)
def undo(payment_id: UUID) -> Response:
    """Take a payment back, saying why."""
    payment = lookup.find_payment(session(), payment_id, assignor_id=current_assignor_id())
    try:
        undo_payment(
            session(),
            payment,
            because=request.form.get("because", "")[:500],
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except PaymentRefused as refusal:
        flash(refusal_text(refusal), "warning")
    else:
        flash(gettext("The payment was undone; its trace stays."), "success")
    return redirect(url_for("payments.index"), 303)


def _exported() -> Iterator[list[Any]]:
    owner = current_assignor_id()
    rows = lookup.list_payments(session(), owner, _wanted(), per_page=None)
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        invoices = lookup.invoices_of(session(), owner, [one.id for one, _ in part])
        for payment, debtor in part:
            yield [
                payment.received_on,
                debtor,
                Amount(payment.amount_cents),
                payment.currency,
                ", ".join(one.number for one in invoices.get(payment.id, ())),
                Amount(unallocated_cents(payment)),
                payment.reference,
                payment.undone_because,
            ]


def _wanted() -> PaymentFilter:
    given = request.args
    return PaymentFilter(
        search=given.get("q", "")[:100],
        received_from=_day(given.get("from", "")),
        received_to=_day(given.get("to", "")),
        sort=given.get("sort", "-received"),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
