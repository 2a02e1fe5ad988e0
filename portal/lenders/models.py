"""Lender profiles, rate cards and debtor limits."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, Identified
from portal.identity.models import Organisation
from pricing.products.quote import Product


class LenderProfile(Base):
    """How one lender is reached and what it is in law; its secrets are in `LenderSecret`."""

    __tablename__ = "lender_profile"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    adapter: Mapped[str]
    endpoint_url: Mapped[str | None]
    regulatory_status: Mapped[str]
    registration_number: Mapped[str | None]
    presentation: Mapped[str | None]
    answers_within_hours: Mapped[int] = mapped_column(default=48)
    collection_iban: Mapped[str | None]
    accepting: Mapped[bool] = mapped_column(default=True)

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class LenderSecret(Base):
    """What signs our calls to a lender and its calls to us; encrypted, read by jobs only."""

    __tablename__ = "lender_secret"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    outgoing_key: Mapped[str]
    webhook_keys: Mapped[list[str]] = mapped_column(default=list)
    rotated_at: Mapped[datetime]


class RateCard(Identified):
    """One version of one lender's tariff and policy; inert until activated, never edited after.

    A lender may offer one product under several cards (factoring with and without recourse): ``slug`` tells them apart.
    """

    __tablename__ = "rate_card"
    __table_args__ = (
        UniqueConstraint("lender_id", "slug", "version"),
        Index(
            "uq_rate_card_active",
            "lender_id",
            "slug",
            unique=True,
            postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
        ),
    )

    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str]
    title: Mapped[str]
    product: Mapped[Product]
    version: Mapped[int]
    tariff: Mapped[dict[str, Any]]
    policy: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class DebtorLimit(Identified):
    """What one lender will cover on one debtor; nobody else sees it."""

    __tablename__ = "debtor_limit"
    __table_args__ = (UniqueConstraint("lender_id", "debtor_siren"),)

    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_siren: Mapped[str] = mapped_column(String(9))
    limit_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    set_on: Mapped[date]
