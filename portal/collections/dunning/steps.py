"""The steps of a scenario, and what is due on a day: pure, everything it needs is an argument."""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from portal.collections.models import Channel, ReminderState
from portal.collections.reasons import Suppression
from pricing.calendar import is_business_day, next_business_day
from pricing.collection_right import CollectionParty, CollectionReason, CollectionRight

PROMISE_GRACE_DAYS = 2
DONE = frozenset({ReminderState.SENT, ReminderState.TO_CALL, ReminderState.DRAFTED})
FINAL = DONE | {ReminderState.OVERTAKEN}
BY_MAIL = frozenset({Channel.EMAIL, Channel.REGISTERED_EMAIL})
BY_PHONE = frozenset({Channel.SMS, Channel.PHONE})


class Tone(enum.StrEnum):
    """How a message speaks, from the mildest."""

    COURTEOUS = "courteous"
    FIRM = "firm"
    FINAL = "final"


class Anchor(enum.StrEnum):
    """From which day a step is counted."""

    DUE = "due"
    PREVIOUS = "previous"


LEVELS = {Tone.COURTEOUS: 1, Tone.FIRM: 2, Tone.FINAL: 3}
NOTICE_LEVEL = 4
FIRM = LEVELS[Tone.FIRM]
"""The least a debtor hears after a promise it broke, where its scenario has such a step."""
KINDS = ("reminder_pre", "reminder_r1", "reminder_r2", "reminder_r3", "formal_notice")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: ``day`` days after the due date, or after the previous step.

    It never comes sooner than ``gap_days`` after the last message or payment, nor, with
    ``business_days``, on a Saturday, a Sunday or a public holiday. ``grouped`` puts what one
    debtor is reminded of that day in one message with a statement of account; ``document``
    attaches the numbered reminder document. Below ``minimum_cents`` nothing is done.
    """

    code: str
    day: int
    tone: Tone = Tone.COURTEOUS
    channel: Channel = Channel.EMAIL
    anchor: Anchor = Anchor.DUE
    gap_days: int = 5
    minimum_cents: int = 0
    business_days: bool = True
    grouped: bool = False
    document: bool = False
    sender: str | None = None
    script: str | None = None

    @property
    def level(self) -> int:
        """Its place on the ladder: 0 before the due date, 1 to 3 by tone, 4 for a formal notice."""
        if self.channel is Channel.FORMAL_NOTICE:
            return NOTICE_LEVEL
        return 0 if self.day < 0 else LEVELS[self.tone]

    @property
    def kind(self) -> str:
        """The kind of message, which names its wording."""
        return KINDS[self.level]

    def as_row(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Step":
        given = dict(row)
        for name, kind in (("tone", Tone), ("channel", Channel), ("anchor", Anchor)):
            if name in given:
                given[name] = kind(given[name])
        return cls(**given)


DEFAULT_STEPS: tuple[Step, ...] = (
    Step("PRE", -5),
    Step("R1", 1, grouped=True),
    Step("R2", 8, Tone.FIRM, grouped=True, document=True),
    Step("R3", 15, Tone.FINAL, grouped=True, document=True),
    Step("MED", 30, Tone.FINAL, Channel.FORMAL_NOTICE, gap_days=8),
)


def placed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps with every day counted from the due date, in the order of days.

    A step counted from the previous one keeps that distance as the least gap, so that a
    previous step done late moves it.
    """
    found: list[Step] = []
    for step in steps:
        if step.anchor is Anchor.PREVIOUS and found:
            gap = max(step.gap_days, step.day)
            step = replace(step, day=found[-1].day + step.day, gap_days=gap, anchor=Anchor.DUE)
        found.append(step)
    return tuple(sorted(found, key=lambda step: step.day))


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
    promise_grace_days: int = PROMISE_GRACE_DAYS
    broken_on: date | None = None
    insolvent_since: date | None = None
    has_address: bool = True
    address_bad: bool = False
    consumer: bool = False
    has_phone: bool = False
    has_postal_address: bool = False
    has_plan: bool = True
    opted_out: bool = False
    blocked: Suppression | None = None
    last_paid_on: date | None = None
    consented: bool = True
    assignee_account_known: bool = False
    past: Mapping[str, Past] = field(default_factory=dict)

    @property
    def last_sent_on(self) -> date | None:
        """The day of the last message to this debtor, or call, about this receivable."""
        told = (ReminderState.SENT, ReminderState.TO_CALL)
        return max(
            (one.decided_on for one in self.past.values() if one.state in told), default=None
        )

    @property
    def anchored_on(self) -> date | None:
        """The day from which the next step's gap is counted: the last message, or a payment since."""
        known = [day for day in (self.last_sent_on, self.last_paid_on) if day is not None]
        return max(known, default=None)

    @property
    def was_deceived(self) -> bool:
        """Whether a promise was found broken after the last message: the next one waits no more."""
        if self.broken_on is None:
            return False
        return self.anchored_on is None or self.broken_on >= self.anchored_on

    @property
    def was_reminded(self) -> bool:
        """Whether a reminder really left after the due date."""
        return any(one.state is ReminderState.SENT and one.level >= 1 for one in self.past.values())

    @property
    def dunning_level(self) -> int:
        """The highest level reached, derived from what was really sent or drafted."""
        return max((one.level for one in self.past.values() if one.state in DONE), default=0)


@dataclass(frozen=True, slots=True)
class Decided:
    """What happens to one step: sent, a call to make, drafted, overtaken by a later one, or suppressed and why."""

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
    if case.blocked is not None:
        return case.blocked
    if is_promised(case.promised_for, today, case.promise_grace_days):
        return Suppression.PROMISED
    if case.opted_out:
        return Suppression.OPTED_OUT
    if not case.has_plan:
        return Suppression.NO_PLAN
    return None if case.consented else Suppression.NO_CONSENT


def step_suppression(case: Case, step: Step) -> Suppression | None:
    """Why this step cannot be done, while another might: too small an amount, no way to reach the debtor."""
    if case.claimable_cents < step.minimum_cents:
        return Suppression.BELOW_MINIMUM
    if step.channel in BY_MAIL and not case.has_address:
        return Suppression.NO_ADDRESS
    if step.channel in BY_MAIL and case.address_bad:
        return Suppression.ADDRESS_BAD
    if step.channel is Channel.REGISTERED_EMAIL and case.consumer:
        return Suppression.CONSENT_NEEDED
    if step.channel in BY_PHONE and not case.has_phone:
        return Suppression.NO_PHONE
    by_post = (Channel.LETTER, Channel.REGISTERED_LETTER)
    if step.channel in by_post and not case.has_postal_address:
        return Suppression.NO_POSTAL_ADDRESS
    return None


def is_promised(
    promised_for: date | None, today: date, grace_days: int = PROMISE_GRACE_DAYS
) -> bool:
    """Whether a promise still holds: its day, and a short grace for the bank, have not passed."""
    return promised_for is not None and today <= held_until(promised_for, grace_days)


def held_until(promised_for: date, grace_days: int = PROMISE_GRACE_DAYS) -> date:
    """The last day on which a promise holds: never a Saturday, a Sunday or a public holiday."""
    return next_business_day(promised_for + timedelta(days=grace_days))


def planned_on(case: Case, step: Step) -> date | None:
    """The day a step falls due; None for a formal notice nobody was reminded before."""
    day = case.due_on + timedelta(days=step.day)
    last = case.anchored_on
    if step.channel is Channel.FORMAL_NOTICE and not case.was_reminded:
        return None
    if last is not None and step.day >= 0 and not case.was_deceived:
        day = max(day, last + timedelta(days=step.gap_days))
    return next_business_day(day) if step.business_days else day


def decide(case: Case, steps: Sequence[Step], today: date) -> list[Decided]:
    """What should have been done by ``today`` and was not; empty when everything was.

    After missed days one message goes out, at the highest level that can be done; the lower
    ones are overtaken. A suppressed step waits for its reason to end, and is decided again.
    """
    due = _due(case, steps, today)
    late = [one for one in due if _is_overtaken(case, steps, one[0], today)]
    decided = [Decided(step, ReminderState.OVERTAKEN, day) for step, day in late]
    live = [one for one in due if one not in late]
    whole = suppression(case, today)
    reasons = {step.code: whole or step_suppression(case, step) for step, _ in live}
    decided += [
        Decided(step, ReminderState.SUPPRESSED, day, reason)
        for step, day in live
        if (reason := reasons[step.code]) is not None and not _already_said(case, step, reason)
    ]
    possible = [one for one in live if reasons[one[0].code] is None]
    decided += [Decided(step, ReminderState.OVERTAKEN, day) for step, day in possible[:-1]]
    return decided + [Decided(step, outcome_of(step), day) for step, day in possible[-1:]]


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
    match step.channel:
        case Channel.FORMAL_NOTICE:
            return ReminderState.DRAFTED
        case Channel.PHONE:
            return ReminderState.TO_CALL
        case _:
            return ReminderState.SENT


def next_step(case: Case, steps: Sequence[Step], today: date) -> tuple[Step, date] | None:
    """The next thing the plan does about this receivable, and its day; None when nothing is left."""
    foreseen = [(step, max(_foreseen_on(case, step), today)) for step in _pending(case, steps)]
    pending = [one for one in foreseen if not _is_overtaken(case, steps, *one)]
    due = [one for one in pending if one[1] == today]
    return due[-1] if due else min(pending, key=lambda one: one[1], default=None)


def _foreseen_on(case: Case, step: Step) -> date:
    on = planned_on(case, step)
    if on is not None:
        return on
    day = case.due_on + timedelta(days=step.day)
    return next_business_day(day) if step.business_days else day


def _pending(case: Case, steps: Sequence[Step]) -> list[Step]:
    return [
        step
        for step in sorted(steps, key=lambda step: step.day)
        if step.code not in case.past or case.past[step.code].state not in FINAL
    ]


def _due(case: Case, steps: Sequence[Step], today: date) -> list[tuple[Step, date]]:
    working = is_business_day(today)
    found = [
        (step, planned_on(case, step))
        for step in _pending(case, steps)
        if working or not step.business_days
    ]
    return [(step, day) for step, day in found if day is not None and day <= today]


def _is_overtaken(case: Case, steps: Sequence[Step], step: Step, today: date) -> bool:
    """A later step or a higher level was already reached, or a word before the due date would come after it."""
    done = {code for code, one in case.past.items() if one.state in FINAL}
    reached = [one.day for one in steps if one.code in done]
    return (
        (step.day < 0 and today > case.due_on)
        or step.level < case.dunning_level
        or (case.was_deceived and 0 < step.level < FIRM <= max(one.level for one in steps))
        or any(day > step.day for day in reached)
    )


def _already_said(case: Case, step: Step, reason: Suppression) -> bool:
    known = case.past.get(step.code)
    return known is not None and known.reason_code == reason.value
