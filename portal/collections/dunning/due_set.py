"""The reminders that should have gone out by a day and did not: found together, sent once each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy import (
    Date,
    Integer,
    String,
    and_,
    cast,
    column,
    exists,
    or_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.dunning.casefile import CaseFile, active_plan, case_files, steps_of
from portal.collections.dunning.reminding import asked_cents, write_reminder
from portal.collections.dunning.steps import FINAL, Decided, Step, decide
from portal.collections.formal_notice import render_formal_notice
from portal.collections.models import DunningPlan, Reminder, ReminderState
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.jobs.process import Process
from portal.messages.outbox import write
from portal.payments.account import POSITION
from portal.receivables.models import Receivable
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law

logger = structlog.get_logger()

BATCH = 200
QUIET = (ReminderState.OVERTAKEN, ReminderState.SUPPRESSED)
DECIDED_AGAIN = ("plan_id", "planned_on", "decided_on", "state", "reason_code", "created_at")


class CollectingProcess(Process, Protocol):
    """A process that can also keep documents."""

    @property
    def documents(self) -> DocumentStore:
        """The document store."""


@dataclass(slots=True)
class Tally:
    """How many steps were sent, drafted, suppressed or overtaken."""

    counts: dict[ReminderState, int] = field(default_factory=dict)

    def add(self, states: Iterable[ReminderState]) -> None:
        for state in states:
            self.counts[state] = self.counts.get(state, 0) + 1


def run_due_reminders(process: CollectingProcess, **_: Any) -> Tally:
    """Do what every approved plan should have done by today; safe to run twice, and by two workers at once.

    Each batch of receivables is one transaction. A receivable that another transaction
    holds (a payment being recorded, another worker) is left to the next run.
    """
    tally = Tally()
    with process.transaction() as session:
        assignors = session.scalars(
            select(DunningPlan.assignor_id).where(
                DunningPlan.activated_at.is_not(None), DunningPlan.retired_at.is_(None)
            )
        ).all()
    for assignor_id in assignors:
        last: UUID | None = UUID(int=0)
        while last is not None:
            with process.transaction() as session:
                at = process.clock(session).instant()
                last = remind_batch(
                    session, process.documents, assignor_id, after=last, at=at, tally=tally
                )
    logger.info("due reminders", **{state.value: n for state, n in tally.counts.items()})
    return tally


def remind_batch(
    session: Session,
    store: DocumentStore,
    assignor_id: UUID,
    *,
    after: UUID,
    at: datetime,
    tally: Tally,
    law: LegalParameters | None = None,
) -> UUID | None:
    """Decide and do what is due for the next receivables of one assignor; the last one seen, None at the end."""
    plan = active_plan(session, assignor_id)
    assignor = session.get(Organisation, assignor_id)
    if plan is None or assignor is None:
        return None
    today = at.astimezone(PARIS).date()
    candidates = _lock_candidates(session, plan, today, after)
    files = case_files(session, assignor, candidates)
    steps = steps_of(plan)
    acting = Acting(session, store, plan, assignor, at, law or current_law())
    tally.add(
        acting.record_all(
            [(file, one) for file in files.values() for one in decide(file.case, steps, today)]
        )
    )
    return candidates[-1] if len(candidates) == BATCH else None


@dataclass(frozen=True, slots=True)
class Acting:
    """One assignor's plan at work: the one way in which a step is done, by the worker or by hand."""

    session: Session
    store: DocumentStore
    plan: DunningPlan
    assignor: Organisation
    at: datetime
    law: LegalParameters
    by: UUID | None = None

    @property
    def today(self) -> date:
        return self.at.astimezone(PARIS).date()

    def record(self, file: CaseFile, decided: Sequence[Decided]) -> list[ReminderState]:
        """Write what was decided about one receivable; see `record_all`."""
        return self.record_all([(file, one) for one in decided])

    def record_all(self, decided: Sequence[tuple[CaseFile, Decided]]) -> list[ReminderState]:
        """Write what was decided; a step that another transaction already did is left alone.

        What only leaves a row is written in one statement; each message or draft follows its own claim.
        """
        quiet = [one for one in decided if one[1].state in QUIET]
        told = [one for one in decided if one[1].state not in QUIET]
        done = [state for _, state in self._claim(quiet)]
        for file, one in told:
            for reminder_id, state in self._claim([(file, one)]):
                self._do(file, one.step, state, reminder_id)
                done.append(state)
        return done

    def _do(self, file: CaseFile, step: Step, state: ReminderState, reminder_id: UUID) -> None:
        if state is ReminderState.SENT:
            self._send(file, step, reminder_id)
        else:
            self._draft(file, step, reminder_id)

    def _claim(
        self, decided: Sequence[tuple[CaseFile, Decided]]
    ) -> Sequence[tuple[UUID, ReminderState]]:
        """Take the steps for this transaction, before anything is written to anyone."""
        if not decided:
            return []
        asked = insert(Reminder).values([self._row(file, one) for file, one in decided])
        taken = self.session.execute(
            asked.on_conflict_do_update(
                index_elements=["receivable_id", "step_code"],
                set_={name: asked.excluded[name] for name in DECIDED_AGAIN},
                where=Reminder.state == ReminderState.SUPPRESSED,
            ).returning(Reminder.id, Reminder.state)
        )
        return [(reminder_id, state) for reminder_id, state in taken]

    def _row(self, file: CaseFile, one: Decided) -> dict[str, Any]:
        return {
            "id": uuid4(),
            "assignor_id": self.assignor.id,
            "receivable_id": file.receivable.id,
            "plan_id": self.plan.id,
            "step_code": one.step.code,
            "dunning_level": one.step.level,
            "planned_on": one.planned_on,
            "decided_on": self.today,
            "state": one.state,
            "reason_code": one.reason.value if one.reason else None,
            "created_at": self.at,
        }

    def _send(self, file: CaseFile, step: Step, reminder_id: UUID) -> None:
        written = write_reminder(file, step, self.assignor, self.today, self.law)
        message = write(self.session, written.draft, at=self.at)
        self._complete(reminder_id, asked=written.asked_cents, message_id=message.id)
        self._trace("send_reminder", file, step)

    def _draft(self, file: CaseFile, step: Step, reminder_id: UUID) -> None:
        content = render_formal_notice(file, self.assignor, self.today, self.law)
        document = keep(
            self.session,
            self.store,
            owner_id=self.assignor.id,
            kind=DocumentKind.FORMAL_NOTICE,
            filename=f"mise-en-demeure-{file.receivable.number}.pdf",
            media_type="application/pdf",
            content=content,
            by=self.by,
            at=self.at,
        )
        asked = asked_cents(step, file.statement(self.today, self.law))
        self._complete(reminder_id, asked=asked, document_id=document.id)
        self._trace("draft_formal_notice", file, step)

    def _complete(
        self,
        reminder_id: UUID,
        *,
        asked: int,
        message_id: UUID | None = None,
        document_id: UUID | None = None,
    ) -> None:
        reminder = self.session.get_one(Reminder, reminder_id)
        reminder.asked_cents = asked
        reminder.message_id, reminder.document_id = message_id, document_id
        self.session.flush()

    def _trace(self, action: str, file: CaseFile, step: Step) -> None:
        facts = {"step": step.code, "level": step.level}
        trail.record(
            self.session, self.assignor.id, action, "receivable", file.receivable.id, facts,
            by=self.by, at=self.at,
        )  # fmt: skip


def _lock_candidates(
    session: Session, plan: DunningPlan, today: date, after: UUID
) -> Sequence[UUID]:
    """The receivables with a step that is due and not decided for good, held for this transaction.

    A settled receivable is looked at once per step that fell due since the plan runs, so
    that each has its explanation; after that it costs nothing.
    """
    steps = steps_of(plan)
    step = values(column("code", String), column("day", Integer), name="step").data(
        [(one.code, one.day) for one in steps]
    )
    activated_on = (plan.activated_at or plan.created_at).astimezone(PARIS).date()
    falls_on = Receivable.due_on.op("+", return_type=Date())(cast(step.c.day, Integer))
    known = and_(Reminder.receivable_id == Receivable.id, Reminder.step_code == step.c.code)
    final_row = exists().where(known, Reminder.state.in_(FINAL)).correlate(Receivable, step)
    any_row = exists().where(known).correlate(Receivable, step)
    owed = POSITION.c.outstanding_cents > 0
    wanted = or_(
        and_(owed, ~final_row),
        and_(~owed, ~any_row, falls_on >= activated_on),
    )
    first = min(one.day for one in steps)
    return session.scalars(
        select(Receivable.id)
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .where(
            Receivable.assignor_id == plan.assignor_id,
            Receivable.id > after,
            Receivable.cancelled_at.is_(None),
            Receivable.due_on <= today - timedelta(days=first),
            exists(select(1).select_from(step).where(falls_on <= today, wanted)),
        )
        .order_by(Receivable.id)
        .limit(BATCH)
        .with_for_update(of=Receivable, skip_locked=True)
    ).all()
