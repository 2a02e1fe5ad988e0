"""Collection agencies: their mandates, what they are given, what they answer."""

import csv
import io
import zipfile
from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.collections.legal import lookup, outsourcing
from portal.collections.legal.models import CollectionAgency, Handover
from portal.collections.legal.refusals import LegalActRefused, refusal_words
from portal.collections.legal.states import HandoverAction
from portal.documents.models import Document
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.receivables.models import Receivable
from portal.web import legal_words
from portal.web.legal_claim import Answer, answered, day_typed, own, own_claim
from portal.web.presentation import current_locale
from portal.web.typed import typed_day

pages = Blueprint("legal_agencies", __name__, url_prefix="/legal/agencies")

STATUSES_BYTES_MAX = 2_000_000


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The agencies and what each has in hand."""
    return _page()


@pages.post("/")
@allow(Action.MANAGE_LEGAL)
def add() -> Answer:
    """Record an agency and its mandate."""
    form = request.form
    try:
        ends_on, _ = typed_day("ends_on")
        told = outsourcing.Mandate(
            name=form.get("name", ""),
            address=form.get("address", ""),
            signed_on=day_typed("signed_on"),
            fee_terms=form.get("fee_terms", ""),
            insured="insured" in form,
            declared="declared" in form,
            email=form.get("email", ""),
            ends_on=ends_on,
        )
        outsourcing.add_agency(
            session(), current_assignor_id(), told, by=the_caller().member_id, at=clock().instant()
        )
    except LegalActRefused as refusal:
        return _page({refusal.name: refusal_words(refusal.code, current_locale())}), 422
    flash(gettext("The agency was recorded."), "success")
    return redirect(url_for("legal_agencies.index"), 303)


@pages.post("/<uuid:agency_id>/statuses")
@allow(Action.MANAGE_LEGAL)
def statuses(agency_id: UUID) -> Answer:
    """Apply the file the agency sent back: all of its lines, or none."""
    agency = own(CollectionAgency, agency_id)
    sent = request.files.get("statuses")
    content = sent.stream.read(STATUSES_BYTES_MAX + 1) if sent else b""
    try:
        if not content or len(content) > STATUSES_BYTES_MAX:
            raise LegalActRefused("file_unreadable", "statuses")
        with session().begin_nested():
            read = outsourcing.read_statuses(
                session(), agency, content, by=the_caller().member_id, at=clock().instant()
            )
    except LegalActRefused as refusal:
        return _page({refusal.name: refusal_words(refusal.code, current_locale())}), 422
    flash(ngettext("%(num)d claim was moved.", "%(num)d claims were moved.", read.moved), "success")
    if read.unknown:
        numbers = ", ".join(read.unknown[:10])
        flash(gettext("Not with this agency: %(numbers)s.", numbers=numbers), "warning")
    return redirect(url_for("legal_agencies.index"), 303)


@pages.get("/<uuid:agency_id>/export.zip")
@allow(Action.MANAGE_LEGAL)
def export(agency_id: UUID) -> Response:
    """What an agency is given: the list as CSV, and each invoice and its delivery proof."""
    agency = own(CollectionAgency, agency_id)
    held = lookup.live_handovers(session(), current_assignor_id(), agency.id)
    table = io.StringIO()
    rows = outsourcing.export_rows([(one, receivable) for one, receivable, _ in held])
    csv.writer(table, delimiter=";").writerows(rows)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("creances.csv", "\ufeff" + table.getvalue())
        for _, receivable, _ in held:
            for name, content in _papers(receivable):
                archive.writestr(name, content)
    return Response(
        packed.getvalue(),
        mimetype="application/zip",
        headers={"Content-Disposition": 'attachment; filename="creances-confiees.zip"'},
    )


@pages.post("/hand-over/<uuid:receivable_id>")
@allow(Action.MANAGE_LEGAL)
def hand_over(receivable_id: UUID) -> Answer:
    """Give a claim to an agency."""
    claim = own_claim(receivable_id)

    def act() -> None:
        try:
            chosen = UUID(request.form.get("agency", ""))
        except ValueError as error:
            raise LegalActRefused("choice_missing", "agency") from error
        agency = own(CollectionAgency, chosen)
        outsourcing.hand_over(
            session(), claim, agency, by=the_caller().member_id, at=clock().instant()
        )

    return answered(receivable_id, act, gettext("Handed over: your own reminders rest meanwhile."))


@pages.post("/handovers/<uuid:handover_id>/<any(acknowledge, collect, give_back, recall):step>")
@allow(Action.MANAGE_LEGAL)
def step(handover_id: UUID, step: str) -> Answer:
    """What the agency says, or that the claim is recalled."""
    found: Handover = own(Handover, handover_id)

    def act() -> None:
        outsourcing.record_status(
            session(),
            found,
            HandoverAction(step),
            _status_day(),
            note=request.form.get("status_note"),
            by=the_caller().member_id,
            at=clock().instant(),
        )

    return answered(found.receivable_id, act, gettext("The step was recorded."))


def _status_day() -> date:
    return day_typed("status_on") if request.form.get("status_on") else clock().day()


def _papers(receivable: Receivable) -> list[tuple[str, bytes]]:
    found = []
    for document_id in (receivable.document_id, receivable.delivery_proof_id):
        document = session().get(Document, document_id) if document_id else None
        if document is not None:
            folder = receivable.number.replace("/", "-")
            content = runtime().documents.get(document.sha256)
            found.append((f"{folder}/{document.id.hex[:8]}-{document.filename}", content))
    return found


def _page(errors: dict[str, str] | None = None) -> str:
    owner = current_assignor_id()
    return render_template(
        "legal/agencies.html",
        agencies=lookup.agencies_of(session(), owner),
        held=lookup.live_handovers(session(), owner),
        words=legal_words,
        errors=errors or {},
        typed=request.form.to_dict() if request.method == "POST" else {},
        today=clock().day(),
        may_manage=the_caller().may(Action.MANAGE_LEGAL),
    )
