"""Which scenario is for which receivable: its own, else its debtor's, else its segment's, else the one for all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, select
from sqlalchemy.orm import Session, aliased

from portal.audit import trail
from portal.collections.dunning.models import DebtorPlacement, Scenario, ScenarioChoice, Segment
from portal.debtors.models import Debtor, DebtorSegment
from portal.receivables.models import Receivable

HOME_COUNTRY = "FR"


class ChoiceRefused(ValueError):
    """The choice cannot be made; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a choice is for; nobody named means everybody else."""

    segment: Segment | None = None
    debtor_id: UUID | None = None
    receivable_id: UUID | None = None


EVERYBODY = Scope()


def choose_scenario(
    session: Session,
    assignor_id: UUID,
    slug: str | None,
    scope: Scope = EVERYBODY,
    *,
    because: str | None = None,
    by: UUID | None,
    at: datetime,
) -> ScenarioChoice:
    """Use a scenario for a scope, in place of what was chosen before; without ``slug`` send nothing automatically.

    Raises:
        ChoiceRefused: no such scenario, or nothing is to be sent and no reason is given.
    """
    if slug is None and not (because or "").strip():
        raise ChoiceRefused("reason_missing")
    if slug is not None and not _exists(session, assignor_id, slug):
        raise ChoiceRefused("scenario_unknown")
    choice = choice_of(session, assignor_id, scope)
    if choice is None:
        choice = ScenarioChoice(
            assignor_id=assignor_id,
            segment=scope.segment,
            debtor_id=scope.debtor_id,
            receivable_id=scope.receivable_id,
        )
        session.add(choice)
    choice.slug, choice.because = slug, (because or "").strip() or None
    choice.chosen_at, choice.chosen_by = at, by
    session.flush()
    facts = {"slug": slug, **_described(scope)}
    trail.record(
        session, assignor_id, "choose_scenario", "scenario_choice", choice.id, facts, by=by, at=at
    )
    return choice


def forget_choice(
    session: Session, assignor_id: UUID, scope: Scope, *, by: UUID | None, at: datetime
) -> None:
    """Let the wider choice apply again."""
    choice = choice_of(session, assignor_id, scope)
    if choice is None:
        return
    choice_id = choice.id
    session.delete(choice)
    session.flush()
    facts = _described(scope)
    trail.record(
        session, assignor_id, "forget_scenario", "scenario_choice", choice_id, facts, by=by, at=at
    )


def choice_of(session: Session, assignor_id: UUID, scope: Scope) -> ScenarioChoice | None:
    """What was chosen for exactly this scope."""
    return session.scalar(
        select(ScenarioChoice).where(
            ScenarioChoice.assignor_id == assignor_id,
            ScenarioChoice.segment.is_not_distinct_from(scope.segment),
            ScenarioChoice.debtor_id.is_not_distinct_from(scope.debtor_id),
            ScenarioChoice.receivable_id.is_not_distinct_from(scope.receivable_id),
        )
    )


def wide_choices(session: Session, assignor_id: UUID) -> Mapping[Segment | None, ScenarioChoice]:
    """The choices for segments, and under None the one for everybody else."""
    rows = session.scalars(
        select(ScenarioChoice).where(
            ScenarioChoice.assignor_id == assignor_id,
            ScenarioChoice.debtor_id.is_(None),
            ScenarioChoice.receivable_id.is_(None),
        )
    )
    return {row.segment: row for row in rows}


def place_debtor(
    session: Session,
    debtor: Debtor,
    segment: Segment,
    *,
    because: str | None,
    by_hand: bool,
    by: UUID | None,
    at: datetime,
) -> DebtorPlacement | None:
    """Put a debtor in a segment; a placement found from behaviour never replaces one made by hand (None)."""
    placement = session.scalar(
        select(DebtorPlacement).where(DebtorPlacement.debtor_id == debtor.id)
    )
    if placement is None:
        placement = DebtorPlacement(assignor_id=debtor.assignor_id, debtor_id=debtor.id)
        session.add(placement)
    elif placement.by_hand and not by_hand:
        return None
    placement.segment, placement.by_hand, placement.because = segment, by_hand, because
    placement.placed_at, placement.placed_by = at, by
    session.flush()
    facts = {"segment": segment.value, "by_hand": by_hand}
    trail.record(
        session, debtor.assignor_id, "place_debtor", "debtor", debtor.id, facts, by=by, at=at
    )
    return placement


def lift_placement(session: Session, debtor: Debtor, *, by: UUID | None, at: datetime) -> None:
    """Forget the segment set by hand; behaviour decides again."""
    session.execute(delete(DebtorPlacement).where(DebtorPlacement.debtor_id == debtor.id))
    trail.record(session, debtor.assignor_id, "lift_placement", "debtor", debtor.id, by=by, at=at)


def segments_of(
    session: Session, assignor_id: UUID, debtor_ids: Collection[UUID]
) -> dict[UUID, Segment | None]:
    """The segment of each debtor: placed, else public or abroad by its nature, else none."""
    rows = session.execute(
        select(Debtor.id, segment_expression())
        .outerjoin(DebtorPlacement, DebtorPlacement.debtor_id == Debtor.id)
        .where(Debtor.assignor_id == assignor_id, Debtor.id.in_(debtor_ids))
    )
    return {debtor_id: Segment(found) if found else None for debtor_id, found in rows}


def segment_expression() -> ColumnElement[str | None]:
    """The segment in SQL, over `Debtor` outer-joined to `DebtorPlacement`."""
    return case(
        (DebtorPlacement.segment.is_not(None), DebtorPlacement.segment),
        (Debtor.segment == DebtorSegment.PUBLIC, Segment.PUBLIC.value),
        (Debtor.country != HOME_COUNTRY, Segment.ABROAD.value),
    )


def chosen_scenarios(assignor_id: UUID) -> Select[Any]:
    """For each of an assignor's receivables: its id, debtor and due day, the ``slug`` chosen and ``opted_out``."""
    own, debtors, segments, everybody = (aliased(ScenarioChoice) for _ in range(4))
    order: Sequence[Any] = (own, debtors, segments, everybody)
    slug = case(*((one.id.is_not(None), one.slug) for one in order))
    opted_out = case(*((one.id.is_not(None), one.slug.is_(None)) for one in order), else_=False)
    narrow = and_(everybody.debtor_id.is_(None), everybody.receivable_id.is_(None))
    return (
        select(
            Receivable.id.label("receivable_id"),
            Receivable.debtor_id,
            Receivable.due_on,
            slug.label("slug"),
            opted_out.label("opted_out"),
        )
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .outerjoin(DebtorPlacement, DebtorPlacement.debtor_id == Debtor.id)
        .outerjoin(own, own.receivable_id == Receivable.id)
        .outerjoin(debtors, debtors.debtor_id == Receivable.debtor_id)
        .outerjoin(
            segments,
            and_(segments.assignor_id == assignor_id, segments.segment == segment_expression()),
        )
        .outerjoin(
            everybody,
            and_(everybody.assignor_id == assignor_id, everybody.segment.is_(None), narrow),
        )
        .where(Receivable.assignor_id == assignor_id, Receivable.due_on.is_not(None))
    )


def _exists(session: Session, assignor_id: UUID, slug: str) -> bool:
    wanted = and_(Scenario.assignor_id == assignor_id, Scenario.slug == slug)
    return session.scalar(select(Scenario.id).where(wanted).limit(1)) is not None


def _described(scope: Scope) -> dict[str, Any]:
    named = {
        "segment": scope.segment.value if scope.segment else None,
        "debtor_id": scope.debtor_id,
        "receivable_id": scope.receivable_id,
    }
    return {name: value for name, value in named.items() if value is not None}
