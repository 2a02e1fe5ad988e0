"""Asking for money: the requests, one of them, its offers side by side, and accepting one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.assignments.acceptance import accept_offer
from portal.assignments.lookup import deed_of
from portal.assignments.release import withdraw as give_up
from portal.assignments.telling import send_pieces
from portal.db import streamed
from portal.documents.models import Document, DocumentKind
from portal.documents.store import grant, keep
from portal.funding import lookup
from portal.funding.application import (
    draft_request,
    financeable,
    show_disclosure,
    submit_request,
)
from portal.funding.disclosure import disclosure_of
from portal.funding.models import FundingRequest, Submission
from portal.funding.refusals import ConsentMissing, FundingRefused, refusal_text
from portal.funding.states import RequestState
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import OrganisationKind
from portal.identity.permissions import Action
from portal.lenders.lookup import names_of
from portal.web.csv_export import Amount, csv_response
from portal.web.funding_story import Share, answers_of, share_of, steps_of, story_of
from portal.web.funding_words import OFFER_WORDS, PRODUCT_HINTS, REQUEST_WORDS
from portal.web.offer_figures import RANKINGS, best_index, columns_of
from portal.web.paging import asked_page, cut
from portal.web.presentation import current_locale
from portal.web.product_words import PRODUCT_LABELS
from pricing.products.quote import Product

pages = Blueprint("funding", __name__, url_prefix="/funding")

PIECE_TYPES = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg"}
TABS: tuple[tuple[str, tuple[RequestState, ...]], ...] = (
    ("open", (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.ROUTED)),
    ("choose", (RequestState.OFFERED, RequestState.ACCEPTED)),
    ("running", (RequestState.ASSIGNED, RequestState.DISBURSED, RequestState.RECOURSED)),
    (
        "over",
        (
            RequestState.SETTLED,
            RequestState.DECLINED,
            RequestState.EXPIRED,
            RequestState.WITHDRAWN,
        ),
    ),
)


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The company's requests, the latest first."""
    owner = current_assignor_id()
    chosen = request.args.get("show", "")
    states = dict(TABS).get(chosen, ())
    text = request.args.get("q", "").strip()
    page = cut(session(), lookup.requests_of(owner, states, text), number=asked_page())
    counts = lookup.counts_by_state(session(), owner)
    return render_template(
        "funding/index.html",
        page=page,
        words=REQUEST_WORDS,
        products=PRODUCT_LABELS,
        lines=lookup.lines_count(session(), [one.id for one in page.rows]),
        best=_best_net,
        tabs={name: sum(counts.get(state, 0) for state in states) for name, states in TABS},
        total=sum(counts.values()),
        chosen=chosen,
        text=text,
        may_ask=the_caller().may(Action.REQUEST_FUNDING),
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """Every request, as a spreadsheet."""
    query = lookup.requests_of(current_assignor_id())
    header = [
        gettext("Reference"),
        gettext("Asked on"),
        gettext("State"),
        gettext("Products"),
        gettext("Receivables"),
        gettext("Best net offer"),
    ]
    return csv_response(
        gettext("requests"),
        header,
        lambda: (
            [
                one.reference,
                one.created_at.date(),
                REQUEST_WORDS[one.state][0],
                ", ".join(str(PRODUCT_LABELS[Product(name)]) for name in one.products),
                Amount(one.face_total_cents),
                None if (best := _best_net(one)) is None else Amount(best),
            ]
            for one in streamed(session(), query).scalars()
        ),
    )


@pages.get("/new")
@allow(Action.REQUEST_FUNDING)
def new() -> str:
    """The chosen receivables and the kinds of funding, before a request is opened."""
    return _new_page(_ids(request.args.getlist("receivable")), list(Product), "")


@pages.post("/new")
@allow(Action.REQUEST_FUNDING)
def choose() -> Response:
    """The receivables ticked in a list, carried to the page that reviews them."""
    chosen = [str(one) for one in _ids(request.form.getlist("receivable"))]
    return redirect(url_for("funding.new", receivable=chosen), 303)


@pages.post("/")
@allow(Action.REQUEST_FUNDING)
def create() -> Response | tuple[str, int]:
    """Open the request; nothing leaves before it is read again and confirmed."""
    caller, chosen = the_caller(), _ids(request.form.getlist("receivable"))
    products = [one for one in Product if one.value in request.form.getlist("products")]
    note = request.form.get("note", "")[:1000]
    try:
        made = draft_request(
            session(),
            assignor_id=current_assignor_id(),
            broker_id=caller.organisation_id if caller.kind is OrganisationKind.BROKER else None,
            receivable_ids=chosen,
            products=products,
            note=note,
            on=clock().day(),
            by=caller.member_id,
            at=clock().instant(),
        )
    except FundingRefused as refusal:
        return _told(_new_page(chosen, products, note, refusal))
    return redirect(url_for("funding.show", request_id=made.id), 303)


@pages.get("/<uuid:request_id>")
@allow(Action.SEE_RECEIVABLES)
def show(request_id: UUID) -> str:
    """One request: what remains to do, each lender's answer, and everything that happened."""
    return _page(_own(request_id))


@pages.post("/<uuid:request_id>/submit")
@allow(Action.REQUEST_FUNDING)
def submit(request_id: UUID) -> Response | tuple[str, int]:
    """Send the request to lenders, our statement having been read."""
    asked, disclosure = _own(request_id), disclosure_of(runtime().settings)
    try:
        if request.form.get("disclosure") != disclosure.version or "consent" not in request.form:
            raise ConsentMissing
        submit_request(session(), asked, disclosure, on=clock().day(), **_who())
    except FundingRefused as refusal:
        return _told(_page(asked, refusal))
    flash(gettext("Your request is on its way to lenders."), "success")
    return redirect(url_for("funding.show", request_id=request_id), 303)


@pages.post("/<uuid:request_id>/withdraw")
@allow(Action.REQUEST_FUNDING)
def withdraw(request_id: UUID) -> Response | tuple[str, int]:
    """Give the request up; the lenders asked are told. Only who may accept gives an accepted offer up."""
    asked = _own(request_id)
    if not the_caller().may(_withdrawn_by(asked)):
        abort(403)
    try:
        give_up(session(), asked, **_who())
    except FundingRefused as refusal:
        return _told(_page(asked, refusal), 409)
    flash(gettext("The request was withdrawn."), "success")
    return redirect(url_for("funding.show", request_id=request_id), 303)


@pages.post("/<uuid:request_id>/submissions/<uuid:submission_id>/documents")
@allow(Action.REQUEST_FUNDING)
def send_document(request_id: UUID, submission_id: UUID) -> Response | tuple[str, int]:
    """Give one lender the document it waits for, and no other lender."""
    asked = _own(request_id)
    submission = next((one for one in asked.submissions if one.id == submission_id), None)
    if submission is None:
        abort(404)
    document = _kept_piece(submission)
    if document is None:
        flash(gettext("Choose a PDF, PNG or JPEG file that is not too large."), "danger")
        return _page(asked), 422
    try:
        send_pieces(session(), submission, [document], **_who())
    except FundingRefused as refusal:
        return _told(_page(asked, refusal), 409)
    flash(gettext("The document was sent to this lender."), "success")
    return redirect(url_for("funding.show", request_id=request_id), 303)


@pages.get("/<uuid:request_id>/offers")
@allow(Action.SEE_RECEIVABLES)
def offers(request_id: UUID) -> str:
    """The open offers side by side, ranked by what matters most."""
    return _compare(_own(request_id))


@pages.post("/<uuid:request_id>/offers/<uuid:offer_id>/accept")
@allow(Action.ACCEPT_OFFER)
def accept(request_id: UUID, offer_id: UUID) -> Response | tuple[str, int]:
    """Accept one offer; the others are let go and the deed is drafted."""
    asked = _own(request_id)
    try:
        accept_offer(session(), asked, offer_id, **_who())
    except FundingRefused as refusal:
        session().rollback()
        return _told(_compare(_own(request_id), refusal), 409)
    flash(gettext("Offer accepted. The deed is being drafted: read it, then sign it."), "success")
    return redirect(url_for("funding.show", request_id=request_id), 303)


def own_request(request_id: UUID) -> FundingRequest:
    """The request, if it is the company's own; 404 otherwise."""
    return _own(request_id)


def _own(request_id: UUID) -> FundingRequest:
    try:
        return lookup.find_request(session(), current_assignor_id(), request_id)
    except lookup.RequestNotFound:
        abort(404)


def _who() -> dict[str, Any]:
    return {"by": the_caller().member_id, "at": clock().instant()}


def _told(page: str | tuple[str, int], status: int = 422) -> tuple[str, int]:
    return (page, status) if isinstance(page, str) else page


def _new_page(
    chosen: Sequence[UUID], products: Sequence[Product], note: str, refusal: Any = None
) -> str:
    lines = []
    try:
        lines = financeable(session(), current_assignor_id(), chosen, clock().day())
    except FundingRefused as refused:
        refusal = refusal or refused
    return render_template(
        "funding/new.html",
        lines=lines,
        total=sum(line.eligible_cents for line in lines),
        chosen=[product.value for product in products],
        products=[
            {"value": one.value, "label": PRODUCT_LABELS[one], "hint": PRODUCT_HINTS[one]}
            for one in Product
        ],
        note=note,
        error=_words(refusal),
    )


def _page(asked: FundingRequest, refusal: FundingRefused | None = None) -> str:
    caller, disclosure = the_caller(), disclosure_of(runtime().settings)
    if asked.state is RequestState.DRAFT and caller.may(Action.REQUEST_FUNDING):
        show_disclosure(asked, disclosure, at=clock().instant())
    names = names_of(session(), {one.lender_id for one in asked.submissions})
    deed = deed_of(session(), asked.assignor_id, asked.id)
    return render_template(
        "funding/show.html",
        asked=asked,
        word=REQUEST_WORDS[asked.state],
        products=[PRODUCT_LABELS[Product(name)] for name in asked.products],
        disclosure=disclosure,
        statement=disclosure.lines(current_locale()),
        answers=answers_of(asked, names),
        open_offers=columns_of(lookup.open_offers(asked), names, "net", clock().instant()),
        accepted=next((one for one in asked.offers if one.accepted_at), None),
        accepted_share=_accepted_share(asked),
        names=names,
        deed=deed,
        steps=steps_of(asked, deed),
        story=story_of(session(), asked, names),
        error=_words(refusal),
        may_ask=caller.may(Action.REQUEST_FUNDING),
        may_accept=caller.may(Action.ACCEPT_OFFER),
        may_sign=caller.may(Action.SIGN_DEED),
        may_withdraw=caller.may(_withdrawn_by(asked)) and _may_be_withdrawn(asked, deed),
    )


def _compare(asked: FundingRequest, refusal: FundingRefused | None = None) -> str:
    ranking = request.args.get("sort", "net")
    ranking = ranking if ranking in RANKINGS else "net"
    names = names_of(session(), {one.lender_id for one in asked.offers})
    columns = columns_of(lookup.open_offers(asked), names, ranking, clock().instant())
    bests = {name: best_index(columns, name) for name in RANKINGS}
    fragment = request.headers.get("HX-Request") == "true"
    return render_template(
        "funding/_compare.html" if fragment else "funding/offers.html",
        asked=asked,
        columns=columns,
        bests=bests,
        ranking=ranking,
        rankings={name: label for name, (label, _) in RANKINGS.items()},
        offer_words=OFFER_WORDS,
        may_accept=the_caller().may(Action.ACCEPT_OFFER),
        error=_words(refusal),
    )


def _accepted_share(asked: FundingRequest) -> Share | None:
    taken = next((one for one in asked.offers if one.accepted_at), None)
    return share_of(taken.submission) if taken else None


def _withdrawn_by(asked: FundingRequest) -> Action:
    is_accepted = asked.state is RequestState.ACCEPTED
    return Action.ACCEPT_OFFER if is_accepted else Action.REQUEST_FUNDING


def _may_be_withdrawn(asked: FundingRequest, deed: Any) -> bool:
    before = (
        RequestState.DRAFT,
        RequestState.SUBMITTED,
        RequestState.ROUTED,
        RequestState.OFFERED,
    )
    unsigned = asked.state is RequestState.ACCEPTED and deed is not None and not deed.signed_at
    return asked.state in before or unsigned


def _kept_piece(submission: Submission) -> Document | None:
    sent = request.files.get("piece")
    name = (sent.filename or "") if sent else ""
    limit = runtime().settings.upload_max_bytes
    content = sent.stream.read(limit + 1) if sent else b""
    media_type = PIECE_TYPES.get(f".{name.rsplit('.', 1)[-1].lower()}")
    if not content or len(content) > limit or media_type is None:
        return None
    document = keep(
        session(),
        runtime().documents,
        owner_id=submission.assignor_id,
        kind=DocumentKind.OTHER,
        filename=name,
        media_type=media_type,
        content=content,
        **_who(),
    )
    grant(
        session(),
        document,
        submission.lender_id,
        submission_id=submission.id,
        at=clock().instant(),
    )
    return document


def _ids(given: Sequence[str]) -> list[UUID]:
    found = []
    for text in given:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _best_net(asked: FundingRequest) -> int | None:
    taken = [one.net_proceeds_cents for one in asked.offers if one.accepted_at]
    return max(taken or [one.net_proceeds_cents for one in lookup.open_offers(asked)], default=None)


def _words(refusal: FundingRefused | None) -> str:
    return refusal_text(refusal, current_locale()) if refusal else ""
