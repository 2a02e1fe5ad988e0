"""From an application to an account: the applicant has proved the e-mail address, the prospect becomes active."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.db import Viewer, ViewerKind, look_as
from portal.identity.applications import applicant_viewer
from portal.identity.models import (
    Application,
    Member,
    Membership,
    Organisation,
    OrganisationState,
    Role,
)


class CompanyAlreadyHere(Exception):
    """An active organisation has this SIREN: its owner must invite the applicant; the application is kept."""


class ApplicationClaimedByAnother(Exception):
    """Another member has already taken this application over."""


class PasswordMissing(Exception):
    """A new member needs a password before the account exists."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The account and the company an application became; ``new_member`` is false for a known address."""

    member: Member
    organisation: Organisation
    new_member: bool


def member_of_email(session: Session, email: str) -> Member | None:
    """The member who signs in with this address, whatever the case; needs the door's eyes."""
    return session.scalar(select(Member).where(func.lower(Member.email) == email.strip().lower()))


def has_account(session: Session, application: Application) -> bool:
    """Whether the applicant's address already signs in, so that no password is asked."""
    email = application.email or ""
    before = session.info["viewer"]
    look_as(session, Viewer(ViewerKind.DOOR, application.organisation_id))
    known = member_of_email(session, email)
    found = known is not None and known.password is not None
    look_as(session, before)
    return found


def claim_application(
    session: Session,
    application: Application,
    *,
    password_hash: str | None = None,
    name: str | None = None,
    at: datetime,
) -> Claim:
    """Make the applicant a member and owner, and the prospect an active company; repeating is harmless.

    Call it only for an application reached through its confirmation link: that link is the proof that the
    applicant reads the address. ``password_hash`` is ignored when the address already signs in.

    Raises:
        CompanyAlreadyHere: the SIREN belongs to an active company; nothing of the application is lost.
        ApplicationClaimedByAnother: somebody else owns it already.
        PasswordMissing: a new member without a password.
    """
    look_as(session, Viewer(ViewerKind.DOOR, application.organisation_id))
    organisation = session.get_one(Organisation, application.organisation_id)
    _activate(session, organisation)
    known = member_of_email(session, application.email or "")
    if application.claimed_by not in (None, known.id if known else None):
        raise ApplicationClaimedByAnother(application.id)
    member = known or _new_member(application, organisation, at)
    if member.password is None:
        if password_hash is None:
            raise PasswordMissing(application.email)
        member.password = password_hash
    member.name = member.name or name
    member.confirmed_at = member.confirmed_at or at
    session.add(member)
    session.flush()
    if application.claimed_by is None:
        _make_owner(session, application, organisation, member, at)
    look_as(session, applicant_viewer(organisation.id))
    return Claim(member, organisation, new_member=known is None)


def new_member(email: str, *, locale: str, at: datetime) -> Member:
    """A member who cannot sign in yet: no password, address not confirmed."""
    return Member(
        id=uuid4(),
        email=email.strip().lower(),
        fs_uniquifier=uuid4().hex,
        fs_webauthn_user_handle=uuid4().hex,
        locale=locale,
        create_datetime=at,
        update_datetime=at,
    )


def _new_member(application: Application, organisation: Organisation, at: datetime) -> Member:
    return new_member(application.email or "", locale=organisation.locale, at=at)


def _activate(session: Session, organisation: Organisation) -> None:
    if organisation.state is not OrganisationState.PROSPECT:
        return
    try:
        with session.begin_nested():
            organisation.state = OrganisationState.ACTIVE
            session.flush()
    except IntegrityError as error:
        raise CompanyAlreadyHere(organisation.siren) from error


def _make_owner(
    session: Session,
    application: Application,
    organisation: Organisation,
    member: Member,
    at: datetime,
) -> None:
    session.add(
        Membership(
            member_id=member.id, organisation_id=organisation.id, role=Role.OWNER, created_at=at
        )
    )
    application.claimed_by, application.confirmed_at = member.id, at
    organisation.email = organisation.email or application.email
    record(
        session,
        organisation.id,
        "application_claimed",
        "application",
        application.id,
        by=member.id,
        at=at,
    )
