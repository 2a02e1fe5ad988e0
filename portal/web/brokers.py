"""A broker's clients and their requests; and, on the company's side, the brokers who ask to act for it."""

from datetime import date
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from stdnum.fr import siren as siren_rules
from werkzeug.wrappers import Response

from portal.brokers import lookup
from portal.brokers.mandates import (
    MandateAlreadyThere,
    MandateTerms,
    accept_mandate,
    ask_mandate,
    decline_mandate,
    revoke_mandate,
)
from portal.brokers.models import MandateState
from portal.brokers.portfolio import clients_of
from portal.db import streamed
from portal.funding.states import RequestState
from portal.http.access import allow
from portal.http.caller import choose_client, current_assignor_id, the_caller
from portal.http.limits import ASK_BY_EMAIL, limited
from portal.http.transactions import clock, runtime, session
from portal.identity.applications import ApplicantCompany
from portal.identity.permissions import Action
from portal.web.csv_export import Amount, csv_response
from portal.web.navigation import address_of
from portal.web.paging import asked_page, cut

pages = Blueprint("brokers", __name__, url_prefix="/brokers")

MANDATE_STATES = {
    MandateState.ASKED: (lazy_gettext("Waiting for an answer"), "info"),
    MandateState.LIVE: (lazy_gettext("In force"), "success"),
    MandateState.DECLINED: (lazy_gettext("Declined"), "neutral"),
    MandateState.REVOKED: (lazy_gettext("Revoked"), "neutral"),
    MandateState.EXPIRED: (lazy_gettext("Ended"), "neutral"),
}
REQUEST_STATES = {
    RequestState.DRAFT: (lazy_gettext("Draft"), "neutral"),
    RequestState.SUBMITTED: (lazy_gettext("Submitted"), "info"),
    RequestState.ROUTED: (lazy_gettext("With lenders"), "info"),
    RequestState.OFFERED: (lazy_gettext("Offers received"), "accent"),
    RequestState.ACCEPTED: (lazy_gettext("Offer accepted"), "accent"),
    RequestState.ASSIGNED: (lazy_gettext("Signed"), "accent"),
    RequestState.DISBURSED: (lazy_gettext("Funds received"), "success"),
    RequestState.RECOURSED: (lazy_gettext("Recourse called"), "warning"),
    RequestState.SETTLED: (lazy_gettext("Settled"), "success"),
    RequestState.DECLINED: (lazy_gettext("Declined"), "neutral"),
    RequestState.EXPIRED: (lazy_gettext("Expired"), "neutral"),
    RequestState.WITHDRAWN: (lazy_gettext("Withdrawn"), "neutral"),
}
UNDER_WAY = (
    RequestState.DRAFT,
    RequestState.SUBMITTED,
    RequestState.ROUTED,
    RequestState.OFFERED,
    RequestState.ACCEPTED,
    RequestState.ASSIGNED,
)


@pages.get("/")
@allow(Action.SEE_CLIENTS)
def clients() -> str:
    """Each client under mandate, and where it stands today."""
    return render_template(
        "brokers/clients.html",
        positions=clients_of(session(), the_caller().organisation_id, on=clock().day()),
        states=MANDATE_STATES,
        asks=the_caller().may(Action.ASK_MANDATE),
    )


@pages.get("/clients.csv")
@allow(Action.SEE_CLIENTS)
def clients_csv() -> Response:
    """The same, as a table."""
    header = [
        gettext("Client"),
        "SIREN",
        gettext("Mandate"),
        gettext("Until"),
        gettext("Open invoices"),
        gettext("Owed"),
        gettext("Overdue"),
        gettext("Financed"),
    ]
    broker_id, today = the_caller().organisation_id, clock().day()
    return csv_response(
        "clients",
        header,
        lambda: (
            (
                one.client.legal_name,
                one.client.siren,
                MANDATE_STATES[one.mandate.state][0],
                one.mandate.ends_on,
                one.open_count,
                Amount(one.outstanding_cents),
                Amount(one.overdue_cents),
                Amount(one.financed_cents),
            )
            for one in clients_of(session(), broker_id, on=today)
        ),
    )


@pages.get("/pipeline")
@allow(Action.SEE_CLIENTS)
def pipeline() -> str:
    """The requests of all clients: state, amount, age."""
    wanted = _asked_states()
    query = lookup.pipeline(the_caller().organisation_id, on=clock().day(), states=wanted)
    page = cut(session(), query, number=asked_page(), scalars=False)
    return render_template(
        "brokers/pipeline.html",
        page=page,
        today=clock().day(),
        states=REQUEST_STATES,
        view=request.args.get("view", "under_way"),
        mine=the_caller().organisation_id,
    )


@pages.get("/pipeline.csv")
@allow(Action.SEE_CLIENTS)
def pipeline_csv() -> Response:
    """The same, as a table."""
    today = clock().day()
    query = lookup.pipeline(the_caller().organisation_id, on=today, states=_asked_states())
    header = [
        gettext("Request"),
        gettext("Client"),
        gettext("State"),
        gettext("Amount"),
        gettext("Created on"),
        gettext("Age in days"),
    ]
    return csv_response(
        "pipeline",
        header,
        lambda: (
            (
                found.reference,
                client,
                REQUEST_STATES[found.state][0],
                Amount(found.face_total_cents),
                found.created_at.date(),
                (today - found.created_at.date()).days,
            )
            for found, client in streamed(session(), query)
        ),
    )


@pages.get("/requests/<uuid:request_id>")
@allow(Action.SEE_CLIENTS)
def open_request(request_id: UUID) -> Response:
    """A request of the pipeline, on its client's pages: the broker turns to that client."""
    client_id = lookup.request_of_client(
        session(), request_id, broker_id=the_caller().organisation_id, on=clock().day()
    )
    choose_client(client_id)
    return redirect(url_for("funding.show", request_id=request_id), 303)


@pages.get("/mandates/ask")
@allow(Action.ASK_MANDATE)
def ask() -> str:
    """The form that asks a company for a mandate."""
    return _ask_page({"mission": _usual_mission()}, {})


@pages.post("/mandates/ask")
@allow(Action.ASK_MANDATE)
@limited(ASK_BY_EMAIL)
def send_request() -> Response | tuple[str, int]:
    """Ask; the answer says the same whether or not the company is here already."""
    caller = the_caller()
    names = ("siren", "legal_name", "email", "mission", "ends_on")
    typed = {name: request.form.get(name, "").strip() for name in names}
    errors = _errors(typed)
    if not errors:
        try:
            ask_mandate(
                session(),
                caller.organisation,
                ApplicantCompany(
                    legal_name=typed["legal_name"], siren=siren_rules.compact(typed["siren"])
                ),
                typed["email"],
                MandateTerms(typed["mission"], _day(typed["ends_on"])),
                settings=runtime().settings,
                by=caller.member_id,
                at=clock().instant(),
            )
        except MandateAlreadyThere:
            errors["siren"] = gettext("You have already asked this company, or act for it.")
    if errors:
        return _ask_page(typed, errors), 422
    flash(gettext("The request was sent: the company accepts or declines online."), "success")
    return redirect(url_for("brokers.clients"), 303)


@pages.post("/clients/<uuid:assignor_id>/act")
@allow(Action.SEE_CLIENTS)
def act_for(assignor_id: UUID) -> Response:
    """Turn to one client: its pages, within what the mandate opens."""
    mandate = lookup.live_mandate(
        session(),
        broker_id=the_caller().organisation_id,
        assignor_id=assignor_id,
        on=clock().day(),
    )
    if mandate is None:
        raise lookup.MandateNotFound(assignor_id)
    choose_client(assignor_id)
    start = address_of("home.index") or address_of("receivables.index")
    return redirect(start or url_for("brokers.clients"), 303)


@pages.post("/clients/leave")
@allow(Action.SEE_CLIENTS)
def leave_client() -> Response:
    """Back to the broker's own pages."""
    choose_client(None)
    return redirect(url_for("brokers.clients"), 303)


@pages.post("/mandates/<uuid:mandate_id>/give-up")
@allow(Action.ASK_MANDATE)
def give_up(mandate_id: UUID) -> Response:
    """The broker ends a mandate, or withdraws its request."""
    _revoke(mandate_id, acting_for=the_caller().organisation_id)
    flash(gettext("The mandate has ended: you no longer see this company."), "success")
    return redirect(url_for("brokers.clients"), 303)


@pages.get("/mandates")
@allow(Action.SEE_RECEIVABLES)
def mandates() -> str:
    """On the company's side: who asks to act for it, who does, who did."""
    rows = lookup.mandates_of_assignor(session(), current_assignor_id())
    return render_template(
        "brokers/mandates.html",
        rows=rows,
        states=MANDATE_STATES,
        answers=the_caller().may(Action.ANSWER_MANDATE),
    )


@pages.get("/mandates.csv")
@allow(Action.SEE_RECEIVABLES)
def mandates_csv() -> Response:
    """The same, as a table."""
    header = [
        gettext("Broker"),
        gettext("Mission"),
        gettext("State"),
        gettext("Asked"),
        gettext("In force from"),
        gettext("Until"),
        gettext("Revoked"),
    ]
    owner = current_assignor_id()
    return csv_response(
        gettext("mandates"),
        header,
        lambda: (
            (
                broker_name,
                mandate.terms,
                MANDATE_STATES[mandate.state][0],
                mandate.asked_at.date(),
                mandate.starts_on,
                mandate.ends_on,
                mandate.revoked_at.date() if mandate.revoked_at else None,
            )
            for mandate, broker_name in lookup.mandates_of_assignor(session(), owner)
        ),
    )


@pages.post("/mandates/<uuid:mandate_id>/answer")
@allow(Action.ANSWER_MANDATE)
def answer(mandate_id: UUID) -> Response:
    """Accept or decline a broker's request."""
    caller = the_caller()
    mandate = lookup.find_mandate(session(), mandate_id, party_id=caller.organisation_id)
    settings, now = runtime().settings, clock().instant()
    if request.form.get("answer") == "accept":
        accept_mandate(
            session(), mandate, settings=settings, by=caller.member_id, at=now, on=clock().day()
        )
        flash(gettext("The mandate is in force; you can revoke it at any time."), "success")
    else:
        decline_mandate(session(), mandate, settings=settings, by=caller.member_id, at=now)
        flash(gettext("The request was declined; the broker sees nothing of yours."), "success")
    return redirect(url_for("brokers.mandates"), 303)


@pages.post("/mandates/<uuid:mandate_id>/revoke")
@allow(Action.ANSWER_MANDATE)
def revoke(mandate_id: UUID) -> Response:
    """The company ends a mandate at once."""
    _revoke(mandate_id, acting_for=the_caller().organisation_id)
    flash(gettext("The mandate is revoked: the broker sees nothing of yours any more."), "success")
    return redirect(url_for("brokers.mandates"), 303)


def _revoke(mandate_id: UUID, *, acting_for: UUID) -> None:
    mandate = lookup.find_mandate(session(), mandate_id, party_id=acting_for)
    revoke_mandate(
        session(),
        mandate,
        acting_for=acting_for,
        by=the_caller().member_id,
        at=clock().instant(),
    )


def _asked_states() -> tuple[RequestState, ...]:
    return () if request.args.get("view") == "all" else UNDER_WAY


def _usual_mission() -> str:
    said: str = gettext("Search for financing of invoices, compare offers and follow them up.")
    return said


def _day(given: str) -> date | None:
    return date.fromisoformat(given) if given else None


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not siren_rules.is_valid(typed["siren"]):
        errors["siren"] = gettext(
            "“%(siren)s” is not a SIREN: check its nine figures.", siren=typed["siren"]
        )
    if not typed["legal_name"]:
        errors["legal_name"] = gettext("Write the company's name as it is registered.")
    try:
        validate_email(typed["email"], check_deliverability=False)
    except EmailNotValidError:
        errors["email"] = gettext(
            "“%(email)s” is not an e-mail address: write it as name@company.fr.",
            email=typed["email"],
        )
    if not typed["mission"]:
        errors["mission"] = gettext("Say what the mandate is for: the law asks for it in writing.")
    try:
        ends_on = _day(typed["ends_on"])
    except ValueError:
        errors["ends_on"] = gettext("Write the day as year-month-day, for instance 2027-12-31.")
    else:
        if ends_on is not None and ends_on <= clock().day():
            errors["ends_on"] = gettext("Choose a day to come, or leave it empty.")
    return errors


def _ask_page(typed: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("brokers/ask.html", typed=typed, errors=errors)
