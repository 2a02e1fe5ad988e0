"""What lenders told us and could not be applied: the operator sees that it happened and why, never what it says."""

from flask import Blueprint, render_template, request
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.db import streamed
from portal.funding.outcomes import Verdict
from portal.funding.review import events_to_review
from portal.http.access import allow
from portal.http.transactions import session
from portal.identity.permissions import Action
from portal.web.csv_export import csv_response
from portal.web.paging import asked_page, cut
from portal.web.review_words import VERDICT_WORDS, code_text, kind_text

pages = Blueprint("to_review", __name__, url_prefix="/operator/to-review")


@pages.get("/")
@allow(Action.OPERATE)
def index() -> str:
    """The messages refused or waiting, the latest first."""
    wanted = _asked_verdict()
    return render_template(
        "to_review/index.html",
        page=cut(session(), events_to_review(wanted), number=asked_page(), scalars=False),
        wanted=wanted,
        verdicts=VERDICT_WORDS,
        verdict_of=verdict_of,
        code_text=code_text,
        kind_text=kind_text,
    )


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


def _asked_verdict() -> Verdict | None:
    given = request.args.get("state", "")
    return Verdict(given) if given in set(VERDICT_WORDS) else None
