"""What happened, in a few words: the acts of the audit trail that concern an assignor."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "application_started": (lazy_gettext("Application started"), "rocket"),
    "application_claimed": (lazy_gettext("Account opened"), "user-check"),
    "receivables_imported": (lazy_gettext("Invoices received"), "file-import"),
    "import_row_kept": (lazy_gettext("Conflict settled: what you had stands"), "git-compare"),
    "import_row_taken": (lazy_gettext("Conflict settled: the new document stands"), "git-compare"),
    "import_row_completed": (lazy_gettext("Document completed"), "pencil"),
    "due_date_entered": (lazy_gettext("Due date entered"), "calendar-event"),
    "delivery_proof_added": (lazy_gettext("Delivery proof added"), "truck-delivery"),
    "debtor_confirmed": (lazy_gettext("Debtor's confirmation noted"), "checks"),
    "receivable_cancelled": (lazy_gettext("Invoice withdrawn"), "ban"),
    "receivable_restored": (lazy_gettext("Invoice put back"), "arrow-back-up"),
    "debtor_described": (lazy_gettext("Debtor changed"), "users"),
    "funding_drafted": (lazy_gettext("Funding request prepared"), "cash"),
    "funding_submitted": (lazy_gettext("Funding request sent"), "send"),
    "funding_withdrawn": (lazy_gettext("Funding request withdrawn"), "arrow-back-up"),
    "offer_accepted": (lazy_gettext("Offer accepted"), "circle-check"),
    "deed_drafted": (lazy_gettext("Deed drafted, to be signed"), "file-text"),
    "deed_dated": (lazy_gettext("Deed dated by the lender"), "calendar-check"),
    "deal_settled": (lazy_gettext("Funding settled"), "circle-check"),
    "mandate_asked": (lazy_gettext("A broker asks for a mandate"), "briefcase"),
    "deed_signed": (lazy_gettext("Deed signed"), "signature"),
    "record_payment": (lazy_gettext("Payment recorded"), "coin-euro"),
    "promise": (lazy_gettext("Promise to pay noted"), "calendar-check"),
    "open_dispute": (lazy_gettext("Dispute opened"), "message-exclamation"),
    "close_dispute": (lazy_gettext("Dispute closed"), "circle-check"),
}
"""Action of the trail → its words and its icon."""
