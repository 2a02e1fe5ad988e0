"""What debtors say on their own page, and the day's work of those who chase, as the audit trail tells them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

CHASING_EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "make_debtor_link": (lazy_gettext("Link made for a debtor"), "send"),
    "revoke_debtor_link": (lazy_gettext("Debtor's link revoked"), "ban"),
    "debtor_said_paid": (lazy_gettext("The debtor says it has paid"), "coin-euro"),
    "debtor_said_promise": (lazy_gettext("The debtor promises a day"), "calendar-check"),
    "debtor_said_dispute": (
        lazy_gettext("The debtor disputes a part or the whole"),
        "message-exclamation",
    ),
    "debtor_said_plan": (lazy_gettext("The debtor asks for a payment plan"), "calendar-event"),
    "debtor_said_contact": (lazy_gettext("The debtor corrects whom to write to"), "users"),
    "debtor_word_confirmed": (lazy_gettext("What the debtor said confirmed"), "circle-check"),
    "debtor_word_refused": (lazy_gettext("What the debtor said not retained"), "x"),
    "debtor_word_noted": (lazy_gettext("What the debtor said noted"), "pencil"),
    "begin_card_payment": (lazy_gettext("Payment by card begun by a debtor"), "coin-euro"),
    "follow_card_payment": (lazy_gettext("Payment by card followed up"), "coin-euro"),
    "choose_card_methods": (
        lazy_gettext("Means of payment offered to debtors changed"),
        "settings",
    ),
    "set_card_account": (lazy_gettext("Payment service connected"), "settings"),
    "act_on_worklist": (lazy_gettext("Work list: several debtors at once"), "checks"),
    "hand_over_list": (lazy_gettext("Work list handed to a colleague"), "users"),
    "take_list_back": (lazy_gettext("Work list taken back"), "arrow-back-up"),
    "note_call": (lazy_gettext("Call to a debtor noted"), "phone"),
    "write_note": (lazy_gettext("Note written about a debtor"), "pencil"),
    "limit_credit": (lazy_gettext("Debtor's credit limit changed"), "percentage"),
    "note_guarantee": (lazy_gettext("Guarantee noted"), "file-text"),
    "lift_guarantee": (lazy_gettext("Guarantee lifted"), "x"),
}
"""Action of the trail → its words and its icon."""
