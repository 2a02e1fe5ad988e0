"""The operator's lists as tables to download."""

import json

from flask import Blueprint, abort
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.db import streamed
from portal.http.access import allow
from portal.http.transactions import runtime, session
from portal.identity.permissions import Action
from portal.jobs.inspection import jobs_in
from portal.web.csv_export import csv_response
from portal.web.message_words import masked_address
from portal.web.navigation import KIND_LABELS
from portal.web.operator import (
    JOB_STATES,
    MESSAGE_STATES,
    asked_organisation,
    asked_status,
    lender_rows,
    message_rows,
    operators_only,
    trail_of,
    trails,
)

pages = Blueprint("operator_tables", __name__, url_prefix="/operator")


@pages.get("/lenders.csv")
@allow(Action.OPERATE)
def lenders() -> Response:
    """Every lender and how it is reached."""
    header = [
        gettext("Lender"),
        gettext("Status in law"),
        gettext("Registration number"),
        gettext("Reached by"),
        gettext("Answers within"),
        gettext("Rate cards in force"),
        gettext("State"),
    ]
    return csv_response(
        gettext("lenders"),
        header,
        lambda: (
            (
                profile.organisation.legal_name,
                profile.regulatory_status,
                profile.registration_number,
                profile.adapter,
                profile.answers_within_hours,
                active,
                gettext("Accepting requests")
                if profile.accepting
                else gettext("Closed to requests"),
            )
            for profile, active, _ in streamed(session(), lender_rows())
        ),
    )


@pages.get("/jobs.csv")
@allow(Action.OPERATE)
def jobs() -> Response:
    """The jobs in the state asked for."""
    status = asked_status()
    header = [
        gettext("Number"),
        gettext("Job"),
        gettext("State"),
        gettext("About"),
        gettext("Attempts"),
        gettext("Last event"),
    ]
    return csv_response(
        gettext("jobs"),
        header,
        lambda: (
            (
                job.id,
                job.task_name,
                JOB_STATES[status][0],
                json.dumps(job.args, sort_keys=True),
                job.attempts,
                job.last_at or job.scheduled_at,
            )
            for job in streamed(session(), jobs_in(status))
        ),
    )


@pages.get("/messages.csv")
@allow(Action.SEE_MESSAGES)
def messages() -> Response:
    """When and where messages went; never what they say, and no whole address in production."""
    operators_only()
    query, whole = message_rows(), runtime().settings.is_demo
    header = [
        gettext("Written"),
        gettext("Kind"),
        gettext("To"),
        gettext("State"),
        gettext("Failure"),
    ]
    return csv_response(
        gettext("messages"),
        header,
        lambda: (
            (
                one.created_at,
                one.kind,
                one.to_address if whole else masked_address(one),
                MESSAGE_STATES[one.state][0],
                one.failure,
            )
            for one in streamed(session(), query).scalars()
        ),
    )


@pages.get("/audit.csv")
@allow(Action.SEE_AUDIT)
def audit() -> Response:
    """The organisations that have a trail."""
    operators_only()
    header = [
        gettext("Organisation"),
        "SIREN",
        gettext("Kind"),
        gettext("Entries"),
        gettext("Latest"),
    ]
    return csv_response(
        gettext("audit"),
        header,
        lambda: (
            (one.legal_name, one.siren, KIND_LABELS[one.kind], count, latest)
            for one, count, latest in streamed(session(), trails())
        ),
    )


@pages.get("/trail.csv")
@allow(Action.SEE_AUDIT)
def trail() -> Response:
    """Every entry of one organisation, with its hash."""
    operators_only()
    chosen = asked_organisation()
    if chosen is None:
        abort(404)
    query = trail_of(chosen)
    header = [
        gettext("Number"),
        gettext("When"),
        gettext("Who"),
        gettext("What"),
        gettext("About"),
        gettext("Facts"),
        gettext("Hash"),
    ]
    return csv_response(
        gettext("audit"),
        header,
        lambda: (
            (
                entry.sequence,
                entry.happened_at,
                member or gettext("the product"),
                entry.action,
                f"{entry.subject_kind} {entry.subject_id}",
                json.dumps(entry.facts, sort_keys=True, ensure_ascii=False),
                entry.entry_hash,
            )
            for entry, member in streamed(session(), query)
        ),
    )
