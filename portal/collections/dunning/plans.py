"""Dunning plans: proposed inert, run only once the assignor has approved them and the sending in its name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.dunning.casefile import CaseFile, active_plan, case_files
from portal.collections.dunning.reminding import asked_cents
from portal.collections.dunning.steps import DEFAULT_STEPS, Step, foresee
from portal.collections.models import DunningPlan
from portal.collections.reasons import Suppression
from portal.identity.models import Organisation
from portal.payments.account import POSITION
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law

PREVIEW_DAYS = 30
PREVIEW_RECEIVABLES_MAX = 500


class PlanRefused(ValueError):
    """The steps cannot make a plan; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One thing a plan would do in the coming days, if nothing changes; ``reason`` says why it would not."""

    on: date
    file: CaseFile
    step: Step
    asked_cents: int
    reason: Suppression | None


def latest_plan(session: Session, assignor_id: UUID) -> DunningPlan | None:
    """The newest version, approved or not."""
    return session.scalar(
        select(DunningPlan)
        .where(DunningPlan.assignor_id == assignor_id)
        .order_by(DunningPlan.version.desc())
        .limit(1)
    )


def propose_plan(
    session: Session,
    assignor_id: UUID,
    steps: Sequence[Step] = DEFAULT_STEPS,
    *,
    by: UUID | None,
    at: datetime,
) -> DunningPlan:
    """A new version, inert until approved; the same steps as the newest one add nothing.

    Raises:
        PlanRefused: no step, two on one day, or days that do not follow the levels.
    """
    _refuse_unsound(steps)
    newest = latest_plan(session, assignor_id)
    rows = [step.as_row() for step in steps]
    if newest is not None and newest.steps == rows and newest.retired_at is None:
        return newest
    highest = session.scalar(
        select(func.max(DunningPlan.version)).where(DunningPlan.assignor_id == assignor_id)
    )
    plan = DunningPlan(
        assignor_id=assignor_id, version=(highest or 0) + 1, steps=rows, created_at=at
    )
    session.add(plan)
    session.flush()
    trail.record(session, assignor_id, "propose_plan", "dunning_plan", plan.id, by=by, at=at)
    return plan


def approve_plan(
    session: Session, plan: DunningPlan, assignor: Organisation, *, by: UUID | None, at: datetime
) -> DunningPlan:
    """The assignor approves the steps and the sending of reminders in its name; from now on the plan runs.

    The version that ran until now is retired. Approving again what already runs changes nothing.
    """
    running = active_plan(session, assignor.id)
    if running is not None and running.id != plan.id:
        running.retired_at = at
        session.flush()
    if plan.activated_at is None or plan.retired_at is not None:
        plan.activated_at, plan.activated_by, plan.retired_at = at, by, None
    if assignor.reminders_consented_at is None:
        assignor.reminders_consented_at, assignor.reminders_consented_by = at, by
    session.flush()
    facts = {"version": plan.version}
    trail.record(session, assignor.id, "approve_plan", "dunning_plan", plan.id, facts, by=by, at=at)
    return plan


def pause_reminders(
    session: Session, assignor: Organisation, *, by: UUID | None, at: datetime
) -> None:
    """Withdraw the consent: nothing more goes out until the plan is approved again."""
    if assignor.reminders_consented_at is None:
        return
    assignor.reminders_consented_at = assignor.reminders_consented_by = None
    session.flush()
    trail.record(session, assignor.id, "pause_reminders", "organisation", assignor.id, by=by, at=at)


def preview_plan(
    session: Session,
    assignor: Organisation,
    steps: Sequence[Step],
    *,
    today: date,
    days: int = PREVIEW_DAYS,
    law: LegalParameters | None = None,
) -> list[Foreseen]:
    """What a plan would do over the coming days if no debtor pays or answers, in the order of days.

    For the receivables that fall due first, `PREVIEW_RECEIVABLES_MAX` of them. Nothing is stored.
    """
    files = case_files(session, assignor, _soonest(session, assignor.id, steps, today, days))
    found = [
        one
        for file in files.values()
        for one in _foresee(file, steps, today, days, law or current_law())
    ]
    return sorted(found, key=lambda one: (one.on, one.file.receivable.number))


def _soonest(
    session: Session, assignor_id: UUID, steps: Sequence[Step], today: date, days: int
) -> Sequence[UUID]:
    first = min(step.day for step in steps)
    return session.scalars(
        select(POSITION.c.receivable_id)
        .where(
            POSITION.c.assignor_id == assignor_id,
            POSITION.c.outstanding_cents > 0,
            POSITION.c.due_on <= today + timedelta(days=days - first),
        )
        .order_by(POSITION.c.due_on, POSITION.c.receivable_id)
        .limit(PREVIEW_RECEIVABLES_MAX)
    ).all()


def _foresee(
    file: CaseFile, steps: Sequence[Step], today: date, days: int, law: LegalParameters
) -> list[Foreseen]:
    """Replay the coming days for one receivable with the very rules of the worker."""
    case = replace(file.case, consented=True, has_plan=True)
    return [
        Foreseen(on, file, step, asked_cents(step, file.statement(on, law)), reason)
        for on, step, reason in foresee(case, steps, today, days)
    ]


def _refuse_unsound(steps: Sequence[Step]) -> None:
    ordered = sorted(steps, key=lambda step: step.day)
    if not ordered:
        raise PlanRefused("no_step")
    if len({step.day for step in ordered}) != len(ordered):
        raise PlanRefused("two_steps_on_one_day")
    if [step.level for step in ordered] != sorted(step.level for step in ordered):
        raise PlanRefused("days_against_levels")
