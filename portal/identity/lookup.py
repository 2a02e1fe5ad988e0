"""Members, invitations and organisations, reached for the organisation that may see them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from portal.identity.models import Invitation, Member, Membership, Organisation


class MembershipNotFound(Exception):
    """There is no such member in this organisation."""


class InvitationNotFound(Exception):
    """There is no such open invitation."""


def members_of(session: Session, organisation_id: UUID) -> list[Membership]:
    """The organisation's members, with who they are, oldest first."""
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.member)
            .options(contains_eager(Membership.member))
            .where(Membership.organisation_id == organisation_id, Membership.revoked_at.is_(None))
            .order_by(Membership.created_at, Member.email)
        )
    )


def find_membership(
    session: Session, membership_id: UUID, *, organisation_id: UUID, lock: bool = False
) -> Membership:
    """One member of the organisation.

    Raises:
        MembershipNotFound: revoked, unknown, or another organisation's.
    """
    query = select(Membership).where(
        Membership.id == membership_id,
        Membership.organisation_id == organisation_id,
        Membership.revoked_at.is_(None),
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise MembershipNotFound(membership_id)
    return found


def open_invitations(session: Session, organisation_id: UUID, *, at: datetime) -> list[Invitation]:
    """Invitations nobody has answered and that still open, newest first."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.organisation_id == organisation_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at >= at,
            )
            .order_by(Invitation.invited_at.desc(), Invitation.email)
        )
    )


def find_invitation(session: Session, invitation_id: UUID, *, organisation_id: UUID) -> Invitation:
    """One invitation of the organisation that nobody has accepted or withdrawn.

    Raises:
        InvitationNotFound: answered, withdrawn, unknown, or another organisation's.
    """
    found = session.scalar(
        select(Invitation).where(
            Invitation.id == invitation_id,
            Invitation.organisation_id == organisation_id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
    )
    if found is None:
        raise InvitationNotFound(invitation_id)
    return found


def organisations_of(session: Session, member_id: UUID) -> list[Organisation]:
    """Every organisation the member may act for, by name."""
    return list(
        session.scalars(
            select(Organisation)
            .join(Membership, Membership.organisation_id == Organisation.id)
            .where(Membership.member_id == member_id, Membership.revoked_at.is_(None))
            .order_by(Organisation.legal_name)
        )
    )
