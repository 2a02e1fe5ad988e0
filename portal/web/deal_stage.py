"""Where a dossier stands for its lender: what it must do next, and how long it has."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext, lazy_gettext, ngettext

from portal.assignments.models import Deed
from portal.assignments.states import DeedState
from portal.funding.models import Submission
from portal.funding.states import RequestState, SubmissionState
from portal.web.funding_words import SUBMISSION_WORDS
from pricing.products.quote import Product

Word = tuple[str, str]

TO_EXAMINE: Word = (lazy_gettext("To examine"), "info")
TO_SIGN: Word = (lazy_gettext("Accepted, the company signs"), "accent")
TO_DATE: Word = (lazy_gettext("Signed: date the deed"), "warning")
TO_PAY: Word = (lazy_gettext("Pay the advance"), "warning")
FREED: Word = (lazy_gettext("Deed ended"), "neutral")
FOR_THE_LENDER: Mapping[SubmissionState, Word] = {
    **SUBMISSION_WORDS,
    SubmissionState.SENT: TO_EXAMINE,
    SubmissionState.RECEIVED: TO_EXAMINE,
    SubmissionState.UNANSWERED: TO_EXAMINE,
    SubmissionState.OFFERED: (lazy_gettext("Offer made, the company compares"), "accent"),
    SubmissionState.EXPIRED: (lazy_gettext("Time is over"), "neutral"),
    SubmissionState.WITHDRAWN: (lazy_gettext("Not followed up"), "neutral"),
    SubmissionState.DECLINED: (lazy_gettext("You declined"), "neutral"),
}
RUNNING: Mapping[RequestState, Word] = {
    RequestState.ASSIGNED: TO_PAY,
    RequestState.DISBURSED: (lazy_gettext("Financed"), "success"),
    RequestState.RECOURSED: (lazy_gettext("Recourse called"), "danger"),
    RequestState.SETTLED: (lazy_gettext("Closed, all paid"), "neutral"),
}
HOURS_OF_A_DAY = 24
CLOSE_HOURS = 8


def stage_of(submission: Submission, deed: Deed | None) -> Word:
    """The stage's words and tone: the answer to give, or the step of the deal its offer became."""
    if deed is None:
        return FOR_THE_LENDER[submission.state]
    if deed.state is DeedState.RELEASED:
        return FREED
    if submission.request.state in RUNNING:
        return RUNNING[submission.request.state]
    if not deed.signed_at:
        return TO_SIGN
    return TO_DATE if deed.product is Product.DAILLY and not deed.dated_on else TO_PAY


def time_left(due_at: datetime, now: datetime) -> Word:
    """How long the lender still has to answer, or how late it is."""
    hours = int((due_at - now).total_seconds() // 3600)
    if hours < 0:
        return gettext("%(time)s late", time=_span(-hours)), "danger"
    tone = "warning" if hours < CLOSE_HOURS else "neutral"
    return gettext("%(time)s left", time=_span(hours)), tone


def _span(hours: int) -> str:
    if hours < 2 * HOURS_OF_A_DAY:
        in_hours: str = gettext("%(count)d h", count=hours)
        return in_hours
    in_days: str = ngettext("%(num)d day", "%(num)d days", hours // HOURS_OF_A_DAY)
    return in_days
