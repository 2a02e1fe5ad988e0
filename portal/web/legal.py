"""The legal road: what is on it, and one claim with its roads side by side. It shows; the user decides."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections.evidence.dossier import make_dossier
from portal.collections.legal import lookup, reviewing
from portal.collections.legal.limitation import record_interruption, undo_interruption
from portal.collections.legal.models import (
    RecordedInterruption,
    WriteOff,
    WriteOffReason,
)
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.watch import nearing
from portal.collections.legal.write_offs import (
    ask_write_off,
    decide_write_off,
    reverse_write_off,
)
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.web import legal_words
from portal.web.csv_export import csv_response
from portal.web.legal_claim import Answer, answered, claim_page, day_typed, own, own_claim
from pricing.court import PartyQuality
from pricing.legal_routes import Route
from pricing.limitation import InterruptionKind
from pricing.parameters import law

pages = Blueprint("legal", __name__, url_prefix="/legal")

SHOWN_AT_MOST = 30


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The days that come near, and every act under way."""
    owner, today = current_assignor_id(), clock().day()
    deadlines = [one for one in nearing(session(), owner, law(), today) if one.on >= today]
    road = lookup.on_the_road(session(), owner)
    return render_template(
        "legal/index.html",
        deadlines=deadlines[:SHOWN_AT_MOST],
        names=lookup.names_of(session(), deadlines[:SHOWN_AT_MOST]),
        road=road,
        today=today,
        words=legal_words,
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """The days that come near, whole."""
    owner, today = current_assignor_id(), clock().day()
    header = [gettext("Day"), gettext("What"), gettext("About"), gettext("Text")]

    def rows() -> Iterator[list[Any]]:
        coming = [one for one in nearing(session(), owner, law(), today) if one.on >= today]
        names = lookup.names_of(session(), coming)
        for one in coming:
            about = one.receivable_id or one.debtor_id
            named = names[about] if about else ""
            yield [one.on, str(legal_words.DEADLINES[one.kind]), named, one.source]

    return csv_response(gettext("legal-deadlines"), header, rows)


@pages.get("/<uuid:receivable_id>")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """One claim on the legal road."""
    return claim_page(receivable_id)


@pages.post("/<uuid:receivable_id>/review")
@allow(Action.MANAGE_LEGAL)
def review(receivable_id: UUID) -> Answer:
    """Keep what the user says of the claim and the road chosen."""
    claim, form = own_claim(receivable_id), request.form
    answers = {
        name.removeprefix("answer-"): value == "yes"
        for name, value in form.items()
        if name.startswith("answer-") and value in ("yes", "no")
    }

    def act() -> None:
        reviewing.review_claim(
            session(),
            claim.receivable,
            creditor=PartyQuality(one_of("creditor", PartyQuality)),
            debtor=PartyQuality(one_of("debtor", PartyQuality)),
            carriage="carriage" in form,
            answers=answers,
            route=Route(form["route"]) if form.get("route") in set(Route) else None,
            by=the_caller().member_id,
            at=clock().instant(),
        )

    return answered(receivable_id, act, gettext("What you said of this claim was kept."))


@pages.post("/<uuid:receivable_id>/interruption")
@allow(Action.MANAGE_LEGAL)
def interruption(receivable_id: UUID) -> Answer:
    """Note what interrupts limitation."""
    claim = own_claim(receivable_id)

    def act() -> None:
        record_interruption(
            session(),
            claim.receivable,
            InterruptionKind(one_of("kind", InterruptionKind)),
            day_typed("happened_on"),
            note=request.form.get("interruption_note", "")[:500],
            by=the_caller().member_id,
            at=clock().instant(),
        )

    return answered(receivable_id, act, gettext("Noted: limitation is counted anew."))


@pages.post("/interruptions/<uuid:interruption_id>/undo")
@allow(Action.MANAGE_LEGAL)
def undo(interruption_id: UUID) -> Answer:
    """Take back an interruption noted by mistake."""
    found = own(RecordedInterruption, interruption_id)

    def act() -> None:
        undo_interruption(session(), found, by=the_caller().member_id, at=clock().instant())

    return answered(found.receivable_id, act, gettext("Taken back: limitation is counted anew."))


@pages.post("/<uuid:receivable_id>/write-off")
@allow(Action.MANAGE_LEGAL)
def write_off(receivable_id: UUID) -> Answer:
    """Ask that what is left be admitted as lost."""
    claim = own_claim(receivable_id)

    def act() -> None:
        ask_write_off(
            session(),
            claim,
            WriteOffReason(one_of("reason", WriteOffReason)),
            request.form.get("note", ""),
            vat_on_debits=request.form.get("vat") == "debits",
            by=the_caller().member_id,
            at=clock().instant(),
        )

    return answered(receivable_id, act, gettext("The write-off was asked for."))


@pages.post("/write-offs/<uuid:write_off_id>/decide")
@allow(Action.APPROVE_WRITE_OFF)
def decide(write_off_id: UUID) -> Answer:
    """Admit the loss, or refuse it."""
    found: WriteOff = own(WriteOff, write_off_id)
    approved = request.form.get("decision") == "approve"

    def act() -> None:
        decide_write_off(
            session(),
            runtime().documents,
            found,
            approved=approved,
            by=the_caller().member_id,
            role=the_caller().role,
            at=clock().instant(),
        )

    said = gettext("Written off.") if approved else gettext("The write-off was refused.")
    return answered(found.receivable_id, act, said)


@pages.post("/write-offs/<uuid:write_off_id>/reverse")
@allow(Action.APPROVE_WRITE_OFF)
def reverse(write_off_id: UUID) -> Answer:
    """The debt is collected again."""
    found: WriteOff = own(WriteOff, write_off_id)

    def act() -> None:
        reverse_write_off(session(), found, by=the_caller().member_id, at=clock().instant())

    return answered(found.receivable_id, act, gettext("The claim is collected again."))


@pages.post("/<uuid:receivable_id>/dossier")
@allow(Action.MANAGE_LEGAL)
def dossier(receivable_id: UUID) -> Answer:
    """Make the evidence dossier of the claim as it stands."""
    claim = own_claim(receivable_id)

    def act() -> None:
        make_dossier(
            session(),
            runtime().documents,
            claim,
            by=the_caller().member_id,
            at=clock().instant(),
        )

    return answered(receivable_id, act, gettext("The evidence dossier is ready."))


def one_of(name: str, allowed: type[PartyQuality | InterruptionKind | WriteOffReason]) -> str:
    """The choice made in a field.

    Raises:
        LegalActRefused: ``choice_missing``.
    """
    given = request.form.get(name, "")
    if given not in {one.value for one in allowed}:
        raise LegalActRefused("choice_missing", name)
    return given
