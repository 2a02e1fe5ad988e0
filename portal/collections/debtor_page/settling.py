"""What became of a payment by card, brought to the debtor's account: recorded once, taken back with a reason.

Whatever event arrived, the payment is read again from the service and the account is made to agree with it;
events lost, repeated or out of order end in the same place.
"""

import tomllib
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from partners.payments.stripe_gateway import (
    CardGateway,
    CardKeyRefused,
    CardMethod,
    CardPaymentRead,
    CardPaymentState,
    CardRequestRefused,
    CardWebhook,
)
from portal.audit import trail
from portal.collections.debtor_page.card_keys import gateway_of
from portal.collections.debtor_page.checkouts import move
from portal.collections.debtor_page.models import CardAccount, CardCheckout, CardEvent
from portal.collections.debtor_page.states import PENDING, CheckoutAction, CheckoutState
from portal.identity.models import Organisation
from portal.jobs.process import Process
from portal.jobs.queue import Job, enqueue
from portal.payments.models import Payment
from portal.payments.recording import PaidTwice, record_payment, undo_payment
from pricing.money import Money
from pricing.wording import known_locale

log = structlog.get_logger()

ASKED_AGAIN_AFTER = timedelta(minutes=4)
FOLLOWED_FOR = timedelta(days=45)
FOLLOWED_AT_ONCE = 200

METHODS = {CardMethod.CARD.value: "card", CardMethod.SEPA_DEBIT.value: "direct_debit"}
"""How a payment is called on the debtor's account."""

ACTIONS = {
    CardPaymentState.PROCESSING: CheckoutAction.PROCESS,
    CardPaymentState.EXPIRED: CheckoutAction.EXPIRE,
    CardPaymentState.FAILED: CheckoutAction.FAIL,
}


def store_event(
    session: Session, account: CardAccount, webhook: CardWebhook, *, at: datetime
) -> bool:
    """Keep a verified webhook and ask for it to be read; False when it was kept already."""
    assignor_id = account.organisation_id
    known = session.scalar(
        select(CardEvent.id).where(
            CardEvent.assignor_id == assignor_id, CardEvent.event_key == webhook.key
        )
    )
    if known is not None:
        return False
    event = CardEvent(
        assignor_id=assignor_id,
        event_key=webhook.key,
        kind=webhook.kind,
        body={
            "session": webhook.session_key,
            "intent": webhook.intent_key,
            "received": dict(webhook.body),
        },
        received_at=at,
    )
    session.add(event)
    account.last_event_at = at
    session.flush()
    enqueue(
        session,
        Job.APPLY_CARD_EVENT,
        event_id=event.id,
        one_at_a_time=f"card:{assignor_id}",
    )
    return True


def run_apply_card_event(process: Process, *, event_id: str, **_: Any) -> None:
    """Find the payment an event speaks of and follow it; safe to run twice."""
    with process.transaction() as session:
        event = session.get_one(CardEvent, UUID(event_id))
        if event.processed_at is not None:
            return
        keys = (event.body.get("session"), event.body.get("intent"))
        checkout_id = _known_checkout(session, event.assignor_id, *keys)
        gateway = gateway_of(session, process.settings, event.assignor_id)
    if checkout_id is None and gateway is not None and keys[1]:
        # A refund may be heard of before the payment it refunds: only the service can say whose it is.
        session_key = gateway.session_of(keys[1])
        with process.transaction() as session:
            event = session.get_one(CardEvent, UUID(event_id))
            checkout_id = _known_checkout(session, event.assignor_id, session_key, None)
    if checkout_id is not None:
        follow(process, checkout_id)
    with process.transaction() as session:
        event = session.get_one(CardEvent, UUID(event_id))
        event.processed_at = process.clock(session).instant()
        event.outcome = "followed" if checkout_id else "not_ours"


def run_follow_card_payments(process: Process, **_: Any) -> None:
    """Ask again about every payment that is not settled: a webhook that never came changes nothing."""
    with process.transaction() as session:
        now = process.clock(session).instant()
        waiting = session.scalars(
            select(CardCheckout.id)
            .where(
                CardCheckout.state.in_(PENDING),
                CardCheckout.session_key.is_not(None),
                CardCheckout.created_at > now - FOLLOWED_FOR,
                or_(
                    CardCheckout.checked_at.is_(None),
                    CardCheckout.checked_at < now - ASKED_AGAIN_AFTER,
                ),
            )
            .order_by(CardCheckout.checked_at.nulls_first())
            .limit(FOLLOWED_AT_ONCE)
        ).all()
    for checkout_id in waiting:
        follow(process, checkout_id)


def follow(process: Process, checkout_id: UUID) -> None:
    """Read what became of one payment, and make the debtor's account agree.

    Raises:
        CardServiceUnavailable: the service does not answer; the job is tried again.
    """
    with process.transaction() as session:
        checkout = session.get_one(CardCheckout, checkout_id)
        session_key, assignor_id = checkout.session_key, checkout.assignor_id
        gateway = gateway_of(session, process.settings, assignor_id)
    if gateway is None or session_key is None:
        return
    found = _read(gateway, session_key, checkout_id)
    with process.transaction() as session:
        checkout = session.get_one(CardCheckout, checkout_id, with_for_update=True)
        at = process.clock(session).instant()
        checkout.checked_at = at
        if found is not None:
            settle(session, checkout, found, at=at)


def settle(
    session: Session, checkout: CardCheckout, found: CardPaymentRead, *, at: datetime
) -> None:
    """Make the account agree with what the service holds of this payment today; doing it twice changes nothing."""
    if (found.reference, found.amount_cents, found.currency) != (
        str(checkout.id),
        checkout.amount_cents,
        checkout.currency,
    ):
        log.error("card payment differs from what was asked", checkout=str(checkout.id))
        return
    checkout.intent_key = found.intent_key or checkout.intent_key
    checkout.method = found.method or checkout.method
    checkout.failure = found.failure
    if found.fee_cents is not None:
        checkout.fee_cents, checkout.net_cents = found.fee_cents, found.net_cents
    _agree(session, checkout, found, at=at)
    _follow_state(session, checkout, found, at=at)


def _agree(
    session: Session, checkout: CardCheckout, found: CardPaymentRead, *, at: datetime
) -> None:
    live = _live_payment(session, checkout)
    held = live.amount_cents if live else 0
    if found.kept_cents == held:
        return
    if live is not None:
        because = _because(session, checkout, found)
        undo_payment(session, live, because=because, by=None, at=at)
        checkout.payment_id = None
    if found.kept_cents:
        _record(session, checkout, Money(found.kept_cents, checkout.currency), at=at)


def _record(session: Session, checkout: CardCheckout, amount: Money, *, at: datetime) -> None:
    """Record the payment on the day whose amount the page asked, so that it settles exactly that."""
    checkout.times_recorded += 1

    def record(amounts: dict[UUID, Money]) -> Payment:
        return record_payment(
            session,
            assignor_id=checkout.assignor_id,
            debtor_id=checkout.debtor_id,
            amounts=amounts,
            received_on=checkout.asked_on,
            amount=amount,
            dedupe_key=f"card:{checkout.id}:{checkout.times_recorded}",
            by=None,
            at=at,
            method=METHODS.get(checkout.method or "", "card"),
            reference=checkout.intent_key,
        )

    try:
        payment = record({checkout.receivable_id: amount})
    except PaidTwice as too_much:
        # Paid otherwise meanwhile: the money is here all the same, and waits to be allocated or given back.
        payment = record({checkout.receivable_id: too_much.owed} if too_much.owed else {})
    checkout.payment_id = payment.id


def _follow_state(
    session: Session, checkout: CardCheckout, found: CardPaymentRead, *, at: datetime
) -> None:
    action = _action(checkout, found)
    if action is None:
        return
    reason = reason_of(found) if action is CheckoutAction.TAKE_BACK else found.failure
    move(session, checkout, action, at=at, reason_code=reason)
    facts = {"receivable": checkout.receivable_id, "state": checkout.state.value}
    trail.record(
        session, checkout.assignor_id, "follow_card_payment", "card_checkout", checkout.id, facts,
        by=None, at=at,
    )  # fmt: skip


def _action(checkout: CardCheckout, found: CardPaymentRead) -> CheckoutAction | None:
    """The move that leads to what was found; None when there is none to make."""
    came = checkout.state in (CheckoutState.PAID, CheckoutState.TAKEN_BACK)
    if found.state is CardPaymentState.PAID:
        wanted = CheckoutState.PAID if found.kept_cents else CheckoutState.TAKEN_BACK
        action = CheckoutAction.PAY if found.kept_cents else CheckoutAction.TAKE_BACK
        return None if checkout.state is wanted else action
    if came:
        failed = found.state is CardPaymentState.FAILED
        return CheckoutAction.TAKE_BACK if failed and checkout.state is CheckoutState.PAID else None
    action_asked = ACTIONS.get(found.state)
    if action_asked is None or checkout.state.value == found.state.value:
        return None
    return action_asked


def reason_of(found: CardPaymentRead) -> str:
    """Why money that had come is no longer there, as a code of ``taken_back.toml``."""
    if found.state is not CardPaymentState.PAID:
        return "debit_returned"
    if found.disputed_cents:
        return "charged_back"
    if found.refunded_cents:
        return "refunded" if not found.kept_cents else "refunded_in_part"
    return "dispute_won"


@cache
def taken_back_texts() -> dict[str, dict[str, str]]:
    """The reasons in words, by code and language."""
    text = resources.files("portal.collections.debtor_page").joinpath("taken_back.toml")
    return tomllib.loads(text.read_text("utf-8"))


def _because(session: Session, checkout: CardCheckout, found: CardPaymentRead) -> str:
    owner = session.get_one(Organisation, checkout.assignor_id)
    return taken_back_texts()[reason_of(found)][known_locale(owner.locale)]


def _live_payment(session: Session, checkout: CardCheckout) -> Payment | None:
    """The payment recorded for it, unless somebody undid it by hand."""
    if checkout.payment_id is None:
        return None
    payment = session.get(Payment, checkout.payment_id)
    return payment if payment is not None and payment.undone_at is None else None


def _known_checkout(
    session: Session, assignor_id: UUID, session_key: str | None, intent_key: str | None
) -> UUID | None:
    if not (session_key or intent_key):
        return None
    return session.scalar(
        select(CardCheckout.id).where(
            CardCheckout.assignor_id == assignor_id,
            or_(CardCheckout.session_key == session_key, CardCheckout.intent_key == intent_key),
        )
    )


def _read(gateway: CardGateway, session_key: str, checkout_id: UUID) -> CardPaymentRead | None:
    try:
        return gateway.read(session_key)
    except (CardKeyRefused, CardRequestRefused) as refusal:
        log.error("card payment unreadable", checkout=str(checkout_id), why=type(refusal).__name__)
        return None
