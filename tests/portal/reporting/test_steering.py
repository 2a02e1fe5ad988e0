"""The book as the portal reads it: what counts, whose it is, and as of which day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portal.assignments.models import Assignment
from portal.db import Viewer, ViewerKind, look_as
from portal.documents.store import DocumentStore
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import CreditNote
from portal.receivables.overview import book_of, due_days_of
from portal.receivables.position import positions_of
from portal.reporting.steering import steering_of
from tests.builders.funding import a_signed_deal
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


def in_days(days):
    return TODAY + timedelta(days=days)


@pytest.fixture
def assignor(session):
    return an_assignor(session, iban="FR7600000000000000000000000")


@pytest.fixture
def store(tmp_path):
    return DocumentStore.at(str(tmp_path))


def a_payment(session, receivable, cents, received_on, **given):
    payment = Payment(
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        received_on=received_on,
        amount_cents=cents,
        currency="EUR",
        dedupe_key=uuid4().hex,
        recorded_at=NOW,
        **given,
    )
    payment.allocations = [
        PaymentAllocation(
            assignor_id=receivable.assignor_id,
            receivable_id=receivable.id,
            principal_cents=cents,
            allocated_at=NOW,
        )
    ]
    session.add(payment)
    session.flush()
    return payment


def a_credit_note(session, receivable, cents, issued_on):
    number = uuid4().hex
    session.add(
        CreditNote(
            assignor_id=receivable.assignor_id,
            debtor_id=receivable.debtor_id,
            receivable_id=receivable.id,
            number=number,
            number_key=number,
            issued_on=issued_on,
            amount_cents=cents,
            currency="EUR",
            created_at=NOW,
        )
    )
    session.flush()


def a_varied_book(session, assignor):
    first, second = a_debtor(session, assignor), a_debtor(session, assignor)
    late = a_receivable(
        session, assignor, first, face_cents=500_00, issued_on=in_days(-70), due_on=in_days(-40)
    )
    paid = a_receivable(
        session, assignor, first, face_cents=300_00, issued_on=in_days(-90), due_on=in_days(-60)
    )
    upcoming = a_receivable(session, assignor, second, face_cents=900_00, prepaid_cents=100_00)
    a_payment(session, late, 120_00, in_days(-5))
    a_payment(session, paid, 300_00, in_days(-50))
    a_credit_note(session, upcoming, 50_00, in_days(-2))
    return late, paid, upcoming


def test_what_is_owed_is_the_sum_of_the_positions(session, assignor):
    a_varied_book(session, assignor)

    found = steering_of(session, assignor.id, on=TODAY)

    row = positions_of(assignor.id, TODAY).c
    owed = session.scalar(select(func.sum(row.outstanding_cents)))
    assert found.this_month.outstanding_cents == owed == 380_00 + 750_00
    assert sum(one.figures.outstanding_cents for one in found.debtors) == owed


def test_the_ages_are_those_of_the_home_page(session, assignor):
    a_varied_book(session, assignor)

    found = steering_of(session, assignor.id, on=TODAY)

    home = book_of(due_days_of(session, assignor.id, today=TODAY), today=TODAY)
    assert tuple(amount.cents for amount in found.aged.buckets.values()) == home.by_age
    assert found.this_month.overdue_cents == home.overdue_cents == 380_00


def test_an_earlier_day_is_read_as_it_was(session, assignor):
    a_varied_book(session, assignor)

    found = steering_of(session, assignor.id, on=in_days(-30))

    assert found.this_month.outstanding_cents == 500_00
    assert [one.figures.outstanding_cents for one in found.debtors] == [500_00]
    assert found.debtors[0].figures.mean_days_late == 10


def test_a_payment_that_was_undone_does_not_count(session, assignor):
    receivable = a_receivable(session, assignor, face_cents=100_00)
    a_payment(session, receivable, 40_00, in_days(-1), undone_at=NOW)

    found = steering_of(session, assignor.id, on=TODAY)

    assert found.this_month.collected_cents == 0
    assert found.this_month.outstanding_cents == 100_00


def test_drafts_cancelled_invoices_and_other_currencies_are_left_out(session, assignor):
    a_receivable(session, assignor, due_on=None, missing=["due_on"])
    a_receivable(session, assignor, cancelled_at=NOW)
    a_receivable(session, assignor, currency="USD")

    found = steering_of(session, assignor.id, on=TODAY)

    assert found.this_month.outstanding_cents == 0
    assert found.debtors == ()
    assert found.left_out == 1


def test_cash_on_a_live_deed_is_told_apart(session, store, assignor):
    mine = a_receivable(session, assignor, face_cents=700_00)
    sold = a_receivable(session, assignor, face_cents=400_00)
    a_signed_deal(session, store, assignor=assignor, receivables=[sold])
    assignment = session.scalars(
        select(Assignment).where(Assignment.receivable_id == sold.id)
    ).one()

    cash = steering_of(session, assignor.id, on=TODAY).cash
    before = steering_of(session, assignor.id, on=in_days(-1)).cash
    assignment.released_at = NOW
    released = steering_of(session, assignor.id, on=TODAY).cash

    assert mine.due_on == sold.due_on
    weeks = [week for _, week in cash.weeks if week.total_cents]
    assert [(week.free_cents, week.assigned_cents) for week in weeks] == [(700_00, 400_00)]
    assert sum(week.assigned_cents for _, week in before.weeks) == 0
    assert sum(week.assigned_cents for _, week in released.weeks) == 0


def test_a_stranger_sees_an_empty_book(session, assignor):
    a_varied_book(session, assignor)
    stranger, owner_id = an_assignor(session), assignor.id
    look_as(session, Viewer(ViewerKind.ASSIGNOR, stranger.id))

    found = steering_of(session, owner_id, on=TODAY)

    assert found.this_month.invoiced_cents == 0
    assert found.debtors == ()
