"""An order for payment from its request to an enforceable title: each step with the day it happened."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.legal.claim import Claim
from portal.collections.legal.models import PaymentOrder
from portal.collections.legal.moves import move_order
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.states import LIVE_ORDERS, OrderAction
from pricing.court import CourtKind

COURT_NAME_LENGTH_MAX = 200


def prepare_order(
    session: Session,
    claim: Claim,
    *,
    court_kind: CourtKind,
    court_name: str,
    representative: str,
    by: UUID | None,
    at: datetime,
) -> PaymentOrder:
    """Begin a request before the court that the user confirmed; what is asked is frozen with today's account.

    Raises:
        LegalActRefused: ``court_needed``, ``representative_needed``, ``not_due_yet``,
            ``nothing_owed``, ``insolvent`` or ``order_under_way``.

    Source: CPC art. 54, 57, 1405 to 1407.
    """
    if not court_name.strip():
        raise LegalActRefused("court_needed", "court_name")
    if not representative.strip():
        raise LegalActRefused("representative_needed", "representative")
    if claim.due_on >= claim.asked.on:
        raise LegalActRefused("not_due_yet")
    if claim.asked.principal.cents <= 0:
        raise LegalActRefused("nothing_owed")
    if claim.debtor.insolvent_since is not None:
        raise LegalActRefused("insolvent")
    if any(one.state in LIVE_ORDERS for one in claim.orders):
        raise LegalActRefused("order_under_way")
    order = PaymentOrder(
        assignor_id=claim.receivable.assignor_id,
        receivable_id=claim.receivable.id,
        court_kind=court_kind,
        court_name=court_name.strip()[:COURT_NAME_LENGTH_MAX],
        representative=representative.strip()[:COURT_NAME_LENGTH_MAX],
        asked_cents=claim.asked.total.cents,
        created_at=at,
        created_by=by,
    )
    session.add(order)
    session.flush()
    _trace(session, "prepare_payment_order", order, claim.asked.on, by=by, at=at)
    return order


def file_order(
    session: Session, order: PaymentOrder, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The request was filed with the registry."""
    _check(on, order.created_at.astimezone(PARIS).date(), "filed_on", at)
    move_order(session, order, OrderAction.FILE, by=by, at=at)
    order.filed_on = on
    _trace(session, "file_payment_order", order, on, by=by, at=at)


def grant_order(
    session: Session,
    order: PaymentOrder,
    ordered_on: date,
    granted_cents: int,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    """The judge granted all or a part; the date of the order says which time limits apply to it.

    Raises:
        LegalActRefused: ``amount_not_positive``, ``granted_more_than_asked``, or about the day.

    Source: CPC art. 1409, 1411.
    """
    if granted_cents <= 0:
        raise LegalActRefused("amount_not_positive", "granted")
    if granted_cents > order.asked_cents:
        raise LegalActRefused("granted_more_than_asked", "granted")
    _check(ordered_on, order.filed_on, "ordered_on", at)
    move_order(session, order, OrderAction.GRANT, by=by, at=at)
    order.ordered_on, order.granted_cents = ordered_on, granted_cents
    _trace(session, "grant_payment_order", order, ordered_on, by=by, at=at)


def reject_order(
    session: Session, order: PaymentOrder, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The judge rejected the request, or the hearing after opposition was lost."""
    _check(on, order.opposed_on or order.filed_on, "ended_on", at)
    move_order(session, order, OrderAction.REJECT, by=by, at=at)
    order.ended_on = on
    _trace(session, "reject_payment_order", order, on, by=by, at=at)


def serve_order(
    session: Session,
    order: PaymentOrder,
    on: date,
    *,
    in_person: bool,
    by: UUID | None,
    at: datetime,
) -> None:
    """The order was served, in person or not; its service interrupts limitation.

    Source: CPC art. 1411, 1413; Cass. 1re civ. 9 September 2020.
    """
    _check(on, order.ordered_on, "served_on", at)
    move_order(session, order, OrderAction.SERVE, by=by, at=at)
    order.served_on, order.served_in_person = on, in_person
    if in_person:
        order.first_personal_act_on = on
    _trace(session, "serve_payment_order", order, on, by=by, at=at)


def record_personal_act(
    session: Session, order: PaymentOrder, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The first act served in person, or the first measure that blocked assets: opposition runs from it.

    Source: CPC art. 1416.
    """
    if order.first_personal_act_on is not None:
        raise LegalActRefused("already_recorded", "personal_act_on")
    _check(on, order.served_on, "personal_act_on", at)
    order.first_personal_act_on = on
    _trace(session, "personal_act_on_order", order, on, by=by, at=at)


def oppose_order(
    session: Session, order: PaymentOrder, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The debtor opposed: the court will hear both."""
    _check(on, order.served_on, "opposed_on", at)
    move_order(session, order, OrderAction.OPPOSE, by=by, at=at)
    order.opposed_on = on
    _trace(session, "oppose_payment_order", order, on, by=by, at=at)


def make_enforceable(
    session: Session, order: PaymentOrder, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The order is a title: unopposed and recorded so by the user, or confirmed by a judgment."""
    _check(on, order.opposed_on or order.served_on, "enforceable_on", at)
    move_order(session, order, OrderAction.ENFORCE, by=by, at=at)
    order.enforceable_on = on
    _trace(session, "enforce_payment_order", order, on, by=by, at=at)


def end_order(
    session: Session,
    order: PaymentOrder,
    action: OrderAction,
    on: date,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    """Withdraw, let lapse (not served or deposited in time) or close an order.

    Raises:
        IllegalTransition: the order's state does not allow it.
    """
    _check(on, order.created_at.astimezone(PARIS).date(), "ended_on", at)
    move_order(session, order, action, by=by, at=at)
    order.ended_on = on
    _trace(session, f"{action.value}_payment_order", order, on, by=by, at=at)


def _check(on: date, not_before: date | None, name: str, at: datetime) -> None:
    if on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", name)
    if not_before is not None and on < not_before:
        raise LegalActRefused("day_out_of_order", name)


def _trace(
    session: Session,
    action: str,
    order: PaymentOrder,
    on: date,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    session.flush()
    facts = {"receivable": order.receivable_id, "on": on, "state": order.state.value}
    trail.record(session, order.assignor_id, action, "payment_order", order.id, facts, by=by, at=at)
