"""Paying by card or debit: what may be offered, and opening the payment service's page outside any transaction."""

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.payments.stripe_gateway import (
    CENTS_MAX,
    CENTS_MIN,
    CURRENCIES,
    CardKeyRefused,
    CardMethod,
    CardRequestRefused,
    CheckoutAsked,
)
from portal.audit import trail
from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.clock import PARIS
from portal.collections.debtor_page.card_keys import account_of, gateway_of, methods_of
from portal.collections.debtor_page.models import CardAccount, CardCheckout, DebtorLink
from portal.collections.debtor_page.seeing import Shown
from portal.collections.debtor_page.states import (
    CHECKOUT_TRANSITIONS,
    CheckoutAction,
    CheckoutState,
)
from portal.jobs.process import Process
from portal.states import next_state

PAGE_MINUTES = 60
LABELS = {"fr": "Facture {number} – {name}", "en": "Invoice {number} – {name}"}


class NotByCard(enum.StrEnum):
    """Why an invoice is not offered for payment by card; the page then shows the transfer alone."""

    NOTHING_ASKED = "nothing_asked"
    NO_ACCOUNT = "no_account"
    ASSIGNED = "assigned"
    CURRENCY = "currency"
    AMOUNT = "amount"
    STOPPED = "stopped"
    UNDER_WAY = "under_way"


class CheckoutRefused(ValueError):
    """The payment page cannot be opened; ``reason`` says why."""

    def __init__(self, reason: NotByCard) -> None:
        self.reason = reason
        super().__init__(reason.value)


class CheckoutFailed(Exception):
    """The payment service refuses: its key no longer works, or what is asked is not accepted."""


def why_not_by_card(
    session: Session, shown: Shown, account: CardAccount | None
) -> NotByCard | None:
    """Why this invoice cannot be paid by card today; None when it can.

    A receivable assigned and notified is never collected on the assignor's account, nor
    one whose debtor is insolvent: paying an earlier debt is then forbidden (C. com. L622-7).
    """
    currency = shown.receivable.currency
    if shown.stopped:
        return NotByCard.STOPPED
    if shown.payee.is_assignee:
        return NotByCard.ASSIGNED
    if shown.asked_cents <= 0:
        return NotByCard.NOTHING_ASKED
    if account is None or not methods_of(account, currency):
        return NotByCard.NO_ACCOUNT
    if currency not in CURRENCIES:
        return NotByCard.CURRENCY
    if not CENTS_MIN <= shown.asked_cents <= CENTS_MAX:
        return NotByCard.AMOUNT
    return NotByCard.UNDER_WAY if _under_way(session, shown.receivable.id) else None


def begin_checkout(
    session: Session, link: DebtorLink, shown: Shown, *, form_token: str, at: datetime
) -> CardCheckout:
    """Note that the debtor wants to pay what the page asks today; the same form again is the same payment.

    The session looks as the creditor.

    Raises:
        CheckoutRefused: it may not be paid by card.
    """
    known = session.scalar(
        select(CardCheckout).where(
            CardCheckout.link_id == link.id, CardCheckout.form_token == form_token
        )
    )
    if known is not None:
        return known
    reason = why_not_by_card(session, shown, account_of(session, link.assignor_id))
    if reason is not None:
        raise CheckoutRefused(reason)
    checkout = CardCheckout(
        assignor_id=link.assignor_id,
        debtor_id=link.debtor_id,
        receivable_id=shown.receivable.id,
        link_id=link.id,
        form_token=form_token,
        state=CheckoutState.CREATED,
        amount_cents=shown.asked_cents,
        currency=shown.receivable.currency,
        asked_on=at.astimezone(PARIS).date(),
        created_at=at,
        times_recorded=0,
    )
    session.add(checkout)
    session.flush()
    facts = {"by": "debtor", "receivable": checkout.receivable_id, "cents": checkout.amount_cents}
    trail.record(
        session, checkout.assignor_id, "begin_card_payment", "card_checkout", checkout.id, facts,
        by=None, at=at,
    )  # fmt: skip
    return checkout


def open_checkout(
    process: Process,
    checkout_id: UUID,
    *,
    label: Mapping[str, str],
    email: str | None,
    page_url: str,
    at: datetime,
) -> str:
    """Where the debtor pays: the page is opened once, under an idempotency key, with no transaction open.

    Args:
        label: ``locale``, ``number`` and ``name`` of what is paid, as the payment page shows it.
        page_url: the invoice's page, to which the debtor comes back.
        at: the real instant, by which the payment service judges when its page closes.

    Raises:
        CheckoutFailed: the payment service refuses; the reason is kept with the payment.
        CardServiceUnavailable: it does not answer; trying again is harmless.
    """
    with process.transaction() as session:
        checkout = session.get_one(CardCheckout, checkout_id)
        if checkout.session_url or checkout.state is not CheckoutState.CREATED:
            return checkout.session_url or page_url
        account = account_of(session, checkout.assignor_id)
        gateway = gateway_of(session, process.settings, checkout.assignor_id)
        methods = methods_of(account, checkout.currency) if account else ()
        asked = _asked(
            checkout, methods, label, email, page_url, at + timedelta(minutes=PAGE_MINUTES)
        )
    if gateway is None or not methods:
        raise CheckoutFailed("the account was taken away")
    try:
        opened = gateway.open_checkout(asked)
    except (CardKeyRefused, CardRequestRefused) as refusal:
        with process.transaction() as session:
            code = getattr(refusal, "code", "key_refused")
            session.get_one(CardCheckout, checkout_id).failure = code
        raise CheckoutFailed(type(refusal).__name__) from refusal
    with process.transaction() as session:
        checkout = session.get_one(CardCheckout, checkout_id, with_for_update=True)
        if checkout.session_key is None:
            checkout.session_key, checkout.session_url = opened.key, opened.url
            move(session, checkout, CheckoutAction.OPEN, at=process.clock(session).instant())
    return opened.url


def move(
    session: Session,
    checkout: CardCheckout,
    action: CheckoutAction,
    *,
    at: datetime,
    reason_code: str | None = None,
) -> None:
    """Move a payment along its table, leaving the trace.

    Raises:
        IllegalTransition: the table has no such move.
    """
    before = checkout.state
    checkout.state = next_state(CHECKOUT_TRANSITIONS, before, action)
    session.flush()
    trace_move(
        session,
        MoveSubject.CARD_CHECKOUT,
        checkout.id,
        action,
        before,
        checkout.state,
        assignor_id=checkout.assignor_id,
        by=None,
        at=at,
        reason_code=reason_code,
    )


def find_checkout(session: Session, link: DebtorLink, checkout_id: UUID) -> CardCheckout | None:
    """A payment begun through this link."""
    return session.scalar(
        select(CardCheckout).where(CardCheckout.id == checkout_id, CardCheckout.link_id == link.id)
    )


def _asked(
    checkout: CardCheckout,
    methods: tuple[CardMethod, ...],
    label: Mapping[str, str],
    email: str | None,
    page_url: str,
    expires_at: datetime,
) -> CheckoutAsked:
    locale = label["locale"]
    return CheckoutAsked(
        reference=str(checkout.id),
        amount_cents=checkout.amount_cents,
        currency=checkout.currency,
        label=LABELS[locale].format(number=label["number"], name=label["name"]),
        methods=methods,
        locale=locale,
        return_url=f"{page_url}/payments/{checkout.id}",
        cancel_url=page_url,
        expires_at=expires_at,
        email=email,
    )


def _under_way(session: Session, receivable_id: UUID) -> bool:
    """Whether a debit for this invoice waits for its bank: paying again would pay twice."""
    found = session.scalar(
        select(CardCheckout.id)
        .where(
            CardCheckout.receivable_id == receivable_id,
            CardCheckout.state == CheckoutState.PROCESSING,
        )
        .limit(1)
    )
    return found is not None
