"""The dunning plan: its steps, what it would send, and the approval without which nothing goes out."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections.dunning.casefile import active_plan, steps_of
from portal.collections.dunning.plans import (
    PREVIEW_DAYS,
    PlanRefused,
    approve_plan,
    latest_plan,
    pause_reminders,
    preview_plan,
    propose_plan,
)
from portal.collections.dunning.steps import DEFAULT_STEPS, Step
from portal.collections.models import DunningPlan
from portal.collections.reasons import words_of
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.web.collection_words import step_word
from portal.web.presentation import current_locale

pages = Blueprint("dunning", __name__, url_prefix="/collections/plan")

PREVIEW_LINES = 60
DAY_MIN, DAY_MAX = -60, 365


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def show() -> str:
    """The steps, their state, and the messages of the next thirty days."""
    return _page()


@pages.post("/approve")
@allow(Action.APPROVE_REMINDERS)
def approve() -> Response | tuple[str, int]:
    """Approve the newest steps and the sending of reminders in the assignor's name."""
    if "consent" not in request.form:
        text = gettext("Tick the box: without your consent nothing is sent in your name.")
        return _page({"consent": text}), 422
    owner, who = _assignor(), _who()
    plan = latest_plan(session(), owner.id) or propose_plan(session(), owner.id, **who)
    approve_plan(session(), plan, owner, **who)
    flash(gettext("Reminders now go out in your name, following this plan."), "success")
    return redirect(url_for("dunning.show"), 303)


@pages.post("/pause")
@allow(Action.APPROVE_REMINDERS)
def pause() -> Response:
    """Withdraw the consent."""
    pause_reminders(session(), _assignor(), **_who())
    flash(gettext("Reminders are paused: nothing goes out until you approve again."), "success")
    return redirect(url_for("dunning.show"), 303)


@pages.post("/steps")
@allow(Action.MANAGE_COLLECTION)
def steps() -> Response | tuple[str, int]:
    """Propose other days; they run once approved."""
    chosen, errors = _typed_steps()
    if errors:
        return _page(errors), 422
    try:
        propose_plan(session(), current_assignor_id(), chosen, **_who())
    except PlanRefused as refusal:
        texts = {
            "no_step": gettext("Keep at least one step."),
            "two_steps_on_one_day": gettext("Two steps fall on the same day."),
            "days_against_levels": gettext("Each step comes after the milder ones."),
        }
        return _page({f"day-{chosen[0].code if chosen else 'PRE'}": texts[refusal.code]}), 422
    flash(gettext("The new steps are saved; they run once you approve them."), "success")
    return redirect(url_for("dunning.show"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    owner, today = _assignor(), clock().day()
    running, newest = active_plan(session(), owner.id), latest_plan(session(), owner.id)
    shown = steps_of(newest) if newest else DEFAULT_STEPS
    foreseen = preview_plan(session(), owner, shown, today=today)
    return render_template(
        "collections/plan.html",
        steps=shown,
        every_step=DEFAULT_STEPS,
        days={step.code: step.day for step in shown},
        running=running,
        newest=newest,
        is_waiting=_is_waiting(running, newest),
        consented=owner.reminders_consented_at is not None,
        consented_at=owner.reminders_consented_at,
        foreseen=foreseen[:PREVIEW_LINES],
        foreseen_total=len(foreseen),
        preview_days=PREVIEW_DAYS,
        step_word=step_word,
        reason_word=_reason_word,
        reply_to=owner.reply_to or owner.email,
        sender=owner.legal_name,
        may_approve=the_caller().may(Action.APPROVE_REMINDERS),
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
        errors=errors or {},
        typed=request.form,
    )


def _is_waiting(running: DunningPlan | None, newest: DunningPlan | None) -> bool:
    return running is None or (newest is not None and newest.id != running.id)


def _reason_word(reason: Any) -> str:
    return words_of(reason.value, current_locale())


def _typed_steps() -> tuple[list[Step], dict[str, str]]:
    chosen, errors = [], {}
    for step in DEFAULT_STEPS:
        if f"keep-{step.code}" not in request.form:
            continue
        text = request.form.get(f"day-{step.code}", "").strip().replace("\N{MINUS SIGN}", "-")
        day = int(text) if text.lstrip("+-").isdigit() and len(text) < 5 else None
        if day is None or not DAY_MIN <= day <= DAY_MAX or (step.day < 0) != (day < 0):
            errors[f"day-{step.code}"] = gettext("Write a number of days, such as 8.")
            continue
        chosen.append(Step(step.code, day, step.level, step.kind, step.channel, step.gap_days))
    return chosen, errors


def _assignor() -> Organisation:
    return session().get_one(Organisation, current_assignor_id())


def _who() -> dict[str, Any]:
    return {"by": the_caller().member_id, "at": clock().instant()}
