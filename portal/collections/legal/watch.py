"""The watch over the legal road: each deadline told once at each distance, paid claims recalled from agencies."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Select, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.collections.legal.deadlines import (
    Deadline,
    insolvency_deadlines,
    notice_deadlines,
    order_deadlines,
)
from portal.collections.legal.limitation import interruptions_of, limitation_day
from portal.collections.legal.lookup import names_of
from portal.collections.legal.models import (
    ClaimReview,
    DeadlineKind,
    FormalNotice,
    Handover,
    Insolvency,
    LegalWarning,
    PaymentOrder,
)
from portal.collections.legal.outsourcing import LIVE, record_status
from portal.collections.legal.posting import follow_post
from portal.collections.legal.states import LIVE_ORDERS, HandoverAction
from portal.debtors.models import Debtor, DebtorSegment
from portal.identity.models import Organisation
from portal.jobs.process import Process
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose
from portal.payments.legal_standing import LEGAL_STANDING
from portal.receivables.models import Receivable
from portal.receivables.position import Position
from pricing.calendar import add_months
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law
from pricing.wording import known_locale

logger = structlog.get_logger()

POSITION = Position.__table__
AT_ONCE = 500
SHORTEST_YEARS = {
    DebtorSegment.PRIVATE: 5,
    DebtorSegment.PUBLIC: 4,
    DebtorSegment.CONSUMER: 2,
}
"""Only to leave out of the reading what cannot be near: the rule itself is `pricing.limitation`."""

LIMITATION_SOURCE = "C. com. L110-4 ; C. conso. L218-2 ; C. civ. 2224"


def run_watch_deadlines(process: Process, **_: object) -> None:
    """Tell every assignor of the days that come near, then recall from agencies what is paid."""
    law = current_law()
    with process.transaction() as session:
        clock = process.clock(session)
        today, at = clock.day(), clock.instant()
        assignors = session.scalars(select(Receivable.assignor_id).distinct()).all()
    for assignor_id in assignors:
        with process.transaction() as session:
            follow_letters(session, assignor_id, at=at)
            told = warn(session, assignor_id, law, today=today, at=at)
            recalled = recall_paid(session, assignor_id, today=today, at=at)
        if told or recalled:
            logger.info("legal watch", assignor_id=str(assignor_id), told=told, recalled=recalled)


def warn(
    session: Session, assignor_id: UUID, law: LegalParameters, *, today: date, at: datetime
) -> int:
    """Write one message with every deadline that has come within a new distance; how many there were.

    A watch that did not run for a week tells the nearest distance only.
    """
    near = [
        (deadline, ahead)
        for deadline in nearing(session, assignor_id, law, today)
        if (ahead := deadline.ahead(today)) is not None
    ]
    fresh = _not_told(session, near)
    if not fresh:
        return 0
    for deadline, ahead in fresh:
        session.add(
            LegalWarning(
                assignor_id=assignor_id,
                subject_id=deadline.subject_id,
                kind=deadline.kind,
                deadline_on=deadline.on,
                ahead=ahead,
                warned_at=at,
            )
        )
    session.flush()
    _tell(session, assignor_id, [deadline for deadline, _ in fresh], at=at)
    return len(fresh)


def nearing(
    session: Session, assignor_id: UUID, law: LegalParameters, today: date
) -> list[Deadline]:
    """Every deadline of an assignor's live acts and of its claims whose limitation may be near, in date order."""
    found = [
        *_of_limitation(session, assignor_id, law, today),
        *_of_notices(session, assignor_id, today),
        *_of_orders(session, assignor_id, law),
        *_of_insolvencies(session, assignor_id, law),
    ]
    return sorted(found, key=lambda one: (one.on, one.kind, one.subject_id))


def follow_letters(session: Session, assignor_id: UUID, *, at: datetime) -> int:
    """Read what the post said of every notice still travelling into its dates; how many had news."""
    travelling = session.scalars(
        select(FormalNotice)
        .where(
            FormalNotice.assignor_id == assignor_id,
            FormalNotice.message_id.is_not(None),
            FormalNotice.received_on.is_(None),
            FormalNotice.returned_on.is_(None),
            FormalNotice.cancelled_at.is_(None),
        )
        .with_for_update()
    ).all()
    return sum(follow_post(session, notice, at=at) for notice in travelling)


def recall_paid(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> int:
    """Take back from agencies the claims on which nothing is owed any more; how many there were."""
    paid = session.scalars(
        select(Handover)
        .join(POSITION, POSITION.c.receivable_id == Handover.receivable_id)
        .where(
            Handover.assignor_id == assignor_id,
            Handover.state.in_(LIVE),
            POSITION.c.outstanding_cents == 0,
        )
        .with_for_update(of=Handover)
    ).all()
    for handover in paid:
        record_status(session, handover, HandoverAction.RECALL, today, note="payée", by=None, at=at)
    return len(paid)


def _of_limitation(
    session: Session, assignor_id: UUID, law: LegalParameters, today: date
) -> Iterable[Deadline]:
    rows = session.execute(_maybe_near(assignor_id, today)).all()
    ids = [row[0].id for row in rows]
    interruptions = interruptions_of(session, ids)
    for receivable, carriage in rows:
        day = limitation_day(
            receivable,
            law,
            carriage=bool(carriage),
            interruptions=interruptions.get(receivable.id, ()),
        )
        yield Deadline(
            DeadlineKind.LIMITATION,
            day,
            LIMITATION_SOURCE,
            receivable.id,
            assignor_id,
            receivable_id=receivable.id,
        )


def _maybe_near(assignor_id: UUID, today: date) -> Select[Receivable, bool]:
    """Unpaid receivables old enough, whose claim is not declared in open proceedings (C. com. L622-25-1)."""
    horizon = add_months(today, 6)
    declared = select(Insolvency.debtor_id).where(
        Insolvency.assignor_id == assignor_id,
        Insolvency.declared_on.is_not(None),
        Insolvency.closed_on.is_(None),
    )
    old_enough = [
        and_(Debtor.segment == segment, Receivable.due_on <= add_months(horizon, -12 * years))
        for segment, years in SHORTEST_YEARS.items()
    ]
    carried = and_(ClaimReview.carriage, Receivable.due_on <= add_months(horizon, -12))
    return (
        select(Receivable, ClaimReview.carriage)
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .join(LEGAL_STANDING, LEGAL_STANDING.c.receivable_id == Receivable.id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .outerjoin(ClaimReview, ClaimReview.receivable_id == Receivable.id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.due_on.is_not(None),
            or_(*old_enough, carried),
            Receivable.debtor_id.not_in(declared),
            LEGAL_STANDING.c.written_off_at.is_(None),
            POSITION.c.outstanding_cents > 0,
        )
        .order_by(Receivable.due_on, Receivable.id)
    )


def _of_notices(session: Session, assignor_id: UUID, today: date) -> Iterable[Deadline]:
    """Only letters whose answer is expected now, on claims still owed."""
    notices = session.scalars(
        select(FormalNotice)
        .join(POSITION, POSITION.c.receivable_id == FormalNotice.receivable_id)
        .where(
            FormalNotice.assignor_id == assignor_id,
            FormalNotice.cancelled_at.is_(None),
            FormalNotice.answer_by >= today - timedelta(days=1),
            POSITION.c.outstanding_cents > 0,
        )
    )
    for notice in notices:
        yield from notice_deadlines(notice)


def _of_orders(session: Session, assignor_id: UUID, law: LegalParameters) -> Iterable[Deadline]:
    orders = session.scalars(
        select(PaymentOrder).where(
            PaymentOrder.assignor_id == assignor_id, PaymentOrder.state.in_(LIVE_ORDERS)
        )
    )
    for order in orders:
        yield from order_deadlines(order, law)


def _of_insolvencies(
    session: Session, assignor_id: UUID, law: LegalParameters
) -> Iterable[Deadline]:
    insolvencies = session.scalars(
        select(Insolvency).where(
            Insolvency.assignor_id == assignor_id,
            Insolvency.closed_on.is_(None),
            Insolvency.published_on.is_not(None),
        )
    )
    for insolvency in insolvencies:
        yield from insolvency_deadlines(insolvency, law)


def _not_told(session: Session, near: Sequence[tuple[Deadline, str]]) -> list[tuple[Deadline, str]]:
    """Those not told yet at this distance or at a nearer one, for the same day."""
    told: set[tuple[UUID, DeadlineKind, date, str]] = set()
    for start in range(0, len(near), AT_ONCE):
        keys = [(one.subject_id, one.kind, one.on, ahead) for one, ahead in near[start : start + AT_ONCE]]  # fmt: skip
        columns = (
            LegalWarning.subject_id,
            LegalWarning.kind,
            LegalWarning.deadline_on,
            LegalWarning.ahead,
        )
        rows = session.execute(select(*columns).where(tuple_(*columns).in_(keys)))
        told |= {(subject, kind, on, ahead) for subject, kind, on, ahead in rows}
    return [
        (one, ahead) for one, ahead in near if (one.subject_id, one.kind, one.on, ahead) not in told
    ]


def _tell(
    session: Session, assignor_id: UUID, deadlines: Sequence[Deadline], *, at: datetime
) -> None:
    assignor = session.get_one(Organisation, assignor_id)
    if not assignor.email:
        return
    names = names_of(session, deadlines)
    locale = known_locale(assignor.locale)
    lines = [
        {
            "on": one.on,
            "kind": one.kind.value,
            "opens": one.opens,
            "about": names.get(one.receivable_id or one.debtor_id or one.subject_id, ""),
            "source": one.source,
        }
        for one in deadlines
    ]
    wording = compose("legal_deadlines", locale, company=assignor.legal_name, deadlines=lines)
    first = deadlines[0]
    key = f"legal:{assignor_id}:{first.subject_id}:{first.kind.value}:{at.isoformat()}"
    draft = Draft(
        kind="legal_deadlines",
        dedupe_key=key,
        to_address=assignor.email,
        subject=wording.subject,
        body_text=wording.text,
        body_html=wording.html,
        locale=locale,
        to_name=assignor.legal_name,
        organisation_id=assignor_id,
    )
    write(session, draft, at=at)
