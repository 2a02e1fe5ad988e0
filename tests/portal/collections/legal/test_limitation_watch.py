"""Each day that counts is told once at each distance, and nothing is told late twice."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.legal.limitation import record_interruption, undo_interruption
from portal.collections.legal.models import DeadlineKind, LegalWarning
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.watch import nearing, warn
from portal.debtors.models import DebtorSegment
from portal.messages.models import Message
from pricing.limitation import InterruptionKind
from pricing.parameters import law
from tests.builders.legal import a_claim, a_late_receivable, an_order
from tests.builders.lending import a_payment_of
from tests.conftest import NOW, TODAY

LAW = law()


def an_old_receivable(session, due_on=date(2022, 3, 10), **given):
    return a_late_receivable(session, due_on=due_on, issued_on=due_on - timedelta(days=30), **given)


def warned(session, receivable, on):
    at = datetime.combine(on, datetime.min.time(), PARIS)
    return warn(session, receivable.assignor_id, LAW, today=on, at=at)


def distances(session, receivable):
    rows = session.scalars(
        select(LegalWarning.ahead)
        .where(LegalWarning.subject_id == receivable.id)
        .order_by(LegalWarning.warned_at)
    )
    return list(rows)


def test_limitation_is_told_six_three_and_one_months_before_and_once_each(session: Session):
    receivable = an_old_receivable(session)  # last day 10 March 2027
    day = date(2026, 9, 1)
    while day <= date(2027, 3, 20):
        warned(session, receivable, day)
        day += timedelta(days=1)

    assert distances(session, receivable) == ["6m", "3m", "1m"]
    told = session.scalars(
        select(LegalWarning.warned_at)
        .where(LegalWarning.subject_id == receivable.id)
        .order_by(LegalWarning.warned_at)
    )
    assert [one.astimezone(PARIS).date() for one in told] == [
        date(2026, 9, 10),
        date(2026, 12, 10),
        date(2027, 2, 10),
    ]


def test_a_watch_that_was_down_tells_the_nearest_distance_only(session: Session):
    receivable = an_old_receivable(session)

    warned(session, receivable, date(2027, 2, 20))
    warned(session, receivable, date(2027, 2, 20))

    assert distances(session, receivable) == ["1m"]


def test_one_message_tells_them_all_and_names_the_text(session: Session):
    receivable = an_old_receivable(session, number="F-OLD")

    warned(session, receivable, TODAY)

    message = session.scalars(
        select(Message).where(
            Message.organisation_id == receivable.assignor_id, Message.kind == "legal_deadlines"
        )
    ).one()
    assert "F-OLD" in message.body_text
    assert "10/03/2027" in message.body_text
    assert "L110-4" in message.body_text
    assert "prescrit" not in message.body_text


@pytest.mark.parametrize(
    ("segment", "due_on", "last_day"),
    [
        (DebtorSegment.PRIVATE, date(2022, 3, 10), date(2027, 3, 10)),
        (DebtorSegment.CONSUMER, date(2025, 3, 10), date(2027, 3, 10)),
        (DebtorSegment.PUBLIC, date(2022, 3, 10), date(2026, 12, 31)),
    ],
)
def test_each_kind_of_debtor_has_its_own_period(session: Session, segment, due_on, last_day):
    receivable = an_old_receivable(session, due_on)
    receivable.debtor.segment = segment
    session.flush()

    found = nearing(session, receivable.assignor_id, LAW, TODAY)

    assert [(one.kind, one.on) for one in found] == [(DeadlineKind.LIMITATION, last_day)]


def test_an_acknowledgement_starts_a_new_period_until_it_is_taken_back(session: Session):
    receivable = an_old_receivable(session)
    noted = record_interruption(
        session,
        receivable,
        InterruptionKind.ACKNOWLEDGEMENT,
        date(2024, 3, 15),
        by=None,
        at=NOW,
    )
    assert a_claim(session, receivable).limitation_on == date(2029, 3, 15)
    assert warned(session, receivable, TODAY) == 0

    undo_interruption(session, noted, by=None, at=NOW)

    assert a_claim(session, receivable).limitation_on == date(2027, 3, 10)
    assert warned(session, receivable, TODAY) == 1


def test_an_interruption_that_has_not_happened_is_not_noted(session: Session):
    with pytest.raises(LegalActRefused, match="day_in_future"):
        record_interruption(
            session,
            an_old_receivable(session),
            InterruptionKind.ENFORCEMENT,
            TODAY + timedelta(days=1),
            by=None,
            at=NOW,
        )


def test_nothing_is_told_of_what_was_paid(session: Session):
    receivable = an_old_receivable(session)
    a_payment_of(session, receivable, receivable.face_cents)

    assert warned(session, receivable, TODAY) == 0


def test_the_steps_of_an_order_are_told_too(session: Session):
    from portal.collections.legal.orders import file_order

    order = an_order(session)
    file_order(session, order, TODAY, by=None, at=NOW)

    warn(session, order.assignor_id, LAW, today=TODAY, at=NOW)

    told = session.execute(
        select(LegalWarning.kind, LegalWarning.deadline_on, LegalWarning.ahead)
    ).one()
    assert tuple(told) == (DeadlineKind.ORDER_DEPOSIT, date(2026, 12, 8), "30d")
    assert session.scalar(select(func.count()).select_from(LegalWarning)) == 1
