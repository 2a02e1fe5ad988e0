"""Money of a payment that settled nothing is allocated later."""

import pytest

from portal.identity.models import Organisation
from portal.payments.models import PaidTo
from portal.payments.recording import (
    MoreAllocatedThanReceived,
    PaidTwice,
    PaymentNotPositive,
    ReceivableNotPayable,
    RestHasChanged,
    allocate_rest,
    unallocated_cents,
)
from portal.receivables.position import position_of
from pricing.money import Money
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW
from tests.portal.payments.test_recording import pay

WHO = {"by": None, "at": NOW}


@pytest.fixture
def first(session):
    return a_receivable(session, an_assignor(session), face_cents=100_000)


@pytest.fixture
def second(session, first):
    owner = session.get_one(Organisation, first.assignor_id)
    return a_receivable(session, owner, first.debtor, face_cents=100_000)


@pytest.fixture
def payment(session, first):
    """1 500 € received, 1 000 € of it on the first invoice."""
    return pay(session, first, 100_000, amount=Money(150_000))


def test_the_rest_settles_another_invoice(session, payment, second):
    allocate_rest(session, payment, {second.id: Money(30_000)}, rest=Money(50_000), **WHO)

    assert position_of(session, second.id).outstanding_cents == 70_000
    assert unallocated_cents(payment) == 20_000


def test_the_same_form_sent_twice_counts_once(session, payment, second):
    allocate_rest(session, payment, {second.id: Money(20_000)}, rest=Money(50_000), **WHO)

    with pytest.raises(RestHasChanged):
        allocate_rest(session, payment, {second.id: Money(20_000)}, rest=Money(50_000), **WHO)

    assert position_of(session, second.id).outstanding_cents == 80_000


@pytest.mark.parametrize(
    ("cents", "refusal"), [(50_001, MoreAllocatedThanReceived), (0, PaymentNotPositive)]
)
def test_more_than_the_rest_and_nothing_are_refused(session, payment, second, cents, refusal):
    with pytest.raises(refusal):
        allocate_rest(session, payment, {second.id: Money(cents)}, rest=Money(50_000), **WHO)


def test_an_invoice_takes_no_more_than_it_is_owed(session, payment, first):
    with pytest.raises(PaidTwice):
        allocate_rest(session, payment, {first.id: Money(10_000)}, rest=Money(50_000), **WHO)

    assert unallocated_cents(payment) == 50_000


def test_another_debtors_invoice_is_refused(session, payment, first):
    other = a_receivable(session, session.get_one(Organisation, first.assignor_id))

    with pytest.raises(ReceivableNotPayable):
        allocate_rest(session, payment, {other.id: Money(10_000)}, rest=Money(50_000), **WHO)


def test_money_a_lender_received_is_not_allocated_by_hand(session, first, second):
    theirs = pay(session, first, 100_000, amount=Money(150_000), paid_to=PaidTo.ASSIGNEE)

    with pytest.raises(RestHasChanged):
        allocate_rest(session, theirs, {second.id: Money(10_000)}, rest=Money(50_000), **WHO)
