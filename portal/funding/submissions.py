"""Speaking to lenders: the dossier sent once however often we try, silence asked about again.

Requests are signed with the machine's own time, whatever day a demonstration plays.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from partners.vocabulary.lending import (
    LenderRefusedMessage,
    LenderReply,
    LenderUnanswered,
    LenderUnreached,
)
from portal.audit import trail
from portal.funding.answers import POLL_AGAIN_AFTER
from portal.funding.conclusion import conclude
from portal.funding.dossier import dossier_of
from portal.funding.events import ANSWER, POLL, heard_up_to, store_reply
from portal.funding.models import FundingRequest, Submission
from portal.funding.moves import move_submission
from portal.funding.states import SubmissionAction, SubmissionState
from portal.jobs.queue import Job, enqueue
from portal.lenders.connections import LenderNotConnected, line_to
from portal.runtime import Runtime

log = structlog.get_logger()

TO_SEND = frozenset(
    {SubmissionState.PREPARED, SubmissionState.UNANSWERED, SubmissionState.DELIVERY_FAILED}
)
TO_POLL = frozenset(
    {SubmissionState.SENT, SubmissionState.RECEIVED, SubmissionState.INFO_REQUESTED}
)
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=30)


def run_send_submission(runtime: Runtime, submission_id: str) -> None:
    """Send a dossier to its lender under its idempotency key; running twice sends it once."""
    with runtime.transaction() as session:
        submission = session.get(Submission, UUID(submission_id), with_for_update=True)
        if submission is None or submission.state not in TO_SEND:
            return
        submission.attempts += 1
        try:
            line = line_to(session, runtime.settings, submission.lender_id)
        except LenderNotConnected:
            _fail(session, submission, "not_connected", at=runtime.clock(session).instant())
            return
        dossier = dossier_of(session, runtime.settings, submission)
    try:
        with line.open(runtime.read_clock) as lender:
            reply = lender.submit(dossier)
    except LenderUnreached:
        _after(runtime, submission_id, _unreached)
    except LenderUnanswered:
        _after(runtime, submission_id, _unanswered)
    except LenderRefusedMessage:
        _after(runtime, submission_id, _refused)
    else:
        record_answers(runtime, UUID(submission_id), [reply], origin=ANSWER)


def run_poll_submission(runtime: Runtime, submission_id: str) -> None:
    """Ask the lender what it said since; the fallback when its webhooks do not reach us."""
    with runtime.transaction() as session:
        submission = session.get(Submission, UUID(submission_id))
        if submission is None:
            return
        if submission.state in TO_SEND:
            _try_again(session, submission, at=runtime.clock(session).instant())
            return
        line = line_to(session, runtime.settings, submission.lender_id)
        after = heard_up_to(session, submission.id)
        if submission.state in TO_POLL:
            submission.next_poll_at = runtime.clock(session).instant() + POLL_AGAIN_AFTER
    try:
        with line.open(runtime.read_clock) as lender:
            replies = lender.poll(UUID(submission_id), after_sequence=after)
    except (LenderUnreached, LenderUnanswered, LenderRefusedMessage) as error:
        log.info("poll unanswered", submission=submission_id, cause=type(error).__name__)
        return
    record_answers(runtime, UUID(submission_id), replies, origin=POLL)


def record_answers(
    runtime: Runtime, submission_id: UUID, replies: Sequence[LenderReply], *, origin: str
) -> None:
    """Keep what a lender answered and have it applied; what we hold already changes nothing."""
    with runtime.transaction() as session:
        submission = session.get_one(Submission, submission_id, with_for_update=True)
        at = _now(runtime, session)
        if submission.state in TO_SEND and origin == ANSWER:
            submission.sent_at = submission.sent_at or at
            if submission.state is not SubmissionState.UNANSWERED:
                move_submission(session, submission, SubmissionAction.SEND, by=None, at=at)
        for reply in replies:
            event, is_new = store_reply(session, submission, reply, origin=origin, at=at)
            if is_new:
                enqueue(
                    session,
                    Job.APPLY_LENDER_EVENT,
                    event_id=event.id,
                    one_at_a_time=f"request:{submission.request_id}",
                )


def note_refusal(session: Session, submission: Submission, act: str, *, at: datetime) -> None:
    """A lender answered that our message is wrong: written down for the operator."""
    trail.record(
        session,
        submission.lender_id,
        "lender_refused_message",
        "submission",
        submission.id,
        {"act": act},
        by=None,
        at=at,
    )


def _after(
    runtime: Runtime,
    submission_id: str,
    then: Callable[[Session, Runtime, Submission, datetime], None],
) -> None:
    with runtime.transaction() as session:
        submission = session.get_one(Submission, UUID(submission_id), with_for_update=True)
        if submission.state in TO_SEND:
            then(session, runtime, submission, _now(runtime, session))


def _unreached(session: Session, runtime: Runtime, submission: Submission, at: datetime) -> None:
    """Certainly not arrived: tried again after a growing pause, so many times."""
    if submission.attempts >= runtime.settings.lender_attempts:
        _fail(session, submission, "unreached", at=at)
        return
    _try_again(session, submission, at=at + pause_after(submission.attempts))


def _unanswered(session: Session, _: Runtime, submission: Submission, at: datetime) -> None:
    """The lender may have it: unanswered, and asked again under the same key until it expires."""
    if submission.state is not SubmissionState.UNANSWERED:
        move_submission(session, submission, SubmissionAction.SEND, by=None, at=at)
        move_submission(session, submission, SubmissionAction.HEAR_NOTHING, by=None, at=at)
        submission.sent_at = at
    submission.next_poll_at = at + pause_after(submission.attempts)
    if submission.next_poll_at < submission.expires_at:
        _try_again(session, submission, at=submission.next_poll_at)


def _refused(session: Session, _: Runtime, submission: Submission, at: datetime) -> None:
    _fail(session, submission, "message_refused", at=at)
    note_refusal(session, submission, "submit", at=at)


def _fail(session: Session, submission: Submission, reason: str, *, at: datetime) -> None:
    if submission.state is not SubmissionState.DELIVERY_FAILED:
        move_submission(
            session, submission, SubmissionAction.FAIL, by=None, at=at, reason_code=reason
        )
    submission.reason_code = reason
    submission.next_poll_at = None
    request = session.get_one(FundingRequest, submission.request_id, with_for_update=True)
    conclude(session, request, at=at)


def _try_again(session: Session, submission: Submission, *, at: datetime) -> None:
    enqueue(
        session,
        Job.SEND_SUBMISSION,
        not_before=at,
        submission_id=submission.id,
        one_at_a_time=f"submission:{submission.id}",
    )


def pause_after(attempts: int) -> timedelta:
    """The pause after so many attempts: ten seconds, doubled each time, half an hour at most."""
    doubled: timedelta = FIRST_PAUSE * 2 ** min(max(attempts - 1, 0), 10)
    return min(doubled, LONGEST_PAUSE)


def _now(runtime: Runtime, session: Session) -> datetime:
    return runtime.clock(session).instant()
