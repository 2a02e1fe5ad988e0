"""A debtor pays what its page asked that day: recorded once, whatever the payment service says, repeats or mixes up."""

import json
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
import stripe
from sqlalchemy import func, select

from partners.payments.stripe_gateway import (
    CardPaymentRead,
    CardPaymentState,
    CardServiceUnavailable,
    read_webhook,
)
from portal.collections.debtor_page.card_keys import (
    CardKeys,
    CardKeysUnreadable,
    account_of,
    keep_account,
    keys_of,
)
from portal.collections.debtor_page.checkouts import (
    CheckoutFailed,
    CheckoutRefused,
    NotByCard,
    begin_checkout,
    open_checkout,
    why_not_by_card,
)
from portal.collections.debtor_page.models import CardCheckout, CardEvent, CardSecret
from portal.collections.debtor_page.seeing import Payee, shown_one
from portal.collections.debtor_page.settling import (
    follow,
    run_apply_card_event,
    run_follow_card_payments,
    settle,
    store_event,
    taken_back_texts,
)
from portal.collections.debtor_page.states import CHECKOUT_TRANSITIONS, CheckoutState
from portal.documents.store import DocumentStore
from portal.payments.models import Payment
from portal.payments.recording import record_payment
from portal.runtime import Runtime
from portal.states import reachable
from pricing.money import Money
from tests.builders.debtor_page import (
    SECRET_KEY,
    WEBHOOK_SECRET,
    a_card_account,
    a_card_service,
    a_link,
)
from tests.builders.lending import a_dispute_on
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


@pytest.fixture
def card_service():
    with a_card_service() as running:
        yield running


@pytest.fixture
def desk(card_service):
    return card_service[0]


@pytest.fixture
def process(settings, connection, card_service, tmp_path):
    ours = replace(settings, stripe_url=card_service[1])
    return Runtime(ours, connection, DocumentStore.at(str(tmp_path)), read_clock=lambda: NOW)  # type: ignore[arg-type]


@pytest.fixture
def late(session, settings):
    """10 000 € due a month ago, 1 200 € of it in dispute; its link and its creditor's card account."""
    assignor = an_assignor(session)
    receivable = a_receivable(
        session,
        assignor,
        a_debtor(session, assignor),
        face_cents=1_000_000,
        issued_on=date(2026, 9, 1),
        due_on=date(2026, 10, 20),
    )
    a_dispute_on(session, receivable, 120_000)
    a_card_account(session, settings, assignor)
    link, _ = a_link(session, settings, receivable)
    return link, receivable


def shown(session, late, on=TODAY):
    link, receivable = late
    session.flush()
    session.expire_all()
    return shown_one(session, link, receivable.id, today=on)


def a_card_account_of(session, late):
    return account_of(session, late[0].assignor_id)


def begun(session, late, token="form-1"):
    return begin_checkout(session, late[0], shown(session, late), form_token=token, at=NOW)


def opened(process, checkout):
    return open_checkout(
        process,
        checkout.id,
        label={"locale": "fr", "number": "F-1", "name": "Exemple"},
        email=None,
        page_url="http://encaisse.example/d/token/one",
        at=NOW,
    )


def paid_by(session, process, desk, late, method="card"):
    """A checkout that the debtor paid on the hosted page."""
    checkout = begun(session, late)
    session.flush()
    opened(process, checkout)
    session.expire_all()
    desk.pay(checkout.session_key, method)
    return checkout


def caught_up(session, process, checkout):
    session.flush()
    follow(process, checkout.id)
    session.expire_all()
    return checkout


def payments(session, *, live=True):
    query = select(Payment).order_by(Payment.recorded_at, Payment.dedupe_key)
    return session.scalars(query.where(Payment.undone_at.is_(None)) if live else query).all()


def webhook(desk, session, process, account, place=-1):
    """The desk's event, as our door verifies and keeps it."""
    body = json.dumps(desk.sent[place])
    signature = stripe.WebhookSignature.generate_signature_header(body, WEBHOOK_SECRET)
    event = read_webhook(body.encode(), signature, WEBHOOK_SECRET)
    fresh = store_event(session, account, event, at=NOW)
    session.flush()
    kept = session.scalar(select(CardEvent).where(CardEvent.event_key == event.key))
    run_apply_card_event(process, event_id=str(kept.id))
    session.expire_all()
    return fresh


def test_what_is_paid_settles_exactly_what_the_page_asked(session, process, desk, late):
    asked = shown(session, late)
    checkout = caught_up(session, process, paid_by(session, process, desk, late))

    [payment] = payments(session)
    [part] = payment.allocations
    after = shown(session, late)

    assert checkout.state is CheckoutState.PAID
    assert payment.amount_cents == asked.asked_cents
    assert part.principal_cents == 880_000
    assert part.interest_cents == asked.amount.statement.penalties.cents > 0
    assert part.indemnity_cents == 4_000
    assert after.asked_cents == 0
    assert after.disputed_cents == 120_000
    assert (payment.method, payment.reference) == ("card", checkout.intent_key)


def test_the_fee_and_the_net_are_kept_beside_the_payment(session, process, desk, late):
    checkout = caught_up(session, process, paid_by(session, process, desk, late))

    fee = checkout.amount_cents * 15 // 1000 + 25
    assert (checkout.fee_cents, checkout.net_cents) == (fee, checkout.amount_cents - fee)
    assert payments(session)[0].amount_cents == checkout.amount_cents


def test_a_double_click_is_one_payment_page(session, process, desk, late):
    first, second = begun(session, late), begun(session, late)
    session.flush()
    addresses = {opened(process, first), opened(process, second)}

    assert first.id == second.id
    assert len(addresses) == len(desk.sessions) == 1


def test_a_page_asked_twice_of_the_service_is_the_same_one(session, process, desk, late):
    checkout = begun(session, late)
    session.flush()
    address = opened(process, checkout)
    session.expire_all()
    checkout.session_key = checkout.session_url = None
    checkout.state = CheckoutState.CREATED
    session.flush()

    assert opened(process, checkout) == address
    assert len(desk.sessions) == 1


def test_the_same_event_again_records_nothing_more(session, process, desk, late):
    paid_by(session, process, desk, late)
    account = account_of(session, late[0].assignor_id)

    assert webhook(desk, session, process, account) is True
    assert webhook(desk, session, process, account) is False
    assert len(payments(session, live=False)) == 1


def test_a_refund_heard_of_before_its_payment_ends_in_the_same_place(session, process, desk, late):
    checkout = paid_by(session, process, desk, late)
    desk.refund(checkout.session_key, checkout.amount_cents)
    account = account_of(session, late[0].assignor_id)

    webhook(desk, session, process, account, -1)
    webhook(desk, session, process, account, 0)

    assert checkout.state is CheckoutState.TAKEN_BACK
    assert payments(session) == []
    assert session.scalars(select(CardEvent.outcome)).all() == ["followed", "followed"]


def test_a_payment_that_is_not_ours_is_left_alone(session, process, desk, late):
    paid_by(session, process, desk, late)
    desk.sent[-1]["data"]["object"] = {
        "object": "charge",
        "id": "ch_x",
        "payment_intent": "pi_elsewhere",
    }
    webhook(desk, session, process, account_of(session, late[0].assignor_id))

    assert session.scalars(select(CardEvent.outcome)).all() == ["not_ours"]
    assert payments(session) == []


def test_a_part_refunded_leaves_the_rest_paid_and_says_why(session, process, desk, late):
    checkout = caught_up(session, process, paid_by(session, process, desk, late))
    desk.refund(checkout.session_key, 100_000)

    caught_up(session, process, checkout)
    caught_up(session, process, checkout)

    [payment] = payments(session)
    undone = [one for one in payments(session, live=False) if one.undone_at]
    assert payment.amount_cents == checkout.amount_cents - 100_000
    assert [one.undone_because for one in undone] == [taken_back_texts()["refunded_in_part"]["fr"]]
    assert checkout.state is CheckoutState.PAID
    assert shown(session, late).asked_cents == 100_000


def test_a_chargeback_takes_the_payment_back_and_a_dispute_won_restores_it(
    session, process, desk, late
):
    checkout = caught_up(session, process, paid_by(session, process, desk, late))
    asked = checkout.amount_cents

    desk.dispute(checkout.session_key)
    caught_up(session, process, checkout)
    assert (checkout.state, payments(session)) == (CheckoutState.TAKEN_BACK, [])
    assert shown(session, late).asked_cents == asked
    desk.dispute(checkout.session_key, "won")
    caught_up(session, process, checkout)

    assert checkout.state is CheckoutState.PAID
    assert [one.amount_cents for one in payments(session)] == [asked]
    assert len(payments(session, live=False)) == 2


def test_a_debit_is_paid_when_the_bank_answers_and_taken_back_when_it_returns_it(
    session, process, desk, late
):
    checkout = caught_up(session, process, paid_by(session, process, desk, late, "sepa_debit"))
    assert (checkout.state, payments(session)) == (CheckoutState.PROCESSING, [])
    assert (
        why_not_by_card(session, shown(session, late), a_card_account_of(session, late))
        is NotByCard.UNDER_WAY
    )

    desk.answer_debit(checkout.session_key, paid=True)
    caught_up(session, process, checkout)
    assert [one.method for one in payments(session)] == ["direct_debit"]
    assert payments(session)[0].received_on == TODAY
    desk.answer_debit(checkout.session_key, paid=False)
    caught_up(session, process, checkout)

    assert checkout.state is CheckoutState.TAKEN_BACK
    [undone] = payments(session, live=False)
    assert undone.undone_because == taken_back_texts()["debit_returned"]["fr"]


def test_money_that_comes_twice_is_kept_unallocated(session, process, desk, late):
    checkout = paid_by(session, process, desk, late)
    _, receivable = late
    asked = shown(session, late).asked_cents
    record_payment(
        session, assignor_id=receivable.assignor_id, debtor_id=receivable.debtor_id,
        amounts={receivable.id: Money(asked)}, received_on=TODAY, amount=Money(asked), dedupe_key="transfer",
        by=None, at=NOW,
    )  # fmt: skip

    caught_up(session, process, checkout)

    by_card = next(one for one in payments(session) if one.method == "card")
    settled = sum(
        a.principal_cents + a.interest_cents + a.indemnity_cents for a in by_card.allocations
    )
    assert by_card.amount_cents == checkout.amount_cents
    assert settled == 120_000  # what was contested is all that it can still take
    assert shown(session, late).asked_cents == 0


def test_a_webhook_that_never_came_changes_nothing(session, process, desk, late):
    checkout = paid_by(session, process, desk, late)
    session.flush()

    run_follow_card_payments(process)
    session.expire_all()
    run_follow_card_payments(process)

    assert checkout.state is CheckoutState.PAID
    assert len(payments(session)) == 1


def test_a_page_that_nobody_paid_ends(session, process, desk, late):
    checkout = begun(session, late)
    session.flush()
    opened(process, checkout)
    session.expire_all()
    desk.expire(checkout.session_key)

    assert caught_up(session, process, checkout).state is CheckoutState.EXPIRED
    assert payments(session) == []


def test_a_payment_that_differs_from_what_was_asked_records_nothing(session, late):
    checkout = begun(session, late)
    found = CardPaymentRead(
        CardPaymentState.PAID, str(checkout.id), "cs", "pi", checkout.amount_cents - 1, "EUR"
    )
    for odd in (
        found,
        replace(found, amount_cents=checkout.amount_cents, currency="USD"),
        replace(found, amount_cents=checkout.amount_cents, reference=str(uuid4())),
    ):
        settle(session, checkout, odd, at=NOW)

    assert (checkout.state, payments(session)) == (CheckoutState.CREATED, [])


def test_an_assigned_and_notified_receivable_is_never_paid_to_the_assignor(session, late):
    one = replace(shown(session, late), payee=Payee("Banque Exemple", "FR76", is_assignee=True))

    assert why_not_by_card(session, one, a_card_account_of(session, late)) is NotByCard.ASSIGNED
    with pytest.raises(CheckoutRefused):
        begin_checkout(session, late[0], one, form_token="x", at=NOW)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"enabled": False}, NotByCard.NO_ACCOUNT),
        ({"by_card": False, "by_debit": False}, NotByCard.NO_ACCOUNT),
        ({}, None),
    ],
)
def test_card_is_offered_while_the_account_offers_it(session, late, given, why):
    account = a_card_account_of(session, late)
    for name, value in given.items():
        setattr(account, name, value)

    assert why_not_by_card(session, shown(session, late), account) is why


@pytest.mark.parametrize(
    ("face_cents", "currency", "why"),
    [
        (99, "EUR", NotByCard.AMOUNT),
        (100_000_000, "EUR", NotByCard.AMOUNT),
        (10_000, "JPY", NotByCard.CURRENCY),
        (10_000, "USD", None),
    ],
)
def test_an_amount_or_currency_the_service_does_not_take_is_not_offered(
    session, settings, face_cents, currency, why
):
    assignor = an_assignor(session)
    one = a_receivable(session, assignor, face_cents=face_cents, currency=currency)
    account = a_card_account(session, settings, assignor)
    link, _ = a_link(session, settings, one)

    assert why_not_by_card(session, shown(session, (link, one)), account) is why


def test_nothing_is_paid_by_card_once_the_debtor_is_insolvent(session, late):
    late[1].debtor.insolvent_since = TODAY

    one = shown(session, late)

    assert one.asked_cents == 0
    assert why_not_by_card(session, one, a_card_account_of(session, late)) is NotByCard.STOPPED


def test_a_refused_key_leaves_the_payment_unpaid_and_a_silent_service_lets_try_again(
    session, settings, process, late
):
    checkout = begun(session, late)
    away = replace(process, settings=replace(process.settings, stripe_url="http://127.0.0.1:9"))
    session.flush()
    with pytest.raises(CardServiceUnavailable):
        opened(away, checkout)
    sealed = session.get(CardSecret, late[0].assignor_id)
    kept = sealed.secret_key
    keep_account(
        session, settings, late[0].assignor_id, CardKeys("sk_live_unknown", "whsec_x"),
        webhook_token="t", live=True, by=None, at=NOW,
    )  # fmt: skip
    with pytest.raises(CheckoutFailed):
        opened(process, checkout)

    session.expire_all()
    assert checkout.state is CheckoutState.CREATED
    assert session.get(CardSecret, late[0].assignor_id).secret_key != kept


def test_keys_are_encrypted_and_never_shown(session, settings, late):
    owner = late[0].assignor_id
    sealed = session.get(CardSecret, owner)
    keys = keys_of(session, settings, owner)

    assert (keys.secret_key, keys.webhook_secret) == (SECRET_KEY, WEBHOOK_SECRET)
    assert SECRET_KEY not in sealed.secret_key
    assert WEBHOOK_SECRET not in sealed.webhook_secret
    assert SECRET_KEY not in repr(keys)
    with pytest.raises(CardKeysUnreadable):
        keys_of(session, replace(settings, secret_key="x" * 40), owner)


def test_every_state_of_a_payment_can_be_reached():
    assert reachable(CHECKOUT_TRANSITIONS, CheckoutState.CREATED) == set(CheckoutState)


def test_one_checkout_is_kept_per_form(session, late):
    begun(session, late)
    begun(session, late, "form-2")

    assert session.scalar(select(func.count(CardCheckout.id))) == 2
