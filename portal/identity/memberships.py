"""Who belongs to an organisation and in what role; there is always an owner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.identity.models import Membership, OrganisationKind, Role
from portal.identity.permissions import PERMISSIONS


class LastOwner(Exception):
    """The organisation would be left without an owner: give the role to somebody else first."""


class RoleUnknownHere(Exception):
    """This kind of organisation has no such role."""


def roles_of(kind: OrganisationKind) -> tuple[Role, ...]:
    """The roles a member may have in this kind of organisation, the widest first."""
    return tuple(role for role in Role if (kind, role) in PERMISSIONS)


def change_role(
    session: Session, membership: Membership, role: Role, *, by: UUID, at: datetime
) -> None:
    """Give a member another role.

    Raises:
        RoleUnknownHere: the organisation's kind has no such role.
        LastOwner: nobody else owns the organisation.
    """
    if role not in roles_of(membership.organisation.kind):
        raise RoleUnknownHere(role)
    if role is not Role.OWNER:
        _keep_an_owner(session, membership)
    before, membership.role = membership.role, role
    _record(session, membership, "role_changed", {"before": before, "after": role}, by=by, at=at)


def revoke_membership(session: Session, membership: Membership, *, by: UUID, at: datetime) -> None:
    """Take a member out of the organisation from now on; what they did stays theirs.

    Raises:
        LastOwner: nobody else owns the organisation.
    """
    _keep_an_owner(session, membership)
    membership.revoked_at = at
    _record(session, membership, "membership_revoked", {"role": membership.role}, by=by, at=at)


def _keep_an_owner(session: Session, membership: Membership) -> None:
    if membership.role is not Role.OWNER:
        return
    owners = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.organisation_id == membership.organisation_id,
            Membership.role == Role.OWNER,
            Membership.revoked_at.is_(None),
            Membership.id != membership.id,
        )
    )
    if not owners:
        raise LastOwner(membership.id)


def _record(
    session: Session,
    membership: Membership,
    action: str,
    facts: dict[str, Role],
    *,
    by: UUID,
    at: datetime,
) -> None:
    record(
        session,
        membership.organisation_id,
        action,
        "membership",
        membership.id,
        {"member": membership.member_id, **facts},
        by=by,
        at=at,
    )
