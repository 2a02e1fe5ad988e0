"""What waits, runs and has failed in the queue, for whoever operates the product."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Select,
    Text,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

JOBS = table(
    "procrastinate_jobs",
    column("id", BigInteger()),
    column("task_name", Text()),
    column("status", Text()),
    column("args", JSONB()),
    column("attempts", Integer()),
    column("scheduled_at", DateTime(timezone=True)),
)
EVENTS = table(
    "procrastinate_events",
    column("job_id", BigInteger()),
    column("at", DateTime(timezone=True)),
)


class JobStatus(enum.StrEnum):
    """Where a job stands, in the queue's own words."""

    TODO = "todo"
    DOING = "doing"
    FAILED = "failed"
    SUCCEEDED = "succeeded"


class JobNotFailed(Exception):
    """Only a failed job is run again by hand; this one is not, or no longer exists."""


def counts_by_status(session: Session) -> dict[JobStatus, int]:
    """How many jobs stand where."""
    status = as_type(JOBS.c.status, Text())
    rows = session.execute(select(status, func.count()).group_by(status)).all()
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {status: found.get(status.value, 0) for status in JobStatus}


def jobs_in(status: JobStatus) -> Select[*tuple[Any, ...]]:
    """The jobs of one status with the instant of their last event, the latest first."""
    last = select(func.max(EVENTS.c.at)).where(EVENTS.c.job_id == JOBS.c.id).scalar_subquery()
    return (
        select(
            JOBS.c.id,
            JOBS.c.task_name,
            JOBS.c.args,
            JOBS.c.attempts,
            JOBS.c.scheduled_at,
            last.label("last_at"),
        )
        .where(as_type(JOBS.c.status, Text()) == status.value)
        .order_by(JOBS.c.id.desc())
    )


def run_again(session: Session, job_id: int, *, at: datetime) -> None:
    """Put a failed job back in the queue.

    Raises:
        JobNotFailed: it did not fail, or does not exist.
    """
    failed = session.scalar(
        select(JOBS.c.id)
        .where(JOBS.c.id == job_id, as_type(JOBS.c.status, Text()) == JobStatus.FAILED.value)
        .with_for_update()
    )
    if failed is None:
        raise JobNotFailed(job_id)
    session.execute(
        text("SELECT procrastinate_retry_job_v2(:job, :at, NULL, NULL, NULL)"),
        {"job": job_id, "at": at},
    )
