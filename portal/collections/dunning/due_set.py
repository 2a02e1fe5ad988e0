"""The steps that should have been done by a day and were not: found together, done once each."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import structlog
from sqlalchemy import Date, Integer, String, and_, cast, column, or_, select, text, values
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.debtor_page.links import PageOf, pages_of
from portal.collections.dunning.casefile import (
    CaseFile,
    active_scenarios,
    case_files,
    contacts_since,
    steps_of,
    week_before,
)
from portal.collections.dunning.choosing import chosen_scenarios
from portal.collections.dunning.models import Scenario
from portal.collections.dunning.sending import Acting, Tally
from portal.collections.dunning.steps import decide
from portal.collections.dunning.wording import words_of_assignor
from portal.collections.models import Reminder, ReminderState
from portal.debtors.models import Debtor
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation
from portal.jobs.process import Process
from portal.receivables.models import Receivable
from portal.receivables.position import positions_of
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law

logger = structlog.get_logger()

BATCH = 200


class CollectingProcess(Process, Protocol):
    """A process that can also keep documents."""

    @property
    def documents(self) -> DocumentStore:
        """The document store."""


class Due(NamedTuple):
    """A receivable that has something to decide."""

    debtor_id: UUID
    receivable_id: UUID


def run_due_reminders(process: CollectingProcess, **_: Any) -> Tally:
    """Do what every active scenario should have done by today; safe to run twice, and by two workers at once.

    What is due is found in one query per assignor; each batch of debtors is one transaction.
    A debtor that another transaction holds (a payment being recorded, another worker) is left
    to the next run.
    """
    tally = Tally()
    with process.transaction() as session:
        assignors = session.scalars(
            select(Scenario.assignor_id)
            .where(Scenario.activated_at.is_not(None), Scenario.retired_at.is_(None))
            .distinct()
        ).all()
    for assignor_id in assignors:
        with process.transaction() as session:
            day = process.clock(session).day()
            due = find_due(session, assignor_id, day)
        for batch in batches(due):
            with process.transaction() as session:
                at = process.clock(session).instant()
                remind_batch(
                    session,
                    process.documents,
                    assignor_id,
                    batch,
                    at=at,
                    tally=tally,
                    page_of=pages_of(process.settings),
                )
    counts = {state.value: number for state, number in tally.counts.items()}
    logger.info("due reminders", messages=tally.messages, **counts)
    return tally


def remind_assignor(
    session: Session,
    store: DocumentStore,
    assignor_id: UUID,
    *,
    at: datetime,
    tally: Tally | None = None,
) -> Tally:
    """Everything due for one assignor, in the caller's own transaction."""
    tally = tally or Tally()
    for batch in batches(find_due(session, assignor_id, at.astimezone(PARIS).date())):
        remind_batch(session, store, assignor_id, batch, at=at, tally=tally)
    return tally


def find_due(session: Session, assignor_id: UUID, today: date) -> list[Due]:
    """The receivables with a step that is due and not decided for good, debtor by debtor; one query.

    A settled receivable is looked at once per step that fell due since its scenario runs, so
    that each has its explanation; after that it costs nothing.
    """
    scenarios = list(active_scenarios(session, assignor_id).values())
    if not scenarios:
        return []
    rows = [
        (one.slug, step.code, step.day, _activated_on(one))
        for one in scenarios
        for step in steps_of(one)
    ]
    step = values(
        column("slug", String),
        column("code", String),
        column("day", Integer),
        column("activated_on", Date),
        name="step",
    ).data(rows)
    chosen = chosen_scenarios(assignor_id).subquery("chosen")
    position = positions_of(assignor_id, today)
    falls_on = chosen.c.due_on.op("+", return_type=Date())(cast(step.c.day, Integer))
    decided = and_(
        Reminder.receivable_id == chosen.c.receivable_id, Reminder.step_code == step.c.code
    )
    unsettled = or_(Reminder.id.is_(None), Reminder.state == ReminderState.SUPPRESSED)
    owed = position.c.outstanding_cents > 0
    first_look = and_(Reminder.id.is_(None), falls_on >= step.c.activated_on)
    query = (
        select(chosen.c.debtor_id, chosen.c.receivable_id)
        .join(step, step.c.slug == chosen.c.slug)
        .join(position, position.c.id == chosen.c.receivable_id)
        .outerjoin(Reminder, decided)
        .where(
            chosen.c.due_on <= today - timedelta(days=min(day for _, _, day, _ in rows)),
            falls_on <= today,
            position.c.cancelled_at.is_(None),
            or_(and_(owed, unsettled), and_(~owed, first_look)),
        )
        .distinct()
        .order_by(chosen.c.debtor_id, chosen.c.receivable_id)
    )
    with _joined_by_hash(session):
        return [Due(*row) for row in session.execute(query)]


@contextmanager
def _joined_by_hash(session: Session) -> Iterator[None]:
    """Statistics lag behind a large import; trusting them, sums would be counted again for each row."""
    session.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    session.execute(text("SET LOCAL enable_nestloop = on"))


def batches(due: Sequence[Due]) -> Iterator[list[Due]]:
    """A few hundred receivables at a time, a debtor never cut in two."""
    batch: list[Due] = []
    for _, of_debtor in groupby(due, key=lambda one: one.debtor_id):
        batch += of_debtor
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def remind_batch(
    session: Session,
    store: DocumentStore,
    assignor_id: UUID,
    due: Sequence[Due],
    *,
    at: datetime,
    tally: Tally,
    law: LegalParameters | None = None,
    page_of: PageOf | None = None,
) -> None:
    """Decide and do what is due for some receivables of one assignor, on facts read once they are held."""
    assignor = session.get(Organisation, assignor_id)
    if assignor is None:
        return
    today = at.astimezone(PARIS).date()
    held = _hold(session, assignor_id, due)
    files = case_files(session, assignor, held, today=today)
    debtors = {file.debtor.id for file in files.values()}
    contacts = contacts_since(session, assignor_id, debtors, week_before(today))
    own = words_of_assignor(session, assignor_id)
    acting = Acting(
        session, store, assignor, at, law or current_law(), own, tally=tally, page_of=page_of
    )
    acting.record(
        [
            (file, one)
            for file in _running(files.values())
            for one in decide(file.case, file.steps, today)
        ],
        contacts,
    )


def _running(files: Iterable[CaseFile]) -> Iterator[CaseFile]:
    return (file for file in files if file.scenario is not None)


def _hold(session: Session, assignor_id: UUID, due: Sequence[Due]) -> Sequence[UUID]:
    """Those of the receivables that nobody else holds, with their debtors, for this transaction."""
    free = session.scalars(
        select(Debtor.id)
        .where(Debtor.id.in_({one.debtor_id for one in due}), Debtor.assignor_id == assignor_id)
        .order_by(Debtor.id)
        .with_for_update(skip_locked=True, key_share=True)
    ).all()
    return session.scalars(
        select(Receivable.id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.debtor_id.in_(free),
            Receivable.id.in_([one.receivable_id for one in due]),
        )
        .order_by(Receivable.id)
        .with_for_update(of=Receivable, skip_locked=True)
    ).all()


def _activated_on(scenario: Scenario) -> date:
    return (scenario.activated_at or scenario.created_at).astimezone(PARIS).date()
