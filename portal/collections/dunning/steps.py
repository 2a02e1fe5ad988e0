"""The steps of a dunning plan, and what is due on a day: pure, everything it needs is an argument."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from portal.collections.models import ReminderState
from portal.collections.reasons import Suppression
from pricing.collection_right import CollectionParty, CollectionReason, CollectionRight

PROMISE_GRACE_DAYS = 2
FINAL = frozenset({ReminderState.SENT, ReminderState.DRAFTED, ReminderState.OVERTAKEN})


class Channel(enum.StrEnum):
    """An e-mail leaves; a formal notice is drafted, and the assignor sends it."""

    EMAIL = "email"
    FORMAL_NOTICE = "formal_notice"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: so many days from the due date, never sooner than ``gap_days`` after the last message."""

    code: str
    day: int
    level: int
    kind: str
    channel: Channel = Channel.EMAIL
    gap_days: int = 5

    def as_row(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "day": self.day,
            "level": self.level,
            "kind": self.kind,
            "channel": self.channel.value,
            "gap_days": self.gap_days,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Step":
        return cls(**{**row, "channel": Channel(row["channel"])})


DEFAULT_STEPS: tuple[Step, ...] = (
    Step("PRE", -5, 0, "reminder_pre"),
    Step("R1", 1, 1, "reminder_r1"),
    Step("R2", 8, 2, "reminder_r2"),
    Step("R3", 15, 3, "reminder_r3"),
    Step("MED", 30, 4, "formal_notice", Channel.FORMAL_NOTICE, gap_days=8),
)


@dataclass(frozen=True, slots=True)
class Past:
    """What became of one step."""

    state: ReminderState
    level: int
    decided_on: date
    reason_code: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What decides about reminding one debtor of one receivable on a day."""

    receivable_id: UUID
    due_on: date
    outstanding_cents: int
    claimable_cents: int
    right: CollectionRight
    paid_cents: int = 0
    credited_cents: int = 0
    disputed_cents: int = 0
    cancelled: bool = False
    promised_for: date | None = None
    insolvent_since: date | None = None
    has_address: bool = True
    has_plan: bool = True
    consented: bool = True
    assignee_account_known: bool = False
    past: Mapping[str, Past] = field(default_factory=dict)

    @property
    def last_sent_on(self) -> date | None:
        """The day of the last message to this debtor about this receivable."""
        return max(
            (one.decided_on for one in self.past.values() if one.state is ReminderState.SENT),
            default=None,
        )

    @property
    def was_reminded(self) -> bool:
        """Whether a reminder really left after the due date."""
        return any(one.state is ReminderState.SENT and one.level >= 1 for one in self.past.values())

    @property
    def dunning_level(self) -> int:
        """The highest level reached, derived from what was really sent or drafted."""
        reached = (ReminderState.SENT, ReminderState.DRAFTED)
        return max((one.level for one in self.past.values() if one.state in reached), default=0)


@dataclass(frozen=True, slots=True)
class Decided:
    """What happens to one step: sent, drafted, overtaken by a later one, or suppressed and why."""

    step: Step
    state: ReminderState
    planned_on: date
    reason: Suppression | None = None


_FROM_RIGHT = {
    CollectionReason.FACTOR_COLLECTS: Suppression.FACTOR_COLLECTS,
    CollectionReason.LENDER_CONSENT_NEEDED: Suppression.LENDER_CONSENT_NEEDED,
    CollectionReason.BANK_PRESENTS_BILL: Suppression.BANK_PRESENTS_BILL,
    CollectionReason.CONTRACT_FORBIDS: Suppression.CONTRACT_FORBIDS,
}


def suppression(case: Case, today: date) -> Suppression | None:
    """Why nothing may be sent about this receivable today; None when it may."""
    if case.cancelled:
        return Suppression.CANCELLED
    if case.outstanding_cents == 0:
        by_credit = case.credited_cents > 0 and case.paid_cents == 0
        return Suppression.CREDITED if by_credit else Suppression.PAID
    if case.insolvent_since is not None and case.insolvent_since <= today:
        return Suppression.INSOLVENT
    return _suppressed_by_financing(case) or _suppressed_for_now(case, today)


def _suppressed_by_financing(case: Case) -> Suppression | None:
    if not case.right.may_remind:
        return _FROM_RIGHT[case.right.reason]
    to_assignee = case.right.payee is CollectionParty.ASSIGNEE
    if to_assignee and not case.assignee_account_known:
        return Suppression.LENDER_ACCOUNT_UNKNOWN
    return None


def _suppressed_for_now(case: Case, today: date) -> Suppression | None:
    if case.disputed_cents >= case.outstanding_cents:
        return Suppression.DISPUTED
    if case.claimable_cents <= 0:
        return Suppression.NOTHING_CLAIMABLE
    if is_promised(case.promised_for, today):
        return Suppression.PROMISED
    if not case.has_plan:
        return Suppression.NO_PLAN
    if not case.consented:
        return Suppression.NO_CONSENT
    return None if case.has_address else Suppression.NO_ADDRESS


def is_promised(promised_for: date | None, today: date) -> bool:
    """Whether a promise still holds: its day, and a short grace for the bank, have not passed."""
    return promised_for is not None and today <= promised_for + timedelta(days=PROMISE_GRACE_DAYS)


def planned_on(case: Case, step: Step) -> date | None:
    """The day a step falls due; None for a formal notice nobody was reminded before."""
    day = case.due_on + timedelta(days=step.day)
    last = case.last_sent_on
    if step.channel is Channel.FORMAL_NOTICE and not case.was_reminded:
        return None
    return day if last is None else max(day, last + timedelta(days=step.gap_days))


def decide(case: Case, steps: Sequence[Step], today: date) -> list[Decided]:
    """What should have been done by ``today`` and was not; empty when everything was.

    After missed days one message goes out, at the highest level reached; the lower ones
    are overtaken. A suppressed step waits for its reason to end, and is decided again.
    """
    due = _due(case, steps, today)
    late = [one for one in due if _is_overtaken(case, steps, one[0], today)]
    decided = [Decided(step, ReminderState.OVERTAKEN, day) for step, day in late]
    live = [one for one in due if one not in late]
    if not live:
        return decided
    reason = suppression(case, today)
    if reason is not None:
        return decided + [
            Decided(step, ReminderState.SUPPRESSED, day, reason)
            for step, day in live
            if not _already_said(case, step, reason)
        ]
    *lower, (top, day) = live
    decided += [Decided(step, ReminderState.OVERTAKEN, planned) for step, planned in lower]
    return [*decided, Decided(top, outcome_of(top), day)]


def foresee(
    case: Case, steps: Sequence[Step], today: date, days: int
) -> Iterator[tuple[date, Step, Suppression | None]]:
    """What would be done, or not and why, over the coming days if nothing else happens."""
    for on in (today + timedelta(days=ahead) for ahead in range(days + 1)):
        for one in decide(case, steps, on):
            code = one.reason.value if one.reason else None
            past = Past(one.state, one.step.level, on, code)
            case = replace(case, past={**case.past, one.step.code: past})
            if one.state is not ReminderState.OVERTAKEN:
                yield on, one.step, one.reason


def outcome_of(step: Step) -> ReminderState:
    """What doing a step leaves behind."""
    drafted = step.channel is Channel.FORMAL_NOTICE
    return ReminderState.DRAFTED if drafted else ReminderState.SENT


def next_step(case: Case, steps: Sequence[Step], today: date) -> tuple[Step, date] | None:
    """The next thing the plan does about this receivable, and its day; None when nothing is left."""
    foreseen = [(step, max(_foreseen_on(case, step), today)) for step in _pending(case, steps)]
    pending = [one for one in foreseen if not _is_overtaken(case, steps, *one)]
    due = [one for one in pending if one[1] == today]
    return due[-1] if due else min(pending, key=lambda one: one[1], default=None)


def _foreseen_on(case: Case, step: Step) -> date:
    return planned_on(case, step) or case.due_on + timedelta(days=step.day)


def _pending(case: Case, steps: Sequence[Step]) -> list[Step]:
    return [
        step
        for step in sorted(steps, key=lambda step: step.day)
        if step.code not in case.past or case.past[step.code].state not in FINAL
    ]


def _due(case: Case, steps: Sequence[Step], today: date) -> list[tuple[Step, date]]:
    found = [(step, planned_on(case, step)) for step in _pending(case, steps)]
    return [(step, day) for step, day in found if day is not None and day <= today]


def _is_overtaken(case: Case, steps: Sequence[Step], step: Step, today: date) -> bool:
    """A later step was already done, or a word before the due date would come after it."""
    done = {code for code, one in case.past.items() if one.state in FINAL}
    reached = [one.day for one in steps if one.code in done]
    return (step.day < 0 and today > case.due_on) or any(day > step.day for day in reached)


def _already_said(case: Case, step: Step, reason: Suppression) -> bool:
    known = case.past.get(step.code)
    return known is not None and known.reason_code == reason.value
