"""The words of reminders: read, rewritten with a live preview on a real invoice, checked when saved."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.collections.debtor_page.links import preview_link
from portal.collections.dunning.casefile import CaseFile, case_files
from portal.collections.dunning.reminding import Writing, written
from portal.collections.dunning.steps import Step, Tone
from portal.collections.dunning.wording import (
    LOCALES,
    WordingRefused,
    Words,
    check_words,
    kinds,
    proposed_words,
    save_words,
    variables_of,
    words_of_assignor,
)
from portal.collections.models import Channel
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.messages.outbox import Draft
from portal.payments.account import POSITION
from portal.receivables.models import Receivable
from portal.web.scenario_words import KIND_WORDS, VARIABLE_WORDS, wording_refusal
from pricing.parameters import law

pages = Blueprint("wordings", __name__, url_prefix="/collections/wordings")

TONES = {"1": Tone.COURTEOUS, "2": Tone.FIRM, "3": Tone.FINAL}
SHOWN_TOGETHER = 3


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """Every kind of message in both languages, proposed or rewritten."""
    own = words_of_assignor(session(), current_assignor_id())
    return render_template(
        "scenarios/wordings.html", kinds=kinds(), locales=LOCALES, own=own, words=KIND_WORDS
    )


@pages.get("/<kind>/<locale>")
@allow(Action.SEE_RECEIVABLES)
def show(kind: str, locale: str) -> str:
    """The words of one kind, and how they read on a real invoice."""
    return _page(kind, locale, _words(kind, locale))


@pages.post("/<kind>/<locale>")
@allow(Action.MANAGE_COLLECTION)
def save(kind: str, locale: str) -> Response | str | tuple[str, int]:
    """Keep the words, or only show how they read; refused words stay on the page."""
    _words(kind, locale)
    typed = Words(request.form.get("subject", ""), request.form.get("body", ""))
    if "propose" in request.form:
        typed = proposed_words(kind, locale)
    try:
        check_words(kind, typed)
    except WordingRefused as refusal:
        status = 200 if "HX-Request" in request.headers else 422
        return _page(kind, locale, typed, wording_refusal(refusal)), status
    if "save" not in request.form:
        return _page(kind, locale, typed)
    save_words(
        session(), current_assignor_id(), kind, locale, typed,
        by=the_caller().member_id, at=clock().instant(),
    )  # fmt: skip
    flash(gettext("The wording is saved: the next messages use it."), "success")
    return redirect(url_for("wordings.show", kind=kind, locale=locale), 303)


def _page(kind: str, locale: str, words: Words, error: str = "") -> str:
    given: dict[str, Any] = {"kind": kind, "locale": locale, "error": error}
    given["preview"] = None if error else _preview(kind, locale, words)
    if "HX-Request" in request.headers:
        return render_template("scenarios/_wording_preview.html", **given)
    return render_template(
        "scenarios/wording.html",
        title=KIND_WORDS[kind],
        typed=words,
        variables=[(name, VARIABLE_WORDS[name]) for name in sorted(variables_of(kind))],
        number=request.values.get("number", ""),
        is_own=(kind, locale) in words_of_assignor(session(), current_assignor_id()),
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
        **given,
    )


def _preview(kind: str, locale: str, words: Words) -> Draft | None:
    """The message on the assignor's own invoices; None when it has none to show."""
    owner = session().get_one(Organisation, current_assignor_id())
    files = _examples(owner, together=kind.startswith("reminder_statement"))
    if not files:
        return None
    own = {(kind, one): words for one in LOCALES}
    step = _step(kind)
    told = [(file, step) for file in files]
    statement = kind.startswith("reminder_statement")
    page_url = preview_link(runtime().settings)
    writing = Writing(told, owner, clock().day(), law(), own, locale, statement, page_url)
    return written(writing).draft


def _step(kind: str) -> Step:
    if kind == "reminder_pre":
        return Step("PRE", -5)
    if kind == "reminder_sms":
        return Step("S1", 4, Tone.FIRM, Channel.SMS)
    return Step("R", 8, TONES[kind[-1]])


def _examples(owner: Organisation, *, together: bool) -> list[CaseFile]:
    """The invoice asked for by number, else the one that has been owed longest; several of its debtor if together."""
    number = request.values.get("number", "").strip()
    owed = (
        select(Receivable.id, Receivable.debtor_id)
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .where(Receivable.assignor_id == owner.id, POSITION.c.outstanding_cents > 0)
        .order_by(Receivable.due_on, Receivable.id)
    )
    wanted = owed.where(Receivable.number == number) if number else owed
    first = session().execute(wanted.limit(1)).first()
    if first is None:
        return []
    ids = [first.id]
    if together:
        others = owed.where(Receivable.debtor_id == first.debtor_id, Receivable.id != first.id)
        ids += session().scalars(others.limit(SHOWN_TOGETHER - 1)).all()
    return list(case_files(session(), owner, ids, today=clock().day()).values())


def _words(kind: str, locale: str) -> Words:
    if kind not in kinds() or locale not in LOCALES:
        raise NotFound
    own = words_of_assignor(session(), current_assignor_id())
    return own.get((kind, locale)) or proposed_words(kind, locale)
