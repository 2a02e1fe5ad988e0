"""The acts of the legal road and of the post, as the audit trail tells them."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

LEGAL_EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "write_formal_notice": (lazy_gettext("Formal notice written"), "file-text"),
    "deposit_formal_notice": (lazy_gettext("Formal notice handed to the post"), "send"),
    "present_formal_notice": (lazy_gettext("Formal notice presented to the debtor"), "mail"),
    "receive_formal_notice": (lazy_gettext("Formal notice received by the debtor"), "circle-check"),
    "return_formal_notice": (lazy_gettext("Formal notice returned by the post"), "arrow-back-up"),
    "cancel_formal_notice": (lazy_gettext("Formal notice withdrawn"), "ban"),
    "review_claim": (lazy_gettext("Claim examined: what the user says of it"), "pencil"),
    "prepare_payment_order": (
        lazy_gettext("Request for an order for payment prepared"),
        "file-text",
    ),
    "file_payment_order": (lazy_gettext("Request filed with the court"), "send"),
    "grant_payment_order": (lazy_gettext("Order for payment granted"), "circle-check"),
    "reject_payment_order": (lazy_gettext("Request rejected by the court"), "x"),
    "serve_payment_order": (lazy_gettext("Order for payment served"), "mail"),
    "personal_act_on_order": (lazy_gettext("Act served on the debtor in person noted"), "mail"),
    "oppose_payment_order": (
        lazy_gettext("Order for payment opposed by the debtor"),
        "message-exclamation",
    ),
    "enforce_payment_order": (lazy_gettext("Order for payment made enforceable"), "circle-check"),
    "lapse_payment_order": (lazy_gettext("Order for payment lapsed"), "clock"),
    "withdraw_payment_order": (lazy_gettext("Request for an order withdrawn"), "ban"),
    "close_payment_order": (lazy_gettext("Order for payment closed"), "circle-check"),
    "open_insolvency": (lazy_gettext("Insolvency of a debtor recorded"), "alert-triangle"),
    "publish_insolvency": (lazy_gettext("Publication of an insolvency noted"), "calendar-check"),
    "declare_claim": (lazy_gettext("Claim declared in an insolvency"), "send"),
    "close_insolvency": (lazy_gettext("Insolvency closed"), "circle-check"),
    "record_interruption": (
        lazy_gettext("Event that interrupts limitation noted"),
        "calendar-check",
    ),
    "undo_interruption": (
        lazy_gettext("Event that interrupts limitation taken back"),
        "arrow-back-up",
    ),
    "add_agency": (lazy_gettext("Collection agency added"), "briefcase"),
    "hand_over": (lazy_gettext("Claim handed to an agency"), "briefcase"),
    "acknowledge_handover": (lazy_gettext("Agency took the claim in hand"), "briefcase"),
    "collect_handover": (lazy_gettext("Claim collected by the agency"), "coin-euro"),
    "give_back_handover": (lazy_gettext("Claim given back by the agency"), "arrow-back-up"),
    "recall_handover": (lazy_gettext("Claim recalled from the agency"), "arrow-back-up"),
    "ask_write_off": (lazy_gettext("Write-off asked for"), "pencil"),
    "approve_write_off": (lazy_gettext("Write-off approved"), "circle-check"),
    "refuse_write_off": (lazy_gettext("Write-off refused"), "x"),
    "reverse_write_off": (lazy_gettext("Write-off reversed"), "arrow-back-up"),
    "make_dossier": (lazy_gettext("Evidence dossier made"), "file-text"),
    "reject_address": (lazy_gettext("Address rejected: nothing is sent there"), "alert-triangle"),
    "restore_address": (lazy_gettext("Rejected address restored"), "circle-check"),
}
"""Action of the trail → its words and its icon."""
