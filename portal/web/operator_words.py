"""What the operator's lists call jobs, messages, connections and the things the trail speaks of."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

JOB_WORDS: Mapping[str, str] = {
    "send_message": lazy_gettext("Send a message"),
    "fetch_proof": lazy_gettext("Fetch a proof from the post office"),
    "poll_post": lazy_gettext("Ask the post office what became of letters"),
    "read_mailbox": lazy_gettext("Read the mails that came back"),
    "route_request": lazy_gettext("Send a request to the lenders chosen"),
    "send_submission": lazy_gettext("Send a dossier to a lender"),
    "poll_submission": lazy_gettext("Ask a lender where a dossier stands"),
    "apply_lender_event": lazy_gettext("Apply a lender's message"),
    "tell_lender": lazy_gettext("Tell a lender what the company did"),
    "prepare_deed": lazy_gettext("Draft a deed"),
    "send_deed": lazy_gettext("Send a signed deed to its lender"),
    "due_reminders": lazy_gettext("Send the reminders of the day"),
    "expire_overdue": lazy_gettext("End offers and requests past their time"),
    "catch_up": lazy_gettext("Ask lenders again after a silence"),
    "follow_calendar": lazy_gettext("Follow the demonstration's calendar"),
    "expire_mandates": lazy_gettext("End mandates past their last day"),
    "quote_receivables": lazy_gettext("Price invoices"),
    "take_up_stalled": lazy_gettext("Take up interrupted jobs"),
}
"""Names of the queue's tasks; one it does not know is shown by its own name."""

MESSAGE_WORDS: Mapping[str, str] = {
    "application_confirm": lazy_gettext("Application to confirm"),
    "application_resume": lazy_gettext("Application to take up again"),
    "invitation": lazy_gettext("Invitation"),
    "mandate_asked": lazy_gettext("Mandate asked for"),
    "confirm_address": lazy_gettext("Address to confirm"),
    "reset_password": lazy_gettext("New password asked for"),
    "password_changed": lazy_gettext("Password changed"),
    "nobody_offers": lazy_gettext("No lender makes an offer"),
    "advance_paid": lazy_gettext("Advance paid"),
    "acceptance_refused": lazy_gettext("Acceptance refused by the lender"),
    "charges_due": lazy_gettext("Last charges to pay"),
    "mandate_answered": lazy_gettext("Mandate answered"),
    "offer_arrived": lazy_gettext("Offer received"),
    "deed_to_sign": lazy_gettext("Deed to sign"),
    "piece_asked": lazy_gettext("Document asked for"),
    "recourse_called": lazy_gettext("Recourse called"),
    "reminder_pre": lazy_gettext("Reminder before the due date"),
    "reminder_r1": lazy_gettext("First reminder"),
    "reminder_r2": lazy_gettext("Second reminder"),
    "reminder_r3": lazy_gettext("Last reminder"),
    "reminder_statement_1": lazy_gettext("Several invoices, courteous"),
    "reminder_statement_2": lazy_gettext("Several invoices, firm"),
    "reminder_statement_3": lazy_gettext("Several invoices, final"),
    "reminder_sms": lazy_gettext("Text message"),
}
ADAPTER_WORDS: Mapping[str, str] = {
    "workspace": lazy_gettext("its space here"),
    "rest": lazy_gettext("its own system (API)"),
}
SUBJECT_WORDS: Mapping[str, str] = {
    "application": lazy_gettext("application"),
    "credit_note": lazy_gettext("credit note"),
    "debtor": lazy_gettext("debtor"),
    "deed": lazy_gettext("deed"),
    "demo_calendar": lazy_gettext("calendar"),
    "dispute": lazy_gettext("dispute"),
    "dunning_plan": lazy_gettext("reminder plan"),
    "funding_request": lazy_gettext("funding request"),
    "import_batch": lazy_gettext("import"),
    "import_row": lazy_gettext("row of an import"),
    "invitation": lazy_gettext("invitation"),
    "lender_event": lazy_gettext("lender's message"),
    "mandate": lazy_gettext("mandate"),
    "membership": lazy_gettext("member"),
    "message": lazy_gettext("message"),
    "offer": lazy_gettext("offer"),
    "organisation": lazy_gettext("organisation"),
    "payment": lazy_gettext("payment"),
    "promise": lazy_gettext("promise to pay"),
    "rate_card": lazy_gettext("rate card"),
    "receivable": lazy_gettext("invoice"),
    "submission": lazy_gettext("dossier"),
}
