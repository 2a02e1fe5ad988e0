"""What happens later: each job's name, and the function that does it.

Jobs are deferred in the transaction that causes them (`portal.jobs.queue`), run at least once, and are safe to
run twice. A job whose worker was killed is taken up again as soon as its heartbeat is missed.
"""

from collections.abc import Callable
from pkgutil import resolve_name
from typing import Any

import procrastinate
import structlog
from procrastinate.retry import RetryStrategy
from sqlalchemy.engine import make_url

from portal.config import Settings
from portal.jobs.queue import MAIN_QUEUE, Job
from portal.runtime import Runtime
from portal.upgrade import application_url

logger = structlog.get_logger()

JOBS: dict[Job, str] = {
    Job.FOLLOW_CALENDAR: "portal.demo.following:run_follow_calendar",
    Job.SEND_MESSAGE: "portal.messages.delivery:run_send_message",
    Job.ROUTE_REQUEST: "portal.funding.routing:run_route_request",
    Job.SEND_SUBMISSION: "portal.funding.submissions:run_send_submission",
    Job.POLL_SUBMISSION: "portal.funding.submissions:run_poll_submission",
    Job.APPLY_LENDER_EVENT: "portal.settlement.lender_events:run_apply_lender_event",
    Job.TELL_LENDER: "portal.assignments.telling:run_tell_lender",
    Job.PREPARE_DEED: "portal.assignments.drafting:run_prepare_deed",
    Job.SEND_DEED: "portal.assignments.telling:run_send_deed",
    Job.DUE_REMINDERS: "portal.collections.dunning.due_set:run_due_reminders",
    Job.EXPIRE_OVERDUE: "portal.funding.expiry:run_expire_overdue",
    Job.CATCH_UP: "portal.funding.catching_up:run_catch_up",
    Job.EXPIRE_MANDATES: "portal.brokers.expiry:run_expire_mandates",
    Job.FETCH_PROOF: "portal.messages.hearing:run_fetch_proof",
    Job.POLL_POST: "portal.messages.hearing:run_poll_post",
    Job.READ_MAILBOX: "portal.messages.inbound:run_read_mailbox",
    Job.QUOTE_RECEIVABLES: "portal.quotes.refreshing:run_quote_receivables",
    Job.APPLY_CARD_EVENT: "portal.collections.debtor_page.settling:run_apply_card_event",
    Job.FOLLOW_CARD_PAYMENTS: "portal.collections.debtor_page.settling:run_follow_card_payments",
    Job.FOLLOW_ANSWERS: "portal.collections.answers.following:run_follow_answers",
    Job.SORT_REPLIES: "portal.collections.answers.replies:run_sort_replies",
    Job.WATCH_DEADLINES: "portal.collections.legal.watch:run_watch_deadlines",
}

EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_HOUR = "7 * * * *"
PERIODS: dict[Job, str] = {
    Job.DUE_REMINDERS: EVERY_HOUR,
    Job.EXPIRE_OVERDUE: EVERY_FIVE_MINUTES,
    Job.WATCH_DEADLINES: EVERY_HOUR,
    Job.EXPIRE_MANDATES: EVERY_HOUR,
    Job.CATCH_UP: EVERY_FIVE_MINUTES,
    Job.FOLLOW_CARD_PAYMENTS: EVERY_FIVE_MINUTES,
    Job.POLL_POST: EVERY_FIVE_MINUTES,
    Job.READ_MAILBOX: EVERY_FIVE_MINUTES,
    Job.FOLLOW_ANSWERS: EVERY_HOUR,
    Job.SORT_REPLIES: EVERY_FIVE_MINUTES,
}

RETRIES = RetryStrategy(max_attempts=8, exponential_wait=4)
MISSED_HEARTBEAT_SECONDS = 20.0
HEARTBEAT_SECONDS = 5.0
RECOVERY_PERIOD = "* * * * * */10"


def build_queue(settings: Settings, runtime: Runtime) -> procrastinate.App:
    """The queue, with every job bound to its function."""
    queue = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=_libpq_address(settings), min_size=1, max_size=4
        )
    )
    for job, path in JOBS.items():
        _bind(queue, job, resolve_name(path), runtime)
    _bind_recovery(queue)
    return queue


def work(settings: Settings, *, until_idle: bool = False, concurrency: int = 4) -> None:
    """Run jobs until asked to stop; with ``until_idle``, until none is waiting."""
    runtime = Runtime.start(settings)
    queue = build_queue(settings, runtime)
    queue.run_worker(
        queues=[MAIN_QUEUE],
        concurrency=concurrency,
        wait=not until_idle,
        listen_notify=not until_idle,
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=20,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=MISSED_HEARTBEAT_SECONDS,
    )


def _bind(queue: procrastinate.App, job: Job, does: Callable[..., Any], runtime: Runtime) -> None:
    def perform(timestamp: int = 0, **identifiers: Any) -> None:  # noqa: ARG001 - periodic jobs carry one
        with structlog.contextvars.bound_contextvars(job=job.value, **identifiers):
            does(runtime, **identifiers)

    perform.__name__ = job.value
    task = queue.task(name=job.value, queue=MAIN_QUEUE, retry=RETRIES)(perform)
    if job in PERIODS:
        queue.periodic(cron=PERIODS[job])(task)


def _bind_recovery(queue: procrastinate.App) -> None:
    async def take_up_stalled(timestamp: int) -> None:  # noqa: ARG001 - given by the scheduler
        stalled = await queue.job_manager.get_stalled_jobs(
            seconds_since_heartbeat=MISSED_HEARTBEAT_SECONDS
        )
        for job in stalled:
            logger.warning("job taken up again", job_id=job.id, task=job.task_name)
            await queue.job_manager.retry_job(job)

    task = queue.task(name="take_up_stalled", queue=MAIN_QUEUE, pass_context=False)(take_up_stalled)
    queue.periodic(cron=RECOVERY_PERIOD)(task)


def _libpq_address(settings: Settings) -> str:
    url = make_url(application_url(settings)).set(drivername="postgresql")
    return url.render_as_string(hide_password=False)
