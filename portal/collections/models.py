"""Reminders, promises and disputes."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class Channel(enum.StrEnum):
    """How a step reaches the debtor; a formal notice is drafted, and the assignor sends it."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    REGISTERED_EMAIL = "registered_email"
    PHONE = "phone"
    FORMAL_NOTICE = "formal_notice"


class ReminderState(enum.StrEnum):
    """``to_call`` is a call that a person has to make; ``drafted`` a document that a person has to send."""

    SENT = "sent"
    TO_CALL = "to_call"
    DRAFTED = "drafted"
    SUPPRESSED = "suppressed"
    OVERTAKEN = "overtaken"


class Reminder(Identified):
    """One step of a scenario for one receivable: done, or not done and why. Each step happens once.

    Receivables reminded together share ``message_id`` and ``document_id``; ``document_number`` is the
    reminder document's own.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("receivable_id", "step_code"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    scenario_id: Mapped[UUID] = mapped_column(ForeignKey("dunning_scenario.id"))
    step_code: Mapped[str]
    channel: Mapped[Channel] = mapped_column(default=Channel.EMAIL)
    dunning_level: Mapped[int]
    planned_on: Mapped[date]
    decided_on: Mapped[date]
    state: Mapped[ReminderState]
    reason_code: Mapped[str | None]
    asked_cents: Mapped[int | None]
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    document_number: Mapped[str | None]
    created_at: Mapped[datetime]


class Promise(Identified):
    """The debtor said it would pay so much by such a day; ``broken_on`` is the day it was found not kept."""

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
    broken_on: Mapped[date | None]


class DisputeReason(enum.StrEnum):
    PRICE = "price"
    QUANTITY = "quantity"
    QUALITY = "quality"
    DELIVERY = "delivery"
    MISSING_DOCUMENT = "missing_document"
    ORDER_MISSING = "order_missing"
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
