"""What products, statuses and sources of receivables are called on screen."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.debtors.models import DebtorSegment
from portal.quotes.models import QuoteStatus
from portal.receivables.models import ImportOutcome
from portal.receivables.position import Status
from pricing.eligibility import Party
from pricing.products.quote import Product

PRODUCT_LABELS: Mapping[Product, str] = {
    Product.DAILLY: lazy_gettext("Dailly assignment"),
    Product.FACTORING: lazy_gettext("Factoring"),
    Product.ADVANCE: lazy_gettext("Invoice advance"),
    Product.DISCOUNT: lazy_gettext("Bill discounting"),
}
STATUS_WORDS: Mapping[Status, tuple[str, str, str]] = {
    Status.UPCOMING: (lazy_gettext("Upcoming"), "neutral", "clock"),
    Status.DUE: (lazy_gettext("Due today"), "info", "calendar-event"),
    Status.PART_PAID: (lazy_gettext("Part paid"), "info", "progress"),
    Status.OVERDUE: (lazy_gettext("Overdue"), "danger", "alert-octagon"),
    Status.DISPUTED: (lazy_gettext("Disputed"), "warning", "message-exclamation"),
    Status.PAID: (lazy_gettext("Paid"), "success", "circle-check"),
    Status.CREDITED: (lazy_gettext("Credited"), "neutral", "receipt-refund"),
    Status.DRAFT: (lazy_gettext("To complete"), "warning", "pencil"),
    Status.CANCELLED: (lazy_gettext("Cancelled"), "neutral", "ban"),
}
QUOTE_WORDS: Mapping[QuoteStatus, tuple[str, str, str]] = {
    QuoteStatus.ELIGIBLE: (lazy_gettext("Eligible"), "success", "circle-check"),
    QuoteStatus.BLOCKED: (lazy_gettext("Blocked"), "info", "lock"),
    QuoteStatus.REFUSED: (lazy_gettext("Refused"), "danger", "ban"),
}
OUTCOME_WORDS: Mapping[ImportOutcome, tuple[str, str]] = {
    ImportOutcome.CREATED: (lazy_gettext("Taken"), "success"),
    ImportOutcome.UNCHANGED: (lazy_gettext("Already known"), "neutral"),
    ImportOutcome.CONFLICT: (lazy_gettext("To compare"), "warning"),
    ImportOutcome.REJECTED: (lazy_gettext("Not taken"), "danger"),
}
SEGMENT_LABELS: Mapping[DebtorSegment, str] = {
    DebtorSegment.PRIVATE: lazy_gettext("Business"),
    DebtorSegment.PUBLIC: lazy_gettext("Public body"),
    DebtorSegment.CONSUMER: lazy_gettext("Consumer"),
}
PARTY_LABELS: Mapping[Party, str] = {
    Party.ASSIGNOR: lazy_gettext("You"),
    Party.DEBTOR: lazy_gettext("Your customer"),
    Party.LENDER: lazy_gettext("The lender"),
}
DUE_SOURCES: Mapping[str, str] = {
    "document": lazy_gettext("read in the document"),
    "terms": lazy_gettext("worked out from the payment terms"),
    "assignor": lazy_gettext("entered by you"),
    "unknown": lazy_gettext("not stated"),
}
