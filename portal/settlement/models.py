"""Movements of money on a deed, as the lender states them."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class MovementKind(enum.StrEnum):
    DISBURSED = "disbursed"
    DEBTOR_PAID = "debtor_paid"
    FORWARDED = "forwarded"
    RESERVE_RELEASED = "reserve_released"
    RECOURSE_CALLED = "recourse_called"
    RECOURSE_PAID = "recourse_paid"
    LOSS_TAKEN = "loss_taken"
    CHARGES_PAID = "charges_paid"


class Movement(Identified):
    """One movement confirmed by the lender, with the journal entry that books it."""

    __tablename__ = "movement"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    deed_id: Mapped[UUID] = mapped_column(ForeignKey("deed.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    kind: Mapped[MovementKind]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    value_date: Mapped[date]
    partner_reference: Mapped[str | None]
    journal_entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entry.id"))
    lender_event_id: Mapped[UUID | None] = mapped_column(ForeignKey("lender_event.id"), unique=True)
    recorded_at: Mapped[datetime]
