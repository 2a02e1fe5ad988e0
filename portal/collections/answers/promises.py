"""Promises to pay: they suspend reminders until their day, and a little longer for the bank."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.lookup import live_promises, owed_on
from portal.collections.models import Promise
from portal.receivables.models import Receivable


class PromiseRefused(ValueError):
    """The promise cannot be recorded; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def record_promise(
    session: Session,
    receivable: Receivable,
    *,
    amount_cents: int,
    promised_for: date,
    note: str | None,
    by: UUID | None,
    at: datetime,
) -> Promise:
    """The debtor said it pays so much by such a day; it replaces an earlier promise.

    Raises:
        PromiseRefused: ``nothing_owed``, ``amount_not_positive``, ``more_than_owed`` or ``day_past``.
    """
    owed = owed_on(session, receivable, lock=True)
    if owed == 0:
        raise PromiseRefused("nothing_owed")
    if amount_cents <= 0:
        raise PromiseRefused("amount_not_positive")
    if amount_cents > owed:
        raise PromiseRefused("more_than_owed")
    if promised_for < at.astimezone(PARIS).date():
        raise PromiseRefused("day_past")
    for earlier in live_promises(session, receivable.id):
        if (earlier.amount_cents, earlier.promised_for) == (amount_cents, promised_for):
            return earlier
        earlier.cancelled_at = at
    promise = Promise(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        amount_cents=amount_cents,
        promised_for=promised_for,
        note=note or None,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(promise)
    session.flush()
    _trace(session, "record_promise", promise, by=by, at=at)
    return promise


def cancel_promise(session: Session, promise: Promise, *, by: UUID | None, at: datetime) -> None:
    """The promise no longer holds: reminders resume. Cancelling twice changes nothing."""
    if promise.cancelled_at is not None:
        return
    promise.cancelled_at = at
    session.flush()
    _trace(session, "cancel_promise", promise, by=by, at=at)


def _trace(
    session: Session, action: str, promise: Promise, *, by: UUID | None, at: datetime
) -> None:
    facts = {"receivable": promise.receivable_id, "promised_for": promise.promised_for}
    trail.record(session, promise.assignor_id, action, "promise", promise.id, facts, by=by, at=at)
