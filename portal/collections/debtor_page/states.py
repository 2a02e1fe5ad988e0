"""The life of one payment by card or direct debit started on the debtor's page."""

import enum


class CheckoutState(enum.StrEnum):
    """Where the payment stands; ``processing`` is a direct debit that the bank has not answered yet."""

    CREATED = "created"
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    TAKEN_BACK = "taken_back"
    FAILED = "failed"
    EXPIRED = "expired"


class CheckoutAction(enum.StrEnum):
    """What the payment service says happened."""

    OPEN = "open"
    PROCESS = "process"
    PAY = "pay"
    TAKE_BACK = "take_back"
    FAIL = "fail"
    EXPIRE = "expire"


_ANSWERS = {
    CheckoutAction.PROCESS: CheckoutState.PROCESSING,
    CheckoutAction.PAY: CheckoutState.PAID,
    CheckoutAction.TAKE_BACK: CheckoutState.TAKEN_BACK,
    CheckoutAction.FAIL: CheckoutState.FAILED,
    CheckoutAction.EXPIRE: CheckoutState.EXPIRED,
}
_LATE_ANSWERS = {
    CheckoutAction.PROCESS: CheckoutState.PROCESSING,
    CheckoutAction.PAY: CheckoutState.PAID,
    CheckoutAction.TAKE_BACK: CheckoutState.TAKEN_BACK,
}

CHECKOUT_TRANSITIONS: dict[CheckoutState, dict[CheckoutAction, CheckoutState]] = {
    CheckoutState.CREATED: {CheckoutAction.OPEN: CheckoutState.OPEN, **_ANSWERS},
    CheckoutState.OPEN: _ANSWERS,
    CheckoutState.PROCESSING: {
        CheckoutAction.PAY: CheckoutState.PAID,
        CheckoutAction.TAKE_BACK: CheckoutState.TAKEN_BACK,
        CheckoutAction.FAIL: CheckoutState.FAILED,
    },
    CheckoutState.PAID: {CheckoutAction.TAKE_BACK: CheckoutState.TAKEN_BACK},
    CheckoutState.TAKEN_BACK: {CheckoutAction.PAY: CheckoutState.PAID},
    CheckoutState.FAILED: _LATE_ANSWERS,
    CheckoutState.EXPIRED: _LATE_ANSWERS,
}
"""A bank may answer twice (a chargeback won in the end): what was taken back can be paid again."""

PENDING = (CheckoutState.CREATED, CheckoutState.OPEN, CheckoutState.PROCESSING)
