"""Asking somebody to join an organisation; the e-mailed token is kept only as a digest."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.config import Settings
from portal.db import Viewer, ViewerKind, look_as
from portal.identity.claiming import PasswordMissing, member_of_email, new_member
from portal.identity.memberships import RoleUnknownHere, roles_of
from portal.identity.models import Invitation, Member, Membership, Organisation, Role
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose

INVITATION_DAYS = 14
INVITATION_PATH = "/invitations/"


class AlreadyMember(Exception):
    """The address already belongs to a member of this organisation."""


class InvitationUnusable(Exception):
    """The link was altered, has expired, was withdrawn or has been used."""


class InvitationForAnother(Exception):
    """The invitation was sent to another address than the one signed in."""


def invite(
    session: Session,
    organisation: Organisation,
    email: str,
    role: Role,
    *,
    settings: Settings,
    by: Member | None,
    at: datetime,
) -> Invitation:
    """Invite an address and e-mail the link; an earlier open invitation of that address is withdrawn.

    Raises:
        RoleUnknownHere: the organisation's kind has no such role.
        AlreadyMember: the address is a member's.
    """
    if role not in roles_of(organisation.kind):
        raise RoleUnknownHere(role)
    address = email.strip().lower()
    _refuse_member(session, organisation.id, address)
    _withdraw_earlier(session, organisation.id, address, at)
    token = f"{organisation.id.hex}{secrets.token_urlsafe(32)}"
    invitation = Invitation(
        organisation_id=organisation.id,
        email=address,
        role=role,
        token_digest=_digest(token),
        invited_by=by.id if by else uuid4(),
        invited_at=at,
        expires_at=at + timedelta(days=INVITATION_DAYS),
    )
    session.add(invitation)
    session.flush()
    _record(session, invitation, "member_invited", by=by.id if by else None, at=at)
    url = f"{settings.public_url}{INVITATION_PATH}{token}"
    write(session, _message(invitation, organisation, by, url), at=at)
    return invitation


def withdraw_invitation(
    session: Session, invitation: Invitation, *, by: UUID, at: datetime
) -> None:
    """Close an invitation: its link opens nothing any more."""
    invitation.revoked_at = at
    _record(session, invitation, "invitation_withdrawn", by=by, at=at)


def invitation_of_token(session: Session, token: str, *, at: datetime) -> Invitation:
    """The open invitation of an e-mailed token; the session then looks as the door of its organisation.

    Raises:
        InvitationUnusable: altered, expired, withdrawn or used.
    """
    try:
        organisation_id = UUID(hex=token[:32])
    except ValueError as error:
        raise InvitationUnusable("this link was cut short") from error
    look_as(session, Viewer(ViewerKind.DOOR, organisation_id))
    invitation = session.scalar(
        select(Invitation).where(
            Invitation.organisation_id == organisation_id,
            Invitation.token_digest == _digest(token),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at >= at,
        )
    )
    if invitation is None:
        raise InvitationUnusable("this invitation has expired, was withdrawn or has been used")
    return invitation


def accept_invitation(
    session: Session,
    invitation: Invitation,
    *,
    signed_in_as: str | None = None,
    password_hash: str | None = None,
    name: str | None = None,
    at: datetime,
) -> Member:
    """Make the invited address a member of the organisation.

    Call it right after `invitation_of_token`: holding the link proves that the address is read. Who has an
    account must be signed in with it (``signed_in_as``, their address); who has none gives a password.

    Raises:
        InvitationForAnother: signed in with another address, or not signed in with the invited account.
        PasswordMissing: a new member without a password.
    """
    known = member_of_email(session, invitation.email)
    if known is not None and known.password and (signed_in_as or "").lower() != invitation.email:
        raise InvitationForAnother(invitation.id)
    member = known or new_member(invitation.email, locale="fr", at=at)
    if member.password is None:
        if password_hash is None:
            raise PasswordMissing(invitation.email)
        member.password, member.name = password_hash, name
    member.confirmed_at = member.confirmed_at or at
    session.add(member)
    session.flush()
    session.add(
        Membership(
            member_id=member.id,
            organisation_id=invitation.organisation_id,
            role=invitation.role,
            created_at=at,
        )
    )
    invitation.accepted_at = at
    _record(session, invitation, "invitation_accepted", by=member.id, at=at)
    return member


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _refuse_member(session: Session, organisation_id: UUID, address: str) -> None:
    known = session.scalar(
        select(Membership.id)
        .join(Membership.member)
        .where(
            Membership.organisation_id == organisation_id,
            Membership.revoked_at.is_(None),
            Member.email == address,
        )
    )
    if known is not None:
        raise AlreadyMember(known)


def _withdraw_earlier(session: Session, organisation_id: UUID, address: str, at: datetime) -> None:
    for earlier in session.scalars(
        select(Invitation).where(
            Invitation.organisation_id == organisation_id,
            Invitation.email == address,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
    ):
        earlier.revoked_at = at


def _message(
    invitation: Invitation, organisation: Organisation, by: Member | None, url: str
) -> Draft:
    wording = compose(
        "invitation",
        organisation.locale,
        organisation_name=organisation.legal_name,
        inviter_name=(by.name or by.email) if by else "Encaisse",
        expires_on=invitation.expires_at.date(),
        url=url,
    )
    return Draft(
        kind="invitation",
        dedupe_key=f"invitation:{invitation.id}",
        to_address=invitation.email,
        subject=wording.subject,
        body_text=wording.text,
        body_html=wording.html,
        locale=wording.locale,
        organisation_id=organisation.id,
    )


def _record(
    session: Session, invitation: Invitation, action: str, *, by: UUID | None, at: datetime
) -> None:
    record(
        session,
        invitation.organisation_id,
        action,
        "invitation",
        invitation.id,
        {"role": invitation.role},
        by=by,
        at=at,
    )
