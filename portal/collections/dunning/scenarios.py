"""Scenarios: proposed inert, run only once the assignor has approved them and the sending in its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.dunning.casefile import CaseFile, active_scenarios, case_files
from portal.collections.dunning.choosing import (
    EVERYBODY,
    choice_of,
    choose_scenario,
    chosen_scenarios,
)
from portal.collections.dunning.models import Scenario, ScenarioChoice
from portal.collections.dunning.reminding import asked_cents
from portal.collections.dunning.steps import (
    DEFAULT_STEPS,
    PROMISE_GRACE_DAYS,
    Step,
    foresee,
    placed,
)
from portal.collections.models import Channel
from portal.collections.reasons import Suppression
from portal.identity.models import Organisation
from portal.payments.account import POSITION
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law

PREVIEW_DAYS = 30
PREVIEW_RECEIVABLES_MAX = 500
STANDARD = "standard"
SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")
DAYS = range(-60, 366)
STEPS_MAX = 12


class ScenarioRefused(ValueError):
    """The steps cannot make a scenario; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class ScenarioNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One thing a scenario would do in the coming days, if nothing changes; ``reason`` says why it would not."""

    on: date
    file: CaseFile
    step: Step
    asked_cents: int
    reason: Suppression | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a new version of a scenario says."""

    slug: str = STANDARD
    title: str = "Relances habituelles"
    steps: tuple[Step, ...] = DEFAULT_STEPS
    weekly_cap: int = 3
    promise_grace_days: int = PROMISE_GRACE_DAYS


def latest_versions(session: Session, assignor_id: UUID) -> dict[str, Scenario]:
    """The newest version of each scenario, active or not, by slug."""
    rows = session.scalars(
        select(Scenario)
        .where(Scenario.assignor_id == assignor_id)
        .ext(distinct_on(Scenario.slug))
        .order_by(Scenario.slug, Scenario.version.desc())
    )
    return {row.slug: row for row in rows}


def versions_of(session: Session, assignor_id: UUID, slug: str) -> Sequence[Scenario]:
    """Every version of one scenario, the newest first."""
    return session.scalars(
        select(Scenario)
        .where(Scenario.assignor_id == assignor_id, Scenario.slug == slug)
        .order_by(Scenario.version.desc())
    ).all()


def find_version(session: Session, assignor_id: UUID, slug: str, version: int) -> Scenario:
    """One version of the assignor's own scenario.

    Raises:
        ScenarioNotFound: it does not exist, or belongs to someone else.
    """
    for one in versions_of(session, assignor_id, slug):
        if one.version == version:
            return one
    raise ScenarioNotFound(f"{slug} {version}")


def propose_scenario(
    session: Session,
    assignor_id: UUID,
    proposal: Proposal | None = None,
    *,
    by: UUID | None,
    at: datetime,
) -> Scenario:
    """A new version, inert until activated; what the newest one already says adds nothing.

    Raises:
        ScenarioRefused: see `refuse_unsound`.
    """
    said = proposal or Proposal()
    refuse_unsound(said)
    known = versions_of(session, assignor_id, said.slug)
    if known and _says(known[0], said):
        return known[0]
    scenario = Scenario(
        assignor_id=assignor_id,
        slug=said.slug,
        version=known[0].version + 1 if known else 1,
        title=said.title,
        weekly_cap=said.weekly_cap,
        promise_grace_days=said.promise_grace_days,
        steps=[step.as_row() for step in said.steps],
        created_at=at,
    )
    session.add(scenario)
    session.flush()
    facts = {"slug": said.slug, "version": scenario.version}
    trail.record(
        session,
        assignor_id,
        "propose_scenario",
        "dunning_scenario",
        scenario.id,
        facts,
        by=by,
        at=at,
    )
    return scenario


def activate_scenario(
    session: Session, scenario: Scenario, assignor: Organisation, *, by: UUID | None, at: datetime
) -> Scenario:
    """The assignor approves the steps and the sending of reminders in its name; from now on the scenario runs.

    The version that ran until now is retired. The first scenario activated is for everybody
    until chosen otherwise. Activating again what already runs changes nothing.
    """
    running = active_scenarios(session, assignor.id).get(scenario.slug)
    if running is not None and running.id != scenario.id:
        running.retired_at = at
        session.flush()
    if scenario.activated_at is None or scenario.retired_at is not None:
        scenario.activated_at, scenario.activated_by, scenario.retired_at = at, by, None
    if assignor.reminders_consented_at is None:
        assignor.reminders_consented_at, assignor.reminders_consented_by = at, by
    session.flush()
    if choice_of(session, assignor.id, EVERYBODY) is None:
        choose_scenario(session, assignor.id, scenario.slug, by=by, at=at)
    facts = {"slug": scenario.slug, "version": scenario.version}
    trail.record(
        session,
        assignor.id,
        "activate_scenario",
        "dunning_scenario",
        scenario.id,
        facts,
        by=by,
        at=at,
    )
    return scenario


def retire_scenario(session: Session, scenario: Scenario, *, by: UUID | None, at: datetime) -> None:
    """Stop a scenario: the debtors it was for are told as having none; repeating changes nothing."""
    if scenario.activated_at is None or scenario.retired_at is not None:
        return
    scenario.retired_at = at
    session.flush()
    facts = {"slug": scenario.slug, "version": scenario.version}
    trail.record(
        session,
        scenario.assignor_id,
        "retire_scenario",
        "dunning_scenario",
        scenario.id,
        facts,
        by=by,
        at=at,
    )


def pause_reminders(
    session: Session, assignor: Organisation, *, by: UUID | None, at: datetime
) -> None:
    """Withdraw the consent: nothing more goes out until a scenario is activated again."""
    if assignor.reminders_consented_at is None:
        return
    assignor.reminders_consented_at = assignor.reminders_consented_by = None
    session.flush()
    trail.record(session, assignor.id, "pause_reminders", "organisation", assignor.id, by=by, at=at)


def preview_scenario(
    session: Session,
    assignor: Organisation,
    steps: Sequence[Step],
    *,
    slug: str | None = None,
    today: date,
    days: int = PREVIEW_DAYS,
    law: LegalParameters | None = None,
) -> list[Foreseen]:
    """What steps would do over the coming days if no debtor pays or answers, in the order of days.

    For the receivables ``slug`` is chosen for, or for all of them where it is not chosen yet;
    those that fall due first, `PREVIEW_RECEIVABLES_MAX` of them. Nothing is stored.
    """
    ordered = placed(steps)
    wanted = _soonest(session, assignor.id, ordered, slug, today + timedelta(days=days))
    files = case_files(session, assignor, wanted, today=today)
    found = [
        one
        for file in files.values()
        for one in _foresee(file, ordered, today, days, law or current_law())
    ]
    return sorted(found, key=lambda one: (one.on, one.file.receivable.number))


def refuse_unsound(said: Proposal) -> None:
    """Check that a proposal can run.

    Raises:
        ScenarioRefused: no step or too many, two on one day, a code used twice, days out of
            bounds or not following the tones, a call without script, a nameless scenario.
    """
    if not said.title.strip() or not SLUG.fullmatch(said.slug):
        raise ScenarioRefused("no_title")
    if not said.steps:
        raise ScenarioRefused("no_step")
    if len(said.steps) > STEPS_MAX:
        raise ScenarioRefused("too_many_steps")
    if said.weekly_cap < 1:
        raise ScenarioRefused("cap_below_one")
    ordered = placed(said.steps)
    if len({step.code for step in ordered}) != len(ordered):
        raise ScenarioRefused("code_used_twice")
    if len({step.day for step in ordered}) != len(ordered):
        raise ScenarioRefused("two_steps_on_one_day")
    if any(step.day not in DAYS for step in ordered):
        raise ScenarioRefused("day_out_of_bounds")
    if [step.level for step in ordered] != sorted(step.level for step in ordered):
        raise ScenarioRefused("days_against_levels")
    if any(step.channel is Channel.PHONE and not step.script for step in ordered):
        raise ScenarioRefused("call_without_script")


def _says(scenario: Scenario, said: Proposal) -> bool:
    return (
        scenario.retired_at is None
        and [Step.from_row(row) for row in scenario.steps] == list(said.steps)
        and (scenario.title, scenario.weekly_cap, scenario.promise_grace_days)
        == (said.title, said.weekly_cap, said.promise_grace_days)
    )


def _soonest(
    session: Session, assignor_id: UUID, steps: Sequence[Step], slug: str | None, until: date
) -> Sequence[UUID]:
    query = select(POSITION.c.receivable_id).where(
        POSITION.c.assignor_id == assignor_id,
        POSITION.c.outstanding_cents > 0,
        POSITION.c.due_on <= until - timedelta(days=steps[0].day),
    )
    if slug is not None and _is_chosen(session, assignor_id, slug):
        chosen = chosen_scenarios(assignor_id).subquery("chosen")
        query = query.join(chosen, chosen.c.receivable_id == POSITION.c.receivable_id).where(
            chosen.c.slug == slug
        )
    query = query.order_by(POSITION.c.due_on, POSITION.c.receivable_id)
    return session.scalars(query.limit(PREVIEW_RECEIVABLES_MAX)).all()


def _is_chosen(session: Session, assignor_id: UUID, slug: str) -> bool:
    number = session.scalar(
        select(func.count())
        .select_from(ScenarioChoice)
        .where(ScenarioChoice.assignor_id == assignor_id, ScenarioChoice.slug == slug)
    )
    return bool(number)


def _foresee(
    file: CaseFile, steps: Sequence[Step], today: date, days: int, law: LegalParameters
) -> list[Foreseen]:
    """Replay the coming days for one receivable with the very rules of the worker."""
    case = replace(file.case, consented=True, has_plan=True)
    return [
        Foreseen(on, file, step, asked_cents(step, file.statement(on, law)), reason)
        for on, step, reason in foresee(case, steps, today, days)
    ]
