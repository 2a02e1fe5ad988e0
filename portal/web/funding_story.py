"""A request as its reader follows it: the steps, each lender's answer, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy.orm import Session

from partners.lenders.routing import exclusion_text
from portal.assignments.models import Deed
from portal.funding.lookup import moves_about
from portal.funding.models import FundingRequest, Submission
from portal.funding.states import RequestState, SubmissionState
from portal.web.funding_words import MOVE_WORDS, REASONS, SUBMISSION_WORDS
from portal.web.presentation import current_locale
from portal.web.product_words import PARTY_LABELS, PRODUCT_LABELS
from pricing.eligibility import Finding
from pricing.eligibility.catalogue import describe, texts
from pricing.wording import placeholder_texts

TONES = {
    "offer": "success",
    "accept": "accent",
    "decline": "danger",
    "fail": "warning",
    "disburse": "success",
    "settle": "success",
    "call_recourse": "danger",
}
ICONS = {
    "submit": "send",
    "route": "send",
    "acknowledge": "inbox",
    "ask_for_information": "file-text",
    "offer": "sparkles",
    "accept": "circle-check",
    "decline": "x",
    "fail": "alert-triangle",
    "hear_nothing": "clock",
    "expire": "hourglass",
    "withdraw": "arrow-back-up",
    "supersede": "refresh",
    "assign": "transfer",
    "draft": "file-text",
    "sign": "signature",
    "date": "calendar-check",
    "notify": "mail",
    "disburse": "cash",
    "call_recourse": "alert-octagon",
    "settle": "circle-check",
    "release": "arrow-back-up",
}
WAITING = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.ROUTED)


@dataclass(frozen=True, slots=True)
class LenderAnswer:
    """What one lender said of a request: visible to its assignor and to that lender only."""

    submission: Submission
    lender: str
    product: str
    word: str
    tone: str
    reason: str
    findings: tuple[dict[str, Any], ...]
    share: "Share"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One receivable a lender is not asked for, and what stops it."""

    number: str
    face_cents: int
    findings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a request one lender is asked for; amounts in cents."""

    carried: int
    asked: int
    face_cents: int
    left_out: tuple[LeftOut, ...]

    @property
    def is_partial(self) -> bool:
        return bool(self.carried and self.left_out)


def share_of(submission: Submission) -> Share:
    """How much of its request a submission carries, and why the rest is left out."""
    carried = len(submission.lines)
    left_out = tuple(
        LeftOut(
            part.line.receivable.number,
            part.line.eligible_cents,
            findings_told([{"receivable": "", **one} for one in part.findings]),
        )
        for part in submission.left_out
    )
    return Share(carried, carried + len(left_out), submission.face_cents, left_out)


def answers_of(asked: FundingRequest, names: Mapping[UUID, str]) -> list[LenderAnswer]:
    """Each lender's answer, those that can still lead somewhere first."""
    order = {
        SubmissionState.OFFERED: 0,
        SubmissionState.INFO_REQUESTED: 1,
        SubmissionState.RECEIVED: 2,
        SubmissionState.SENT: 3,
        SubmissionState.UNANSWERED: 4,
        SubmissionState.PREPARED: 5,
    }
    ranked = sorted(
        asked.submissions,
        key=lambda one: (order.get(one.state, 9), names.get(one.lender_id, "")),
    )
    return [_answer(one, names) for one in ranked]


def findings_told(stored: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Stored findings and exclusions in the reader's words, as the ``finding`` macro takes them."""
    return tuple(_exclusion(one) if "exclusion" in one else _finding(one) for one in stored)


def left_out_words(codes: Sequence[str]) -> list[str]:
    """The titles of the rules that left receivables out."""
    words = texts()["findings"]
    return [words[code][current_locale()]["title"] for code in codes if code in words]


def steps_of(asked: FundingRequest, deed: Deed | None) -> list[dict[str, Any]]:
    """The road of a request: done, in progress, to come."""
    reached = _reached(asked, deed)
    labels = (
        gettext("Request"),
        gettext("Lenders' answers"),
        gettext("Your choice"),
        gettext("Signature"),
        gettext("Payment"),
        gettext("Settlement"),
    )
    over = asked.state in (
        RequestState.DECLINED,
        RequestState.EXPIRED,
        RequestState.WITHDRAWN,
    )
    return [
        {
            "label": label,
            "state": "done"
            if place < reached
            else ("failed" if over else "current")
            if place == reached
            else "upcoming",
        }
        for place, label in enumerate(labels)
    ]


def story_of(
    session: Session, asked: FundingRequest, names: Mapping[UUID, str]
) -> list[dict[str, Any]]:
    """What happened, the latest first, in words."""
    told = []
    ranks = {move: rank for rank, move in enumerate(MOVE_WORDS)}
    moves = sorted(
        moves_about(session, asked),
        key=lambda move: (move.happened_at, ranks.get((move.subject.value, move.action), -1)),
    )
    for move in moves:
        title = MOVE_WORDS.get((move.subject.value, move.action))
        if title is None:
            continue
        told.append(
            {
                "at": move.happened_at,
                "title": str(title),
                "actor": names.get(move.lender_id, "") if move.lender_id else "",
                "tone": TONES.get(move.action, "neutral"),
                "icon": ICONS.get(move.action, "point"),
            }
        )
    return told[::-1]


def _answer(submission: Submission, names: Mapping[UUID, str]) -> LenderAnswer:
    word, tone = SUBMISSION_WORDS[submission.state]
    reason = submission.reason_text or str(REASONS.get(submission.reason_code or "", ""))
    return LenderAnswer(
        submission=submission,
        lender=names.get(submission.lender_id, ""),
        product=str(PRODUCT_LABELS[submission.product]),
        word=str(word),
        tone=tone,
        reason=reason,
        findings=findings_told([one for one in submission.findings if _stops(one)]),
        share=share_of(submission),
    )


def _stops(stored: Mapping[str, Any]) -> bool:
    return "exclusion" in stored or stored["outcome"] in ("blocked", "refused")


def _finding(stored: Mapping[str, Any]) -> dict[str, Any]:
    number = stored.get("receivable", "")
    finding = Finding.from_mapping(
        {key: value for key, value in stored.items() if key != "receivable"}
    )
    text = describe(finding, current_locale())
    return {
        "outcome": finding.outcome.value,
        "title": f"{number} · {text.title}" if number else text.title,
        "text": text.message,
        "value": text.value,
        "threshold": text.threshold,
        "remedy": text.remedy,
        "who": str(PARTY_LABELS[finding.fixable_by]) if finding.fixable_by else "",
        "source": finding.source,
        "code": finding.code,
    }


def _exclusion(stored: Mapping[str, Any]) -> dict[str, Any]:
    locale = current_locale()
    words = exclusion_text(stored["exclusion"], locale)
    return {
        "outcome": "refused",
        "title": words.format(**placeholder_texts(stored["params"], locale)),
        "code": stored["exclusion"],
    }


def _reached(asked: FundingRequest, deed: Deed | None) -> int:
    if asked.state is RequestState.SETTLED:
        return 6
    if asked.state in (RequestState.DISBURSED, RequestState.RECOURSED):
        return 5
    if asked.state is RequestState.ASSIGNED or (deed is not None and deed.signed_at):
        return 4
    if asked.state is RequestState.ACCEPTED:
        return 3
    if asked.state is RequestState.OFFERED:
        return 2
    if asked.state is RequestState.DRAFT:
        return 0
    return 1
