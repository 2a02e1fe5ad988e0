"""A year's behaviour, the rule over it, and the job that follows it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.dunning.choosing import place_debtor, segments_of
from portal.collections.dunning.models import DebtorPlacement, Segment
from portal.collections.models import DisputeOutcome, Promise
from portal.collections.segments import (
    Behaviour,
    behaviours,
    keep_up_segments,
    segment_by_behaviour,
)
from portal.debtors.models import Debtor, DebtorSegment
from portal.identity.models import Organisation
from tests.builders.lending import a_dispute_on, a_payment_of
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

WORST = {Segment.GOOD_PAYER: 0, None: 1, Segment.SLOW: 2, Segment.BAD: 3}
BEHAVIOURS = st.builds(
    Behaviour,
    invoices_paid=st.integers(3, 50),
    mean_days_late=st.integers(-30, 120),
    broken_promises=st.integers(0, 4),
    disputes=st.just(0),
    unfounded_disputes=st.integers(0, 4),
)


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session)


def paid_late(session: Session, debtor: Debtor, assignor: Organisation, days: int) -> None:
    due_on = TODAY - timedelta(days=90)
    one = a_receivable(
        session, assignor, debtor, due_on=due_on, issued_on=due_on - timedelta(days=30)
    )
    a_payment_of(session, one, one.face_cents, due_on + timedelta(days=days))


@pytest.mark.parametrize(
    ("behaviour", "segment"),
    [
        (Behaviour(), None),
        (Behaviour(invoices_paid=2, mean_days_late=90), None),
        (Behaviour(invoices_paid=3, mean_days_late=5), Segment.GOOD_PAYER),
        (Behaviour(invoices_paid=3, mean_days_late=6), None),
        (Behaviour(invoices_paid=3, mean_days_late=15), Segment.SLOW),
        (Behaviour(invoices_paid=3, mean_days_late=44), Segment.SLOW),
        (Behaviour(invoices_paid=3, mean_days_late=45), Segment.BAD),
        (Behaviour(broken_promises=1), Segment.SLOW),
        (Behaviour(broken_promises=2), Segment.BAD),
        (Behaviour(invoices_paid=9, mean_days_late=0, unfounded_disputes=1), None),
        (Behaviour(unfounded_disputes=3), Segment.BAD),
    ],
)
def test_each_threshold_is_met_on_its_very_day(behaviour: Behaviour, segment: Segment | None):
    assert segment_by_behaviour(behaviour) is segment


@given(BEHAVIOURS, st.integers(0, 60), st.integers(0, 2), st.integers(0, 2))
def test_behaving_worse_never_gives_a_better_segment(
    known: Behaviour, days: int, broken: int, unfounded: int
):
    worse = Behaviour(
        known.invoices_paid,
        (known.mean_days_late or 0) + days,
        known.broken_promises + broken,
        known.disputes,
        known.unfounded_disputes + unfounded,
    )

    assert WORST[segment_by_behaviour(worse)] >= WORST[segment_by_behaviour(known)]


def test_a_year_is_read_from_payments_promises_and_disputes(
    session: Session, assignor: Organisation
):
    debtor = a_debtor(session, assignor)
    for days in (10, 20, 30):
        paid_late(session, debtor, assignor, days)
    one = a_receivable(session, assignor, debtor)
    a_dispute_on(session, one, 1_000).outcome = DisputeOutcome.UNFOUNDED
    session.add(
        Promise(
            assignor_id=assignor.id,
            receivable_id=one.id,
            amount_cents=1,
            promised_for=TODAY,
            recorded_at=NOW,
            broken_on=TODAY,
        )
    )
    session.flush()

    assert behaviours(session, assignor.id, today=TODAY) == {debtor.id: Behaviour(3, 20, 1, 1, 1)}


def test_the_job_places_a_debtor_once_and_takes_it_out_when_its_year_has_passed(
    session: Session, assignor: Organisation
):
    debtor = a_debtor(session, assignor)
    for _ in range(3):
        paid_late(session, debtor, assignor, 50)

    changed = [keep_up_segments(session, assignor.id, today=TODAY, at=NOW) for _ in range(2)]
    placed = segments_of(session, assignor.id, [debtor.id])
    later = keep_up_segments(session, assignor.id, today=TODAY + timedelta(days=400), at=NOW)

    assert (changed, placed, later) == ([1, 0], {debtor.id: Segment.BAD}, 1)
    assert session.scalars(select(DebtorPlacement)).all() == []


def test_a_segment_set_by_hand_and_a_public_body_are_left_alone(
    session: Session, assignor: Organisation
):
    strategic = a_debtor(session, assignor)
    public = a_debtor(session, assignor, segment=DebtorSegment.PUBLIC)
    place_debtor(
        session, strategic, Segment.STRATEGIC, because="Client clé", by_hand=True, by=None, at=NOW
    )
    for debtor in (strategic, public):
        for _ in range(3):
            paid_late(session, debtor, assignor, 60)

    assert keep_up_segments(session, assignor.id, today=TODAY, at=NOW) == 0
    assert segments_of(session, assignor.id, [strategic.id, public.id]) == {
        strategic.id: Segment.STRATEGIC,
        public.id: Segment.PUBLIC,
    }
