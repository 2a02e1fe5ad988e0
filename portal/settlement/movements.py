"""What a lender reports once an offer is accepted: one function per kind, each safe to repeat."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from partners.vocabulary.lending import LenderReply, LenderStatus
from portal.assignments.moves import move_deed
from portal.assignments.states import DeedAction, DeedState
from portal.audit import trail
from portal.clock import PARIS
from portal.funding.messages import tell_assignor
from portal.funding.models import LenderEvent
from portal.funding.moves import move_request
from portal.funding.outcomes import APPLIED, Outcome, ignored, refused, waits
from portal.funding.states import RequestAction, RequestState
from portal.identity.models import Organisation
from portal.ledger.journal import Line
from portal.ledger.models import Account
from portal.settlement.closing import close_if_over, give_up_debts, keep_the_rest
from portal.settlement.deal import (
    Deal,
    debt_named,
    live_debts,
    move_money,
    standing,
)
from portal.settlement.debtor_payments import note_payment
from portal.settlement.ledger_lines import (
    charges_payment,
    debtor_payment,
    disbursement,
    loss,
    recourse_call,
    recourse_payment,
    reserve_release,
)
from portal.settlement.models import MovementKind
from pricing.money import Money
from pricing.products.quote import Product
from pricing.wording import amount_text, date_text, known_locale

Report = Callable[[Session, Deal, LenderEvent, LenderReply, datetime], Outcome]

FUNDED = frozenset({RequestState.DISBURSED, RequestState.RECOURSED})
OVER = frozenset({RequestState.SETTLED, RequestState.WITHDRAWN})


def apply_report(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, *, at: datetime
) -> Outcome:
    """Apply one report to its deal; the request must be locked by the caller."""
    if deal.request.state in OVER:
        return ignored("deal_over")
    return REPORTS[reply.status](session, deal, event, reply, at)


def _deed_dated(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The assignee affixed its date: from then the debts are its own (art. L313-27 CMF)."""
    deed = deal.deed
    if deed.dated_on is not None:
        return ignored("dated_already")
    if deed.state is not DeedState.SIGNED or deed.signed_at is None:
        return waits("deed_not_signed")
    if reply.deed_dated_on is None:
        return refused("date_missing")
    if reply.deed_dated_on < deed.signed_at.astimezone(PARIS).date():
        return refused("dated_before_signature")
    _date(session, deal, event, reply.deed_dated_on, at)
    return APPLIED


def _disbursed(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The advance left the lender for the assignor's account."""
    if deal.request.state in FUNDED:
        return ignored("paid_already")
    payment_dates = deal.deed.state is DeedState.SIGNED and deal.deed.product is not Product.DAILLY
    if deal.request.state is not RequestState.ASSIGNED and not payment_dates:
        return waits("deed_not_dated")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    if reply.amount != Money(deal.offer.net_proceeds_cents, deal.currency):
        return refused("amount_differs")
    if payment_dates:
        _date(session, deal, event, reply.value_date, at)
    lines = disbursement(
        live_debts(session, deal.deed), deal.upfront, reply.amount.cents, deal.currency
    )
    _book(session, deal, MovementKind.DISBURSED, lines, event, reply, at)
    move_request(session, deal.request, RequestAction.DISBURSE, by=event.sent_by, at=at)
    _tell_of(session, deal, "advance_paid", event, reply, at)
    return APPLIED


def _debtor_paid(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """A debtor's money reached the lender, directly or through the assignor."""
    if deal.request.state not in FUNDED:
        return waits("not_disbursed")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    debt = debt_named(session, live_debts(session, deal.deed), reply.receivable_number)
    if debt is None:
        return refused("receivable_not_on_deed")
    if reply.amount.cents > debt.left_cents or reply.amount.currency != deal.currency:
        return refused("more_than_owed")
    accounts = standing(session, deal.deed)
    kind = note_payment(
        session, deal, debt, reply.amount, reply.value_date, reply.payment_reference, event, at=at
    )
    lines = debtor_payment(
        debt,
        reply.amount.cents,
        accounts[Account.RECOURSE],
        accounts[Account.ADVANCE],
        deal.currency,
    )
    _book(session, deal, kind, lines, event, reply, at, receivable_id=debt.receivable_id)
    _give_back_once_repaid(session, deal, reply.value_date, at)
    close_if_over(session, deal, value_date=reply.value_date, at=at)
    return APPLIED


def _reserve_released(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The lender pays back what it kept, as far as the debtors' payments have earned it."""
    if deal.request.state not in FUNDED:
        return waits("not_disbursed")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    held = -standing(session, deal.deed)[Account.RESERVE]
    if reply.amount.cents > held:
        return refused("more_than_reserve")
    unearned = sum(debt.reserve_left_cents for debt in live_debts(session, deal.deed))
    if reply.amount.cents > held - unearned:
        return waits("reserve_not_earned")
    lines = reserve_release(reply.amount.cents, deal.currency)
    _book(session, deal, MovementKind.RESERVE_RELEASED, lines, event, reply, at)
    close_if_over(session, deal, value_date=reply.value_date, at=at)
    return APPLIED


def _recourse_called(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """A debtor did not pay: the lender asks the assignor for the advance back."""
    if deal.request.state not in FUNDED:
        return waits("not_disbursed")
    if not deal.offer.recourse:
        return refused("without_recourse")
    accounts = standing(session, deal.deed)
    advance, is_first = accounts[Account.ADVANCE], deal.request.state is RequestState.DISBURSED
    if not is_first and (accounts[Account.RECOURSE] or not advance):
        return ignored("called_already")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    if not advance:
        return refused("nothing_unpaid")
    lines = recourse_call(reply.amount.cents, advance, deal.currency)
    _book(session, deal, MovementKind.RECOURSE_CALLED, lines, event, reply, at)
    if is_first:
        move_request(session, deal.request, RequestAction.CALL_RECOURSE, by=event.sent_by, at=at)
    _tell_of(session, deal, "recourse_called", event, reply, at)
    return APPLIED


def _recourse_paid(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The assignor repaid: once the whole advance is, the debts are its own again."""
    if standing(session, deal.deed)[Account.DUE_TO_LENDER]:
        return _charges_paid(session, deal, event, reply, at)
    if deal.request.state is not RequestState.RECOURSED:
        return waits("recourse_not_called")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    owed = standing(session, deal.deed)[Account.RECOURSE]
    if reply.amount.cents > owed:
        return refused("more_than_recourse")
    lines = recourse_payment(reply.amount.cents, deal.currency)
    _book(session, deal, MovementKind.RECOURSE_PAID, lines, event, reply, at)
    _give_back_once_repaid(session, deal, reply.value_date, at)
    close_if_over(session, deal, value_date=reply.value_date, at=at)
    return APPLIED


def _charges_paid(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The assignor paid last charges the reserve could not bear."""
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    if reply.amount.cents > standing(session, deal.deed)[Account.DUE_TO_LENDER]:
        return refused("more_than_due")
    lines = charges_payment(reply.amount.cents, deal.currency)
    _book(session, deal, MovementKind.CHARGES_PAID, lines, event, reply, at)
    close_if_over(session, deal, value_date=reply.value_date, at=at)
    return APPLIED


def _loss_taken(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The lender bears the debtor's failure: the advance is lost, the assignor owes nothing."""
    if deal.request.state not in FUNDED:
        return waits("not_disbursed")
    if reply.amount is None or reply.value_date is None:
        return refused("payment_missing")
    advance = standing(session, deal.deed)[Account.ADVANCE]
    if reply.amount.cents != advance:
        return refused("amount_differs")
    _book(session, deal, MovementKind.LOSS_TAKEN, loss(advance, deal.currency), event, reply, at)
    give_up_debts(session, deal, because="", value_date=reply.value_date, at=at)
    close_if_over(session, deal, value_date=reply.value_date, at=at)
    return APPLIED


def _settled(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The lender closes its file: what it still keeps of the reserve is its last charge."""
    if deal.request.state not in FUNDED:
        return waits("not_disbursed")
    if any(debt.left_cents for debt in live_debts(session, deal.deed)):
        return waits("debts_open")
    return keep_the_rest(session, deal, event, reply, at=at)


def _debtor_notified(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, at: datetime
) -> Outcome:
    """The assignee notified the debtors: from then only payment to it discharges them (L313-28 CMF)."""
    deed = deal.deed
    if deed.notified_on is not None:
        return ignored("notified_already")
    if deed.state is not DeedState.DELIVERED:
        return waits("deed_not_dated")
    if reply.notified_on is None:
        return refused("date_missing")
    move_deed(session, deed, DeedAction.NOTIFY, by=event.sent_by, at=at)
    deed.notified_on = reply.notified_on
    deed.collection_consent = reply.collection_consent
    _record(session, deal, "debtor_notified", event, at)
    return APPLIED


REPORTS: Mapping[LenderStatus, Report] = {
    LenderStatus.DEED_DATED: _deed_dated,
    LenderStatus.DISBURSED: _disbursed,
    LenderStatus.DEBTOR_PAID: _debtor_paid,
    LenderStatus.RESERVE_RELEASED: _reserve_released,
    LenderStatus.RECOURSE_CALLED: _recourse_called,
    LenderStatus.RECOURSE_PAID: _recourse_paid,
    LenderStatus.LOSS_TAKEN: _loss_taken,
    LenderStatus.SETTLED: _settled,
    LenderStatus.DEBTOR_NOTIFIED: _debtor_notified,
}


def _date(session: Session, deal: Deal, event: LenderEvent, dated_on: date, at: datetime) -> None:
    deal.deed.dated_on = dated_on
    move_deed(session, deal.deed, DeedAction.DATE, by=event.sent_by, at=at)
    move_request(session, deal.request, RequestAction.ASSIGN, by=event.sent_by, at=at)
    _record(session, deal, "deed_dated", event, at)


def _book(
    session: Session,
    deal: Deal,
    kind: MovementKind,
    lines: list[Line],
    event: LenderEvent,
    reply: LenderReply,
    at: datetime,
    *,
    receivable_id: UUID | None = None,
) -> None:
    if reply.amount is None or reply.value_date is None:
        raise ValueError("a movement has an amount and a value date")
    move_money(
        session,
        deal,
        kind,
        lines,
        event=event,
        amount=reply.amount,
        value_date=reply.value_date,
        reference=reply.payment_reference,
        at=at,
        receivable_id=receivable_id,
    )


def _give_back_once_repaid(session: Session, deal: Deal, value_date: date, at: datetime) -> None:
    """Give the unpaid debts back once nothing called and nothing advanced is left, roundings apart."""
    accounts = standing(session, deal.deed)
    unpaid = sum(1 for debt in live_debts(session, deal.deed) if debt.left_cents)
    is_repaid = not accounts[Account.RECOURSE] and accounts[Account.ADVANCE] <= unpaid
    if deal.request.state is RequestState.RECOURSED and unpaid and is_repaid:
        give_up_debts(session, deal, because="bought_back", value_date=value_date, at=at)


def _record(session: Session, deal: Deal, action: str, event: LenderEvent, at: datetime) -> None:
    trail.record(
        session,
        deal.deed.assignor_id,
        action,
        "deed",
        deal.deed.id,
        {"event": event.id},
        by=event.sent_by,
        at=at,
    )


def _tell_of(
    session: Session, deal: Deal, kind: str, event: LenderEvent, reply: LenderReply, at: datetime
) -> None:
    assignor = session.get_one(Organisation, deal.deed.assignor_id)
    locale = known_locale(assignor.locale)
    amount = reply.amount or Money(0, deal.currency)
    written = amount_text(amount.cents, locale, amount.currency)
    value_on = (reply.value_date or at.date()).isoformat()
    tell_assignor(
        session,
        assignor.id,
        kind,
        f"event:{event.id}",
        deal.request.id,
        at=at,
        lender=session.get_one(Organisation, deal.deed.lender_id).legal_name,
        reference=deal.request.reference,
        net=written,
        amount=written,
        value_on=date_text(value_on, locale),
    )
