"""Disputes on the whole or a part: the rest is still collected."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.lookup import disputed_on, owed_on
from portal.collections.models import Dispute, DisputeOutcome, DisputeReason
from portal.jobs.queue import Job, enqueue
from portal.receivables.models import Receivable


class DisputeRefused(ValueError):
    """The dispute cannot be recorded; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def open_dispute(
    session: Session,
    receivable: Receivable,
    *,
    amount_cents: int | None,
    reason: DisputeReason,
    note: str | None,
    by: UUID | None,
    at: datetime,
) -> Dispute:
    """The debtor contests ``amount_cents``, or all that is still owed when None.

    Raises:
        DisputeRefused: ``nothing_owed``, ``amount_not_positive`` or ``more_than_owed``
            (disputes already open are counted).
    """
    owed = owed_on(session, receivable, lock=True)
    free = owed - disputed_on(session, receivable.id)
    contested = free if amount_cents is None else amount_cents
    if free <= 0:
        raise DisputeRefused("nothing_owed")
    if contested <= 0:
        raise DisputeRefused("amount_not_positive")
    if contested > free:
        raise DisputeRefused("more_than_owed")
    dispute = Dispute(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        amount_cents=contested,
        reason=reason,
        note=note or None,
        opened_on=at.astimezone(PARIS).date(),
        opened_by=by,
    )
    session.add(dispute)
    session.flush()
    facts = {"receivable": receivable.id, "amount_cents": contested, "reason": reason.value}
    trail.record(
        session, dispute.assignor_id, "open_dispute", "dispute", dispute.id, facts, by=by, at=at
    )
    enqueue(session, Job.FOLLOW_ANSWERS, assignor_id=dispute.assignor_id)
    return dispute


def close_dispute(
    session: Session, dispute: Dispute, outcome: DisputeOutcome, *, by: UUID | None, at: datetime
) -> None:
    """Close a dispute with its outcome; what it contested is collected again. A founded one calls for a credit note.

    Closing twice changes nothing.
    """
    if dispute.closed_on is not None:
        return
    dispute.closed_on, dispute.closed_by = at.astimezone(PARIS).date(), by
    dispute.outcome = outcome
    session.flush()
    facts = {"receivable": dispute.receivable_id, "outcome": outcome.value}
    trail.record(
        session, dispute.assignor_id, "close_dispute", "dispute", dispute.id, facts, by=by, at=at
    )
