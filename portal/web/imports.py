"""Bringing invoices in: the drop, what became of each document, conflicts, and the template."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from partners.formats import catalogue
from partners.formats.template import template_csv, template_xlsx
from partners.vocabulary.invoices import InvoiceRead
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, commit_now, runtime, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.receivables import completing, lookup
from portal.receivables.entering import DocumentRejected, differences
from portal.receivables.importing import created, import_files, open_batch
from portal.receivables.models import ImportOutcome, ImportRow, Receivable
from portal.receivables.position import is_assigned
from portal.receivables.reading import claimed_cents, from_json, lacking
from portal.receivables.reasons import text_of
from portal.web.applicants import show_row
from portal.web.csv_export import csv_response
from portal.web.presentation import current_locale
from portal.web.product_words import OUTCOME_WORDS
from portal.web.typed import typed_cents, typed_day
from portal.web.uploads import ACCEPTED, sent_files, told, wants_json

pages = Blueprint("imports", __name__, url_prefix="/receivables/imports")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/")
@allow(Action.IMPORT_RECEIVABLES)
def index() -> str:
    """Where files are dropped, and the history of what came in."""
    return _index()


@pages.post("/")
@allow(Action.IMPORT_RECEIVABLES)
def receive() -> Response | dict[str, object]:
    """Take one file from a script, or all of them from a form; each is read before anything is written."""
    owner, member_id = current_assignor_id(), the_caller().member_id
    commit_now()
    sent = sent_files("files", runtime().settings)
    at = clock().instant()
    key = request.form.get("batch", "")[:64]
    batch = open_batch(session(), owner, source="upload", key=key, by=member_id, at=at)
    rows = import_files(
        session(),
        runtime().documents,
        session().get_one(Organisation, owner),
        sent.files,
        fingerprint_key=_key(),
        batch=batch,
        by=member_id,
        at=at,
    )
    if wants_json():
        return told(rows, sent.refusals)
    for refusal in sent.refusals:
        flash(refusal, "warning")
    if not rows:
        flash(gettext("No file was sent: choose at least one invoice."), "warning")
        return redirect(url_for("imports.index"), 303)
    return redirect(url_for("imports.show", batch_id=batch.id), 303)


@pages.get("/export.csv")
@allow(Action.IMPORT_RECEIVABLES)
def export() -> Response:
    """The history of what came in, whole."""
    header = [
        gettext("Received"),
        gettext("File"),
        gettext("Files"),
        gettext("Taken"),
        gettext("Already known"),
        gettext("To compare"),
        gettext("Not taken"),
    ]
    owner = current_assignor_id()
    return csv_response(
        gettext("imports"),
        header,
        lambda: (
            (
                one.received_at,
                one.filename,
                one.files,
                one.created,
                one.unchanged,
                one.conflict,
                one.rejected,
            )
            for one in lookup.every_batch(session(), owner)
        ),
    )


@pages.get("/latest")
@allow(Action.IMPORT_RECEIVABLES)
def latest() -> Response:
    """The import that just ended: where the drop leads once every file is in."""
    batches = lookup.list_batches(session(), current_assignor_id(), limit=1)
    if not batches:
        return redirect(url_for("imports.index"))
    return redirect(url_for("imports.show", batch_id=batches[0].id))


@pages.get("/template.<kind>")
@allow(Action.SEE_RECEIVABLES)
def template(kind: str) -> Response:
    """The spreadsheet to start from, as CSV or Excel."""
    locale = current_locale()
    is_csv = kind == "csv"
    content = template_csv(locale) if is_csv else template_xlsx(locale)
    response = Response(content, mimetype="text/csv" if is_csv else XLSX)
    suffix = "csv" if is_csv else "xlsx"
    response.headers["Content-Disposition"] = f'attachment; filename="encaisse-{suffix}.{suffix}"'
    return response


@pages.get("/<uuid:batch_id>")
@allow(Action.IMPORT_RECEIVABLES)
def show(batch_id: UUID) -> str:
    """What became of each document of one import."""
    batch = lookup.find_batch(session(), batch_id, assignor_id=current_assignor_id())
    return render_template(
        "imports/show.html",
        batch=batch,
        rows=[show_row(row) for row in batch.rows[:500]],
        hidden=max(len(batch.rows) - 500, 0),
        created=created(batch.rows),
        outcomes={
            word: sum(row.outcome is outcome for row in batch.rows)
            for outcome, (word, _) in OUTCOME_WORDS.items()
        },
        completable=_completable,
    )


@pages.get("/rows/<uuid:row_id>")
@allow(Action.IMPORT_RECEIVABLES)
def row(row_id: UUID) -> str:
    """A conflict side by side, or a document to complete."""
    return _row_page(_own(row_id), {}, {})


@pages.post("/rows/<uuid:row_id>/settle")
@allow(Action.IMPORT_RECEIVABLES)
def settle(row_id: UUID) -> Response:
    """Keep what was there, or take what came."""
    found = _own(row_id, lock=True)
    by, at = the_caller().member_id, clock().instant()
    if request.form.get("choice") == "theirs":
        assignor = session().get_one(Organisation, found.assignor_id)
        completing.take_theirs(session(), assignor, found, fingerprint_key=_key(), by=by, at=at)
        flash(gettext("The new document now stands."), "success")
    else:
        completing.keep_mine(session(), found, by=by, at=at)
        flash(gettext("What you had stands; the other document stays in the history."), "success")
    return redirect(url_for("receivables.show", receivable_id=found.receivable_id), 303)


@pages.post("/rows/<uuid:row_id>/complete")
@allow(Action.IMPORT_RECEIVABLES)
def complete(row_id: UUID) -> Response | tuple[str, int]:
    """Type what the document lacked."""
    found = _own(row_id, lock=True)
    answers, typed, errors = _answers(from_json(found.read))
    if errors:
        return _row_page(found, typed, errors), 422
    try:
        completing.complete_row(
            session(),
            session().get_one(Organisation, found.assignor_id),
            found,
            answers,
            fingerprint_key=_key(),
            by=the_caller().member_id,
            at=clock().instant(),
        )
    except DocumentRejected as rejected:
        message = text_of(rejected.reason, current_locale())
        return _row_page(found, typed, {"document": message}), 422
    return redirect(url_for("imports.show", batch_id=found.batch_id), 303)


def _index() -> str:
    owner = current_assignor_id()
    return render_template(
        "imports/index.html",
        batches=lookup.list_batches(session(), owner),
        conflicts=lookup.open_conflicts(session(), owner),
        accept=ACCEPTED,
        batch=uuid4().hex,
        max_bytes=runtime().settings.upload_max_bytes,
    )


def _own(row_id: UUID, *, lock: bool = False) -> ImportRow:
    return lookup.find_import_row(session(), row_id, assignor_id=current_assignor_id(), lock=lock)


def _key() -> str:
    return runtime().settings.derive_secret("fingerprint")


def _completable(found: ImportRow) -> bool:
    return (
        found.outcome is ImportOutcome.REJECTED
        and found.resolved_at is None
        and any(why["code"] == "incomplete" and why["origin"] == "import" for why in found.reasons)
    )


def _row_page(found: ImportRow, typed: dict[str, str], errors: dict[str, str]) -> str:
    invoice = from_json(found.read) if found.read else None
    known = session().get(Receivable, found.receivable_id) if found.receivable_id else None
    return render_template(
        "imports/row.html",
        shown=show_row(found),
        row=found,
        invoice=invoice,
        known=known,
        lines=_compared(known, invoice) if known and invoice else [],
        asked=[(name, catalogue.field_name(name, current_locale())) for name in lacking(invoice)]
        if invoice and _completable(found)
        else [],
        is_assigned=bool(known) and is_assigned(session(), known.id) if known else False,
        typed=typed,
        errors=errors,
    )


def _compared(known: Receivable, invoice: InvoiceRead) -> list[dict[str, Any]]:
    """Both contents line by line, with whether they differ."""
    differ = set(differences(known, invoice))
    lines: list[tuple[str, str, Any, Any]] = [
        ("number", "text", known.number, invoice.number),
        ("issued_on", "day", known.issued_on, invoice.issued_on),
        ("due_on", "day", known.due_on, invoice.due_on),
        ("gross_cents", "amount", known.face_cents, claimed_cents(invoice)),
        ("net_cents", "amount", known.net_cents, invoice.net_cents),
        ("vat_cents", "amount", known.vat_cents, invoice.vat_cents),
        ("prepaid_cents", "amount", known.prepaid_cents, invoice.prepaid_cents),
        ("buyer.name", "text", known.debtor.name, invoice.buyer.name),
        ("buyer.siren", "text", known.debtor.siren, invoice.buyer.siren),
        ("currency", "text", known.currency, invoice.currency),
    ]
    return [
        {
            "label": catalogue.field_name(name, current_locale()),
            "kind": kind,
            "mine": mine,
            "theirs": theirs,
            "differs": name in differ or (name == "number" and mine != theirs),
        }
        for name, kind, mine, theirs in lines
    ]


def _answers(invoice: InvoiceRead) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """What was typed in each field the document lacks: read, as typed, and what is wrong."""
    answers: dict[str, Any] = {}
    typed: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in lacking(invoice):
        typed[name] = request.form.get(name, "").strip()[:200]
        value = _answer(name, typed[name])
        if value is None:
            errors[name] = _asked_again(name)
        answers[name] = value
    return answers, typed, errors


def _answer(name: str, given: str) -> str | int | date | None:
    if name == "issued_on":
        return typed_day(name)[0]
    if name == "gross_cents":
        cents = typed_cents(given)
        return cents if cents and cents > 0 else None
    if name == "currency":
        return given.upper() if len(given) == 3 and given.isalpha() else None
    return given or None


def _asked_again(name: str) -> str:
    words = {
        "issued_on": gettext("Write the date as 2026-12-31."),
        "gross_cents": gettext("Write an amount above zero, such as 1200.00."),
        "currency": gettext("Write the three letters of the currency, such as EUR."),
    }
    return str(words.get(name) or gettext("This field is needed."))
