"""Orders for payment and claims with an agency: every state is reached, and what is over is over."""

import pytest

from portal.collections.legal.states import (
    HANDOVER_TRANSITIONS,
    LIVE_ORDERS,
    ORDER_TRANSITIONS,
    HandoverState,
    OrderAction,
    OrderState,
)
from portal.states import IllegalTransition, next_state, reachable


def test_every_state_of_an_order_can_be_reached():
    assert reachable(ORDER_TRANSITIONS, OrderState.PREPARED) == set(OrderState)


def test_every_state_of_a_claim_with_an_agency_can_be_reached():
    assert reachable(HANDOVER_TRANSITIONS, HandoverState.HANDED_OVER) == set(HandoverState)


def test_an_order_is_live_until_it_is_over():
    over = {OrderState.REJECTED, OrderState.LAPSED, OrderState.WITHDRAWN, OrderState.CLOSED}

    assert set(OrderState) - over == LIVE_ORDERS
    assert all(not ORDER_TRANSITIONS[state] for state in over)


@pytest.mark.parametrize("state", [OrderState.PREPARED, OrderState.FILED, OrderState.GRANTED])
def test_an_order_that_was_not_served_is_no_title(state):
    with pytest.raises(IllegalTransition):
        next_state(ORDER_TRANSITIONS, state, OrderAction.ENFORCE)
