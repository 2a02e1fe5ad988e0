"""Recording what debtors paid."""

from datetime import date, timedelta
from threading import Thread
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from portal.db import SYSTEM, transaction
from portal.payments import recording
from portal.payments.account import ReceivableAccount, accounts_of, statement
from portal.payments.imputation import Receipt, impute
from portal.payments.models import PaidTo, Payment
from portal.payments.recording import record_payment, undo_payment
from portal.receivables.models import Receivable
from pricing.late_payment import Imputation, PenaltyTerms, amount_due_today
from pricing.late_payment import Payment as PricingPayment
from pricing.money import Money
from pricing.parameters import law
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

LATE = {"issued_on": date(2026, 3, 1), "due_on": date(2026, 5, 1)}


def pay(session: Session, receivable: Receivable, cents: int, **given) -> Payment:
    return record_payment(
        session,
        **{
            "assignor_id": receivable.assignor_id,
            "debtor_id": receivable.debtor_id,
            "amounts": {receivable.id: Money(cents)},
            "received_on": TODAY,
            "amount": Money(cents),
            "dedupe_key": uuid4().hex,
            "by": None,
            "at": NOW,
            **given,
        },
    )


def owed(session: Session, receivable: Receivable) -> int:
    return session.scalar(
        text("SELECT outstanding_cents FROM receivable_position WHERE receivable_id = :id"),
        {"id": receivable.id},
    )


def parts(payment: Payment) -> tuple[int, int, int]:
    (one,) = payment.allocations
    return one.principal_cents, one.interest_cents, one.indemnity_cents


def test_a_payment_before_the_due_date_settles_principal_only(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=100_000)

    payment = pay(session, receivable, 40_000)

    assert parts(payment) == (40_000, 0, 0)
    assert owed(session, receivable) == 60_000


def test_a_late_part_payment_pays_interest_first_as_the_civil_code_says(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=1_000_000, **LATE)

    payment = pay(session, receivable, 500_000, received_on=date(2026, 9, 1))

    assert parts(payment) == (500_000 - 41_375, 41_375, 0)


def test_principal_comes_first_when_the_parties_agreed_so(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=1_000_000, **LATE)

    payment = pay(
        session,
        receivable,
        1_000_000,
        received_on=date(2026, 9, 1),
        imputation=Imputation.PRINCIPAL_FIRST,
    )

    assert parts(payment) == (1_000_000, 0, 0)
    account = accounts_of(session, receivable.assignor_id, [receivable.id])[receivable.id]
    asked = statement(account, TODAY, law())
    assert (asked.principal.cents, asked.penalties.cents) == (0, 41_375)
    assert asked.indemnity == Money(40_00)


def test_everything_owed_can_be_paid_and_not_a_cent_more(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=1_000_000, **LATE)
    everything = 1_000_000 + 41_375 + 4_000

    with pytest.raises(recording.PaidTwice) as refusal:
        pay(session, receivable, everything + 1, received_on=date(2026, 9, 1))
    assert refusal.value.owed == Money(everything)
    assert session.scalar(select(func.count(Payment.id))) == 0

    payment = pay(session, receivable, everything, received_on=date(2026, 9, 1))
    assert parts(payment) == (1_000_000, 41_375, 4_000)


def test_the_rest_of_a_payment_stays_unallocated_and_visible(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=100_000)

    payment = pay(session, receivable, 100_000, amount=Money(130_000))

    assert recording.unallocated_cents(payment) == 30_000


def test_one_payment_settles_several_invoices(session: Session):
    first = a_receivable(session, an_assignor(session), face_cents=100_000)
    second = a_receivable(
        session,
        an_assignor(session),
        first.debtor,
        face_cents=50_000,
        assignor_id=first.assignor_id,
    )

    pay(
        session,
        first,
        0,
        amounts={first.id: Money(100_000), second.id: Money(20_000)},
        amount=Money(120_000),
    )

    assert (owed(session, first), owed(session, second)) == (0, 30_000)


def test_the_same_form_sent_twice_records_one_payment(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=100_000)

    first = pay(session, receivable, 10_000, dedupe_key="form-1")
    again = pay(session, receivable, 10_000, dedupe_key="form-1")

    assert first.id == again.id
    assert owed(session, receivable) == 90_000
    with pytest.raises(recording.PaymentKeyReused):
        pay(session, receivable, 20_000, dedupe_key="form-1")


def test_two_assignors_may_use_the_same_key(session: Session):
    ours = a_receivable(session, an_assignor(session))
    theirs = a_receivable(session, an_assignor(session))

    assert pay(session, ours, 1, dedupe_key="k").id != pay(session, theirs, 1, dedupe_key="k").id


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"amount": Money(0)}, recording.PaymentNotPositive),
        ({"received_on": TODAY + timedelta(days=1)}, recording.PaymentInTheFuture),
        ({"amount": Money(50)}, recording.MoreAllocatedThanReceived),
        ({"debtor_id": uuid4()}, recording.ReceivableNotPayable),
        (
            {"amount": Money(100, "USD")},
            recording.ReceivableNotPayable,
        ),
    ],
)
def test_an_impossible_payment_is_refused_by_name(session: Session, given, refusal):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(refusal):
        pay(session, receivable, 100, **given)


def test_a_payment_entered_late_is_counted_at_its_own_day(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=1_000_000, **LATE)
    later = pay(session, receivable, 100_000, received_on=date(2026, 9, 1))

    pay(session, receivable, 900_000, received_on=date(2026, 5, 1))

    assert parts(later) == (100_000 - 4_138, 4_138, 0)


def test_undoing_a_payment_says_why_and_gives_back_what_it_settled(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=1_000_000, **LATE)
    early = pay(session, receivable, 900_000, received_on=date(2026, 5, 1))
    later = pay(session, receivable, 100_000, received_on=date(2026, 9, 1))

    with pytest.raises(recording.UndoReasonMissing):
        undo_payment(session, early, because="  ", by=None, at=NOW)
    undo_payment(session, early, because="Wrong invoice", by=None, at=NOW)
    undo_payment(session, early, because="Again", by=None, at=NOW)

    assert early.undone_because == "Wrong invoice"
    assert parts(later) == (100_000 - 41_375, 41_375, 0)
    assert owed(session, receivable) == 1_000_000 - (100_000 - 41_375)


def test_what_the_lender_reported_is_not_undone_by_the_assignor(session: Session):
    receivable = a_receivable(session, an_assignor(session), face_cents=100_000)
    payment = pay(session, receivable, 100_000, paid_to=PaidTo.ASSIGNEE)

    with pytest.raises(recording.PaidToTheAssignee):
        undo_payment(session, payment, because="Not mine", by=None, at=NOW)

    assert owed(session, receivable) == 0


def test_an_assignor_cannot_be_paid_on_anothers_invoice(session: Session):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(recording.ReceivableNotPayable):
        pay(session, receivable, 100, assignor_id=an_assignor(session).id)


def test_two_clicks_at_once_record_one_payment(committing_engine: Engine):
    with transaction(committing_engine, SYSTEM) as session:
        receivable = a_receivable(session, an_assignor(session), face_cents=100_000)
    ids: list[object] = []

    def click() -> None:
        with transaction(committing_engine, SYSTEM) as own:
            ids.append(pay(own, receivable, 60_000, dedupe_key="both").id)

    clicks = [Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()

    assert len(ids) == 4
    assert len(set(ids)) == 1


AMOUNTS = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 400_000)), min_size=1, max_size=5)


@hypothesis(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(AMOUNTS)
def test_interest_first_gives_what_pricing_gives(receipts):
    due_on = date(2026, 2, 1)
    account = ReceivableAccount(uuid4(), uuid4(), "F-1", "EUR", 1_000_000, due_on)
    ordered = sorted(receipts)
    days = [date(2026, 1, 20) + timedelta(days=days) for days, _ in ordered]

    imputed = impute(
        account, [Receipt(on, cents) for on, (_, cents) in zip(days, ordered, strict=True)], law()
    )

    reference = amount_due_today(
        Money(1_000_000),
        due_on,
        days[-1],
        law(),
        terms=PenaltyTerms(),
        payments=[
            PricingPayment(on, Money(cents)) for on, (_, cents) in zip(days, ordered, strict=True)
        ],
    )
    asked = statement(
        ReceivableAccount(uuid4(), uuid4(), "F-1", "EUR", 1_000_000, due_on, settled=imputed.parts),
        days[-1],
        law(),
    )
    assert asked.principal == reference.principal
    assert imputed.overpaid_cents == reference.overpaid.cents
    assert sum(p.principal_cents + p.interest_cents + p.indemnity_cents for p in imputed.parts) == (
        sum(cents for _, cents in ordered)
    )
    if not reference.overpaid:
        assert (asked.penalties, asked.indemnity) == (reference.penalties, reference.indemnity)


def test_the_contested_and_the_kept_back_parts_bear_no_penalty():
    account = ReceivableAccount(
        uuid4(),
        uuid4(),
        "F-1",
        "EUR",
        1_000_000,
        date(2026, 5, 1),
        disputed_cents=300_000,
        retention_cents=50_000,
        credited_cents=150_000,
    )

    asked = statement(account, date(2026, 9, 1), law())

    assert asked.principal == Money(500_000)
    assert asked.penalties == Money(20_688)
    assert account.owed == Money(850_000)
