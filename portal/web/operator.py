"""What the operator of the marketplace looks after: organisations, lenders, jobs, messages, the trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from sqlalchemy import Select, func, or_, select
from werkzeug.wrappers import Response

from portal.audit.models import AuditEntry
from portal.audit.trail import broken_links
from portal.db import streamed
from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.calendar import DAYS_MAX, CalendarOnlyMovesForward, advance_calendar
from portal.identity.models import (
    DemoCalendar,
    Member,
    Organisation,
    OrganisationKind,
    OrganisationState,
)
from portal.identity.permissions import Action
from portal.jobs.inspection import JobStatus, counts_by_status, jobs_in, run_again
from portal.lenders.models import LenderProfile, RateCard
from portal.messages.models import Message, MessageState
from portal.messages.tracking import history_of, tracking_of
from portal.web.csv_export import csv_response
from portal.web.event_words import EVENT_WORDS
from portal.web.message_words import MESSAGE_CHANNELS, POST_WORDS, masked_address
from portal.web.navigation import KIND_LABELS
from portal.web.operator_words import ADAPTER_WORDS, JOB_WORDS, MESSAGE_WORDS, SUBJECT_WORDS
from portal.web.paging import asked_page, cut
from portal.web.wording import ORGANISATION_STATES

pages = Blueprint("operator", __name__, url_prefix="/operator")

JOB_STATES: Mapping[JobStatus, tuple[str, str]] = {
    JobStatus.FAILED: (lazy_gettext("Failed"), "danger"),
    JobStatus.DOING: (lazy_gettext("Running"), "info"),
    JobStatus.TODO: (lazy_gettext("Waiting"), "neutral"),
    JobStatus.SUCCEEDED: (lazy_gettext("Done"), "success"),
}
MESSAGE_STATES: Mapping[MessageState, tuple[str, str]] = {
    MessageState.QUEUED: (lazy_gettext("Waiting"), "neutral"),
    MessageState.SENDING: (lazy_gettext("Being sent"), "info"),
    MessageState.SENT: (lazy_gettext("Sent"), "success"),
    MessageState.KEPT: (lazy_gettext("Kept here, not sent"), "accent"),
    MessageState.FAILED: (lazy_gettext("Failed"), "danger"),
}


@pages.get("/")
@allow(Action.OPERATE)
def organisations() -> str:
    """Every organisation, searched by name or SIREN, by kind and state."""
    return render_template(
        "operator/organisations.html",
        page=cut(session(), _organisations(), number=asked_page()),
        asked=request.args,
        kinds=[(kind.value, KIND_LABELS[kind]) for kind in OrganisationKind],
        states=[(state.value, ORGANISATION_STATES[state][0]) for state in OrganisationState],
        kind_labels=KIND_LABELS,
        state_labels=ORGANISATION_STATES,
    )


@pages.get("/organisations.csv")
@allow(Action.OPERATE)
def organisations_csv() -> Response:
    """The same, as a table."""
    header = [gettext("Name"), "SIREN", gettext("Kind"), gettext("State"), gettext("Since")]
    query = _organisations()
    return csv_response(
        "organisations",
        header,
        lambda: (
            (
                one.legal_name,
                one.siren,
                KIND_LABELS[one.kind],
                ORGANISATION_STATES[one.state][0],
                one.created_at.date(),
            )
            for one in streamed(session(), query).scalars()
        ),
    )


@pages.get("/lenders")
@allow(Action.OPERATE)
def lenders() -> str:
    """Every lender: how it is reached, what it is in law, its rate cards."""
    return render_template(
        "operator/lenders.html",
        rows=list(session().execute(lender_rows())),
        adapter_words=ADAPTER_WORDS,
    )


@pages.get("/jobs")
@allow(Action.OPERATE)
def jobs() -> str:
    """What waits, runs and has failed."""
    status = asked_status()
    return render_template(
        "operator/jobs.html",
        status=status,
        counts=counts_by_status(session()),
        states=JOB_STATES,
        job_words=JOB_WORDS,
        page=cut(session(), jobs_in(status), number=asked_page(), scalars=False),
    )


@pages.post("/jobs/<int:job_id>/again")
@allow(Action.OPERATE)
def job_again(job_id: int) -> Response:
    """Run a failed job again."""
    run_again(session(), job_id, at=clock().instant())
    flash(gettext("The job is back in the queue."), "success")
    return redirect(url_for("operator.jobs", status=JobStatus.FAILED.value), 303)


@pages.get("/messages")
@allow(Action.SEE_MESSAGES)
def messages() -> str:
    """Every message the product has written, without its content in production."""
    operators_only()
    page = cut(session(), message_rows(), number=asked_page())
    return render_template(
        "operator/messages.html",
        page=page,
        channels=MESSAGE_CHANNELS,
        tracked=tracking_of(session(), [row.id for row in page.rows]),
        post_words=POST_WORDS,
        masked=masked_address,
        states=MESSAGE_STATES,
        message_words=MESSAGE_WORDS,
        wanted=request.args.get("state", ""),
        reads=runtime().settings.is_demo,
    )


@pages.get("/messages/<uuid:message_id>")
@allow(Action.SEE_MESSAGES)
def message(message_id: UUID) -> str:
    """One message in full, in a demonstration only."""
    operators_only()
    if not runtime().settings.is_demo:
        abort(404)
    found = session().get(Message, message_id)
    if found is None:
        abort(404)
    return render_template(
        "operator/message.html",
        message=found,
        states=MESSAGE_STATES,
        message_words=MESSAGE_WORDS,
        channel=MESSAGE_CHANNELS[found.channel],
        history=history_of(session(), found.id),
        post_words=POST_WORDS,
    )


@pages.get("/audit")
@allow(Action.SEE_AUDIT)
def audit() -> str:
    """The trail of one organisation, or which organisations have one."""
    operators_only()
    chosen = asked_organisation()
    query: Select[*tuple[Any, ...]]
    query = trails() if chosen is None else trail_of(chosen)
    page = cut(session(), query, number=asked_page(), scalars=False)
    return render_template(
        "operator/audit.html",
        page=page,
        chosen=chosen,
        event_words=EVENT_WORDS,
        subject_words=SUBJECT_WORDS,
    )


@pages.post("/audit/<uuid:organisation_id>/verify")
@allow(Action.SEE_AUDIT)
def verify(organisation_id: UUID) -> Response:
    """Recompute a chain of hashes and say whether it holds."""
    operators_only()
    broken = broken_links(session(), organisation_id)
    if broken:
        flash(
            ngettext(
                "The chain is broken at %(num)d entry: number %(numbers)s.",
                "The chain is broken at %(num)d entries: numbers %(numbers)s.",
                len(broken),
                numbers=", ".join(str(number) for number in broken),
            ),
            "danger",
        )
    else:
        flash(gettext("The chain is whole: nothing was altered, removed or inserted."), "success")
    return redirect(url_for("operator.audit", organisation=organisation_id), 303)


@pages.get("/calendar")
@allow(Action.OPERATE)
def calendar() -> str:
    """How far ahead the demonstration's calendar is."""
    _demonstration_only()
    return _calendar_page("30", {})


@pages.post("/calendar")
@allow(Action.OPERATE)
def advance() -> Response | tuple[str, int]:
    """Move the calendar forward and run what falls due."""
    _demonstration_only()
    caller, typed = the_caller(), request.form.get("days", "").strip()
    try:
        ahead = advance_calendar(
            session(),
            int(typed),
            organisation_id=caller.organisation_id,
            by=caller.member_id,
            at=clock().instant(),
        )
    except (CalendarOnlyMovesForward, ValueError):
        refusal = gettext(
            "Write a whole number of days between 1 and %(most)d: time only moves forward.",
            most=DAYS_MAX,
        )
        return _calendar_page(typed, {"days": refusal}), 422
    flash(
        ngettext(
            "The calendar is now %(num)d day ahead; reminders and expiries are being worked out.",
            "The calendar is now %(num)d days ahead; reminders and expiries are being worked out.",
            ahead,
        ),
        "success",
    )
    return redirect(url_for("operator.calendar"), 303)


def _calendar_page(typed: str, errors: dict[str, str]) -> str:
    return render_template(
        "operator/calendar.html",
        today=clock().day(),
        ahead=session().scalar(select(DemoCalendar.advanced_days)) or 0,
        most=DAYS_MAX,
        typed=typed,
        errors=errors,
    )


def _organisations() -> Select[Organisation]:
    query = select(Organisation).order_by(Organisation.created_at.desc(), Organisation.id)
    words = request.args.get("q", "").strip()
    if words:
        digits = "".join(char for char in words if char.isdigit())
        alike = Organisation.legal_name.icontains(words, autoescape=True)
        query = query.where(or_(alike, Organisation.siren == digits) if digits else alike)
    kind, state = request.args.get("kind", ""), request.args.get("state", "")
    if kind in set(OrganisationKind):
        query = query.where(Organisation.kind == OrganisationKind(kind))
    if state in set(OrganisationState):
        query = query.where(Organisation.state == OrganisationState(state))
    return query


def lender_rows() -> Select[LenderProfile, int, int]:
    """Each lender with how many of its rate cards are in force, and how many it has."""
    cards = (
        select(
            RateCard.lender_id,
            func.count().label("all"),
            func.count()
            .filter(RateCard.activated_at.is_not(None), RateCard.retired_at.is_(None))
            .label("active"),
        )
        .group_by(RateCard.lender_id)
        .subquery()
    )
    return (
        select(LenderProfile, func.coalesce(cards.c.active, 0), func.coalesce(cards.c.all, 0))
        .outerjoin(cards, cards.c.lender_id == LenderProfile.organisation_id)
        .order_by(LenderProfile.slug)
    )


def message_rows() -> Select[Message]:
    """The messages in the state asked for, the latest first."""
    query = select(Message).order_by(Message.created_at.desc(), Message.id)
    wanted = request.args.get("state", "")
    if wanted in set(MessageState):
        query = query.where(Message.state == MessageState(wanted))
    return query


def trails() -> Select[Organisation, int, datetime]:
    """The organisations that have a trail: how many entries, and the instant of the latest."""
    return (
        select(Organisation, func.count(), func.max(AuditEntry.happened_at))
        .join(AuditEntry, AuditEntry.organisation_id == Organisation.id)
        .group_by(Organisation.id)
        .order_by(func.max(AuditEntry.happened_at).desc())
    )


def trail_of(organisation: Organisation) -> Select[AuditEntry, str]:
    """One organisation's entries and who acted, the latest first."""
    return (
        select(AuditEntry, func.coalesce(Member.name, Member.email))
        .outerjoin(Member, Member.id == AuditEntry.member_id)
        .where(AuditEntry.organisation_id == organisation.id)
        .order_by(AuditEntry.sequence.desc())
    )


def asked_status() -> JobStatus:
    """The state of the jobs to show: what has failed, unless asked otherwise."""
    wanted = request.args.get("status", "")
    return JobStatus(wanted) if wanted in set(JobStatus) else JobStatus.FAILED


def asked_organisation() -> Organisation | None:
    """The organisation whose trail is asked for."""
    given = request.args.get("organisation", default=None, type=UUID)
    return session().get(Organisation, given) if given else None


def operators_only() -> None:
    """Refuse whoever may see messages or a trail of its own, and is no operator."""
    if the_caller().kind is not OrganisationKind.OPERATOR:
        abort(404)


def _demonstration_only() -> None:
    if not runtime().settings.is_demo:
        abort(404)
