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
from portal.payments.models import PaidTo, Payment
from portal.payments.recording import (
    PaymentRefused,
    allocate_rest,
    unallocated_cents,
    undo_payment,
)
from portal.receivables.lookup import Filters, list_receivables
from portal.receivables.position import OPEN
from portal.web.collection_words import METHOD_WORDS
from portal.web.csv_export import Amount, csv_response
from portal.web.paging import Page, asked_page
from portal.web.payment_words import refusal_text
from portal.web.typed import typed_cents
from pricing.money import Money

pages = Blueprint("payments", __name__, url_prefix="/payments")

PER_PAGE = 25
INVOICES_MAX = 200


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
    owner, wanted = current_assignor_id(), _wanted()
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
    return csv_response(gettext("payments"), header, lambda: _exported(owner, wanted))


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


@pages.get("/<uuid:payment_id>/allocate")
@allow(Action.RECORD_PAYMENT)
def rest(payment_id: UUID) -> str:
    """Which open invoices the rest of a payment settles."""
    payment = lookup.find_payment(session(), payment_id, assignor_id=current_assignor_id())
    return _rest_page(payment, {}, {})


@pages.post("/<uuid:payment_id>/allocate")
@allow(Action.RECORD_PAYMENT)
def allocate(payment_id: UUID) -> Response | tuple[str, int]:
    """Allocate the rest of a payment to the invoices named."""
    payment = lookup.find_payment(session(), payment_id, assignor_id=current_assignor_id())
    typed = _typed_amounts()
    amounts = {receivable_id: typed_cents(text) for receivable_id, text in typed.items()}
    if None in amounts.values():
        wrong = gettext("Write an amount above zero, such as 1 234,56.")
        return _rest_page(payment, typed, {"amount": wrong}), 422
    try:
        allocate_rest(
            session(),
            payment,
            {one: Money(cents or 0, payment.currency) for one, cents in amounts.items()},
            rest=Money(request.form.get("rest", 0, type=int), payment.currency),
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except PaymentRefused as refusal:
        return _rest_page(payment, typed, {"amount": refusal_text(refusal)}), 422
    flash(gettext("The rest of the payment was allocated."), "success")
    return redirect(url_for("payments.index"), 303)


def _typed_amounts() -> dict[UUID, str]:
    """What was typed beside each invoice; other fields of the form are left out."""
    typed = {}
    for name, text in request.form.items():
        try:
            receivable_id = UUID(name)
        except ValueError:
            continue
        if text.strip():
            typed[receivable_id] = text.strip()
    return typed


def _rest_page(payment: Payment, typed: dict[UUID, str], errors: dict[str, str]) -> str:
    wanted = Filters(debtor_id=payment.debtor_id, statuses=OPEN)
    found = list_receivables(
        session(),
        payment.assignor_id,
        wanted,
        today=clock().day(),
        sort="due",
        per_page=INVOICES_MAX,
    )
    return render_template(
        "payments/rest.html",
        payment=payment,
        rest=unallocated_cents(payment) if payment.paid_to is PaidTo.ASSIGNOR else 0,
        rows=[one for one in found.rows if one.currency == payment.currency],
        typed=typed,
        errors=errors,
    )


def _exported(owner: UUID, wanted: PaymentFilter) -> Iterator[list[Any]]:
    for part in lookup.every_payment(session(), owner, wanted):
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
