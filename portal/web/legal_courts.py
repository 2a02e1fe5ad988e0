"""Formal notices and orders for payment: each step recorded with the day it happened."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext

from portal.collections.legal import notices, orders
from portal.collections.legal.models import FormalNotice, LetterReturn, PaymentOrder
from portal.collections.legal.paperwork import render_request
from portal.collections.legal.posting import follow_post, send_registered
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.states import OrderAction
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.web.legal_claim import Answer, answered, day_typed, own, own_claim, proof_sent
from portal.web.typed import typed_cents
from pricing.court import CourtKind
from pricing.parameters import law

pages = Blueprint("legal_courts", __name__, url_prefix="/legal")

NOTICE_STEPS = "send, follow, deposit, present, receive, return, cancel"
ORDER_STEPS = "file, grant, reject, serve, personal, oppose, enforce, lapse, withdraw, close"


@pages.post("/<uuid:receivable_id>/notice")
@allow(Action.MANAGE_LEGAL)
def write_notice(receivable_id: UUID) -> Answer:
    """Write the formal notice, or follow the one a scenario drafted."""
    claim, by, at = own_claim(receivable_id), the_caller().member_id, clock().instant()

    def act() -> None:
        for draft in notices.unfollowed_drafts(session(), receivable_id):
            notices.adopt_draft(session(), draft, by=by, at=at)
            return
        notices.write_notice(
            session(), runtime().documents, claim.receivable, law=law(), by=by, at=at
        )

    return answered(receivable_id, act, gettext("The formal notice is ready: read it first."))


@pages.post(f"/notices/<uuid:notice_id>/<any({NOTICE_STEPS}):step>")
@allow(Action.MANAGE_LEGAL)
def notice_step(notice_id: UUID, step: str) -> Answer:
    """What was done with the letter, and the day it was."""
    found: FormalNotice = own(FormalNotice, notice_id)
    return answered(
        found.receivable_id, lambda: _notice_step(found, step), gettext("The step was recorded.")
    )


@pages.post("/<uuid:receivable_id>/order")
@allow(Action.MANAGE_LEGAL)
def prepare_order(receivable_id: UUID) -> Answer:
    """Prepare the request before the court the user confirms."""
    claim, at = own_claim(receivable_id), clock().instant()

    def act() -> None:
        kind = request.form.get("court_kind", "")
        if kind not in set(CourtKind):
            raise LegalActRefused("choice_missing", "court_kind")
        order = orders.prepare_order(
            session(),
            claim,
            court_kind=CourtKind(kind),
            court_name=request.form.get("court_name", ""),
            representative=request.form.get("representative", ""),
            by=the_caller().member_id,
            at=at,
        )
        document = keep(
            session(),
            runtime().documents,
            owner_id=claim.receivable.assignor_id,
            kind=DocumentKind.COURT_REQUEST,
            filename=f"requete-{claim.receivable.number}-{claim.asked.on.isoformat()}.pdf",
            media_type="application/pdf",
            content=render_request(claim, order, at=at),
            by=the_caller().member_id,
            at=at,
        )
        order.document_id = document.id

    return answered(receivable_id, act, gettext("The request is prepared: read it and sign it."))


@pages.get("/orders/<uuid:order_id>")
@allow(Action.SEE_RECEIVABLES)
def order(order_id: UUID) -> Answer:
    """The claim that an order is about."""
    found: PaymentOrder = own(PaymentOrder, order_id)
    return redirect(url_for("legal.show", receivable_id=found.receivable_id, _anchor="order"), 303)


@pages.post(f"/orders/<uuid:order_id>/<any({ORDER_STEPS}):step>")
@allow(Action.MANAGE_LEGAL)
def order_step(order_id: UUID, step: str) -> Answer:
    """What the court, the officer or the debtor did, and the day it was."""
    found: PaymentOrder = own(PaymentOrder, order_id)
    return answered(
        found.receivable_id, lambda: _order_step(found, step), gettext("The step was recorded.")
    )


def _notice_step(found: FormalNotice, step: str) -> None:
    by, at, form = the_caller().member_id, clock().instant(), request.form
    match step:
        case "send":
            send_registered(session(), found, at=at)
        case "follow":
            follow_post(session(), found, at=at)
        case "cancel":
            notices.cancel_notice(session(), found, by=by, at=at)
        case "deposit":
            notices.record_deposit(
                session(),
                found,
                day_typed("deposited_on"),
                reference=form.get("reference", "")[:100],
                proof_id=proof_sent("proof"),
                by=by,
                at=at,
            )
        case "present":
            day = day_typed("presented_on")
            notices.record_presentation(session(), found, day, by=by, at=at)
        case "receive":
            day = day_typed("received_on")
            proof = proof_sent("proof")
            notices.record_receipt(session(), found, day, proof_id=proof, by=by, at=at)
        case _:
            reason = form.get("return_reason", "")
            if reason not in set(LetterReturn):
                raise LegalActRefused("choice_missing", "return_reason")
            day = day_typed("returned_on")
            notices.record_return(
                session(), found, day, LetterReturn(reason), proof_id=proof_sent("proof"), by=by, at=at
            )  # fmt: skip


def _order_step(found: PaymentOrder, step: str) -> None:
    by, at, day = the_caller().member_id, clock().instant(), day_typed("on")
    match step:
        case "file":
            orders.file_order(session(), found, day, by=by, at=at)
        case "grant":
            cents = typed_cents(request.form.get("granted", ""))
            orders.grant_order(session(), found, day, cents or 0, by=by, at=at)
        case "reject":
            orders.reject_order(session(), found, day, by=by, at=at)
        case "serve":
            in_person = request.form.get("in_person") == "yes"
            orders.serve_order(session(), found, day, in_person=in_person, by=by, at=at)
        case "personal":
            orders.record_personal_act(session(), found, day, by=by, at=at)
        case "oppose":
            orders.oppose_order(session(), found, day, by=by, at=at)
        case "enforce":
            orders.make_enforceable(session(), found, day, by=by, at=at)
        case _:
            orders.end_order(session(), found, OrderAction(step), day, by=by, at=at)
