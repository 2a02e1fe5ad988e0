"""The deed of an accepted offer: read, signed, followed; and the statement of what moved."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.assignments.deed_facts import deed_facts
from portal.assignments.lookup import deed_of, evidence_of
from portal.assignments.models import Deed
from portal.assignments.signing import Signature, consent_digest, consent_text, sign_deed
from portal.funding.refusals import (
    ConsentMissing,
    FundingRefused,
    SignatoryNameDiffers,
    refusal_text,
)
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import Member, Organisation
from portal.identity.permissions import Action
from portal.settlement.statement import statement_of
from portal.web.funding import own_request
from portal.web.funding_words import ACCOUNT_WORDS, DEED_TITLES, DEED_WORDS, ENTRY_WORDS
from portal.web.presentation import current_locale

pages = Blueprint("deeds", __name__, url_prefix="/funding")


@pages.get("/<uuid:request_id>/deed")
@allow(Action.SEE_RECEIVABLES)
def show(request_id: UUID) -> str:
    """The deed as drafted, its proof, and the way to sign it."""
    return _page(_deed(request_id), {}, {})


@pages.post("/<uuid:request_id>/deed/sign")
@allow(Action.SIGN_DEED)
def sign(request_id: UUID) -> Response | tuple[str, int]:
    """Sign by typing one's name, under the words shown; the lender then receives the deed."""
    deed = _deed(request_id)
    typed = {name: request.form.get(name, "") for name in ("typed_name", "title", "consent")}
    if not typed["title"].strip():
        return _page(deed, {"title": gettext("Say in what capacity you sign.")}, typed), 422
    signature = Signature(
        typed_name=typed["typed_name"],
        title=typed["title"][:120],
        consents="consent" in request.form,
        shown_sha256=request.form.get("document", ""),
        shown_consent=request.form.get("consent_words", ""),
        ip_address=request.remote_addr or "",
        user_agent=request.user_agent.string,
    )
    try:
        sign_deed(session(), runtime().documents, deed, _member(), signature, at=clock().instant())
    except FundingRefused as refusal:
        return _page(deed, _errors(refusal), typed), 422
    flash(gettext("Signed. The lender receives the deed and dates it."), "success")
    return redirect(url_for("funding.show", request_id=request_id), 303)


@pages.get("/<uuid:request_id>/statement")
@allow(Action.SEE_RECEIVABLES)
def statement(request_id: UUID) -> str:
    """What moved on the deed, line by line, and what is left."""
    deed = _deed(request_id)
    return render_template(
        "funding/statement.html",
        asked=own_request(request_id),
        deed=deed,
        statement=statement_of(session(), deed),
        entry_words=ENTRY_WORDS,
        account_words=ACCOUNT_WORDS,
    )


def _deed(request_id: UUID) -> Deed:
    asked = own_request(request_id)
    deed = deed_of(session(), asked.assignor_id, asked.id)
    if deed is None:
        abort(404)
    return deed


def _member() -> Member:
    return session().get_one(Member, the_caller().member_id)


def _errors(refusal: FundingRefused) -> dict[str, str]:
    words = refusal_text(refusal, current_locale())
    if isinstance(refusal, SignatoryNameDiffers):
        return {"typed_name": words}
    return {"consent" if isinstance(refusal, ConsentMissing) else "document": words}


def _page(deed: Deed, errors: dict[str, str], typed: dict[str, Any]) -> str:
    member = _member()
    company = session().get_one(Organisation, deed.assignor_id).legal_name
    consent = consent_text(deed, company)
    return render_template(
        "funding/deed.html",
        asked=own_request(deed.request_id),
        deed=deed,
        title=DEED_TITLES[deed.product],
        word=DEED_WORDS[deed.state],
        facts=deed_facts(session(), deed),
        consent=consent,
        consent_digest=consent_digest(consent),
        evidence=evidence_of(session(), deed),
        signatory=member.name or member.email,
        may_sign=the_caller().may(Action.SIGN_DEED),
        errors=errors,
        typed=typed,
    )
