"""Who to chase, and what is done about one receivable: record, promise, dispute, remind."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.collections import lookup
from portal.collections.answers import disputes, promises
from portal.collections.dunning.by_hand import ReceivableNotCollectable
from portal.collections.dunning.casefile import active_scenarios
from portal.collections.lookup import ChaseCounts, ChaseFilter, ChaseView
from portal.collections.models import DisputeOutcome, DisputeReason
from portal.collections.standing import standings
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.payments.recording import PaymentRefused, preview_imputation, record_payment
from portal.receivables.models import Receivable
from portal.web.collection_panel import Panel, next_action, panel_of, right_word
from portal.web.csv_export import Amount, csv_response
from portal.web.debtor_words import debtor_words_of
from portal.web.paging import Page, asked_page
from portal.web.payment_words import code_text, refusal_text
from portal.web.typed import typed_cents, typed_day
from pricing.late_payment import Imputation
from pricing.money import Money

pages = Blueprint("collections", __name__, url_prefix="/collections")

PER_PAGE = 25
AGES = {"1-30": (1, 30), "31-60": (31, 60), "61-90": (61, 90), "91": (91, 36_500)}


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """Who to chase today: the heaviest first, with what is done next and why nothing is."""
    owner, today = _assignor(), clock().day()
    wanted = _wanted()
    counts = lookup.count_chased(session(), owner.id, wanted, today)
    pages_count = max(-(-counts.total // PER_PAGE), 1)
    number = min(asked_page(), pages_count)
    rows = lookup.list_chased(session(), owner.id, wanted, today, page=number, per_page=PER_PAGE)
    known = standings(session(), owner, [row.receivable.id for row in rows], today=today)
    return render_template(
        "collections/index.html",
        page=Page(number, pages_count, counts.total, PER_PAGE, rows),
        owed_cents=counts.owed_cents,
        standings=known,
        next_action=next_action,
        right_word=right_word,
        wanted=wanted,
        age=request.args.get("age", ""),
        views=_views(wanted, counts),
        token=uuid4().hex,
        running=active_scenarios(session(), owner.id),
        consented=owner.reminders_consented_at is not None,
        may_record=the_caller().may(Action.RECORD_PAYMENT),
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """The same list, whole, with what may be asked today."""
    owner, wanted, today = _assignor(), _wanted(), clock().day()
    header = [
        gettext("Number"),
        gettext("Debtor"),
        gettext("Due"),
        gettext("Days late"),
        gettext("Outstanding"),
        gettext("May be asked today"),
        gettext("Next action"),
    ]
    return csv_response(gettext("to-chase"), header, lambda: _exported(owner, wanted, today))


@pages.get("/<uuid:receivable_id>")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """The collection of one receivable."""
    return _page(_own(receivable_id))


@pages.post("/<uuid:receivable_id>/payment")
@allow(Action.RECORD_PAYMENT)
def payment(receivable_id: UUID) -> Response | str | tuple[str, int]:
    """Record a payment on this receivable; ``preview`` shows both imputations first."""
    receivable = _own(receivable_id)
    received_on, _ = typed_day("received_on")
    cents = typed_cents(request.form.get("amount", ""))
    token = _token()
    errors = {} if token else {"form": _form_too_old()}
    if received_on is None:
        errors["received_on"] = gettext("Write the date as 2026-12-31.")
    if cents is None or cents <= 0:
        errors["amount"] = gettext("Write an amount above zero, such as 1 234,56.")
    if received_on is None or cents is None or errors:
        return _page(receivable, errors=errors), 422
    amount = Money(cents, receivable.currency)
    if "preview" in request.form:
        both = preview_imputation(
            session(),
            assignor_id=receivable.assignor_id,
            receivable_id=receivable.id,
            received_on=received_on,
            amount=amount,
        )
        return _page(receivable, imputations=both)
    try:
        record_payment(
            session(),
            assignor_id=receivable.assignor_id,
            debtor_id=receivable.debtor_id,
            amounts={receivable.id: amount},
            received_on=received_on,
            amount=amount,
            method=request.form.get("method"),
            reference=request.form.get("reference", "")[:200],
            imputation=_imputation(),
            dedupe_key=f"form:{token}",
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except PaymentRefused as refusal:
        return _page(receivable, errors={"amount": refusal_text(refusal)}), 422
    flash(gettext("The payment was recorded."), "success")
    return _back(receivable)


@pages.post("/paid")
@allow(Action.RECORD_PAYMENT)
def paid() -> Response:
    """Record several invoices as paid today, principal first; penalties stay due."""
    owner, today, token = current_assignor_id(), clock().day(), _token()
    if not token:
        flash(_form_too_old(), "warning")
        return redirect(url_for("collections.index"), 303)
    recorded = 0
    for text in dict.fromkeys(request.form.getlist("selected")):
        receivable = _own(_uuid(text))
        owed = lookup.owed_on(session(), receivable, lock=True)
        if not owed:
            continue
        amount = Money(owed, receivable.currency)
        record_payment(
            session(),
            assignor_id=owner,
            debtor_id=receivable.debtor_id,
            amounts={receivable.id: amount},
            received_on=today,
            amount=amount,
            imputation=Imputation.PRINCIPAL_FIRST,
            dedupe_key=f"bulk:{receivable.id}:{token}",
            by=the_caller().member_id,
            at=clock().instant(),
        )
        recorded += 1
    message = ngettext(
        "%(num)d invoice was recorded as paid today.",
        "%(num)d invoices were recorded as paid today.",
        recorded,
    )
    flash(message, "success" if recorded else "info")
    return redirect(url_for("collections.index"), 303)


@pages.post("/<uuid:receivable_id>/promise")
@allow(Action.MANAGE_COLLECTION)
def promise(receivable_id: UUID) -> Response | tuple[str, int]:
    """Note that the debtor promised to pay."""
    receivable = _own(receivable_id)
    promised_for, _ = typed_day("promised_for")
    cents = typed_cents(request.form.get("promised", ""))
    if promised_for is None or cents is None:
        name = "promised_for" if promised_for is None else "promised"
        text = gettext("Write an amount such as 1 234,56 and a day such as 2026-12-31.")
        return _page(receivable, errors={name: text}), 422
    try:
        promises.record_promise(
            session(),
            receivable,
            amount_cents=cents,
            promised_for=promised_for,
            note=request.form.get("note", "")[:500],
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except promises.PromiseRefused as refusal:
        name = "promised_for" if refusal.code == "day_past" else "promised"
        return _page(receivable, errors={name: code_text(refusal.code)}), 422
    flash(gettext("The promise was noted: reminders wait for its day."), "success")
    return _back(receivable)


@pages.post("/promises/<uuid:promise_id>/cancel")
@allow(Action.MANAGE_COLLECTION)
def cancel_promise(promise_id: UUID) -> Response:
    """The promise no longer holds."""
    found = lookup.find_promise(session(), promise_id, assignor_id=current_assignor_id())
    promises.cancel_promise(session(), found, by=the_caller().member_id, at=clock().instant())
    flash(gettext("The promise was cancelled: reminders resume."), "success")
    return redirect(url_for("collections.show", receivable_id=found.receivable_id), 303)


@pages.post("/<uuid:receivable_id>/dispute")
@allow(Action.MANAGE_COLLECTION)
def dispute(receivable_id: UUID) -> Response | tuple[str, int]:
    """Note that the debtor contests all or a part."""
    receivable = _own(receivable_id)
    typed = request.form.get("disputed", "").strip()
    cents = typed_cents(typed) if typed else None
    reason = request.form.get("reason", "")
    if typed and cents is None:
        text = gettext("Write an amount above zero, such as 1 234,56.")
        return _page(receivable, errors={"disputed": text}), 422
    if reason not in set(DisputeReason):
        return _page(receivable, errors={"reason": gettext("Choose a reason.")}), 422
    try:
        disputes.open_dispute(
            session(),
            receivable,
            amount_cents=cents,
            reason=DisputeReason(reason),
            note=request.form.get("note", "")[:500],
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except disputes.DisputeRefused as refusal:
        return _page(receivable, errors={"disputed": code_text(refusal.code)}), 422
    flash(gettext("The dispute was noted: this part is no longer asked."), "success")
    return _back(receivable)


@pages.post("/disputes/<uuid:dispute_id>/close")
@allow(Action.MANAGE_COLLECTION)
def close_dispute(dispute_id: UUID) -> Response:
    """Close a dispute with its outcome."""
    found = lookup.find_dispute(session(), dispute_id, assignor_id=current_assignor_id())
    chosen = request.form.get("outcome", "")
    if chosen not in set(DisputeOutcome):
        flash(gettext("Choose how the dispute ended."), "warning")
    else:
        disputes.close_dispute(
            session(),
            found,
            DisputeOutcome(chosen),
            by=the_caller().member_id,
            at=clock().instant(),
        )
        flash(gettext("The dispute is closed."), "success")
    return redirect(url_for("collections.show", receivable_id=found.receivable_id), 303)


def timeline_of(db: Session, receivable: Receivable, today: date) -> Panel | None:
    """What the fragments ``collections/_*.html`` read as ``collection``; for the page of a receivable."""
    return panel_of(db, receivable, the_caller(), today)


def _page(receivable: Receivable, **given: Any) -> str:
    typed = request.form.to_dict() if request.method == "POST" else {}
    panel = panel_of(session(), receivable, the_caller(), clock().day(), typed=typed, **given)
    if panel is None:
        raise ReceivableNotCollectable(receivable.id)
    return render_template(
        "collections/show.html",
        one=receivable,
        collection=panel,
        right=right_word(panel.standing),
        **debtor_words_of(session(), receivable, clock().day()),
    )


def _exported(owner: Organisation, wanted: ChaseFilter, today: date) -> Iterator[list[Any]]:
    for part in lookup.every_chased(session(), owner.id, wanted, today):
        known = standings(session(), owner, [row.receivable.id for row in part], today=today)
        for row in part:
            standing = known[row.receivable.id]
            yield [
                row.receivable.number,
                row.debtor_name,
                row.receivable.due_on,
                standing.days_past_due,
                Amount(row.outstanding_cents),
                Amount(standing.asked_cents),
                next_action(standing),
            ]


def _views(wanted: ChaseFilter, counts: ChaseCounts) -> list[dict[str, Any]]:
    labels = {
        ChaseView.OVERDUE: gettext("Overdue"),
        ChaseView.SOON: gettext("Due soon"),
        ChaseView.PROMISED: gettext("Promised"),
        ChaseView.DISPUTED: gettext("In dispute"),
    }
    return [
        {
            "label": label,
            "url": url_for("collections.index", view=view.value),
            "active": view is wanted.view,
            "count": counts.views[view],
        }
        for view, label in labels.items()
    ]


def _wanted() -> ChaseFilter:
    given = request.args
    view = given.get("view", "")
    low, high = AGES.get(given.get("age", ""), (0, lookup.LATE_NO_MORE_THAN))
    return ChaseFilter(
        view=ChaseView(view) if view in set(ChaseView) else ChaseView.OVERDUE,
        search=given.get("q", "")[:100],
        days_min=low,
        days_max=high,
        sort=given.get("sort", "-weight"),
    )


def _token() -> str:
    """What names this sending of the form: two clicks carry one, two payments meant carry two; empty if absent."""
    return request.form.get("token", "").strip()[:64]


def _form_too_old() -> str:
    said: str = gettext(
        "Nothing was recorded: the form was incomplete. Open the page again and send it once."
    )
    return said


def _imputation() -> Imputation:
    chosen = request.form.get("imputation", "")
    return Imputation(chosen) if chosen in set(Imputation) else Imputation.INTEREST_FIRST


def _assignor() -> Organisation:
    return session().get_one(Organisation, current_assignor_id())


def _own(receivable_id: UUID) -> Receivable:
    return lookup.find_receivable(session(), receivable_id, assignor_id=current_assignor_id())


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise lookup.CollectionNotFound(text) from None


def _back(receivable: Receivable) -> Response:
    return redirect(url_for("collections.show", receivable_id=receivable.id), 303)
