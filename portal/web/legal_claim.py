"""The page of one claim on the legal road, and how its forms are answered."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.collections.evidence.models import EvidenceDossier
from portal.collections.legal import lookup, write_offs
from portal.collections.legal.claim import Claim, claim_of
from portal.collections.legal.deadlines import deadlines_of, publication_awaited
from portal.collections.legal.notices import effective_on, unfollowed_drafts
from portal.collections.legal.outsourcing import live_handover
from portal.collections.legal.paperwork import missing_for_request
from portal.collections.legal.refusals import LegalActRefused, refusal_words
from portal.collections.lookup import find_receivable
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.receivables.models import Receivable
from portal.states import IllegalTransition
from portal.web import legal_words
from portal.web.presentation import current_locale
from portal.web.typed import typed_day
from pricing.court import CourtProposal, propose_court
from pricing.legal_routes import (
    Standing,
    condition_words,
    cost_words,
    document_words,
    route_words,
    routes_for,
)
from pricing.parameters import law

Answer = Response | str | tuple[str, int]


class DayMissing(LegalActRefused):
    """No day could be read from a field of the form."""


def own_claim(receivable_id: UUID) -> Claim:
    """The claim of a receivable of the assignor; absent and not yours look the same."""
    receivable = find_receivable(session(), receivable_id, assignor_id=current_assignor_id())
    return claim_of(session(), receivable, today=clock().day(), law=law())


def own(kind: type[Any], row_id: UUID) -> Any:
    """The assignor's own row of a kind, locked."""
    return lookup.find(session(), kind, row_id, assignor_id=current_assignor_id())


def day_typed(name: str) -> date:
    """The day of a field of the form.

    Raises:
        DayMissing: none can be read.
    """
    found, _ = typed_day(name)
    if found is None:
        raise DayMissing("day_missing", name)
    return found


def answered(receivable_id: UUID, act: Callable[[], Any], said: str) -> Answer:
    """Do it and go back to the claim; refused, the page says why beside what was typed and nothing is changed."""
    try:
        with session().begin_nested():
            act()
    except LegalActRefused as refusal:
        errors = {refusal.name: refusal_words(refusal.code, current_locale())}
        return claim_page(receivable_id, errors), 422
    except IllegalTransition:
        errors = {"form": refusal_words("not_possible_now", current_locale())}
        return claim_page(receivable_id, errors), 422
    flash(said, "success")
    return redirect(url_for("legal.show", receivable_id=receivable_id), 303)


def proof_sent(name: str) -> UUID | None:
    """The file of a field, kept as a postal proof; None when none was sent.

    Raises:
        LegalActRefused: ``file_unreadable``: it is empty.
    """
    sent = request.files.get(name)
    if sent is None or not sent.filename:
        return None
    content = sent.stream.read(runtime().settings.upload_max_bytes + 1)
    if not content or len(content) > runtime().settings.upload_max_bytes:
        raise LegalActRefused("file_unreadable", name)
    document = keep(
        session(),
        runtime().documents,
        owner_id=current_assignor_id(),
        kind=DocumentKind.POSTAL_PROOF,
        filename=sent.filename,
        media_type="application/octet-stream",
        content=content,
        by=the_caller().member_id,
        at=clock().instant(),
    )
    return document.id


def claim_page(receivable_id: UUID, errors: dict[str, str] | None = None) -> str:
    """Everything of one claim: texts beside facts, acts with their days, what may be done by whom."""
    claim = own_claim(receivable_id)
    caller, one = the_caller(), claim.receivable
    loss = write_offs.live_write_off(session(), one.id)
    return render_template(
        "legal/show.html",
        claim=claim,
        one=one,
        routes=_routes(claim),
        open_conditions=_open_conditions(claim),
        deadlines=deadlines_of(claim, law()),
        awaited=publication_awaited(claim.insolvency, law()) if claim.insolvency else None,
        drafts=unfollowed_drafts(session(), one.id),
        effective_on=effective_on,
        proposal=court_proposed(claim),
        missing=[legal_words.LACKS[code] for code in missing_for_request(claim)],
        interruptions=lookup.interruptions_noted(session(), one.id),
        handover=live_handover(session(), one.id),
        agencies=lookup.agencies_of(session(), one.assignor_id),
        loss=loss,
        loss_vat=write_offs.vat_of(loss, one) if loss else None,
        deciders=write_offs.deciders_of(session(), one.assignor_id),
        dossiers=_dossiers(one),
        words=legal_words,
        errors=errors or {},
        typed=request.form.to_dict() if request.method == "POST" else {},
        today=clock().day(),
        may_manage=caller.may(Action.MANAGE_LEGAL),
        may_decide=caller.may(Action.APPROVE_WRITE_OFF),
        me=caller.member_id,
    )


def court_proposed(claim: Claim) -> CourtProposal:
    """The court of the debtor's seat, as far as the file says."""
    codes = re.findall(r"\b\d{5}\b", claim.debtor.address or "")
    return propose_court(
        codes[-1] if codes else None,
        claim.asked.on,
        creditor=claim.creditor_quality,
        debtor=claim.debtor_quality,
        claim=claim.asked.total,
        country=claim.debtor.country,
    )


def _routes(claim: Claim) -> list[dict[str, Any]]:
    locale = current_locale()
    enabled = bool(runtime().settings.l126_enabled)
    found = []
    for view in routes_for(claim.facts(), law(), uncontested_enabled=enabled):
        title, duration = route_words(view.route, locale)
        found.append(
            {
                "code": view.route.value,
                "title": title,
                "duration": duration,
                "articles": view.articles,
                "chosen": bool(claim.review and claim.review.route is view.route),
                "conditions": [
                    {"text": condition_words(one.code, locale), "one": one}
                    for one in view.conditions
                ],
                "costs": [{"text": cost_words(c.code, locale), "one": c} for c in view.costs],
                "missing": [document_words(code, locale) for code in view.missing_documents],
            }
        )
    return found


def _open_conditions(claim: Claim) -> list[dict[str, Any]]:
    """What only the user can say, each asked once whatever the number of roads that want it."""
    enabled = bool(runtime().settings.l126_enabled)
    found = {
        one.code: one
        for view in routes_for(claim.facts(), law(), uncontested_enabled=enabled)
        for one in view.conditions
        if one.standing is Standing.YOU_TELL_US or one.told_by_user
    }
    answers = {} if claim.review is None else claim.review.answers
    told = {code: "yes" if answer else "no" for code, answer in answers.items()}
    return [
        {
            "code": code,
            "text": condition_words(code, current_locale()),
            "answer": told.get(code, ""),
        }
        for code, one in found.items()
    ]


def _dossiers(one: Receivable) -> list[EvidenceDossier]:
    return lookup.dossiers_of(session(), one.id)
