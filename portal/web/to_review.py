"""What lenders told us and could not be applied: the operator sees that it happened and why, never what it says."""

from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.db import streamed
from portal.funding.outcomes import Verdict
from portal.funding.review import (
    EventNotToReview,
    NoteMissing,
    events_examined,
    events_to_review,
    mark_examined,
)
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.settlement.lender_events import read_again
from portal.web.csv_export import csv_response
from portal.web.paging import asked_page, cut
from portal.web.review_words import VERDICT_WORDS, code_text, kind_text

EXAMINED = "examined"

pages = Blueprint("to_review", __name__, url_prefix="/operator/to-review")


@pages.get("/")
@allow(Action.OPERATE)
def index() -> str:
    """The messages refused or waiting, the latest first; or those examined, with what was found."""
    return _page()


@pages.post("/<uuid:event_id>/examined")
@allow(Action.OPERATE)
def examined(event_id: UUID) -> Response | tuple[str, int]:
    """Take one message off the list, with a note."""
    note = request.form.get("note", "")
    try:
        with runtime().transaction() as system:
            mark_examined(system, event_id, note, by=the_caller().member_id, at=clock().instant())
    except EventNotToReview:
        abort(404)
    except NoteMissing:
        return _page(missing=event_id), 422
    flash(gettext("Examined: the message is off the list."), "success")
    return redirect(url_for("to_review.index"), 303)


@pages.post("/<uuid:event_id>/again")
@allow(Action.OPERATE)
def again(event_id: UUID) -> Response:
    """Read one message once more, its cause being gone."""
    try:
        with runtime().transaction() as system:
            outcome = read_again(system, event_id, by=the_caller().member_id, at=clock().instant())
    except EventNotToReview:
        abort(404)
    if outcome.verdict in VERDICT_WORDS:
        flash(gettext("Read again, and still not applied: %(why)s", why=code_text(str(outcome))))
    else:
        flash(gettext("Read again and settled: it is off the list."), "success")
    return redirect(url_for("to_review.index"), 303)


@pages.get("/export.csv")
@allow(Action.OPERATE)
def export() -> Response:
    """The same, as a table."""
    header = [
        gettext("Received"),
        gettext("Lender"),
        gettext("Request"),
        gettext("Message"),
        gettext("State"),
        gettext("Reason"),
    ]
    wanted = _asked_verdict()
    return csv_response(
        gettext("to-review"),
        header,
        lambda: (
            (
                one.received_at,
                one.lender_name,
                one.request_reference,
                kind_text(one.kind),
                VERDICT_WORDS[verdict_of(one.outcome)][0],
                code_text(one.outcome),
            )
            for one in streamed(session(), events_to_review(wanted))
        ),
    )


def verdict_of(outcome: str) -> Verdict:
    """What became of an event, from what is stored with it."""
    return Verdict(outcome.partition(":")[0])


def _page(missing: UUID | None = None) -> str:
    wanted, settled = _asked_verdict(), request.args.get("state") == EXAMINED
    rows = events_examined() if settled else events_to_review(wanted)
    return render_template(
        "to_review/index.html",
        page=cut(session(), rows, number=asked_page(), scalars=False),
        wanted=wanted,
        settled=settled,
        missing=missing,
        verdicts=VERDICT_WORDS,
        verdict_of=verdict_of,
        code_text=code_text,
        kind_text=kind_text,
    )


def _asked_verdict() -> Verdict | None:
    given = request.args.get("state", "")
    return Verdict(given) if given in set(VERDICT_WORDS) else None
