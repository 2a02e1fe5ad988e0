"""A person reminds now: the worker's own way of doing a step, chosen and shown before it is done."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.debtor_page.links import PageOf
from portal.collections.dunning.casefile import CaseFile, case_files
from portal.collections.dunning.reminding import WrittenReminder, write_reminder
from portal.collections.dunning.sending import Acting
from portal.collections.dunning.steps import (
    Case,
    Decided,
    Step,
    Tone,
    next_step,
    outcome_of,
    step_suppression,
    suppression,
)
from portal.collections.dunning.wording import words_of_assignor
from portal.collections.models import Channel, ReminderState
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
    """What "remind now" would do: a message, a call, or the draft of a formal notice; or why it would not."""

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
    page_url: str | None = None,
) -> ReminderPreview:
    """The next reminder of one receivable as it would leave today; nothing is stored.

    Raises:
        ReceivableNotCollectable: see there.
    """
    file = _open(session, assignor, receivable_id, today)
    step = step_by_hand(file.case, file.steps, today)
    reason = _reason(file.case, step, today)
    own = words_of_assignor(session, assignor.id)
    told = step.channel not in (Channel.PHONE, Channel.FORMAL_NOTICE) and bool(
        file.debtor.contact_email
    )
    written = (
        write_reminder(file, step, assignor, today, law or current_law(), own, page_url)
        if told
        else None
    )
    sent_today = file.case.last_sent_on == today
    refused = reason in NEVER_BY_HAND or file.scenario is None
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
    page_of: PageOf | None = None,
) -> ReminderState:
    """Do the next step now, whatever its day; only what `MAY_OVERRIDE` lists can be overridden.

    Raises:
        ReceivableNotCollectable, ReminderSuppressed, AlreadyRemindedToday, StepChanged.
    """
    session.execute(
        select(Receivable.id)
        .where(Receivable.id == receivable_id, Receivable.assignor_id == assignor.id)
        .with_for_update()
    )
    today = at.astimezone(PARIS).date()
    file = _open(session, assignor, receivable_id, today)
    step = step_by_hand(file.case, file.steps, today)
    reason = _reason(file.case, step, today)
    if reason in NEVER_BY_HAND:
        raise ReminderSuppressed(reason)
    if file.case.last_sent_on == today:
        raise AlreadyRemindedToday(receivable_id)
    if step.code != step_code or file.scenario is None:
        raise StepChanged(step.code)
    own = words_of_assignor(session, assignor.id)
    acting = Acting(session, store, assignor, at, law or current_law(), own, by, page_of=page_of)
    done = acting.record([(file, Decided(step, outcome_of(step), today))])
    if not done:
        raise StepChanged(step.code)
    return done[0]


def step_by_hand(case: Case, steps: tuple[Step, ...], today: date) -> Step:
    """The step a person would do: the highest due, else the next one, else one more last reminder."""
    coming = next_step(case, steps, today)
    if coming is not None and not (coming[0].day < 0 and today > case.due_on):
        return coming[0]
    extra = 1 + sum(code.startswith("X") for code in case.past)
    return Step(f"X{extra}", max((today - case.due_on).days, 1), Tone.FINAL, document=True)


def _reason(case: Case, step: Step, today: date) -> Suppression | None:
    return suppression(case, today) or step_suppression(case, step)


def _open(session: Session, assignor: Organisation, receivable_id: UUID, today: date) -> CaseFile:
    files = case_files(session, assignor, [receivable_id], today=today)
    if receivable_id not in files:
        raise ReceivableNotCollectable(receivable_id)
    return files[receivable_id]
