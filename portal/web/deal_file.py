"""The head of a deal file: what a credit officer weighs before reading on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from portal.assignments.lookup import deeds_by_submission
from portal.assignments.models import Deed
from portal.collections.answers.dispute_files import flags_on
from portal.funding.exposure import AT_RISK
from portal.funding.lender_queue import ANSWERABLE, past_with
from portal.funding.models import Submission
from portal.funding.states import OfferState, SubmissionState
from portal.settlement.debtor_record import DebtorRecord, debtor_records
from portal.web.collection_words import DISPUTE_WORDS
from portal.web.deal_stage import stage_of, time_left
from portal.web.funding_words import OFFER_WORDS
from portal.web.product_words import SEGMENT_LABELS

CLOSED = (
    SubmissionState.DECLINED,
    SubmissionState.EXPIRED,
    SubmissionState.WITHDRAWN,
    SubmissionState.DUPLICATE,
)
LIVE = (*ANSWERABLE, SubmissionState.INFO_REQUESTED)
WHY_OVER: Mapping[str, str] = {
    "another_offer_taken": lazy_gettext("The company chose another offer."),
    "withdrawn_by_assignor": lazy_gettext("The company withdrew its request."),
    "offer_withdrawn": lazy_gettext("You withdrew your offer."),
    "refused_by_lender": lazy_gettext("You did not confirm the acceptance."),
}


@dataclass(frozen=True, slots=True)
class DebtorLine:
    """One debtor of the dossier: what it weighs here, at this lender, and how it paid it. Whole cents."""

    debtor: Any
    asked_cents: int
    share: float
    already_cents: int
    after_cents: int
    limit_cents: int | None
    record: DebtorRecord | None

    @property
    def use(self) -> float:
        """How much of the limit is used with this dossier, a fraction of one."""
        return self.after_cents / self.limit_cents if self.limit_cents else 0.0


def head_of(
    session: Session,
    submission: Submission,
    deed: Deed | None,
    *,
    findings: Sequence[Mapping[str, Any]],
    exposure: Sequence[Mapping[str, Any]],
    due_at: datetime | None,
    now: datetime,
    today: date,
) -> dict[str, Any]:
    """What the template shows first: stage, time left, tenor, rules, debtors, and how it ended."""
    return {
        "stage": stage_of(submission, deed),
        "left": time_left(due_at, now) if due_at else None,
        "tenor_days": mean_days_to_run(submission, today),
        "to_check": sum(1 for one in findings if one["outcome"] != "ok"),
        "passed": sum(1 for one in findings if one["outcome"] == "ok"),
        "debtor_lines": _debtor_lines(session, submission, exposure, today),
        "flags": flags_on(session, submission.lender_id, deed.id) if deed else [],
        "dispute_words": DISPUTE_WORDS,
        "ended": ended_because(submission) if deed is None else "",
        **_past(session, submission),
        "stage_of": stage_of,
        "segments": SEGMENT_LABELS,
        "offer_words": OFFER_WORDS,
    }


def mean_days_to_run(submission: Submission, today: date) -> int:
    """Days until the receivables fall due, weighted by their amounts; negative when past."""
    weighed = [
        (line.eligible_cents, (line.receivable.due_on - today).days)
        for line in submission.lines
        if line.receivable.due_on is not None
    ]
    total = sum(cents for cents, _ in weighed)
    return round(sum(cents * days for cents, days in weighed) / total) if total else 0


def _debtor_lines(
    session: Session,
    submission: Submission,
    exposure: Sequence[Mapping[str, Any]],
    today: date,
) -> list[DebtorLine]:
    sirens = {one["debtor"].siren for one in exposure if one["debtor"].siren}
    records = debtor_records(session, submission.lender_id, sirens, today=today)
    total = sum(one["asked_cents"] for one in exposure)
    counted = _is_at_risk(submission)
    lives = counted or submission.state in LIVE
    lines = [
        DebtorLine(
            debtor=one["debtor"],
            asked_cents=one["asked_cents"],
            share=one["asked_cents"] / total if total else 0.0,
            already_cents=one["exposure_cents"] - (one["asked_cents"] if counted else 0),
            after_cents=one["exposure_cents"]
            + (one["asked_cents"] if lives and not counted else 0),
            limit_cents=one["limit_cents"],
            record=records.get(one["debtor"].siren or ""),
        )
        for one in exposure
    ]
    return sorted(lines, key=lambda line: -line.asked_cents)


def _past(session: Session, submission: Submission) -> dict[str, Any]:
    past = past_with(session, submission.lender_id, submission.assignor_id, but=submission.id)
    return {"past": past, "past_deeds": deeds_by_submission(session, {one.id for one in past})}


def _is_at_risk(submission: Submission) -> bool:
    accepted = submission.request.state in AT_RISK
    return any(
        offer.state is OfferState.OPEN or (offer.state is OfferState.ACCEPTED and accepted)
        for offer in submission.request.offers
        if offer.lender_id == submission.lender_id
    )


def ended_because(submission: Submission) -> str:
    """Why a dossier is over for its lender; empty while it is not."""
    if submission.state not in CLOSED:
        return ""
    if submission.state is SubmissionState.DECLINED:
        return submission.reason_text or str(gettext("You declined this dossier."))
    if submission.state is SubmissionState.EXPIRED:
        return str(gettext("The time to answer is over."))
    return str(WHY_OVER.get(submission.reason_code or "", submission.reason_text or ""))
