"""What reminders, disputes and the lines of a statement are called on screen."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.collections.amounts import LineKind
from portal.collections.models import Channel, DisputeOutcome, DisputeReason
from portal.collections.timeline import Event
from portal.messages.models import MessageState
from portal.settlement.models import MovementKind
from pricing.late_payment import Imputation, LateFlag

STEP_WORDS: Mapping[str, str] = {
    "PRE": lazy_gettext("Word before the due date"),
    "R1": lazy_gettext("First reminder"),
    "R2": lazy_gettext("Second reminder"),
    "R3": lazy_gettext("Last amicable reminder"),
    "MED": lazy_gettext("Formal notice, as a draft"),
}
ONE_MORE = lazy_gettext("One more reminder")
CHANNEL_WORDS: Mapping[Channel, str] = {
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SMS: lazy_gettext("Text message"),
    Channel.LETTER: lazy_gettext("Letter"),
    Channel.REGISTERED_LETTER: lazy_gettext("Registered letter"),
    Channel.REGISTERED_EMAIL: lazy_gettext("Electronic registered letter"),
    Channel.PHONE: lazy_gettext("Telephone call"),
    Channel.FORMAL_NOTICE: lazy_gettext("Formal notice, as a draft"),
}
LINE_WORDS: Mapping[LineKind, str] = {
    LineKind.FACE: lazy_gettext("Invoice, VAT included"),
    LineKind.PREPAID: lazy_gettext("Prepaid"),
    LineKind.CREDITED: lazy_gettext("Credit notes"),
    LineKind.PAID: lazy_gettext("Principal already paid"),
    LineKind.DISPUTED: lazy_gettext("Part in dispute, not asked"),
    LineKind.RETENTION: lazy_gettext("Retention, not due yet"),
    LineKind.PRINCIPAL: lazy_gettext("Principal that may be asked"),
    LineKind.PENALTIES_ACCRUED: lazy_gettext("Late-payment penalties, rounded once"),
    LineKind.PENALTIES_PAID: lazy_gettext("Penalties already paid"),
    LineKind.INDEMNITY: lazy_gettext("Flat recovery indemnity, once per invoice"),
    LineKind.INDEMNITY_PAID: lazy_gettext("Indemnity already paid"),
    LineKind.TOTAL: lazy_gettext("May be asked today"),
}
FLAG_WORDS: Mapping[LateFlag, str] = {
    LateFlag.RATE_UNKNOWN: lazy_gettext(
        "The rate of a half-year is not recorded yet: penalties stop before it and are a minimum."
    ),
    LateFlag.RATE_BELOW_FLOOR: lazy_gettext(
        "The contract's penalty rate is below three times the legal rate."
    ),
    LateFlag.FLOOR_NOT_TESTABLE: lazy_gettext(
        "The legal rate of a half-year is not recorded yet: the contract's rate could not be tested."
    ),
    LateFlag.STOPPED_BY_INSOLVENCY: lazy_gettext(
        "Insolvency proceedings are open: penalties stopped the day before the judgment."
    ),
    LateFlag.FORMAL_NOTICE_NEEDED: lazy_gettext(
        "The debtor is a consumer: no indemnity, and interest only after a formal notice."
    ),
}
DISPUTE_WORDS: Mapping[DisputeReason, str] = {
    DisputeReason.PRICE: lazy_gettext("Price"),
    DisputeReason.QUANTITY: lazy_gettext("Quantity"),
    DisputeReason.QUALITY: lazy_gettext("Quality"),
    DisputeReason.DELIVERY: lazy_gettext("Delivery"),
    DisputeReason.MISSING_DOCUMENT: lazy_gettext("A document is missing"),
    DisputeReason.ORDER_MISSING: lazy_gettext("The order number is missing"),
    DisputeReason.DUPLICATE: lazy_gettext("Invoiced twice"),
    DisputeReason.OTHER: lazy_gettext("Other reason"),
}
OUTCOME_WORDS: Mapping[DisputeOutcome, str] = {
    DisputeOutcome.FOUNDED: lazy_gettext("Founded: a credit note will follow"),
    DisputeOutcome.UNFOUNDED: lazy_gettext("Unfounded: everything is due"),
    DisputeOutcome.SETTLED: lazy_gettext("Settled between you"),
}
IMPUTATION_WORDS: Mapping[Imputation, str] = {
    Imputation.INTEREST_FIRST: lazy_gettext("Penalties first, as the law says (C. civ. 1343-1)"),
    Imputation.PRINCIPAL_FIRST: lazy_gettext("Principal first, as agreed with the debtor"),
}
METHOD_WORDS: Mapping[str, str] = {
    "transfer": lazy_gettext("Bank transfer"),
    "cheque": lazy_gettext("Cheque"),
    "card": lazy_gettext("Card"),
    "direct_debit": lazy_gettext("Direct debit"),
    "other": lazy_gettext("Other"),
}
MESSAGE_WORDS: Mapping[MessageState, tuple[str, str]] = {
    MessageState.QUEUED: (lazy_gettext("Waiting to leave"), "info"),
    MessageState.SENDING: (lazy_gettext("Leaving"), "info"),
    MessageState.SENT: (lazy_gettext("Sent"), "success"),
    MessageState.KEPT: (lazy_gettext("Kept here, not sent"), "neutral"),
    MessageState.FAILED: (lazy_gettext("Not sent"), "danger"),
}
EVENT_WORDS: Mapping[Event, tuple[str, str, str]] = {
    Event.ISSUED: (lazy_gettext("Invoice issued"), "neutral", "file-invoice"),
    Event.IMPORTED: (lazy_gettext("Brought in"), "neutral", "upload"),
    Event.FELL_DUE: (lazy_gettext("Due date"), "warning", "calendar-event"),
    Event.DEBTOR_CONFIRMED: (lazy_gettext("The debtor confirmed the invoice"), "success", "check"),
    Event.CANCELLED: (lazy_gettext("Invoice withdrawn"), "neutral", "ban"),
    Event.CREDITED: (lazy_gettext("Credit note"), "info", "receipt-refund"),
    Event.REMINDER_SENT: (lazy_gettext("Reminder"), "info", "mail"),
    Event.CALL_PLANNED: (lazy_gettext("Call to make"), "info", "phone"),
    Event.NOTICE_DRAFTED: (lazy_gettext("Formal notice drafted"), "warning", "pencil"),
    Event.REMINDER_SUPPRESSED: (lazy_gettext("Reminder not sent"), "neutral", "hand-stop"),
    Event.PAID: (lazy_gettext("Payment received"), "success", "cash"),
    Event.PAYMENT_UNDONE: (lazy_gettext("Payment undone"), "warning", "x"),
    Event.PROMISED: (lazy_gettext("Promise to pay"), "info", "hourglass"),
    Event.PROMISE_CANCELLED: (lazy_gettext("Promise cancelled"), "neutral", "x"),
    Event.DISPUTE_OPENED: (lazy_gettext("Dispute opened"), "warning", "message-exclamation"),
    Event.DISPUTE_CLOSED: (lazy_gettext("Dispute closed"), "success", "message-exclamation"),
    Event.ASSIGNED: (lazy_gettext("Placed on a deed"), "info", "signature"),
    Event.DEED_DATED: (lazy_gettext("Deed dated by the assignee"), "info", "signature"),
    Event.DEBTOR_NOTIFIED: (
        lazy_gettext("Debtor notified of the assignment"),
        "info",
        "building-bank",
    ),
    Event.RELEASED: (lazy_gettext("Released from the deed"), "neutral", "restore"),
    Event.MOVED: (lazy_gettext("Money moved"), "success", "transfer"),
}
MOVEMENT_TITLES: Mapping[MovementKind, str] = {
    MovementKind.DISBURSED: lazy_gettext("Advance paid by the lender"),
    MovementKind.DEBTOR_PAID: lazy_gettext("The debtor paid the lender"),
    MovementKind.FORWARDED: lazy_gettext("Payment forwarded to the lender"),
    MovementKind.RESERVE_RELEASED: lazy_gettext("Reserve released"),
    MovementKind.RECOURSE_CALLED: lazy_gettext("Recourse called by the lender"),
    MovementKind.RECOURSE_PAID: lazy_gettext("Recourse repaid"),
    MovementKind.CHARGES_PAID: lazy_gettext("Last charges paid to the lender"),
    MovementKind.LOSS_TAKEN: lazy_gettext("Loss borne by the lender"),
}


def step_word(code: str, channel: Channel = Channel.EMAIL) -> str:
    """What a step is called; steps of one's own are called by their channel, extra reminders share a name."""
    if code in STEP_WORDS:
        return str(STEP_WORDS[code])
    return str(ONE_MORE if code.startswith("X") else CHANNEL_WORDS[channel])
