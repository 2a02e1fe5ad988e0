"""Why a lender's message was not applied, in the operator's words."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from partners.vocabulary.lending import LenderStatus
from portal.funding.outcomes import Verdict

VERDICT_WORDS: Mapping[Verdict, tuple[str, str]] = {
    Verdict.REFUSED: (lazy_gettext("Refused"), "danger"),
    Verdict.WAITS: (lazy_gettext("Waiting for an earlier message"), "warning"),
}
KIND_WORDS: Mapping[LenderStatus, str] = {
    LenderStatus.RECEIVED: lazy_gettext("Request received"),
    LenderStatus.INFO_REQUESTED: lazy_gettext("Document asked for"),
    LenderStatus.OFFERED: lazy_gettext("Offer"),
    LenderStatus.DECLINED: lazy_gettext("Refusal"),
    LenderStatus.OFFER_WITHDRAWN: lazy_gettext("Offer withdrawn"),
    LenderStatus.ACCEPTED: lazy_gettext("Acceptance confirmed"),
    LenderStatus.DEED_DATED: lazy_gettext("Deed dated"),
    LenderStatus.DISBURSED: lazy_gettext("Funds paid"),
    LenderStatus.DEBTOR_PAID: lazy_gettext("Debtor paid"),
    LenderStatus.RESERVE_RELEASED: lazy_gettext("Reserve released"),
    LenderStatus.RECOURSE_CALLED: lazy_gettext("Recourse called"),
    LenderStatus.RECOURSE_PAID: lazy_gettext("Recourse paid"),
    LenderStatus.LOSS_TAKEN: lazy_gettext("Loss taken by the lender"),
    LenderStatus.DEBTOR_NOTIFIED: lazy_gettext("Debtor told of the assignment"),
    LenderStatus.SETTLED: lazy_gettext("Deal settled"),
    LenderStatus.WITHDRAWN: lazy_gettext("Request withdrawn"),
}
CODE_WORDS: Mapping[str, str] = {
    "unreadable": lazy_gettext("The message cannot be read."),
    "terms_do_not_add_up": lazy_gettext("The figures of the offer contradict each other."),
    "terms_missing": lazy_gettext("The offer has no terms."),
    "nothing_paid": lazy_gettext("The offer pays nothing."),
    "already_expired": lazy_gettext("The offer ended before it arrived."),
    "request_closed": lazy_gettext("The request no longer takes offers."),
    "submission_closed": lazy_gettext("The exchange with this lender is over."),
    "offer_accepted": lazy_gettext("Its offer is already accepted."),
    "amount_differs": lazy_gettext("The amount is not the one agreed."),
    "date_missing": lazy_gettext("The date is missing."),
    "date_in_future": lazy_gettext("The day stated has not come yet."),
    "value_date_too_far": lazy_gettext("The value date is further ahead than value days allow."),
    "dated_before_signature": lazy_gettext("The deed would be dated before it was signed."),
    "payment_missing": lazy_gettext("The amount or its date is missing."),
    "receivable_not_on_deed": lazy_gettext("The invoice named is not on the deed."),
    "more_than_owed": lazy_gettext("More than the invoice is owed."),
    "more_than_reserve": lazy_gettext("More than the reserve held."),
    "more_than_recourse": lazy_gettext("More than the recourse called."),
    "more_than_due": lazy_gettext("More than the last charges still due."),
    "nothing_unpaid": lazy_gettext("Nothing is left unpaid."),
    "without_recourse": lazy_gettext("The offer was without recourse."),
    "offer_not_arrived": lazy_gettext("The offer it is about has not arrived."),
    "offer_not_accepted": lazy_gettext("The offer is not accepted yet."),
    "deed_not_signed": lazy_gettext("The deed is not signed yet."),
    "deed_not_dated": lazy_gettext("The deed is not dated yet."),
    "not_disbursed": lazy_gettext("The funds are not reported as paid yet."),
    "debts_open": lazy_gettext("Invoices of the deed are still owed."),
    "advance_open": lazy_gettext("The advance is not fully repaid yet."),
    "reserve_not_earned": lazy_gettext("The debts that the reserve covers are still owed."),
    "charges_due": lazy_gettext("The last charges above the reserve are not reported as paid."),
    "recourse_not_called": lazy_gettext("The recourse has not been called yet."),
    "earlier_reports_missing": lazy_gettext("An earlier message is missing."),
}


def code_text(outcome: str) -> str:
    """The sentence for what is stored with an event (``verdict:code``)."""
    code = outcome.partition(":")[2]
    said = CODE_WORDS.get(code)
    return str(said) if said else gettext("Code %(code)s.", code=code or "?")


def kind_text(kind: str | None) -> str:
    """What the lender tells, in our words; its own word where we have none."""
    if kind in set(LenderStatus):
        return str(KIND_WORDS[LenderStatus(kind)])
    return kind or gettext("Unknown")
