"""The one way the states of an order and of a handover change; every move leaves its trace."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.collections.legal.models import Handover, PaymentOrder
from portal.collections.legal.states import (
    HANDOVER_TRANSITIONS,
    ORDER_TRANSITIONS,
    HandoverAction,
    OrderAction,
)
from portal.states import next_state


def move_order(
    session: Session, order: PaymentOrder, action: OrderAction, *, by: UUID | None, at: datetime
) -> None:
    """Move an order, or raise `IllegalTransition`."""
    before = order.state
    order.state = next_state(ORDER_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.PAYMENT_ORDER,
        order.id,
        action,
        before,
        order.state,
        assignor_id=order.assignor_id,
        by=by,
        at=at,
    )


def move_handover(
    session: Session, handover: Handover, action: HandoverAction, *, by: UUID | None, at: datetime
) -> None:
    """Move a claim handed to an agency, or raise `IllegalTransition`."""
    before = handover.state
    handover.state = next_state(HANDOVER_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.HANDOVER,
        handover.id,
        action,
        before,
        handover.state,
        assignor_id=handover.assignor_id,
        by=by,
        at=at,
    )
