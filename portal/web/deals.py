"""The lender's desk: its queue, one deal, and what it says of it. Every act is an event, as by webhook."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from portal.assignments.lookup import deed_for_lender, deeds_by_submission, evidence_of
from portal.assignments.models import Deed
from portal.db import streamed
from portal.funding.lender_queue import (
    GROUPS,
    QueueFilter,
    answer_due_at,
    counts_by_group,
    debtors_of,
    queue_of,
)
from portal.funding.lookup import SubmissionNotFound, find_submission
from portal.funding.models import LenderEvent, Offer, Submission
from portal.funding.outcomes import Outcome, Verdict
from portal.funding.states import OUT_OF_THE_RACE, OfferState
from portal.funding.workspace import say
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, commit_now, runtime, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.lenders.models import LenderProfile, RateCard
from portal.lenders.rate_cards import value_days_of
from portal.settlement.deal import live_debts
from portal.settlement.lender_events import apply_event
from portal.settlement.report_days import act_day_refusal, value_date_refusal
from portal.settlement.statement import statement_of
from portal.web.csv_export import Amount, csv_response
from portal.web.deal_contents import documents_of, exposure_of
from portal.web.deal_file import ended_because, head_of
from portal.web.deal_stage import stage_of, time_left
from portal.web.deal_words import OUTCOME_WORDS, unpaid_choices
from portal.web.funding_story import findings_told, left_out_words
from portal.web.funding_words import (
    ACCOUNT_WORDS,
    DEED_WORDS,
    ENTRY_WORDS,
    OFFER_WORDS,
    SUBMISSION_WORDS,
)
from portal.web.offer_form import contract_terms, fee_rows, prefilled, priced
from portal.web.paging import asked_page, cut
from portal.web.product_words import PRODUCT_LABELS
from portal.web.typed import typed_cents, typed_day
from pricing.products.quote import Product

pages = Blueprint("deals", __name__, url_prefix="/deals")

MONEY_REPORTS = (
    "disbursed",
    "debtor_paid",
    "reserve_released",
    "recourse_called",
    "recourse_paid",
    "loss_taken",
)


@pages.get("/")
@allow(Action.SEE_DEALS)
def index() -> str:
    """The queue: the dossier to answer first on top."""
    lender, wanted = the_caller().organisation_id, _filter()
    page = cut(session(), queue_of(lender, wanted), number=asked_page())
    profile = session().get(LenderProfile, lender)
    hours = profile.answers_within_hours if profile else 48
    return render_template(
        "deals/index.html",
        page=page,
        wanted=wanted,
        counts=counts_by_group(session(), lender),
        groups=GROUPS,
        deeds=deeds_by_submission(session(), {one.id for one in page.rows}),
        debtors=debtors_of(session(), {one.id for one in page.rows}),
        stage_of=stage_of,
        time_left=time_left,
        products=PRODUCT_LABELS,
        due_at=lambda one: answer_due_at(one, hours),
        notable=_notable,
        now=clock().instant(),
    )


@pages.get("/export.csv")
@allow(Action.SEE_DEALS)
def export() -> Response:
    """The whole queue, as a spreadsheet."""
    query = queue_of(the_caller().organisation_id, _filter())
    header = [
        gettext("Reference"),
        gettext("Company"),
        gettext("Product"),
        gettext("Receivables"),
        gettext("State"),
        gettext("Received"),
    ]
    return csv_response(gettext("deals"), header, lambda: _exported(query))


@pages.get("/<uuid:submission_id>")
@allow(Action.SEE_DEALS)
def show(submission_id: UUID) -> str:
    """The deal file: what is asked, what the rules found, the documents, the exposure, what to say."""
    return _page(_own(submission_id))


@pages.post("/<uuid:submission_id>/offer")
@allow(Action.MAKE_OFFER)
def offer(submission_id: UUID) -> Response | str | tuple[str, int]:
    """Make the offer typed; with htmx, only its figures are computed again."""
    submission = _own(submission_id)
    typed = request.form.to_dict()
    card = session().get_one(RateCard, submission.rate_card_id)
    made = priced(submission, card, typed, clock().instant())
    if request.headers.get("HX-Request") == "true" or "preview" in request.form:
        if request.headers.get("HX-Request") == "true":
            return render_template("deals/_figures.html", made=made, submission=submission)
        return _page(submission, typed=typed, made=made)
    if made.terms is None:
        return _page(submission, typed=typed, made=made, errors=dict(made.errors)), 422
    return _say(submission, "offered", {"terms": contract_terms(made.terms)})


@pages.post("/<uuid:submission_id>/ask")
@allow(Action.MAKE_OFFER)
def ask(submission_id: UUID) -> Response | tuple[str, int]:
    """Ask the assignor for a document before deciding."""
    submission, label = _own(submission_id), request.form.get("piece", "").strip()[:300]
    if not label:
        errors = {"piece": gettext("Say which document you need.")}
        return _page(submission, errors=errors), 422
    return _say(
        submission,
        "info_requested",
        {"requested_documents": [{"kind": "other", "label": label, "receivable_number": None}]},
    )


@pages.post("/<uuid:submission_id>/decline")
@allow(Action.MAKE_OFFER)
def decline(submission_id: UUID) -> Response | tuple[str, int]:
    """Decline, with the reason the assignor will read."""
    submission, text = _own(submission_id), request.form.get("reason", "").strip()[:1000]
    if not text:
        errors = {"reason": gettext("Give the reason: the company reads it.")}
        return _page(submission, errors=errors), 422
    return _say(submission, "declined", {"reason": {"code": "lender_decision", "text": text}})


@pages.post("/<uuid:submission_id>/date-deed")
@allow(Action.CONFIRM_FUNDS)
def date_deed(submission_id: UUID) -> Response | tuple[str, int]:
    """Affix the date of the deed: the assignee's act, and its alone (art. L313-25 CMF)."""
    return _on_a_day(submission_id, "dated_on", "deed_dated", "deed_dated_on", {})


@pages.post("/<uuid:submission_id>/notify")
@allow(Action.CONFIRM_FUNDS)
def notify(submission_id: UUID) -> Response | tuple[str, int]:
    """Say when the debtors were notified, and whether the assignor may go on reminding them."""
    consent = {"collection_consent": "collection_consent" in request.form}
    return _on_a_day(submission_id, "notified_on", "debtor_notified", "notified_on", consent)


@pages.post("/<uuid:submission_id>/report/<report>")
@allow(Action.CONFIRM_FUNDS)
def report(submission_id: UUID, report: str) -> Response | tuple[str, int]:
    """Report a movement of money: advance paid, debtor's payment, reserve, recourse, loss."""
    submission = _own(submission_id)
    if report not in MONEY_REPORTS:
        abort(404)
    day, _ = typed_day("value_date")
    cents = typed_cents(request.form.get("amount", ""))
    if day is None or not cents or cents < 0:
        message = gettext("Write an amount above zero and a date such as 2026-12-31.")
        return _page(submission, errors={report: message}), 422
    card = session().get_one(RateCard, submission.rate_card_id)
    too_far = value_date_refusal(day, clock().day(), value_days_of(card))
    if too_far:
        return _page(submission, errors={report: str(OUTCOME_WORDS[too_far])}), 422
    paid: dict[str, Any] = {
        "amount_cents": cents,
        "currency": submission.request.currency,
        "value_date": day.isoformat(),
        "reference": request.form.get("reference", "").strip()[:140] or None,
    }
    if request.form.get("number"):
        paid["receivable_number"] = request.form["number"]
    return _say(submission, report, {"payment": paid})


def _on_a_day(
    submission_id: UUID, field: str, status: str, told_as: str, more: Mapping[str, Any]
) -> Response | tuple[str, int]:
    submission = _own(submission_id)
    day, _ = typed_day(field)
    if day is None or act_day_refusal(day, clock().day()):
        errors = {field: gettext("Give a day that has come, such as 2026-12-31.")}
        return _page(submission, errors=errors), 422
    return _say(submission, status, {told_as: day.isoformat(), **more})


def _say(submission: Submission, status: str, told: Mapping[str, Any]) -> Response:
    """Store the event as the lender, commit, then have it applied as the system: as a webhook."""
    caller = the_caller()
    profile = session().get_one(LenderProfile, caller.organisation_id)
    if profile.adapter != "workspace":
        abort(403)
    event = say(
        session(),
        submission,
        status,
        told,
        token=request.form.get("token") or uuid4().hex,
        by=caller.member_id,
        at=clock().instant(),
    )
    event_id, at = event.id, clock().instant()
    commit_now()
    with runtime().transaction() as system:
        outcome = apply_event(system, system.get_one(LenderEvent, event_id), at=at)
    _flash(outcome)
    session().expire_all()
    return redirect(url_for("deals.show", submission_id=submission.id), 303)


def _flash(outcome: Outcome) -> None:
    words = OUTCOME_WORDS.get(outcome.code)
    if outcome.verdict is Verdict.APPLIED:
        flash(gettext("Recorded: the company sees it now."), "success")
    elif outcome.verdict is Verdict.WAITS:
        text = gettext("Kept, and applied as soon as what it depends on has happened.")
        flash(f"{text} {words or ''}".strip(), "info")
    else:
        text = gettext("This could not be recorded as it is.")
        flash(f"{text} {words or ''}".strip(), "danger")


def _own(submission_id: UUID) -> Submission:
    try:
        return find_submission(session(), the_caller().organisation_id, submission_id)
    except SubmissionNotFound:
        abort(404)


def _filter() -> QueueFilter:
    product = request.args.get("product", "")
    return QueueFilter(
        group=request.args.get("show", ""),
        product=Product(product) if product in {one.value for one in Product} else None,
        text=request.args.get("q", "").strip(),
    )


def _notable(submission: Submission) -> int:
    return sum(1 for one in submission.findings if one.get("outcome") == "warning")


def _page(
    submission: Submission,
    *,
    typed: Mapping[str, str] | None = None,
    made: Any = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    if submission.state in OUT_OF_THE_RACE:
        return _kept(submission)
    caller, lender = the_caller(), the_caller().organisation_id
    card = session().get_one(RateCard, submission.rate_card_id)
    form = dict(typed) if typed else prefilled(submission, card, clock().day())
    deed = deed_for_lender(session(), lender, submission.request_id)
    profile = session().get_one(LenderProfile, lender)
    findings = findings_told(submission.findings)
    exposure = exposure_of(session(), submission)
    due_at = answer_due_at(submission, profile.answers_within_hours)
    return render_template(
        "deals/show.html",
        submission=submission,
        asked=submission.request,
        rules_that_left_out=left_out_words(submission.summary.get("left_out", [])),
        assignor=session().get_one(Organisation, submission.assignor_id),
        card=card,
        product=PRODUCT_LABELS[submission.product],
        due_at=due_at,
        findings=findings,
        documents=documents_of(session(), submission, deed),
        typed=form,
        fees=fee_rows(form),
        made=made or priced(submission, card, form, clock().instant()),
        errors=errors or {},
        offers=[one for one in submission.request.offers if one.lender_id == lender],
        open_offer=OfferState.OPEN,
        token=uuid4().hex,
        today=clock().day(),
        acts=profile.adapter == "workspace",
        may_offer=caller.may(Action.MAKE_OFFER),
        may_confirm=caller.may(Action.CONFIRM_FUNDS),
        **head_of(
            session(),
            submission,
            deed,
            findings=findings,
            exposure=exposure,
            due_at=due_at,
            now=clock().instant(),
            today=clock().day(),
        ),
        **_deal(deed),
    )


def _kept(submission: Submission) -> str:
    """What a lender keeps of a dossier it is no longer in: the summary as sent, and its own answers."""
    offers = session().scalars(
        select(Offer).where(Offer.submission_id == submission.id).order_by(Offer.received_at)
    )
    return render_template(
        "deals/over.html",
        submission=submission,
        kept=submission.summary,
        days_due=[_day(one["due_on"]) for one in submission.summary["receivables"]],
        stage=stage_of(submission, None),
        ended=ended_because(submission),
        product=PRODUCT_LABELS[submission.product],
        offers=list(offers),
        offer_words=OFFER_WORDS,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _deal(deed: Deed | None) -> dict[str, Any]:
    if deed is None:
        return {"deed": None}
    debts = live_debts(session(), deed)
    return {
        "deed": deed,
        "deed_word": DEED_WORDS[deed.state],
        "evidence": evidence_of(session(), deed),
        "statement": statement_of(session(), deed),
        "entry_words": ENTRY_WORDS,
        "account_words": ACCOUNT_WORDS,
        "unpaid": unpaid_choices(session(), debts),
    }


def _exported(query: Select[Submission]) -> Iterator[list[Any]]:
    for part in streamed(session(), query).scalars().partitions():
        for one in part:
            yield [
                one.summary["reference"],
                one.summary["assignor"]["name"],
                PRODUCT_LABELS[one.product],
                Amount(one.face_cents),
                SUBMISSION_WORDS[one.state][0],
                one.sent_at.date() if one.sent_at else None,
            ]
