"""Several debtors at once: what would happen is shown, then done, by the same rule."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.chasing.absences import is_member
from portal.collections.chasing.calls import come_back, finish_due
from portal.collections.chasing.models import FollowUp, FollowUpKind
from portal.debtors.models import Debtor

AT_MOST = 500


class BulkAct(enum.StrEnum):
    """What may be done to several debtors."""

    POSTPONE = "postpone"
    GIVE = "give"


class BulkRefused(ValueError):
    """The act lacks something; ``code`` says what."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Bulk:
    """One act on several debtors: put off to ``on``, or given to ``member_id`` (None: to nobody)."""

    act: BulkAct
    on: date | None = None
    because: str | None = None
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the act does to one debtor; ``changes`` is False when it already is so."""

    debtor: Debtor
    changes: bool
    before_id: UUID | None
    waiting_until: date | None


def foresee_bulk(
    session: Session, assignor_id: UUID, debtor_ids: Sequence[UUID], bulk: Bulk, *, today: date
) -> list[Effect]:
    """What the act would do to each debtor, by name; nothing is written. Two queries.

    Raises:
        BulkRefused: ``nothing_chosen``, ``day_missing``, ``day_past`` or ``not_a_member``.
    """
    _refuse_incomplete(session, assignor_id, debtor_ids, bulk, today)
    debtors = session.scalars(
        select(Debtor)
        .where(Debtor.assignor_id == assignor_id, Debtor.id.in_(debtor_ids[:AT_MOST]))
        .order_by(Debtor.name, Debtor.id)
    ).all()
    later = session.execute(
        select(FollowUp.debtor_id, func.min(FollowUp.due_on))
        .where(
            FollowUp.assignor_id == assignor_id,
            FollowUp.debtor_id.in_([one.id for one in debtors]),
            FollowUp.kind != FollowUpKind.MENTION,
            FollowUp.done_at.is_(None),
            FollowUp.due_on > today,
        )
        .group_by(FollowUp.debtor_id)
    )
    waiting = dict(later.all())
    return [_effect(one, bulk, waiting.get(one.id)) for one in debtors]


def do_bulk(
    session: Session,
    assignor_id: UUID,
    debtor_ids: Sequence[UUID],
    bulk: Bulk,
    *,
    by: UUID | None,
    at: datetime,
) -> int:
    """Do what `foresee_bulk` shows; how many debtors changed.

    Raises:
        BulkRefused: see there.
    """
    today = at.astimezone(PARIS).date()
    effects = foresee_bulk(session, assignor_id, debtor_ids, bulk, today=today)
    changed = [one.debtor for one in effects if one.changes]
    for debtor in changed:
        if bulk.act is BulkAct.GIVE:
            debtor.collector_id = bulk.member_id
        elif bulk.on is not None:
            finish_due(session, debtor, bulk.on, by=by, at=at)
            come_back(
                session,
                debtor,
                FollowUpKind.POSTPONED,
                bulk.on,
                by=by,
                at=at,
                because=bulk.because,
            )
    session.flush()
    if changed:
        facts = {"act": bulk.act.value, "debtors": [one.id for one in changed]}
        trail.record(
            session, assignor_id, "act_on_worklist", "debtor", changed[0].id, facts, by=by, at=at
        )
    return len(changed)


def _effect(debtor: Debtor, bulk: Bulk, waiting_until: date | None) -> Effect:
    same = {
        BulkAct.GIVE: debtor.collector_id == bulk.member_id,
        BulkAct.POSTPONE: waiting_until == bulk.on,
    }
    return Effect(debtor, not same[bulk.act], debtor.collector_id, waiting_until)


def _refuse_incomplete(
    session: Session, assignor_id: UUID, debtor_ids: Sequence[UUID], bulk: Bulk, today: date
) -> None:
    if not debtor_ids:
        raise BulkRefused("nothing_chosen")
    if bulk.act is BulkAct.POSTPONE and bulk.on is None:
        raise BulkRefused("day_missing")
    if bulk.on is not None and bulk.on <= today:
        raise BulkRefused("day_past")
    given_to = bulk.member_id
    if given_to is not None and not is_member(session, assignor_id, given_to):
        raise BulkRefused("not_a_member")
