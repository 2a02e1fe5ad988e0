"""Who is away, and who works through their list meanwhile."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.chasing.models import Absence
from portal.identity.models import Membership


class AbsenceRefused(ValueError):
    """The absence cannot be noted; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class AbsenceNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


def hand_over(
    session: Session,
    assignor_id: UUID,
    member_id: UUID,
    substitute_id: UUID,
    *,
    from_on: date,
    to_on: date,
    by: UUID | None,
    at: datetime,
) -> Absence:
    """A member is away: their list goes to a colleague from the first day to the last, included.

    Raises:
        AbsenceRefused: ``same_person``, ``ends_before_it_begins``, ``not_a_member``, or ``overlaps``
            (with an absence of this member, or of the substitute).
    """
    if member_id == substitute_id:
        raise AbsenceRefused("same_person")
    if to_on < from_on:
        raise AbsenceRefused("ends_before_it_begins")
    if not is_member(session, assignor_id, member_id, substitute_id):
        raise AbsenceRefused("not_a_member")
    if _overlapping(session, assignor_id, (member_id, substitute_id), from_on, to_on):
        raise AbsenceRefused("overlaps")
    absence = Absence(
        assignor_id=assignor_id,
        member_id=member_id,
        substitute_id=substitute_id,
        from_on=from_on,
        to_on=to_on,
        said_at=at,
        said_by=by,
    )
    session.add(absence)
    session.flush()
    facts = {"member": member_id, "substitute": substitute_id, "from": from_on, "to": to_on}
    trail.record(session, assignor_id, "hand_over_list", "absence", absence.id, facts, by=by, at=at)
    return absence


def take_back(
    session: Session, assignor_id: UUID, absence_id: UUID, *, by: UUID | None, at: datetime
) -> Absence:
    """The absence is over, or will not be; taking it back twice changes nothing.

    Raises:
        AbsenceNotFound: see there.
    """
    found = session.scalar(
        select(Absence)
        .where(Absence.id == absence_id, Absence.assignor_id == assignor_id)
        .with_for_update()
    )
    if found is None:
        raise AbsenceNotFound(absence_id)
    if found.cancelled_at is None:
        found.cancelled_at = at
        session.flush()
        trail.record(session, assignor_id, "take_list_back", "absence", found.id, by=by, at=at)
    return found


def absences_from(session: Session, assignor_id: UUID, today: date) -> Sequence[Absence]:
    """The absences of today and to come, the nearest first."""
    return session.scalars(
        select(Absence)
        .where(
            Absence.assignor_id == assignor_id,
            Absence.cancelled_at.is_(None),
            Absence.to_on >= today,
        )
        .order_by(Absence.from_on, Absence.id)
    ).all()


def follower(assignor_id: UUID, collector_id: Any, today: date) -> ColumnElement[UUID | None]:
    """In SQL: who works through the debtors of ``collector_id`` on that day; null once they have left the company."""
    stands_in = (
        select(Absence.substitute_id)
        .where(
            Absence.assignor_id == assignor_id,
            Absence.member_id == collector_id,
            Absence.cancelled_at.is_(None),
            Absence.from_on <= today,
            Absence.to_on >= today,
        )
        .limit(1)
        .scalar_subquery()
    )
    still_here = select(Membership.id).where(
        Membership.organisation_id == assignor_id,
        Membership.member_id == collector_id,
        Membership.revoked_at.is_(None),
    )
    return case((still_here.exists(), func.coalesce(stands_in, collector_id)))


def is_member(session: Session, assignor_id: UUID, *member_ids: UUID) -> bool:
    """Whether each of them belongs to the company today."""
    found = session.scalars(
        select(Membership.member_id).where(
            Membership.organisation_id == assignor_id,
            Membership.member_id.in_(member_ids),
            Membership.revoked_at.is_(None),
        )
    )
    return set(found) == set(member_ids)


def _overlapping(
    session: Session,
    assignor_id: UUID,
    member_ids: tuple[UUID, UUID],
    from_on: date,
    to_on: date,
) -> bool:
    member_id, substitute_id = member_ids
    away = Absence.member_id.in_(member_ids) | (
        (Absence.substitute_id == member_id) & (Absence.member_id != substitute_id)
    )
    found = session.scalar(
        select(Absence.id)
        .where(
            Absence.assignor_id == assignor_id,
            Absence.cancelled_at.is_(None),
            Absence.from_on <= to_on,
            Absence.to_on >= from_on,
            away,
        )
        .limit(1)
    )
    return found is not None
