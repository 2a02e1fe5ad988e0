"""A debtor's insolvency: the judgment, its publication, the declaration of the claim."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections.legal import insolvencies
from portal.collections.legal.claim import insolvency_of
from portal.collections.legal.deadlines import insolvency_deadlines, publication_awaited
from portal.collections.legal.models import Insolvency, InsolvencyKind
from portal.collections.legal.paperwork import render_declaration
from portal.collections.legal.refusals import LegalActRefused, refusal_words
from portal.debtors.models import Debtor
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.web import legal_words
from portal.web.legal_claim import Answer, day_typed, own
from portal.web.presentation import current_locale
from portal.web.typed import typed_cents
from pricing.parameters import law

pages = Blueprint("insolvencies", __name__, url_prefix="/legal/debtors")


@pages.get("/<uuid:debtor_id>")
@allow(Action.SEE_RECEIVABLES)
def show(debtor_id: UUID) -> str:
    """The proceedings of a debtor, and what its creditor must do by when."""
    return _page(own(Debtor, debtor_id))


@pages.post("/<uuid:debtor_id>")
@allow(Action.MANAGE_LEGAL)
def record(debtor_id: UUID) -> Answer:
    """Record the opening judgment: collection stops the same day."""
    debtor, form = own(Debtor, debtor_id), request.form
    try:
        if form.get("kind", "") not in set(InsolvencyKind):
            raise LegalActRefused("choice_missing", "kind")
        told = insolvencies.Proceedings(
            kind=InsolvencyKind(form["kind"]),
            judgment_on=day_typed("judgment_on"),
            court_name=form.get("court_name", ""),
            representative_name=form.get("representative_name", ""),
            representative_address=form.get("representative_address", ""),
            published_on=_day_or_none("published_on"),
            creditor_abroad="creditor_abroad" in form,
            title_retained="title_retained" in form,
            security_note=form.get("security_note"),
        )
        insolvencies.open_insolvency(
            session(), debtor, told, by=the_caller().member_id, at=clock().instant()
        )
    except LegalActRefused as refusal:
        return _refused(debtor, refusal)
    flash(gettext("Recorded: collection from this debtor has stopped."), "success")
    return _back(debtor_id)


@pages.post("/insolvencies/<uuid:insolvency_id>/<any(publish, document, declare, close):step>")
@allow(Action.MANAGE_LEGAL)
def step(insolvency_id: UUID, step: str) -> Answer:
    """The publication, the document to post, its posting, the end."""
    found: Insolvency = own(Insolvency, insolvency_id)
    debtor = own(Debtor, found.debtor_id)
    try:
        _step(found, debtor, step)
    except LegalActRefused as refusal:
        return _refused(debtor, refusal)
    flash(gettext("The step was recorded."), "success")
    return _back(debtor.id)


def _step(found: Insolvency, debtor: Debtor, step: str) -> None:
    by, at, form = the_caller().member_id, clock().instant(), request.form
    match step:
        case "publish":
            day = day_typed("published_on")
            insolvencies.record_publication(session(), found, day, by=by, at=at)
        case "document":
            _make_document(found, debtor)
        case "declare":
            insolvencies.record_declaration(
                session(),
                found,
                day_typed("declared_on"),
                typed_cents(form.get("declared", "")) or 0,
                reference=form.get("reference", "")[:100],
                by=by,
                at=at,
            )
        case _:
            insolvencies.close_insolvency(
                session(),
                found,
                day_typed("closed_on"),
                solvent_again="solvent_again" in form,
                by=by,
                at=at,
            )


def _make_document(found: Insolvency, debtor: Debtor) -> None:
    at = clock().instant()
    lines = insolvencies.claims_to_declare(session(), found, law())
    if not lines:
        raise LegalActRefused("nothing_owed")
    assignor = session().get_one(Organisation, found.assignor_id)
    document = keep(
        session(),
        runtime().documents,
        owner_id=found.assignor_id,
        kind=DocumentKind.CLAIM_DECLARATION,
        filename=f"declaration-de-creance-{debtor.siren or debtor.id.hex[:8]}.pdf",
        media_type="application/pdf",
        content=render_declaration(found, debtor, assignor, lines, at=at),
        by=the_caller().member_id,
        at=at,
    )
    found.document_id = document.id
    session().flush()


def _page(debtor: Debtor, errors: dict[str, str] | None = None) -> str:
    found = insolvency_of(session(), debtor.id)
    lines = insolvencies.claims_to_declare(session(), found, law()) if found else []
    return render_template(
        "legal/insolvency.html",
        debtor=debtor,
        insolvency=found,
        deadlines=insolvency_deadlines(found, law()) if found else [],
        awaited=publication_awaited(found, law()) if found else None,
        lines=lines,
        declared_cents=sum(
            line.asked.total.cents if line.due else line.asked.account.owed.cents for line in lines
        ),
        words=legal_words,
        errors=errors or {},
        typed=request.form.to_dict() if request.method == "POST" else {},
        today=clock().day(),
        may_manage=the_caller().may(Action.MANAGE_LEGAL),
    )


def _refused(debtor: Debtor, refusal: LegalActRefused) -> tuple[str, int]:
    return _page(debtor, {refusal.name: refusal_words(refusal.code, current_locale())}), 422


def _day_or_none(name: str) -> date | None:
    return day_typed(name) if request.form.get(name, "").strip() else None


def _back(debtor_id: UUID) -> Response:
    return redirect(url_for("insolvencies.show", debtor_id=debtor_id), 303)
