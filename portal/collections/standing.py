"""Where the collection of each receivable stands: level, next action and its day, or why nothing goes out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.collections.dunning.casefile import Assignee, CaseFile, case_files
from portal.collections.dunning.steps import Case, Step, held_until, next_step, suppression
from portal.collections.reasons import SETTLED, Suppression
from portal.identity.models import Organisation
from portal.payments.account import Statement
from pricing.collection_right import CollectionRight
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law


@dataclass(frozen=True, slots=True)
class Standing:
    """The collection of one receivable on a day.

    ``next_on`` is when ``next_step`` would be done; None while ``reason`` holds without an
    end known in advance (a promise has one).
    """

    receivable_id: UUID
    days_past_due: int
    dunning_level: int
    next_step: Step | None
    next_on: date | None
    reason: Suppression | None
    right: CollectionRight
    assignee: Assignee | None
    asked: Statement

    @property
    def asked_cents(self) -> int:
        return self.asked.total.cents


def standings(
    session: Session,
    assignor: Organisation,
    receivable_ids: Collection[UUID],
    *,
    today: date,
    law: LegalParameters | None = None,
) -> dict[UUID, Standing]:
    """The standing of each of an assignor's receivables that has a due date; the same queries whatever their number."""
    files = case_files(session, assignor, receivable_ids, today=today)
    legal = law or current_law()
    return {one: _standing(file, today, legal) for one, file in files.items()}


def _standing(file: CaseFile, today: date, law: LegalParameters) -> Standing:
    case, steps = file.case, file.steps
    reason = suppression(case, today)
    settled = reason in SETTLED
    resumed_on = _resumed_on(case, reason, today)
    coming = None if settled else next_step(case, steps, resumed_on or today)
    return Standing(
        receivable_id=case.receivable_id,
        days_past_due=0 if settled else max((today - case.due_on).days, 0),
        dunning_level=case.dunning_level,
        next_step=coming[0] if coming else None,
        next_on=coming[1] if coming and resumed_on else None,
        reason=reason,
        right=case.right,
        assignee=file.assignee,
        asked=file.statement(today, law),
    )


def _resumed_on(case: Case, reason: Suppression | None, today: date) -> date | None:
    """The first day on which reminders may go out again; None when nobody can tell."""
    if reason is None:
        return today
    if reason is Suppression.PROMISED and case.promised_for is not None:
        return held_until(case.promised_for, case.promise_grace_days) + timedelta(days=1)
    return None
