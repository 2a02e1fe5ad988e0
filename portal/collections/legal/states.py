"""The tables of orders for payment and of claims handed to an agency, drawn into docs/state-tables.md."""

import enum


class OrderState(enum.StrEnum):
    PREPARED = "prepared"
    FILED = "filed"
    GRANTED = "granted"
    SERVED = "served"
    OPPOSED = "opposed"
    ENFORCEABLE = "enforceable"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class OrderAction(enum.StrEnum):
    FILE = "file"
    GRANT = "grant"
    REJECT = "reject"
    SERVE = "serve"
    OPPOSE = "oppose"
    ENFORCE = "enforce"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    CLOSE = "close"


ORDER_TRANSITIONS: dict[OrderState, dict[OrderAction, OrderState]] = {
    OrderState.PREPARED: {
        OrderAction.FILE: OrderState.FILED,
        OrderAction.WITHDRAW: OrderState.WITHDRAWN,
    },
    OrderState.FILED: {
        OrderAction.GRANT: OrderState.GRANTED,
        OrderAction.REJECT: OrderState.REJECTED,
        OrderAction.WITHDRAW: OrderState.WITHDRAWN,
        OrderAction.LAPSE: OrderState.LAPSED,
    },
    OrderState.GRANTED: {
        OrderAction.SERVE: OrderState.SERVED,
        OrderAction.LAPSE: OrderState.LAPSED,
        OrderAction.WITHDRAW: OrderState.WITHDRAWN,
    },
    OrderState.SERVED: {
        OrderAction.OPPOSE: OrderState.OPPOSED,
        OrderAction.ENFORCE: OrderState.ENFORCEABLE,
        OrderAction.CLOSE: OrderState.CLOSED,
    },
    OrderState.OPPOSED: {
        OrderAction.ENFORCE: OrderState.ENFORCEABLE,
        OrderAction.REJECT: OrderState.REJECTED,
        OrderAction.LAPSE: OrderState.LAPSED,
        OrderAction.CLOSE: OrderState.CLOSED,
    },
    OrderState.ENFORCEABLE: {OrderAction.CLOSE: OrderState.CLOSED},
    OrderState.REJECTED: {},
    OrderState.LAPSED: {},
    OrderState.WITHDRAWN: {},
    OrderState.CLOSED: {},
}

LIVE_ORDERS = frozenset(
    state for state, moves in ORDER_TRANSITIONS.items() if moves or state is OrderState.ENFORCEABLE
)
"""The states in which something may still happen: one order at most is in them for a claim."""


class HandoverState(enum.StrEnum):
    HANDED_OVER = "handed_over"
    IN_HAND = "in_hand"
    PAID = "paid"
    RETURNED = "returned"
    RECALLED = "recalled"


class HandoverAction(enum.StrEnum):
    ACKNOWLEDGE = "acknowledge"
    COLLECT = "collect"
    GIVE_BACK = "give_back"
    RECALL = "recall"


HANDOVER_TRANSITIONS: dict[HandoverState, dict[HandoverAction, HandoverState]] = {
    HandoverState.HANDED_OVER: {
        HandoverAction.ACKNOWLEDGE: HandoverState.IN_HAND,
        HandoverAction.COLLECT: HandoverState.PAID,
        HandoverAction.GIVE_BACK: HandoverState.RETURNED,
        HandoverAction.RECALL: HandoverState.RECALLED,
    },
    HandoverState.IN_HAND: {
        HandoverAction.COLLECT: HandoverState.PAID,
        HandoverAction.GIVE_BACK: HandoverState.RETURNED,
        HandoverAction.RECALL: HandoverState.RECALLED,
    },
    HandoverState.PAID: {},
    HandoverState.RETURNED: {},
    HandoverState.RECALLED: {},
}
