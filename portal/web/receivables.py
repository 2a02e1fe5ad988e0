"""The assignor's invoices: the list, one of them, and what is added to it by hand."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Row
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.lenders.lookup import names_of
from portal.quotes.lookup import best_today
from portal.quotes.pricing import quote_receivables
from portal.receivables import completing, lookup
from portal.receivables.lookup import Filters, find_receivable
from portal.receivables.models import Receivable
from portal.receivables.position import Status, days_past_due, position_of, status_of
from portal.web.csv_export import Amount, csv_response
from portal.web.navigation import address_of
from portal.web.paging import asked_page
from portal.web.priced import show_receivable
from portal.web.product_words import DUE_SOURCES, STATUS_WORDS
from portal.web.receivable_story import collection_story, requests_about, told_reasons
from portal.web.typed import typed_cents, typed_day

pages = Blueprint("receivables", __name__, url_prefix="/receivables")

PROOF_TYPES = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
SHORTCUTS = (Status.OVERDUE, Status.UPCOMING, Status.DISPUTED, Status.DRAFT, Status.PAID)


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The list: filtered, sorted and cut in the database."""
    owner, today = current_assignor_id(), clock().day()
    filters = _filters()
    page = lookup.list_receivables(
        session(),
        owner,
        filters,
        today=today,
        sort=request.args.get("sort", lookup.DEFAULT_SORT),
        page=asked_page(),
    )
    return render_template(
        "receivables/index.html",
        page=page,
        filters=filters,
        typed=request.args,
        today=today,
        words=STATUS_WORDS,
        counts=page.counts,
        shortcuts=SHORTCUTS,
        cash=best_today(session(), [row.id for row in page.rows]),
        lenders=names_of(session(), {row.lender_id for row in page.rows if row.lender_id}),
        late=lambda row: days_past_due(row.due_on, today),
        finance_url=_finance_url(),
        may_import=the_caller().may(Action.IMPORT_RECEIVABLES),
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """The same list, whole, as a spreadsheet."""
    owner, today = current_assignor_id(), clock().day()
    filters, sort = _filters(), request.args.get("sort", lookup.DEFAULT_SORT)
    header = [
        gettext("Number"),
        gettext("Debtor"),
        gettext("Issued"),
        gettext("Due"),
        gettext("Currency"),
        gettext("Incl. VAT"),
        gettext("Paid"),
        gettext("Credited"),
        gettext("Disputed"),
        gettext("Outstanding"),
        gettext("Status"),
        gettext("Days late"),
    ]

    def rows() -> Iterator[list[Any]]:
        found = lookup.every_receivable(session(), owner, filters, today=today, sort=sort)
        return _exported(found, today)

    return csv_response(gettext("invoices"), header, rows)


@pages.get("/<uuid:receivable_id>")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """One invoice: its document, its parties, what each lender says, what was done to collect it."""
    return _page(_own(receivable_id))


@pages.post("/<uuid:receivable_id>/due-date")
@allow(Action.IMPORT_RECEIVABLES)
def due_date(receivable_id: UUID) -> Response | tuple[str, int]:
    """Enter the due date."""
    receivable = _own(receivable_id, lock=True)
    due_on, typed = typed_day("due_on")
    if due_on is None:
        return _page(receivable, {"due_on": gettext("Write the date as 2026-12-31.")}, typed), 422
    try:
        completing.enter_due_date(session(), receivable, due_on, **_who())
    except completing.DueDateRefused:
        message = gettext("It cannot be before the invoice's own date.")
        return _page(receivable, {"due_on": message}, typed), 422
    flash(gettext("The due date was saved."), "success")
    return _back(receivable)


@pages.post("/<uuid:receivable_id>/delivery-proof")
@allow(Action.IMPORT_RECEIVABLES)
def delivery_proof(receivable_id: UUID) -> Response | tuple[str, int]:
    """Add a delivery note or an acceptance report."""
    _own(receivable_id)
    sent = request.files.get("proof")
    limit = runtime().settings.upload_max_bytes
    content = sent.stream.read(limit + 1) if sent else b""
    name = (sent.filename or "") if sent else ""
    media_type = PROOF_TYPES.get(f".{name.rsplit('.', 1)[-1].lower()}")
    receivable = _own(receivable_id, lock=True)
    if not content or media_type is None or len(content) > limit:
        message = gettext(
            "Choose a PDF, PNG or JPEG file of at most %(size)d MB.", size=limit // 1_000_000
        )
        return _page(receivable, {"proof": message}), 422
    completing.add_delivery_proof(
        session(),
        runtime().documents,
        receivable,
        filename=name,
        media_type=media_type,
        content=content,
        **_who(),
    )
    flash(gettext("The delivery proof was added."), "success")
    return _back(receivable)


@pages.post("/<uuid:receivable_id>/confirmation")
@allow(Action.IMPORT_RECEIVABLES)
def confirmation(receivable_id: UUID) -> Response | tuple[str, int]:
    """Note the day the debtor confirmed."""
    receivable = _own(receivable_id, lock=True)
    confirmed_on, typed = typed_day("confirmed_on")
    message = gettext("Write a day between the invoice's date and today.")
    if confirmed_on is None:
        return _page(receivable, {"confirmed_on": message}, typed), 422
    try:
        completing.record_confirmation(
            session(), receivable, confirmed_on, today=clock().day(), **_who()
        )
    except completing.ConfirmationRefused:
        return _page(receivable, {"confirmed_on": message}, typed), 422
    flash(gettext("The confirmation was noted."), "success")
    return _back(receivable)


@pages.post("/<uuid:receivable_id>/cancel")
@allow(Action.IMPORT_RECEIVABLES)
def cancel(receivable_id: UUID) -> Response | tuple[str, int]:
    """Withdraw an invoice entered by mistake."""
    receivable = _own(receivable_id, lock=True)
    try:
        completing.cancel(session(), receivable, request.form.get("because", ""), **_who())
    except completing.ReasonMissing:
        return _page(receivable, {"because": gettext("Say why, in a few words.")}), 422
    flash(gettext("The invoice was withdrawn; its trace stays."), "success")
    return _back(receivable)


@pages.post("/<uuid:receivable_id>/restore")
@allow(Action.IMPORT_RECEIVABLES)
def restore(receivable_id: UUID) -> Response:
    """Take back a withdrawal."""
    receivable = _own(receivable_id, lock=True)
    completing.restore(session(), receivable, **_who())
    return _back(receivable)


def _own(receivable_id: UUID, *, lock: bool = False) -> Receivable:
    return find_receivable(session(), receivable_id, assignor_id=current_assignor_id(), lock=lock)


def _who() -> dict[str, Any]:
    return {"by": the_caller().member_id, "at": clock().instant()}


def _back(receivable: Receivable) -> Response:
    return redirect(url_for("receivables.show", receivable_id=receivable.id), 303)


def _finance_url() -> str | None:
    may = the_caller().may(Action.REQUEST_FUNDING)
    return address_of("funding.new") if may else None


def _page(
    receivable: Receivable,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    now, today = clock().instant(), clock().day()
    session().flush()
    position = position_of(session(), receivable.id)
    status = status_of(receivable, position, today)
    quotes = quote_receivables(session(), [receivable], today=today, at=now)
    found = quotes.get(receivable.id, [])
    names = names_of(
        session(), {one.lender_id for one in found} | {position.lender_id or receivable.id}
    )
    line = show_receivable(receivable, found, names)
    return render_template(
        "receivables/show.html",
        one=receivable,
        position=position,
        status=status,
        words=STATUS_WORDS,
        line=line,
        today=today,
        days_late=days_past_due(receivable.due_on, today),
        assignee=names.get(position.lender_id) if position.lender_id else None,
        credit_notes=lookup.credit_notes_of(session(), receivable),
        warnings=told_reasons(receivable.warnings),
        due_source=DUE_SOURCES.get(receivable.due_source or "unknown"),
        requests=requests_about(session(), receivable),
        collection=collection_story(session(), receivable, the_caller(), today),
        finance_url=_finance_url(),
        may_change=the_caller().may(Action.IMPORT_RECEIVABLES),
        errors=errors or {},
        typed=typed or {},
    )


def _filters() -> Filters:
    given = request.args
    return Filters(
        text=given.get("q", "")[:100],
        statuses=tuple(Status(one) for one in given.getlist("status") if one in set(Status)),
        debtor_id=_uuid(given.get("debtor", "")),
        due_from=_day(given.get("from", "")),
        due_to=_day(given.get("to", "")),
        face_min_cents=typed_cents(given.get("min", "")),
        face_max_cents=typed_cents(given.get("max", "")),
        financed=given.get("financed", "") if given.get("financed") in ("yes", "no") else "",
    )


def _exported(rows: Iterator[Row[Any]], today: date) -> Iterator[list[Any]]:
    for row in rows:
        yield [
            row.number,
            row.debtor_name,
            row.issued_on,
            row.due_on,
            row.currency,
            Amount(row.face_cents),
            Amount(row.paid_cents),
            Amount(row.credited_cents),
            Amount(row.disputed_cents),
            Amount(row.outstanding_cents),
            STATUS_WORDS[Status(row.status)][0],
            days_past_due(row.due_on, today) if row.outstanding_cents else 0,
        ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
