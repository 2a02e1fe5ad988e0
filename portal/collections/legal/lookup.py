"""What is on the legal road, reached for a viewer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.collections.evidence.models import EvidenceDossier
from portal.collections.legal.deadlines import Deadline
from portal.collections.legal.models import (
    CollectionAgency,
    FormalNotice,
    Handover,
    Insolvency,
    PaymentOrder,
    RecordedInterruption,
    WriteOff,
)
from portal.collections.legal.outsourcing import LIVE
from portal.collections.legal.states import LIVE_ORDERS
from portal.collections.lookup import CollectionNotFound
from portal.debtors.models import Debtor
from portal.receivables.models import Receivable
from portal.receivables.position import Position

Row = TypeVar(
    "Row",
    FormalNotice,
    PaymentOrder,
    Insolvency,
    RecordedInterruption,
    CollectionAgency,
    Handover,
    WriteOff,
    Debtor,
)
POSITION = Position.__table__
LISTED_AT_MOST = 50


def find(session: Session, kind: type[Row], row_id: UUID, *, assignor_id: UUID) -> Row:
    """The assignor's own row of this kind, locked.

    Raises:
        CollectionNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(kind)
        .where(kind.id == row_id, kind.assignor_id == assignor_id)
        .with_for_update(of=kind)
    )
    if found is None:
        raise CollectionNotFound(row_id)
    return found


@dataclass(frozen=True, slots=True)
class OnTheRoad:
    """The claims of an assignor that are somewhere on the legal road, the latest first."""

    notices: Sequence[tuple[FormalNotice, Receivable]]
    orders: Sequence[tuple[PaymentOrder, Receivable]]
    insolvencies: Sequence[tuple[Insolvency, Debtor]]
    handovers: Sequence[tuple[Handover, Receivable, CollectionAgency]]
    write_offs: Sequence[tuple[WriteOff, Receivable]]


def on_the_road(session: Session, assignor_id: UUID) -> OnTheRoad:
    """The live acts of each kind, at most fifty of each; five queries."""
    return OnTheRoad(
        notices=_pairs(session, assignor_id, FormalNotice, FormalNotice.cancelled_at.is_(None)),
        orders=_pairs(session, assignor_id, PaymentOrder, PaymentOrder.state.in_(LIVE_ORDERS)),
        insolvencies=[
            (one, debtor)
            for one, debtor in session.execute(
                select(Insolvency, Debtor)
                .join(Debtor, Debtor.id == Insolvency.debtor_id)
                .where(Insolvency.assignor_id == assignor_id, Insolvency.closed_on.is_(None))
                .order_by(Insolvency.judgment_on.desc())
                .limit(LISTED_AT_MOST)
            )
        ],
        handovers=live_handovers(session, assignor_id)[:LISTED_AT_MOST],
        write_offs=_pairs(
            session,
            assignor_id,
            WriteOff,
            WriteOff.approved.is_not(False) & WriteOff.reversed_at.is_(None),
        ),
    )


def _pairs(session: Session, assignor_id: UUID, kind: type, live: object) -> list:  # type: ignore[type-arg]
    owed = POSITION.c.outstanding_cents > 0
    rows: Any = session.execute(
        select(kind, Receivable)
        .join(Receivable, Receivable.id == kind.receivable_id)  # type: ignore[attr-defined]
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .where(kind.assignor_id == assignor_id, live, owed)  # type: ignore[attr-defined, arg-type]
        .order_by(Receivable.due_on, Receivable.id)
        .limit(LISTED_AT_MOST)
    )
    return [(one, receivable) for one, receivable in rows]


def live_handovers(
    session: Session, assignor_id: UUID, agency_id: UUID | None = None
) -> list[tuple[Handover, Receivable, CollectionAgency]]:
    """The claims that agencies, or one of them, have in hand."""
    query = (
        select(Handover, Receivable, CollectionAgency)
        .join(Receivable, Receivable.id == Handover.receivable_id)
        .join(CollectionAgency, CollectionAgency.id == Handover.agency_id)
        .where(Handover.assignor_id == assignor_id, Handover.state.in_(LIVE))
        .order_by(Handover.handed_on, Receivable.number)
    )
    if agency_id is not None:
        query = query.where(Handover.agency_id == agency_id)
    return [(one, receivable, agency) for one, receivable, agency in session.execute(query)]


def agencies_of(session: Session, assignor_id: UUID) -> Sequence[CollectionAgency]:
    """The agencies an assignor has a mandate with, by name."""
    return session.scalars(
        select(CollectionAgency)
        .where(CollectionAgency.assignor_id == assignor_id)
        .order_by(CollectionAgency.name)
    ).all()


def interruptions_noted(session: Session, receivable_id: UUID) -> Sequence[RecordedInterruption]:
    """What the user noted that interrupts limitation, oldest first."""
    return session.scalars(
        select(RecordedInterruption)
        .where(
            RecordedInterruption.receivable_id == receivable_id,
            RecordedInterruption.undone_at.is_(None),
        )
        .order_by(RecordedInterruption.happened_on)
    ).all()


def insolvent_debtors(session: Session, assignor_id: UUID) -> int:
    """How many of the assignor's debtors are in open proceedings."""
    found = session.scalar(
        select(func.count(func.distinct(Insolvency.debtor_id))).where(
            Insolvency.assignor_id == assignor_id, Insolvency.closed_on.is_(None)
        )
    )
    return int(found or 0)


def dossiers_of(session: Session, receivable_id: UUID) -> list[EvidenceDossier]:
    """The dossiers made of a claim, the latest first."""
    return list(
        session.scalars(
            select(EvidenceDossier)
            .where(EvidenceDossier.receivable_id == receivable_id)
            .order_by(EvidenceDossier.made_at.desc())
            .limit(LISTED_AT_MOST)
        )
    )


def names_of(session: Session, deadlines: Sequence[Deadline]) -> dict[UUID, str]:
    """The invoice number or the debtor's name that each deadline is about, by the id it carries."""
    receivables = [one.receivable_id for one in deadlines if one.receivable_id]
    debtors = [one.debtor_id for one in deadlines if one.debtor_id]
    numbers = session.execute(
        select(Receivable.id, Receivable.number).where(Receivable.id.in_(receivables))
    )
    names = session.execute(select(Debtor.id, Debtor.name).where(Debtor.id.in_(debtors)))
    return {row[0]: row[1] for row in (*numbers, *names)}
