"""From the signed deed to the last cent, for the four products."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.assignments.states import DeedState
from portal.db import SYSTEM, open_session
from portal.documents.store import DocumentStore
from portal.funding.states import RequestState
from portal.ledger.models import Account
from portal.receivables.position import position_of
from portal.settlement.deal import live_debts, standing
from portal.settlement.ledger_lines import POSITIONS, Charges, Debt, debtor_payment, disbursement
from portal.settlement.lender_events import apply_event
from portal.settlement.statement import statement_of
from pricing.products.quote import Product
from tests.builders.funding import (
    SignedDeal,
    a_funded_deal,
    a_signed_deal,
    event,
    payment,
    tell,
)
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import TODAY


def nothing_is_left(session: Session, deal: SignedDeal) -> bool:
    accounts = standing(session, deal.deed)
    return not any(accounts[account] for account in POSITIONS)


class TestEveryProductEndsAtZero:
    @pytest.mark.parametrize("product", Product)
    def test_when_the_debtor_pays_and_the_reserve_comes_back(self, session, store, product):
        deal = a_funded_deal(session, store, product, end_fee_cents=0)

        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))
        assert deal.request.state is RequestState.DISBURSED
        tell(
            session, deal.submission, "reserve_released", payment=payment(deal.offer.reserve_cents)
        )

        assert deal.request.state is RequestState.SETTLED
        assert deal.deed.state is DeedState.SETTLED
        assert nothing_is_left(session, deal)

    def test_the_last_charges_come_out_of_the_reserve(self, session, store):
        deal = a_funded_deal(session, store, Product.ADVANCE, end_fee_cents=3_000)
        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))

        tell(
            session,
            deal.submission,
            "reserve_released",
            payment=payment(deal.offer.reserve_cents - 3_000),
        )

        assert deal.request.state is RequestState.SETTLED
        statement = statement_of(session, deal.deed)
        assert statement.is_over
        assert statement.fees_cents == 8_000 + 3_000
        assert statement.assignor_cents == deal.offer.face_cents - 11_000

    def test_a_deal_without_reserve_ends_with_the_debtors_payment(self, session, store):
        deal = a_funded_deal(session, store, Product.DISCOUNT, advance_rate=1)

        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))

        assert deal.request.state is RequestState.SETTLED

    def test_what_the_assignor_got_and_paid_adds_up_to_the_face(self, session, store):
        deal = a_funded_deal(session, store, Product.FACTORING, fee_cents=16_000, vat_cents=2_000)
        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))
        tell(
            session, deal.submission, "reserve_released", payment=payment(deal.offer.reserve_cents)
        )

        statement = statement_of(session, deal.deed)

        spent = statement.fees_cents + statement.vat_cents
        assert (statement.fees_cents, statement.vat_cents) == (16_000, 2_000)
        assert statement.assignor_cents + spent == deal.offer.face_cents


class TestWhatTheLenderReports:
    def test_the_debtors_account_shows_the_payment_made_to_the_assignee(self, session, store):
        deal = a_funded_deal(session, store)
        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))

        position = position_of(session, deal.request.lines[0].receivable_id)

        assert position.outstanding_cents == 0
        assert position.paid_cents == deal.offer.face_cents

    def test_an_advance_of_another_amount_is_not_booked(self, session, store):
        deal = a_signed_deal(session, store)
        tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())

        outcome = tell(session, deal.submission, "disbursed", payment=payment(1_000))

        assert outcome.code == "amount_differs"
        assert deal.request.state is RequestState.ASSIGNED

    def test_a_payment_of_another_amount_subrogates_nobody(self, session, store):
        deal = a_signed_deal(session, store, Product.FACTORING)

        outcome = tell(session, deal.submission, "disbursed", payment=payment(1_000))

        assert outcome.code == "amount_differs"
        assert deal.deed.dated_on is None
        assert deal.request.state is RequestState.ACCEPTED

    def test_more_than_the_debtor_owes_is_not_booked(self, session, store):
        deal = a_funded_deal(session, store)

        outcome = tell(
            session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents + 1)
        )

        assert outcome.code == "more_than_owed"
        exact = tell(
            session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents)
        )
        assert exact.code == "debtor_paid"

    def test_the_reserve_comes_back_only_as_far_as_the_debtor_has_paid(self, session, store):
        deal = a_funded_deal(session, store)
        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents // 2))
        earned = deal.offer.reserve_cents // 2

        too_much = tell(session, deal.submission, "reserve_released", payment=payment(earned + 1))
        enough = tell(session, deal.submission, "reserve_released", payment=payment(earned))

        assert str(too_much) == "waits:reserve_not_earned"
        assert enough.code == "reserve_released"

    def test_a_dailly_deed_is_dated_by_the_lender_and_never_before_it_was_signed(
        self, session, store
    ):
        deal = a_signed_deal(session, store)
        assert deal.deed.dated_on is None

        early = tell(session, deal.submission, "deed_dated", deed_dated_on="2026-11-22")
        on_the_day = tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())

        assert early.code == "dated_before_signature"
        assert on_the_day.code == "deed_dated"
        assert deal.deed.dated_on == TODAY

    def test_the_lender_says_when_it_notified_the_debtor(self, session, store):
        deal = a_funded_deal(session, store, debtor_notice=True)

        tell(
            session,
            deal.submission,
            "debtor_notified",
            notified_on=TODAY.isoformat(),
            collection_consent=True,
        )

        assert (deal.deed.notified_on, deal.deed.collection_consent) == (TODAY, True)


class TestRecourse:
    def test_what_the_assignor_repays_brings_its_receivable_back(self, session, store):
        deal = a_funded_deal(session, store)
        called = deal.offer.advance_cents

        tell(session, deal.submission, "recourse_called", payment=payment(called))
        assert deal.request.state is RequestState.RECOURSED
        tell(session, deal.submission, "recourse_paid", payment=payment(called))

        assert deal.request.state is RequestState.SETTLED
        assert nothing_is_left(session, deal)
        position = position_of(session, deal.request.lines[0].receivable_id)
        assert position.deed_id is None
        assert position.outstanding_cents == deal.offer.face_cents

    def test_a_repayment_in_two_parts_gives_it_back_only_at_the_end(self, session, store):
        deal = a_funded_deal(session, store)
        called = deal.offer.advance_cents
        tell(session, deal.submission, "recourse_called", payment=payment(called))

        tell(session, deal.submission, "recourse_paid", payment=payment(called - 1))
        assert position_of(session, deal.request.lines[0].receivable_id).deed_id is not None
        tell(session, deal.submission, "recourse_paid", payment=payment(1))

        assert deal.request.state is RequestState.SETTLED
        assert position_of(session, deal.request.lines[0].receivable_id).deed_id is None

    def test_the_debtor_paying_after_all_lowers_what_the_assignor_owes(self, session, store):
        deal = a_funded_deal(session, store)
        tell(session, deal.submission, "recourse_called", payment=payment(deal.offer.advance_cents))
        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))
        tell(
            session, deal.submission, "reserve_released", payment=payment(deal.offer.reserve_cents)
        )

        assert deal.request.state is RequestState.SETTLED
        assert nothing_is_left(session, deal)

    def test_what_the_assignor_repaid_before_the_debtor_paid_comes_back_to_it(self, session, store):
        deal = a_funded_deal(session, store)
        advance, reserve = deal.offer.advance_cents, deal.offer.reserve_cents
        tell(session, deal.submission, "recourse_called", payment=payment(advance))
        tell(session, deal.submission, "recourse_paid", payment=payment(10_000))

        tell(session, deal.submission, "debtor_paid", payment=payment(deal.offer.face_cents))
        back = tell(session, deal.submission, "reserve_released", payment=payment(reserve + 10_000))

        assert back.code == "reserve_released"
        assert deal.request.state is RequestState.SETTLED
        assert nothing_is_left(session, deal)

    def test_a_call_for_one_debt_leaves_the_other_with_the_lender_until_it_is_paid(
        self, session, store
    ):
        deal = a_deal_of_two(session, store)
        first, second = deal.request.lines
        tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())
        tell(session, deal.submission, "disbursed", payment=payment(deal.offer.net_proceeds_cents))
        called = {debt.receivable_id: debt.advance_cents for debt in live_debts(session, deal.deed)}

        tell(
            session,
            deal.submission,
            "recourse_called",
            payment=payment(called[first.receivable_id]),
        )
        tell(
            session, deal.submission, "recourse_paid", payment=payment(called[first.receivable_id])
        )
        assert position_of(session, second.receivable_id).deed_id is not None

        number, face = second.receivable.number, second.eligible_cents
        tell(session, deal.submission, "debtor_paid", payment=payment(face, number=number))
        held = -standing(session, deal.deed)[Account.RESERVE]
        tell(session, deal.submission, "reserve_released", payment=payment(held - 1_500))

        assert position_of(session, first.receivable_id).deed_id is None
        assert deal.request.state is RequestState.SETTLED
        assert nothing_is_left(session, deal)

    def test_a_lender_without_recourse_cannot_call_it_and_bears_the_loss(self, session, store):
        deal = a_funded_deal(session, store, Product.FACTORING, recourse=False)
        advance = payment(deal.offer.advance_cents)

        refused = tell(session, deal.submission, "recourse_called", payment=advance)
        tell(session, deal.submission, "loss_taken", payment=advance)

        assert refused.code == "without_recourse"
        assert deal.request.state is RequestState.SETTLED
        assert standing(session, deal.deed)[Account.LOSS] == deal.offer.advance_cents
        assert nothing_is_left(session, deal)


def a_life(deal: SignedDeal) -> list[tuple[str, dict[str, Any]]]:
    """Everything a lender says of a deal of two debts, in its own order."""
    numbers = [line.receivable.number for line in deal.request.lines]
    faces = [line.eligible_cents for line in deal.request.lines]
    half = faces[0] // 3
    return [
        ("deed_dated", {"deed_dated_on": TODAY.isoformat()}),
        ("disbursed", {"payment": payment(deal.offer.net_proceeds_cents)}),
        ("debtor_paid", {"payment": payment(half, number=numbers[0])}),
        ("debtor_paid", {"payment": payment(faces[0] - half, number=numbers[0])}),
        ("debtor_paid", {"payment": payment(faces[1], number=numbers[1])}),
        ("reserve_released", {"payment": payment(deal.offer.reserve_cents - 2_000)}),
        ("settled", {}),
    ]


def a_deal_of_two(session: Session, store: DocumentStore) -> SignedDeal:
    assignor = an_assignor(session, iban="FR7600000000000000000000000")
    receivables = [
        a_receivable(session, assignor, face_cents=1_234_567),
        a_receivable(session, assignor, face_cents=765_433),
    ]
    return a_signed_deal(
        session, store, assignor=assignor, receivables=receivables, end_fee_cents=1_500
    )


class TestAnyOrder:
    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(order=st.permutations(range(7)), twice=st.sets(st.integers(0, 6)))
    def test_reports_in_any_order_and_repeated_end_in_the_same_ledger(
        self, engine, store, order, twice
    ):
        with engine.connect() as connection, open_session(connection, SYSTEM) as session:
            deal = a_deal_of_two(session, store)
            life = a_life(deal)

            for place in [*order, *sorted(twice)]:
                status, told = life[place]
                said = event(
                    session, deal.submission, status, sequence=place + 1, key=f"e{place}", **told
                )
                apply_event(session, said, at=said.received_at)

            assert deal.request.state is RequestState.SETTLED
            assert nothing_is_left(session, deal)
            statement = statement_of(session, deal.deed)
            assert statement.fees_cents == 8_000 + 2_000
            assert statement.assignor_cents == 2_000_000 - 10_000
            session.rollback()


class TestTheArithmeticOfALedger:
    @given(
        face=st.integers(1, 10**9),
        share=st.integers(1, 1000),
        cuts=st.lists(st.integers(1, 10**9), max_size=6),
    )
    def test_payments_in_any_pieces_repay_exactly_the_advance(self, face, share, cuts):
        advance = face * share // 1000
        debt, covered = Debt(None, face, advance), 0  # type: ignore[arg-type]

        for piece in [*cuts, face]:
            paid = min(piece, debt.left_cents)
            lines = debtor_payment(debt, paid, 0, advance - covered, "EUR")
            assert sum(line.amount.cents for line in lines) == 0
            covered -= sum(line.amount.cents for line in lines if line.account is Account.ADVANCE)
            debt = Debt(None, face, advance, debt.paid_cents + paid)  # type: ignore[arg-type]

        assert covered == advance
        assert debt.left_cents == debt.advance_left_cents == debt.reserve_left_cents == 0

    @given(face=st.integers(1, 10**9), share=st.integers(1, 1000), fee=st.integers(0, 10**6))
    def test_a_disbursement_balances_whatever_its_fees(self, face, share, fee):
        advance = face * share // 1000
        debts = [Debt(None, face, advance)]  # type: ignore[list-item]

        lines = disbursement(debts, Charges(fee, fee // 5), advance - fee - fee // 5, "EUR")

        assert sum(line.amount.cents for line in lines) == 0
