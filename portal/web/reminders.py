"""The next reminder of one invoice: read as it would leave, then sent by a person."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.collections import lookup
from portal.collections.debtor_page.links import pages_of, preview_link
from portal.collections.dunning.by_hand import (
    AlreadyRemindedToday,
    ReminderSuppressed,
    StepChanged,
    preview_reminder,
    remind_now,
)
from portal.collections.models import ReminderState
from portal.collections.reasons import words_of
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.models import Organisation
from portal.identity.permissions import Action
from portal.receivables.models import Receivable
from portal.web.presentation import current_locale
from portal.web.scenario_words import step_title

pages = Blueprint("reminders", __name__, url_prefix="/collections")


@pages.get("/<uuid:receivable_id>/reminder")
@allow(Action.SEE_RECEIVABLES)
def show(receivable_id: UUID) -> str:
    """The next reminder as it would leave now."""
    receivable = _own(receivable_id)
    preview = preview_reminder(
        session(),
        _assignor(),
        receivable.id,
        today=clock().day(),
        page_url=preview_link(runtime().settings),
    )
    reason = words_of(preview.reason.value, current_locale()) if preview.reason else None
    return render_template(
        "collections/reminder.html",
        one=receivable,
        preview=preview,
        step=step_title(preview.step),
        reason=reason,
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
    )


@pages.post("/<uuid:receivable_id>/reminder")
@allow(Action.MANAGE_COLLECTION)
def send(receivable_id: UUID) -> Response:
    """Send what was previewed, or draft the formal notice."""
    receivable = _own(receivable_id)
    try:
        done = remind_now(
            session(),
            runtime().documents,
            _assignor(),
            receivable.id,
            step_code=request.form.get("step", ""),
            by=the_caller().member_id,
            at=clock().instant(),
            page_of=pages_of(runtime().settings),
        )
    except ReminderSuppressed as refusal:
        flash(words_of(refusal.reason.value, current_locale()), "warning")
    except AlreadyRemindedToday:
        flash(gettext("A reminder about this invoice already left today."), "info")
    except StepChanged:
        flash(gettext("The next step has changed meanwhile: read it again before sending."), "info")
        return redirect(url_for("reminders.show", receivable_id=receivable.id), 303)
    else:
        flash(_done(done), "success")
    return redirect(url_for("collections.show", receivable_id=receivable.id), 303)


def _done(done: ReminderState) -> str:
    if done is ReminderState.DRAFTED:
        return str(gettext("The formal notice is drafted: read it, sign it and send it yourself."))
    if done is ReminderState.TO_CALL:
        return str(gettext("The call is noted among the things to do."))
    return str(gettext("The reminder is leaving in your name."))


def _own(receivable_id: UUID) -> Receivable:
    return lookup.find_receivable(session(), receivable_id, assignor_id=current_assignor_id())


def _assignor() -> Organisation:
    return session().get_one(Organisation, current_assignor_id())
