"""Dunning plans, reminders, promises and disputes."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class DunningPlan(Identified):
    """The steps an assignor has approved; a version is never edited, a new one replaces it."""

    __tablename__ = "dunning_plan"
    __table_args__ = (
        UniqueConstraint("assignor_id", "version"),
        Index(
            "uq_dunning_plan_active",
            "assignor_id",
            unique=True,
            postgresql_where="activated_at IS NOT NULL AND retired_at IS NULL",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    version: Mapped[int]
    steps: Mapped[list[Any]]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]


class ReminderState(enum.StrEnum):
    SENT = "sent"
    DRAFTED = "drafted"
    SUPPRESSED = "suppressed"
    OVERTAKEN = "overtaken"


class Reminder(Identified):
    """One step of the plan for one receivable: sent, drafted, or not sent and why. Each step happens once."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("receivable_id", "step_code"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("dunning_plan.id"))
    step_code: Mapped[str]
    dunning_level: Mapped[int]
    planned_on: Mapped[date]
    decided_on: Mapped[date]
    state: Mapped[ReminderState]
    reason_code: Mapped[str | None]
    asked_cents: Mapped[int | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime]


class Promise(Identified):
    """The debtor said it would pay so much by such a day."""

    __tablename__ = "promise"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    amount_cents: Mapped[int]
    promised_for: Mapped[date]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]


class DisputeReason(enum.StrEnum):
    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    DELIVERY = "delivery"
    MISSING_DOCUMENT = "missing_document"
    DUPLICATE = "duplicate"
    OTHER = "other"


class DisputeOutcome(enum.StrEnum):
    FOUNDED = "founded"
    UNFOUNDED = "unfounded"
    SETTLED = "settled"


class Dispute(Identified):
    """The debtor contests the whole or a part; the rest is still collected."""

    __tablename__ = "dispute"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[DisputeReason]
    note: Mapped[str | None]
    opened_on: Mapped[date]
    opened_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    closed_by: Mapped[UUID | None]
    outcome: Mapped[DisputeOutcome | None]
