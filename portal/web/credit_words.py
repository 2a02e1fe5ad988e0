"""Why a credit note is not linked to an invoice, and what to do, in the reader's words."""

from flask_babel import gettext

from portal.receivables.crediting import CreditNoteLargerThanOwed, CreditNoteRefused
from portal.web.presentation import current_locale, money_text


def refusal_text(refusal: CreditNoteRefused) -> str:
    """What is wrong and what to do about it."""
    if isinstance(refusal, CreditNoteLargerThanOwed):
        owed = money_text(refusal.owed.cents, refusal.owed.currency, locale=current_locale())
        text = gettext(
            "Only %(owed)s is still owed on invoice %(number)s: choose the invoice this credit note corrects.",
            owed=owed,
            number=refusal.number,
        )
        return str(text)
    texts = {
        "credit_note_already_linked": gettext("This credit note already lowers an invoice."),
        "credit_note_of_another_debtor": gettext(
            "This invoice is another debtor's: choose one of the debtor who received the credit note."
        ),
        "credit_note_in_another_currency": gettext(
            "This invoice is in another currency than the credit note."
        ),
        "credited_invoice_assigned": gettext(
            "This invoice is assigned: its lender must agree before anything is taken off it"
            " (CMF L313-27). Write to the lender first."
        ),
    }
    return str(texts[refusal.code])
