"""Taking up what a stopped worker or a lost webhook left behind."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.funding.conclusion import WORKING
from portal.funding.models import LenderEvent, Submission
from portal.jobs.queue import Job, enqueue
from portal.runtime import Runtime

LEFT_BEHIND_AFTER = timedelta(minutes=2)
AT_A_TIME = 500


def run_catch_up(runtime: Runtime) -> None:
    """Ask again for events not applied yet and for answers whose time to be polled has come."""
    with runtime.transaction() as session:
        catch_up(session, at=runtime.clock(session).instant())


def catch_up(session: Session, *, at: datetime) -> None:
    """Defer a job for each event left unread, polling what it may wait for, and each answer due."""
    unread = session.execute(
        select(LenderEvent.id, Submission.id, Submission.request_id)
        .join(Submission, Submission.id == LenderEvent.submission_id)
        .where(LenderEvent.processed_at.is_(None), LenderEvent.received_at < at - LEFT_BEHIND_AFTER)
        .order_by(LenderEvent.received_at)
        .limit(AT_A_TIME)
    )
    for event_id, submission_id, request_id in unread.all():
        enqueue(
            session,
            Job.APPLY_LENDER_EVENT,
            event_id=event_id,
            one_at_a_time=f"request:{request_id}",
        )
        _poll(session, submission_id)
    due = session.scalars(
        select(Submission.id)
        .where(Submission.state.in_(WORKING), Submission.next_poll_at < at)
        .order_by(Submission.next_poll_at)
        .limit(AT_A_TIME)
    )
    for submission_id in due.all():
        _poll(session, submission_id)


def _poll(session: Session, submission_id: UUID) -> None:
    enqueue(
        session,
        Job.POLL_SUBMISSION,
        submission_id=submission_id,
        one_at_a_time=f"submission:{submission_id}",
    )
