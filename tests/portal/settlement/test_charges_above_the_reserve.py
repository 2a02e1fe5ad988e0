"""Last charges the reserve cannot bear: a claim of the lender's on the assignor, to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.funding.states import RequestState
from portal.ledger.models import Account
from portal.messages.models import Message
from portal.settlement.deal import standing
from portal.settlement.ledger_lines import POSITIONS, Charges, charges_due, final_charges
from portal.settlement.statement import statement_of
from pricing.products.quote import Product
from tests.builders.funding import a_funded_deal, payment, tell


@pytest.fixture
def deal(session, store):
    """An advance of 99.5 % whose end fee of 100.00 exceeds a reserve of 60.00."""
    deal = a_funded_deal(
        session, store, Product.ADVANCE, advance_rate=Decimal("0.995"), end_fee_cents=10_000
    )
    assert deal.offer.reserve_cents == 6_000
    tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))
    return deal


def test_the_rest_is_due_to_the_lender_and_the_deal_waits(session, deal):
    statement = statement_of(session, deal.deed)

    assert statement.positions[Account.DUE_TO_LENDER] == 4_000
    assert statement.positions[Account.RESERVE] == 0
    assert statement.fees_cents == 8_000 + 10_000
    assert not statement.is_over
    assert deal.request.state is RequestState.DISBURSED
    told = session.scalars(select(Message).where(Message.kind == "charges_due")).one()
    assert "40,00" in told.subject


def test_paid_in_two_parts_it_leaves_nothing(session, deal):
    tell(session, deal.submission, "recourse_paid", payment=payment(1_500))
    assert standing(session, deal.deed)[Account.DUE_TO_LENDER] == 2_500
    tell(session, deal.submission, "recourse_paid", payment=payment(2_500))

    statement = statement_of(session, deal.deed)
    assert deal.request.state is RequestState.SETTLED
    assert statement.is_over
    assert not any(standing(session, deal.deed)[account] for account in POSITIONS)
    assert statement.assignor_cents == deal.offer.face_cents - statement.fees_cents


def test_more_than_is_due_is_refused(session, deal):
    outcome = tell(session, deal.submission, "recourse_paid", payment=payment(4_001))

    assert str(outcome) == "refused:more_than_due"
    assert standing(session, deal.deed)[Account.DUE_TO_LENDER] == 4_000


def test_a_lender_that_closes_its_file_first_is_heard_once_it_is_paid(session, deal):
    closed = tell(session, deal.submission, "settled", sequence=1)

    assert str(closed) == "waits:charges_due"
    tell(session, deal.submission, "recourse_paid", payment=payment(4_000))
    assert deal.request.state is RequestState.SETTLED


@given(fees=st.integers(0, 10**9), vat=st.integers(0, 10**9), held=st.integers(0, 10**9))
def test_what_is_taken_and_what_is_claimed_are_the_charges(fees, vat, held):
    charges = Charges(fees, vat)
    taken = charges.within(held)
    claimed = charges.less(taken)

    assert taken.total_cents == min(charges.total_cents, held)
    assert taken.total_cents + claimed.total_cents == charges.total_cents
    assert min(claimed.fees_cents, claimed.vat_cents, taken.vat_cents) >= 0
    for lines in (final_charges(taken, "EUR"), charges_due(claimed, "EUR")):
        assert sum(line.amount.cents for line in lines) == 0
