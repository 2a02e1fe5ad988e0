"""Deferring work in the caller's own transaction: if it is undone, the job never existed."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

import procrastinate
from sqlalchemy.orm import Session

MAIN_QUEUE = "portal"


class Job(enum.StrEnum):
    """Everything that happens later, by name; `portal.worker` says which function does it."""

    SEND_MESSAGE = "send_message"
    ROUTE_REQUEST = "route_request"
    SEND_SUBMISSION = "send_submission"
    POLL_SUBMISSION = "poll_submission"
    APPLY_LENDER_EVENT = "apply_lender_event"
    TELL_LENDER = "tell_lender"
    PREPARE_DEED = "prepare_deed"
    SEND_DEED = "send_deed"
    DUE_REMINDERS = "due_reminders"
    EXPIRE_OVERDUE = "expire_overdue"
    CATCH_UP = "catch_up"
    FOLLOW_CALENDAR = "follow_calendar"
    EXPIRE_MANDATES = "expire_mandates"
    QUOTE_RECEIVABLES = "quote_receivables"
    APPLY_CARD_EVENT = "apply_card_event"
    FOLLOW_CARD_PAYMENTS = "follow_card_payments"
    WATCH_DEADLINES = "watch_deadlines"
    FETCH_PROOF = "fetch_proof"
    POLL_POST = "poll_post"
    READ_MAILBOX = "read_mailbox"
    FOLLOW_ANSWERS = "follow_answers"
    SORT_REPLIES = "sort_replies"


_deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def enqueue(
    session: Session,
    job: Job,
    *,
    not_before: datetime | None = None,
    one_at_a_time: str | None = None,
    **identifiers: UUID | str | int,
) -> None:
    """Ask for a job; it exists only if the session's transaction commits.

    ``identifiers`` become the job's arguments: ids and codes, never a tenant's data. Jobs that share
    ``one_at_a_time`` never run at the same moment.
    """
    arguments: dict[str, Any] = {
        name: str(value) if isinstance(value, UUID) else value
        for name, value in identifiers.items()
    }
    session.flush()
    _deferring.configure_task(
        job.value,
        queue=MAIN_QUEUE,
        schedule_at=not_before,
        lock=one_at_a_time,
        connection=session.connection().connection.driver_connection,
    ).defer(**arguments)
