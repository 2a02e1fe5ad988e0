"""A person reminds now: the worker's own way of doing a step, chosen and shown before it is done."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.dunning.casefile import CaseFile, active_plan, case_files, steps_of
from portal.collections.dunning.due_set import Acting
from portal.collections.dunning.reminding import WrittenReminder, write_reminder
from portal.collections.dunning.steps import (
    DEFAULT_STEPS,
    Case,
    Channel,
    Decided,
    Step,
    next_step,
    outcome_of,
    suppression,
)
from portal.collections.models import ReminderState
from portal.collections.reasons import NEVER_BY_HAND, Suppression
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law


class ReceivableNotCollectable(LookupError):
    """It does not exist, belongs to someone else, or has no due date yet."""


class ReminderSuppressed(Exception):
    """Nothing may be sent now; ``reason`` says why."""

    def __init__(self, reason: Suppression) -> None:
        self.reason = reason
        super().__init__(reason.value)


class AlreadyRemindedToday(Exception):
    """This debtor already received a message about this receivable today."""


class StepChanged(Exception):
    """What was shown is no longer the next step: look again before sending."""


@dataclass(frozen=True, slots=True)
class ReminderPreview:
    """What "remind now" would do: a message, or the draft of a formal notice; or why it would not."""

    step: Step
    written: WrittenReminder | None
    reason: Suppression | None
    may_send: bool
    sent_today: bool


def preview_reminder(
    session: Session,
    assignor: Organisation,
    receivable_id: UUID,
    *,
    today: date,
    law: LegalParameters | None = None,
) -> ReminderPreview:
    """The next reminder of one receivable as it would leave today; nothing is stored.

    Raises:
        ReceivableNotCollectable: see there.
    """
    file, steps = _open(session, assignor, receivable_id)
    step = step_by_hand(file.case, steps, today)
    reason = suppression(file.case, today)
    by_mail = step.channel is Channel.EMAIL and bool(file.debtor.contact_email)
    written = write_reminder(file, step, assignor, today, law or current_law()) if by_mail else None
    sent_today = file.case.last_sent_on == today
    refused = reason in NEVER_BY_HAND or reason is Suppression.NO_PLAN
    return ReminderPreview(step, written, reason, not (refused or sent_today), sent_today)


def remind_now(
    session: Session,
    store: DocumentStore,
    assignor: Organisation,
    receivable_id: UUID,
    *,
    step_code: str,
    by: UUID | None,
    at: datetime,
    law: LegalParameters | None = None,
) -> ReminderState:
    """Do the next step now, whatever its day; only a promise can be overridden.

    Raises:
        ReceivableNotCollectable, ReminderSuppressed, AlreadyRemindedToday, StepChanged.
    """
    session.execute(
        select(Receivable.id)
        .where(Receivable.id == receivable_id, Receivable.assignor_id == assignor.id)
        .with_for_update()
    )
    today = at.astimezone(PARIS).date()
    file, steps = _open(session, assignor, receivable_id)
    reason = suppression(file.case, today)
    if reason in NEVER_BY_HAND or reason is Suppression.NO_PLAN:
        raise ReminderSuppressed(reason)
    if file.case.last_sent_on == today:
        raise AlreadyRemindedToday(receivable_id)
    step = step_by_hand(file.case, steps, today)
    plan = active_plan(session, assignor.id)
    if step.code != step_code or plan is None:
        raise StepChanged(step.code)
    acting = Acting(session, store, plan, assignor, at, law or current_law(), by)
    done = acting.record(file, [Decided(step, outcome_of(step), today)])
    if not done:
        raise StepChanged(step.code)
    return done[0]


def step_by_hand(case: Case, steps: tuple[Step, ...], today: date) -> Step:
    """The step a person would do: the highest due, else the next one, else one more last reminder."""
    coming = next_step(case, steps, today)
    if coming is not None and not (coming[0].day < 0 and today > case.due_on):
        return coming[0]
    extra = 1 + sum(code.startswith("X") for code in case.past)
    return Step(f"X{extra}", (today - case.due_on).days, 3, "reminder_r3")


def _open(
    session: Session, assignor: Organisation, receivable_id: UUID
) -> tuple[CaseFile, tuple[Step, ...]]:
    plan = active_plan(session, assignor.id)
    files = case_files(session, assignor, [receivable_id], has_plan=plan is not None)
    if receivable_id not in files:
        raise ReceivableNotCollectable(receivable_id)
    return files[receivable_id], steps_of(plan) if plan else DEFAULT_STEPS
