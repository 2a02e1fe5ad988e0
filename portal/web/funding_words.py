"""What the states, answers and figures of a financing are called on screen."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.assignments.states import DeedState
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.ledger.models import Account
from pricing.products.quote import Product

REQUEST_WORDS: Mapping[RequestState, tuple[str, str]] = {
    RequestState.DRAFT: (lazy_gettext("Draft"), "neutral"),
    RequestState.SUBMITTED: (lazy_gettext("Submitted"), "info"),
    RequestState.ROUTED: (lazy_gettext("With lenders"), "info"),
    RequestState.OFFERED: (lazy_gettext("Offers to compare"), "accent"),
    RequestState.ACCEPTED: (lazy_gettext("Offer accepted"), "accent"),
    RequestState.ASSIGNED: (lazy_gettext("Assigned"), "info"),
    RequestState.DISBURSED: (lazy_gettext("Paid"), "success"),
    RequestState.RECOURSED: (lazy_gettext("To repay"), "danger"),
    RequestState.SETTLED: (lazy_gettext("Settled"), "success"),
    RequestState.DECLINED: (lazy_gettext("Declined"), "danger"),
    RequestState.EXPIRED: (lazy_gettext("Expired"), "neutral"),
    RequestState.WITHDRAWN: (lazy_gettext("Withdrawn"), "neutral"),
}
SUBMISSION_WORDS: Mapping[SubmissionState, tuple[str, str]] = {
    SubmissionState.PREPARED: (lazy_gettext("Being sent"), "neutral"),
    SubmissionState.SENT: (lazy_gettext("Sent"), "info"),
    SubmissionState.UNANSWERED: (lazy_gettext("No answer yet, asked again"), "warning"),
    SubmissionState.RECEIVED: (lazy_gettext("Being studied"), "info"),
    SubmissionState.INFO_REQUESTED: (lazy_gettext("Waits for a document"), "warning"),
    SubmissionState.OFFERED: (lazy_gettext("Offer made"), "success"),
    SubmissionState.DECLINED: (lazy_gettext("Declined"), "danger"),
    SubmissionState.POLICY_BLOCKED: (lazy_gettext("Outside its criteria"), "neutral"),
    SubmissionState.DELIVERY_FAILED: (lazy_gettext("Could not be reached"), "warning"),
    SubmissionState.DUPLICATE: (lazy_gettext("Known already"), "neutral"),
    SubmissionState.EXPIRED: (lazy_gettext("Expired"), "neutral"),
    SubmissionState.WITHDRAWN: (lazy_gettext("Withdrawn"), "neutral"),
}
OFFER_WORDS: Mapping[OfferState, tuple[str, str]] = {
    OfferState.SEALED: (lazy_gettext("Sealed"), "neutral"),
    OfferState.OPEN: (lazy_gettext("Firm offer"), "success"),
    OfferState.ACCEPTED: (lazy_gettext("Accepted"), "accent"),
    OfferState.DECLINED: (lazy_gettext("Not taken"), "neutral"),
    OfferState.EXPIRED: (lazy_gettext("Expired"), "neutral"),
    OfferState.SUPERSEDED: (lazy_gettext("Replaced by a newer one"), "neutral"),
    OfferState.WITHDRAWN: (lazy_gettext("Withdrawn"), "neutral"),
}
DEED_WORDS: Mapping[DeedState, tuple[str, str]] = {
    DeedState.PREPARING: (lazy_gettext("Being drafted"), "neutral"),
    DeedState.DRAFTED: (lazy_gettext("To sign"), "accent"),
    DeedState.SIGNED: (lazy_gettext("Signed, with the lender"), "info"),
    DeedState.DELIVERED: (lazy_gettext("Dated by the lender"), "success"),
    DeedState.NOTIFIED: (lazy_gettext("Debtor notified"), "info"),
    DeedState.ACKNOWLEDGED: (lazy_gettext("Accepted by the debtor"), "info"),
    DeedState.SETTLED: (lazy_gettext("Closed, all paid"), "success"),
    DeedState.RELEASED: (lazy_gettext("Released"), "neutral"),
}
PRODUCT_HINTS: Mapping[Product, str] = {
    Product.DAILLY: lazy_gettext(
        "A bank advances on invoices assigned by a slip; you keep the customer."
    ),
    Product.FACTORING: lazy_gettext("A factor pays your invoices and usually collects them."),
    Product.ADVANCE: lazy_gettext("A lender advances one invoice at a time, quickly."),
    Product.DISCOUNT: lazy_gettext("A bank pays a bill of exchange before its due date."),
}
DEED_TITLES: Mapping[Product, str] = {
    Product.DAILLY: lazy_gettext("Assignment of business receivables (Dailly slip)"),
    Product.FACTORING: lazy_gettext("Subrogation receipt"),
    Product.ADVANCE: lazy_gettext("Advance agreement"),
    Product.DISCOUNT: lazy_gettext("Discount slip"),
}
COLLECTORS: Mapping[str, str] = {
    "lender": lazy_gettext("The lender"),
    "assignor": lazy_gettext("You"),
}
ENTRY_WORDS: Mapping[str, str] = {
    "disbursed": lazy_gettext("Advance paid"),
    "debtor_paid": lazy_gettext("Debtor paid the lender"),
    "forwarded": lazy_gettext("Payment passed on to the lender"),
    "reserve_released": lazy_gettext("Reserve paid back"),
    "recourse_called": lazy_gettext("Recourse called"),
    "recourse_paid": lazy_gettext("Recourse repaid"),
    "loss_taken": lazy_gettext("Loss borne by the lender"),
    "final_charges": lazy_gettext("Charges taken from the reserve"),
    "charges_due": lazy_gettext("Last charges above the reserve, owed to the lender"),
    "charges_paid": lazy_gettext("Last charges paid to the lender"),
    "kept_by_lender": lazy_gettext("Kept by the lender at the end, outside its offer"),
    "debts_given_up": lazy_gettext("Receivables taken off the deed"),
    "rounding": lazy_gettext("Rounding"),
}
ACCOUNT_WORDS: Mapping[Account, str] = {
    Account.RECEIVABLES_ASSIGNED: lazy_gettext("Owed by debtors"),
    Account.ASSIGNMENT_LIABILITY: lazy_gettext("Price paid by the advance"),
    Account.ADVANCE: lazy_gettext("Advance outstanding"),
    Account.LENDER_CASH: lazy_gettext("Lender's account"),
    Account.ASSIGNOR_CASH: lazy_gettext("Held for the lender"),
    Account.RESERVE: lazy_gettext("Reserve"),
    Account.FEES: lazy_gettext("Fees, before VAT"),
    Account.VAT_ON_FEES: lazy_gettext("VAT on fees"),
    Account.DEBTOR_PAYMENTS: lazy_gettext("Debtors' payments"),
    Account.RECOURSE: lazy_gettext("Asked back from the assignor"),
    Account.DUE_TO_LENDER: lazy_gettext("Due to the lender"),
    Account.LOSS: lazy_gettext("Loss"),
}
MOVE_WORDS: Mapping[tuple[str, str], str] = {
    ("funding_request", "submit"): lazy_gettext("Request submitted"),
    ("funding_request", "route"): lazy_gettext("Sent to lenders"),
    ("funding_request", "accept"): lazy_gettext("Offer accepted"),
    ("funding_request", "assign"): lazy_gettext("Receivables assigned"),
    ("funding_request", "disburse"): lazy_gettext("Advance paid"),
    ("funding_request", "call_recourse"): lazy_gettext("Recourse called"),
    ("funding_request", "settle"): lazy_gettext("Deal settled"),
    ("funding_request", "decline"): lazy_gettext("No lender left"),
    ("funding_request", "expire"): lazy_gettext("Time is over"),
    ("funding_request", "withdraw"): lazy_gettext("Request withdrawn"),
    ("submission", "acknowledge"): lazy_gettext("Received by the lender"),
    ("submission", "ask_for_information"): lazy_gettext("Document asked for"),
    ("submission", "offer"): lazy_gettext("Offer received"),
    ("submission", "decline"): lazy_gettext("Declined"),
    ("submission", "fail"): lazy_gettext("Lender not reached"),
    ("submission", "hear_nothing"): lazy_gettext("No answer, asked again"),
    ("submission", "expire"): lazy_gettext("The lender did not answer in time"),
    ("offer", "expire"): lazy_gettext("Offer ended"),
    ("offer", "withdraw"): lazy_gettext("Offer withdrawn"),
    ("offer", "supersede"): lazy_gettext("Offer replaced"),
    ("deed", "draft"): lazy_gettext("Deed ready to sign"),
    ("deed", "sign"): lazy_gettext("Deed signed"),
    ("deed", "date"): lazy_gettext("Deed dated by the lender"),
    ("deed", "notify"): lazy_gettext("Debtor notified by the lender"),
    ("deed", "release"): lazy_gettext("Deed released"),
}
"""Moves worth telling; the others follow from these."""

REASONS: Mapping[str, str] = {
    "unreached": lazy_gettext("It could not be reached, after several attempts."),
    "not_connected": lazy_gettext("Its connection is not set up yet."),
    "message_refused": lazy_gettext("It refused the file as sent; we are looking into it."),
    "another_offer_taken": lazy_gettext("You chose another offer."),
    "withdrawn_by_assignor": lazy_gettext("You withdrew the request."),
    "never_sent": lazy_gettext("It was not reached in time."),
    "refused_by_lender": lazy_gettext("It did not confirm the acceptance."),
    "offer_withdrawn": lazy_gettext("It withdrew its offer."),
}
