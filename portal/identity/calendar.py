"""Moving a demonstration's calendar forward, so that terms fall due while one watches."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.identity.models import DemoCalendar
from portal.jobs.queue import Job, enqueue

DAYS_MAX = 120


class CalendarOnlyMovesForward(ValueError):
    """Time neither stops nor goes back: between 1 day and the most allowed at once."""


def advance_calendar(
    session: Session, days: int, *, organisation_id: UUID, by: UUID, at: datetime
) -> int:
    """Move the calendar ``days`` forward and run what falls due; how many days it is ahead in all.

    Raises:
        CalendarOnlyMovesForward: zero, negative, or more than `DAYS_MAX` days.
    """
    if not 1 <= days <= DAYS_MAX:
        raise CalendarOnlyMovesForward(days)
    calendar = session.scalar(select(DemoCalendar).with_for_update())
    if calendar is None:
        calendar = DemoCalendar(advanced_days=0)
        session.add(calendar)
    calendar.advanced_days += days
    record(
        session,
        organisation_id,
        "calendar_advanced",
        "demo_calendar",
        organisation_id,
        {"days": days},
        by=by,
        at=at,
    )
    for job in (Job.FOLLOW_CALENDAR, Job.EXPIRE_OVERDUE, Job.EXPIRE_MANDATES, Job.DUE_REMINDERS):
        enqueue(session, job)
    return calendar.advanced_days
