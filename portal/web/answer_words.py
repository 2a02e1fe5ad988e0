"""Plans, disputes and replies in words."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from portal.collections.answers.models import PenaltyChoice, Speaker
from portal.collections.answers.replies import ReplyAction
from portal.collections.answers.sorting import Meaning
from portal.collections.answers.states import PlanState
from pricing.instalments import Period, Progress

PLAN_STATES: Mapping[PlanState, tuple[str, str]] = {
    PlanState.PROPOSED: (lazy_gettext("Waits for the debtor's signature"), "info"),
    PlanState.ACCEPTED: (lazy_gettext("Signed, not begun"), "info"),
    PlanState.RUNNING: (lazy_gettext("Running"), "accent"),
    PlanState.KEPT: (lazy_gettext("Kept to the end"), "success"),
    PlanState.BROKEN: (lazy_gettext("Broken"), "danger"),
    PlanState.CANCELLED: (lazy_gettext("Ended by agreement or withdrawn"), "neutral"),
}
PROGRESS: Mapping[Progress, tuple[str, str]] = {
    Progress.PAID: (lazy_gettext("Paid"), "success"),
    Progress.TO_COME: (lazy_gettext("To come"), "neutral"),
    Progress.AWAITED: (lazy_gettext("Awaited"), "warning"),
    Progress.MISSED: (lazy_gettext("Missed"), "danger"),
}
PERIODS: Mapping[Period, str] = {
    Period.MONTH: lazy_gettext("Every month"),
    Period.FORTNIGHT: lazy_gettext("Every two weeks"),
    Period.WEEK: lazy_gettext("Every week"),
    Period.QUARTER: lazy_gettext("Every three months"),
}
PENALTIES: Mapping[PenaltyChoice, str] = {
    PenaltyChoice.INCLUDED: lazy_gettext("Those of today are in the plan, none are added"),
    PenaltyChoice.WAIVED: lazy_gettext("Waived if every instalment is paid"),
    PenaltyChoice.RUNNING: lazy_gettext("They run on and are asked at the end"),
}
SPEAKERS: Mapping[Speaker, tuple[str, str]] = {
    Speaker.DEBTOR: (lazy_gettext("The debtor"), "warning"),
    Speaker.ASSIGNOR: (lazy_gettext("You, to the debtor"), "info"),
    Speaker.NOTE: (lazy_gettext("Note between you"), "neutral"),
}
MEANINGS: Mapping[Meaning, tuple[str, str]] = {
    Meaning.PAID: (lazy_gettext("Says it has paid"), "success"),
    Meaning.PROMISE: (lazy_gettext("Promises to pay"), "info"),
    Meaning.DISPUTE: (lazy_gettext("Disputes"), "warning"),
    Meaning.WRONG_CONTACT: (lazy_gettext("Wrong contact"), "warning"),
    Meaning.WANTS_COPY: (lazy_gettext("Wants a copy"), "info"),
    Meaning.OUT_OF_OFFICE: (lazy_gettext("Out of office"), "neutral"),
    Meaning.OTHER: (lazy_gettext("Something else"), "neutral"),
}
RULES: Mapping[str, str] = {
    "automatic_header": lazy_gettext("its headers say that a machine wrote it"),
    "absence_told": lazy_gettext("words of absence"),
    "copy_asked": lazy_gettext("words asking for the invoice"),
    "dispute_told": lazy_gettext("words of dispute"),
    "other_contact_told": lazy_gettext("words naming another contact"),
    "payment_told": lazy_gettext("words telling a payment made"),
    "promise_told": lazy_gettext("words announcing a payment"),
    "no_rule": lazy_gettext("no rule matched"),
}
ACTIONS: Mapping[ReplyAction, str] = {
    ReplyAction.NOTE_PROMISE: lazy_gettext("Promise noted"),
    ReplyAction.OPEN_DISPUTE: lazy_gettext("Dispute opened"),
    ReplyAction.CORRECT_CONTACT: lazy_gettext("Contact corrected"),
    ReplyAction.LOOK_AT_BANK: lazy_gettext("Looked up at the bank"),
    ReplyAction.SEND_COPY: lazy_gettext("Copy to be sent"),
    ReplyAction.SET_ASIDE: lazy_gettext("Set aside"),
}
ANSWER_EVENT_WORDS: Mapping[str, tuple[str, str]] = {
    "break_promise": (lazy_gettext("Promise to pay not kept"), "x"),
    "propose_plan": (lazy_gettext("Payment plan written"), "file-text"),
    "accept_plan": (lazy_gettext("Payment plan signed by the debtor"), "signature"),
    "keep_plan": (lazy_gettext("Payment plan kept to the end"), "circle-check"),
    "break_plan": (lazy_gettext("Payment plan broken"), "x"),
    "cancel_plan": (lazy_gettext("Payment plan ended"), "ban"),
    "accept_plan_request": (lazy_gettext("Debtor's request for a plan accepted"), "circle-check"),
    "refuse_plan_request": (lazy_gettext("Debtor's request for a plan refused"), "x"),
    "give_dispute": (lazy_gettext("Dispute given to a member"), "users"),
    "link_dispute_credit": (lazy_gettext("Credit note of a dispute linked"), "file-invoice"),
    "decide_reply": (lazy_gettext("Debtor's reply dealt with"), "mail"),
}
