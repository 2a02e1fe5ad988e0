"""Mandates."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class MandateState(enum.StrEnum):
    ASKED = "asked"
    LIVE = "live"
    DECLINED = "declined"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Mandate(Identified):
    """An assignor's written leave for a broker to act for it, dated (CMF L519-2)."""

    __tablename__ = "mandate"
    __table_args__ = (
        Index(
            "uq_mandate_live",
            "broker_id",
            "assignor_id",
            unique=True,
            postgresql_where="state IN ('asked', 'live')",
        ),
    )

    broker_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[MandateState] = mapped_column(default=MandateState.ASKED)
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    terms: Mapped[str]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[UUID | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
