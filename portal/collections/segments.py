"""Segments kept up from behaviour: each debtor's year in figures, one rule over them, and the job that applies it.

A public body and a debtor abroad are what they are; a strategic account is named by a person. A placement made by
hand is never touched. The thresholds are conventions of the product, shown wherever a segment is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, delete, func, select
from sqlalchemy.orm import Session

from portal.collections.dunning.choosing import HOME_COUNTRY, place_debtor
from portal.collections.dunning.models import DebtorPlacement, Segment
from portal.collections.models import Dispute, DisputeOutcome, Promise
from portal.debtors.models import Debtor, DebtorSegment
from portal.jobs.process import Process
from portal.receivables.models import Receivable
from portal.receivables.position import positions_of

logger = structlog.get_logger()

AnySelect = Select[*tuple[Any, ...]]

WINDOW_DAYS = 365
PAID_MIN = 3
GOOD_DAYS_MAX = 5
SLOW_DAYS = 15
BAD_DAYS = 45
BAD_BROKEN = 2
BAD_UNFOUNDED = 3


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One debtor's last twelve months.

    ``mean_days_late`` is over the invoices settled by payment, early ones counting below zero; None without any.
    """

    invoices_paid: int = 0
    mean_days_late: int | None = None
    broken_promises: int = 0
    disputes: int = 0
    unfounded_disputes: int = 0


def segment_by_behaviour(behaviour: Behaviour) -> Segment | None:
    """The segment a year's behaviour shows; None while it shows too little.

    - bad: 45 days late or more on average, or two broken promises, or three disputes found groundless;
    - slow: 15 days late or more on average, or one broken promise;
    - good payer: 5 days late at most on average, no broken promise, no groundless dispute.

    An average counts from three invoices paid on.
    """
    late = behaviour.mean_days_late if behaviour.invoices_paid >= PAID_MIN else None
    if (
        (late is not None and late >= BAD_DAYS)
        or behaviour.broken_promises >= BAD_BROKEN
        or behaviour.unfounded_disputes >= BAD_UNFOUNDED
    ):
        return Segment.BAD
    if (late is not None and late >= SLOW_DAYS) or behaviour.broken_promises:
        return Segment.SLOW
    if late is not None and late <= GOOD_DAYS_MAX and not behaviour.unfounded_disputes:
        return Segment.GOOD_PAYER
    return None


def behaviours(
    session: Session,
    assignor_id: UUID,
    *,
    today: date,
    debtor_ids: Collection[UUID] | None = None,
) -> dict[UUID, Behaviour]:
    """Each debtor's last twelve months; three queries whatever their number. Those without any are left out."""
    since = today - timedelta(days=WINDOW_DAYS)
    paid = _rows(session, _paid(assignor_id, today, since), debtor_ids)
    broken = _rows(session, _broken(assignor_id, since), debtor_ids)
    disputed = _rows(session, _disputed(assignor_id, since), debtor_ids)
    return {
        one: Behaviour(
            *paid.get(one, (0, None)), *broken.get(one, (0,)), *disputed.get(one, (0, 0))
        )
        for one in paid.keys() | broken.keys() | disputed.keys()
    }


def keep_up_segments(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> int:
    """Apply the rule to every debtor of an assignor; how many changed. Safe to run again: nothing more changes."""
    known = behaviours(session, assignor_id, today=today)
    rows = session.execute(
        select(Debtor, DebtorPlacement)
        .outerjoin(DebtorPlacement, DebtorPlacement.debtor_id == Debtor.id)
        .where(
            Debtor.assignor_id == assignor_id,
            Debtor.segment != DebtorSegment.PUBLIC,
            Debtor.country == HOME_COUNTRY,
            Debtor.id.in_(known.keys()) | DebtorPlacement.id.is_not(None),
        )
        .order_by(Debtor.id)
    ).all()
    changed = 0
    for debtor, placement in rows:
        found = segment_by_behaviour(known.get(debtor.id, Behaviour()))
        changed += _follow(session, debtor, placement, found, at=at)
    return changed


def run_keep_up_segments(process: Process, **_: Any) -> None:
    """Keep up the segments of every company; one transaction each."""
    with process.transaction() as session:
        assignors = session.scalars(select(Debtor.assignor_id).distinct()).all()
    for assignor_id in assignors:
        with process.transaction() as session:
            clock = process.clock(session)
            changed = keep_up_segments(session, assignor_id, today=clock.day(), at=clock.instant())
        if changed:
            logger.info("segments kept up", assignor_id=str(assignor_id), changed=changed)


def _follow(
    session: Session,
    debtor: Debtor,
    placement: DebtorPlacement | None,
    found: Segment | None,
    *,
    at: datetime,
) -> bool:
    now = placement.segment if placement else None
    if (placement is not None and placement.by_hand) or now is found:
        return False
    if found is None:
        session.execute(delete(DebtorPlacement).where(DebtorPlacement.debtor_id == debtor.id))
        return True
    place_debtor(session, debtor, found, because=None, by_hand=False, by=None, at=at)
    return True


def _rows(
    session: Session, query: AnySelect, debtor_ids: Collection[UUID] | None
) -> Mapping[UUID, tuple[Any, ...]]:
    if debtor_ids is not None:
        query = query.where(query.selected_columns[0].in_(debtor_ids))
    return {found[0]: _whole(found[1:]) for found in session.execute(query)}


def _whole(figures: Collection[Any]) -> tuple[Any, ...]:
    return tuple(round(one) if isinstance(one, Decimal) else one for one in figures)


def _paid(assignor_id: UUID, today: date, since: date) -> AnySelect:
    row = positions_of(assignor_id, today).c
    return (
        select(row.debtor_id, func.count(), func.avg(row.last_paid_on - row.due_on))
        .where(
            row.outstanding_cents == 0,
            row.paid_cents > 0,
            row.due_on.is_not(None),
            row.last_paid_on >= since,
        )
        .group_by(row.debtor_id)
    )


def _broken(assignor_id: UUID, since: date) -> AnySelect:
    return (
        select(Receivable.debtor_id, func.count())
        .join(Promise, Promise.receivable_id == Receivable.id)
        .where(Promise.assignor_id == assignor_id, Promise.broken_on >= since)
        .group_by(Receivable.debtor_id)
    )


def _disputed(assignor_id: UUID, since: date) -> AnySelect:
    unfounded = and_(Dispute.outcome == DisputeOutcome.UNFOUNDED)
    return (
        select(Receivable.debtor_id, func.count(), func.count().filter(unfounded))
        .join(Dispute, Dispute.receivable_id == Receivable.id)
        .where(Dispute.assignor_id == assignor_id, Dispute.opened_on >= since)
        .group_by(Receivable.debtor_id)
    )
