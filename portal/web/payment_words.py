"""Why a payment, a promise or a dispute is refused, and what to do, in the reader's words."""

from flask_babel import gettext

from portal.payments.recording import PaidTwice, PaymentRefused
from portal.web.presentation import current_locale, money_text


def refusal_text(refusal: PaymentRefused) -> str:
    """What is wrong with a payment and what to do about it."""
    if isinstance(refusal, PaidTwice):
        owed = money_text(refusal.owed.cents, refusal.owed.currency, locale=current_locale())
        text = gettext(
            "Invoice %(number)s can take %(owed)s at most that day, penalties and indemnity included."
            " Record that much; the rest belongs to another invoice or to the debtor.",
            number=refusal.number,
            owed=owed,
        )
        return str(text)
    texts = {
        "payment_not_positive": gettext("Write an amount above zero, such as 1 234,56."),
        "payment_in_the_future": gettext(
            "This day has not come yet: write the day it was received."
        ),
        "more_allocated_than_received": gettext("More is allocated than was received."),
        "receivable_not_payable": gettext(
            "This invoice belongs to another debtor or is in another currency."
        ),
        "payment_key_reused": gettext(
            "This form was already used for another payment. Open it again to record one more."
        ),
        "paid_to_the_assignee": gettext(
            "The lender received this payment and reported it: ask the lender to correct it."
        ),
        "rest_has_changed": gettext(
            "What was left of this payment has changed meanwhile. Look at it again below."
        ),
        "undo_reason_missing": gettext("Say why, in a few words."),
    }
    return str(texts.get(refusal.code, gettext("This payment cannot be recorded as written.")))


def code_text(code: str) -> str:
    """Why a promise or a dispute is refused."""
    texts = {
        "nothing_owed": gettext("Nothing is owed on this invoice any more."),
        "amount_not_positive": gettext("Write an amount above zero, such as 1 234,56."),
        "more_than_owed": gettext("It is more than what is still owed."),
        "day_past": gettext("The day promised has passed already."),
    }
    return str(texts[code])
