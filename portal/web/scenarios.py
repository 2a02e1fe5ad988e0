"""Scenarios: their steps, what they would send, for whom they are, and the approval without which nothing leaves."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections.dunning.casefile import active_scenarios, written_steps
from portal.collections.dunning.choosing import (
    ChoiceRefused,
    Scope,
    choose_scenario,
    forget_choice,
    wide_choices,
)
from portal.collections.dunning.models import Scenario, Segment
from portal.collections.dunning.ready_made import ReadyMade, ready_made
from portal.collections.dunning.scenarios import (
    PREVIEW_DAYS,
    Proposal,
    ScenarioNotFound,
    ScenarioRefused,
    activate_scenario,
    find_version,
    latest_versions,
    pause_reminders,
    preview_scenario,
    propose_scenario,
    retire_scenario,
    versions_of,
)
from portal.collections.dunning.steps import Anchor, Tone, placed
from portal.collections.models import Channel
from portal.collections.reasons import words_of
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.web.collection_words import CHANNEL_WORDS
from portal.web.presentation import current_locale
from portal.web.scenario_form import TypedScenario, blank_step, slug_of
from portal.web.scenario_words import (
    ANCHOR_WORDS,
    SEGMENT_WORDS,
    TONE_WORDS,
    choice_refusal,
    scenario_refusal,
    step_title,
)

pages = Blueprint("scenarios", __name__, url_prefix="/collections/scenarios")

PREVIEW_LINES = 25


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The assignor's scenarios, those proposed to it, and which debtors each is for."""
    owner = _assignor()
    latest = latest_versions(session(), owner.id)
    proposed = ready_made(current_locale())
    return render_template(
        "scenarios/index.html",
        latest=latest,
        running=active_scenarios(session(), owner.id),
        proposed=[one for slug, one in proposed.items() if slug not in latest],
        described=proposed,
        choices=wide_choices(session(), owner.id),
        segments=[(None, gettext("Every other debtor")), *SEGMENT_WORDS.items()],
        consented=owner.reminders_consented_at is not None,
        **_rights(),
    )


@pages.post("/take")
@allow(Action.MANAGE_COLLECTION)
def take() -> Response:
    """Take a proposed scenario, or begin one from its title; it stays inert."""
    known = latest_versions(session(), current_assignor_id())
    chosen = ready_made(current_locale()).get(request.form.get("slug", ""))
    title = request.form.get("title", "").strip()[:80]
    if chosen is None and not title:
        flash(gettext("Give the scenario a name."), "warning")
        return redirect(url_for("scenarios.index"), 303)
    said = _taken(chosen) if chosen else Proposal(slug_of(title, known), title, (blank_step([]),))
    scenario = propose_scenario(session(), current_assignor_id(), said, **_who())
    return redirect(url_for("scenarios.show", slug=scenario.slug), 303)


@pages.post("/pause")
@allow(Action.APPROVE_REMINDERS)
def pause() -> Response:
    """Withdraw the consent: every scenario waits."""
    pause_reminders(session(), _assignor(), **_who())
    flash(gettext("Reminders are paused: nothing goes out until you approve again."), "success")
    return redirect(url_for("scenarios.index"), 303)


@pages.post("/choices")
@allow(Action.MANAGE_COLLECTION)
def choose() -> Response:
    """Which scenario is for a segment, or for every other debtor."""
    given = request.form.get("segment", "")
    segment = Segment(given) if given in set(Segment) else None
    slug = request.form.get("slug", "")
    scope, owner_id = Scope(segment=segment), current_assignor_id()
    try:
        if not slug:
            forget_choice(session(), owner_id, scope, **_who())
        else:
            because = gettext("Reminded by hand") if slug == "-" else None
            wanted = None if slug == "-" else slug
            choose_scenario(session(), owner_id, wanted, scope, because=because, **_who())
    except ChoiceRefused as refusal:
        flash(choice_refusal(refusal), "warning")
    else:
        flash(gettext("Saved."), "success")
    return redirect(url_for("scenarios.index"), 303)


@pages.get("/<slug>")
@allow(Action.SEE_RECEIVABLES)
def show(slug: str) -> str:
    """The steps of the newest version, what they would send in the next thirty days, and the versions."""
    newest = _newest(slug)
    typed = TypedScenario(
        newest.title,
        newest.weekly_cap,
        written_steps(newest),
        promise_grace_days=newest.promise_grace_days,
    )
    return _page(newest, typed)


@pages.post("/<slug>")
@allow(Action.MANAGE_COLLECTION)
def edit(slug: str) -> Response | str | tuple[str, int]:
    """Add, move or remove a step on the page, see what it would send, or save a new version."""
    newest = _newest(slug)
    typed = TypedScenario.read(request.form)
    if "save" not in request.form:
        return _page(newest, typed.rearranged(request.form), typed.errors)
    if typed.errors:
        return _page(newest, typed, typed.errors), 422
    said = Proposal(slug, typed.title, typed.steps, typed.weekly_cap, typed.promise_grace_days)
    try:
        propose_scenario(session(), current_assignor_id(), said, **_who())
    except ScenarioRefused as refusal:
        return _page(newest, typed, {"steps": scenario_refusal(refusal)}), 422
    flash(gettext("The new steps are saved; they run once you approve them."), "success")
    return redirect(url_for("scenarios.show", slug=slug), 303)


@pages.post("/<slug>/activate")
@allow(Action.APPROVE_REMINDERS)
def activate(slug: str) -> Response | tuple[str, int]:
    """Approve the version that was read, and the sending of reminders in the assignor's name."""
    newest = _newest(slug)
    if "consent" not in request.form:
        text = gettext("Tick the box: without your consent nothing is sent in your name.")
        typed = TypedScenario(
            newest.title,
            newest.weekly_cap,
            written_steps(newest),
            promise_grace_days=newest.promise_grace_days,
        )
        return _page(newest, typed, {"consent": text}), 422
    if request.form.get("version") != str(newest.version):
        flash(
            gettext("The scenario changed meanwhile: read it again before activating."), "warning"
        )
        return redirect(url_for("scenarios.show", slug=slug), 303)
    activate_scenario(session(), newest, _assignor(), **_who())
    flash(gettext("Reminders now go out in your name, following this scenario."), "success")
    return redirect(url_for("scenarios.show", slug=slug), 303)


@pages.post("/<slug>/retire")
@allow(Action.APPROVE_REMINDERS)
def retire(slug: str) -> Response:
    """Stop the version that runs."""
    running = active_scenarios(session(), current_assignor_id()).get(slug)
    if running is not None:
        retire_scenario(session(), running, **_who())
        flash(gettext("The scenario is stopped: it sends nothing any more."), "success")
    return redirect(url_for("scenarios.show", slug=slug), 303)


@pages.post("/<slug>/versions/<int:version>")
@allow(Action.MANAGE_COLLECTION)
def restore(slug: str, version: int) -> Response:
    """Propose again what an earlier version said."""
    earlier = find_version(session(), current_assignor_id(), slug, version)
    said = Proposal(
        slug,
        earlier.title,
        written_steps(earlier),
        earlier.weekly_cap,
        earlier.promise_grace_days,
    )
    propose_scenario(session(), current_assignor_id(), said, **_who())
    flash(gettext("The new steps are saved; they run once you approve them."), "success")
    return redirect(url_for("scenarios.show", slug=slug), 303)


def _page(newest: Scenario, typed: TypedScenario, errors: Mapping[str, str] | None = None) -> str:
    owner = _assignor()
    running = active_scenarios(session(), owner.id).get(newest.slug)
    steps = placed(typed.steps)
    foreseen = (
        preview_scenario(session(), owner, steps, slug=newest.slug, today=clock().day())
        if steps
        else []
    )
    return render_template(
        "scenarios/show.html",
        newest=newest,
        running=running,
        is_waiting=running is None or running.id != newest.id,
        about=ready_made(current_locale()).get(newest.slug),
        typed=typed,
        codes=[step.code for step in typed.steps],
        versions=versions_of(session(), owner.id, newest.slug),
        consented=owner.reminders_consented_at is not None,
        foreseen=foreseen[:PREVIEW_LINES],
        foreseen_total=len(foreseen),
        preview_days=PREVIEW_DAYS,
        sender=owner.legal_name,
        reply_to=owner.reply_to or owner.email,
        words=_words(),
        step_title=step_title,
        reason_word=lambda reason: words_of(reason.value, current_locale()),
        errors=errors or {},
        **_rights(),
    )


def _words() -> dict[str, Any]:
    return {
        "channels": [(one.value, CHANNEL_WORDS[one]) for one in Channel],
        "tones": [(one.value, TONE_WORDS[one]) for one in Tone],
        "anchors": [(one.value, ANCHOR_WORDS[one]) for one in Anchor],
        "channel": CHANNEL_WORDS,
        "tone": TONE_WORDS,
        "anchor": ANCHOR_WORDS,
    }


def _taken(chosen: ReadyMade) -> Proposal:
    return Proposal(chosen.slug, chosen.title, chosen.steps, chosen.weekly_cap)


def _newest(slug: str) -> Scenario:
    found = latest_versions(session(), current_assignor_id()).get(slug)
    if found is None:
        raise ScenarioNotFound(slug)
    return found


def _rights() -> dict[str, bool]:
    caller = the_caller()
    return {
        "may_approve": caller.may(Action.APPROVE_REMINDERS),
        "may_manage": caller.may(Action.MANAGE_COLLECTION),
    }


def _assignor() -> Organisation:
    return session().get_one(Organisation, current_assignor_id())


def _who() -> dict[str, Any]:
    return {"by": the_caller().member_id, "at": clock().instant()}
