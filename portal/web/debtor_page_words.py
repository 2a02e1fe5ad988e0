"""What the debtor's page calls things, and why it cannot take an answer."""

from collections.abc import Mapping

from flask_babel import gettext, lazy_gettext

from portal.collections.debtor_page.models import DebtorWord, WordKind, WordState
from portal.collections.debtor_page.states import CheckoutState
from portal.web.collection_words import DISPUTE_WORDS, METHOD_WORDS
from portal.web.presentation import current_locale, day_text

KIND_WORDS: Mapping[WordKind, str] = {
    WordKind.PAID: lazy_gettext("Says it has paid"),
    WordKind.PROMISE: lazy_gettext("Promises to pay"),
    WordKind.DISPUTE: lazy_gettext("Disputes"),
    WordKind.PLAN: lazy_gettext("Asks for a payment plan"),
    WordKind.CONTACT: lazy_gettext("Gives another contact"),
}
ANSWER_WORDS: Mapping[WordState, tuple[str, str]] = {
    WordState.NOTED: (lazy_gettext("Noted"), "neutral"),
    WordState.WAITING: (lazy_gettext("To be answered"), "warning"),
    WordState.CONFIRMED: (lazy_gettext("Confirmed"), "success"),
    WordState.REFUSED: (lazy_gettext("Not confirmed"), "danger"),
}
STATE_WORDS: Mapping[CheckoutState, tuple[str, str]] = {
    CheckoutState.CREATED: (lazy_gettext("Not paid yet"), "neutral"),
    CheckoutState.OPEN: (lazy_gettext("Not paid yet"), "neutral"),
    CheckoutState.PROCESSING: (lazy_gettext("Direct debit under way"), "info"),
    CheckoutState.PAID: (lazy_gettext("Paid"), "success"),
    CheckoutState.TAKEN_BACK: (lazy_gettext("Taken back or refunded"), "danger"),
    CheckoutState.FAILED: (lazy_gettext("Payment refused"), "danger"),
    CheckoutState.EXPIRED: (lazy_gettext("Given up"), "neutral"),
}
_AMOUNT = lazy_gettext("Write an amount above zero, such as 1 234,56.")
_DAY = lazy_gettext("Write the date as 31/12/2026.")
REFUSALS: Mapping[str, str] = {
    "day_unreadable": _DAY,
    "amount_unreadable": _AMOUNT,
    "amount_not_positive": _AMOUNT,
    "day_to_come": lazy_gettext("This day has not come yet: to announce a payment, promise a date."),
    "day_too_old": lazy_gettext("This day is before the invoice: check the date of your payment."),
    "method_unknown": lazy_gettext("Choose how you paid."),
    "reason_missing": lazy_gettext("Choose a reason."),
    "nothing_owed": lazy_gettext("Nothing more is owed on this invoice, or all of it is in dispute."),
    "more_than_owed": lazy_gettext("This is more than what is still owed: write a lower amount."),
    "day_past": lazy_gettext("This day has passed: choose today or a later day."),
    "too_often": lazy_gettext("You have answered many times today: write to your creditor, or come back tomorrow."),
    "file_empty": lazy_gettext("This file is empty: choose another one."),
    "file_too_large": lazy_gettext("This file is larger than 10 MB: send a smaller one."),
    "file_kind": lazy_gettext("Send a PDF, a JPEG or a PNG."),
    "nothing_said": lazy_gettext("Give at least a name, an e-mail address or a telephone number."),
    "email_invalid": lazy_gettext("This is not an e-mail address: write it as name@company.fr."),
    "instalments_split": lazy_gettext("Choose from 2 to 12 payments, and the day of the first one."),
    "instalments_unreadable": lazy_gettext("Each payment needs a date (31/12/2026) and an amount (1 234,56)."),
    "instalments_number": lazy_gettext("A plan has from 2 to 24 payments."),
    "instalments_days": lazy_gettext("The payments must follow one another, the first one today or later."),
    "instalments_sum": lazy_gettext("The payments must add up to the amount due today."),
    "card_nothing_asked": lazy_gettext("Nothing is due on this invoice today."),
    "card_no_account": lazy_gettext("Payment by card is not available: pay by transfer."),
    "card_assigned": lazy_gettext("This invoice was assigned: pay its new holder by transfer."),
    "card_currency": lazy_gettext("Payment by card is not available in this currency: pay by transfer."),
    "card_amount": lazy_gettext("This amount cannot be paid by card: pay by transfer."),
    "card_stopped": lazy_gettext("Insolvency proceedings are open: nothing is asked here."),
    "card_under_way": lazy_gettext("A direct debit for this invoice is already under way."),
}  # fmt: skip
"""Each refusal says what is wrong and what to do."""


def word_text(word: DebtorWord) -> str:
    """What was said, in one line beside its amount."""
    day = day_text(word.day, locale=current_locale()) if word.day else ""
    match word.kind:
        case WordKind.PAID:
            how = str(METHOD_WORDS.get(word.method or "", word.method or ""))
            said = gettext("paid on %(day)s (%(how)s)", day=day, how=how)
        case WordKind.PROMISE:
            said = gettext("promised for %(day)s", day=day)
        case WordKind.DISPUTE:
            said = next(
                (str(text) for reason, text in DISPUTE_WORDS.items() if reason == word.method), ""
            )
        case WordKind.PLAN:
            said = gettext("last payment on %(day)s", day=day)
        case WordKind.CONTACT:
            known = (word.contact_name, word.contact_email, word.contact_phone)
            said = " · ".join(filter(None, known))
    return " – ".join(filter(None, (str(said), word.note)))
