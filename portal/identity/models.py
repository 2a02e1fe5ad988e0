"""Organisations, members, memberships, invitations and unfinished applications."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Identified


class OrganisationKind(enum.StrEnum):
    ASSIGNOR = "assignor"
    LENDER = "lender"
    BROKER = "broker"
    OPERATOR = "operator"


class OrganisationState(enum.StrEnum):
    """A prospect has applied but nobody has confirmed an account for it yet."""

    PROSPECT = "prospect"
    ACTIVE = "active"
    CLOSED = "closed"


class Role(enum.StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    READER = "reader"
    CREDIT_OFFICER = "credit_officer"


class Organisation(Identified):
    """A company on the marketplace; one active organisation per kind and SIREN."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index(
            "uq_organisation_active_siren",
            "kind",
            "siren",
            unique=True,
            postgresql_where="state = 'active' AND siren IS NOT NULL",
        ),
    )

    kind: Mapped[OrganisationKind]
    state: Mapped[OrganisationState]
    legal_name: Mapped[str]
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    vat_id: Mapped[str | None]
    legal_form: Mapped[str | None]
    activity_code: Mapped[str | None]
    address_line: Mapped[str | None]
    postal_code: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str] = mapped_column(String(2), default="FR")
    iban: Mapped[str | None]
    email: Mapped[str | None]
    reply_to: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="fr")
    insolvent_since: Mapped[date | None]
    reminders_consented_at: Mapped[datetime | None]
    reminders_consented_by: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Member(Identified):
    """A person with an account; what they may do depends on the organisation they act for."""

    __tablename__ = "member"

    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    name: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="fr")
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]
    mf_recovery_codes: Mapped[list[str] | None]
    create_datetime: Mapped[datetime]
    update_datetime: Mapped[datetime]

    memberships: Mapped[list["Membership"]] = relationship(back_populates="member")
    webauthn: Mapped[list["Passkey"]] = relationship(back_populates="member")


class Passkey(Identified):
    """One WebAuthn credential of a member."""

    __tablename__ = "passkey"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None]
    backup_state: Mapped[bool]
    device_type: Mapped[str]
    extensions: Mapped[str | None]
    create_datetime: Mapped[datetime]
    lastuse_datetime: Mapped[datetime]
    name: Mapped[str]
    usage: Mapped[str]

    member: Mapped[Member] = relationship(back_populates="webauthn")


class Membership(Identified):
    """A member's role in one organisation, until revoked."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_live",
            "member_id",
            "organisation_id",
            unique=True,
            postgresql_where="revoked_at IS NULL",
        ),
    )

    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    role: Mapped[Role]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship(back_populates="memberships")
    organisation: Mapped[Organisation] = relationship()


class Invitation(Identified):
    """An address asked to join an organisation; only the digest of its token is kept."""

    __tablename__ = "invitation"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str]
    role: Mapped[Role]
    token_digest: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[UUID]
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Application(Identified):
    """A one-minute application under way, before there is an account; resumed by its signed link."""

    __tablename__ = "application"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), unique=True)
    email: Mapped[str | None]
    broker_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    step: Mapped[str]
    interactions: Mapped[int] = mapped_column(default=0)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))


class DemoCalendar(Identified):
    """How many days a demonstration has moved its calendar; never used in production."""

    __tablename__ = "demo_calendar"
    __table_args__ = (UniqueConstraint("singleton"),)

    singleton: Mapped[bool] = mapped_column(default=True)
    advanced_days: Mapped[int] = mapped_column(default=0)
