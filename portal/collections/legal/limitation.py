"""The limitation of each claim: what interrupted it, and the earliest plausible last day to sue."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.legal.models import Insolvency, PaymentOrder, RecordedInterruption
from portal.collections.legal.refusals import LegalActRefused
from portal.payments.account import SEGMENTS
from portal.receivables.models import Receivable
from pricing.limitation import Interruption, InterruptionKind, limitation_on
from pricing.parameters import LegalParameters


def limitation_day(
    receivable: Receivable,
    law: LegalParameters,
    *,
    carriage: bool = False,
    interruptions: Iterable[Interruption] = (),
) -> date:
    """The earliest plausible last day to claim a receivable that has a due date; the user qualifies.

    Source: C. com. art. L110-4, L133-6; C. conso. art. L218-2; loi 68-1250, art. 1.
    """
    return limitation_on(
        receivable.due_on or receivable.issued_on,
        law,
        segment=SEGMENTS[receivable.debtor.segment],
        carriage=carriage,
        interruptions=interruptions,
    )


def record_interruption(
    session: Session,
    receivable: Receivable,
    kind: InterruptionKind,
    happened_on: date,
    *,
    note: str | None = None,
    document_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> RecordedInterruption:
    """Note an event that starts a new period; a formal notice is not one (C. civ. 2240, 2241, 2244).

    Raises:
        LegalActRefused: ``day_in_future``, or ``day_out_of_order`` before the invoice.
    """
    if happened_on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", "happened_on")
    if happened_on < receivable.issued_on:
        raise LegalActRefused("day_out_of_order", "happened_on")
    recorded = RecordedInterruption(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        kind=kind,
        happened_on=happened_on,
        note=note or None,
        document_id=document_id,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(recorded)
    session.flush()
    _trace(session, "record_interruption", recorded, by=by, at=at)
    return recorded


def undo_interruption(
    session: Session, recorded: RecordedInterruption, *, by: UUID | None, at: datetime
) -> None:
    """Take back an interruption noted by mistake; doing it twice changes nothing."""
    if recorded.undone_at is not None:
        return
    recorded.undone_at = at
    session.flush()
    _trace(session, "undo_interruption", recorded, by=by, at=at)


def interruptions_of(
    session: Session, receivable_ids: Collection[UUID]
) -> dict[UUID, tuple[Interruption, ...]]:
    """What interrupted the limitation of each claim: noted, the service of an order, a claim declared.

    Source: C. civ. art. 2240 to 2244; C. com. art. L622-25-1 (until the proceedings close).
    """
    found: dict[UUID, list[Interruption]] = {}
    for receivable_id, kind, day in _noted(session, receivable_ids):
        found.setdefault(receivable_id, []).append(Interruption(kind, day))
    for receivable_id, day in _served(session, receivable_ids):
        one = Interruption(InterruptionKind.ORDER_SERVED, day)
        found.setdefault(receivable_id, []).append(one)
    for receivable_id, declared_on, closed_on in _declared(session, receivable_ids):
        for day in filter(None, (declared_on, closed_on)):
            one = Interruption(InterruptionKind.COURT_CLAIM, day)
            found.setdefault(receivable_id, []).append(one)
    return {key: tuple(sorted(ones, key=lambda one: one.on)) for key, ones in found.items()}


def _noted(
    session: Session, ids: Collection[UUID]
) -> Iterable[tuple[UUID, InterruptionKind, date]]:
    rows = session.execute(
        select(
            RecordedInterruption.receivable_id,
            RecordedInterruption.kind,
            RecordedInterruption.happened_on,
        ).where(
            RecordedInterruption.receivable_id.in_(ids), RecordedInterruption.undone_at.is_(None)
        )
    )
    return [(one, kind, day) for one, kind, day in rows]


def _served(session: Session, ids: Collection[UUID]) -> Iterable[tuple[UUID, date]]:
    rows = session.execute(
        select(PaymentOrder.receivable_id, PaymentOrder.served_on).where(
            PaymentOrder.receivable_id.in_(ids), PaymentOrder.served_on.is_not(None)
        )
    )
    return [(one, day) for one, day in rows if day is not None]


def _declared(
    session: Session, ids: Collection[UUID]
) -> Iterable[tuple[UUID, date | None, date | None]]:
    rows = session.execute(
        select(Receivable.id, Insolvency.declared_on, Insolvency.closed_on)
        .join(Insolvency, Insolvency.debtor_id == Receivable.debtor_id)
        .where(Receivable.id.in_(ids), Insolvency.declared_on.is_not(None))
    )
    return [(one, declared_on, closed_on) for one, declared_on, closed_on in rows]


def _trace(
    session: Session, action: str, recorded: RecordedInterruption, *, by: UUID | None, at: datetime
) -> None:
    facts = {
        "receivable": recorded.receivable_id,
        "kind": recorded.kind.value,
        "happened_on": recorded.happened_on,
    }
    trail.record(
        session, recorded.assignor_id, action, "interruption", recorded.id, facts, by=by, at=at
    )
