"""Payments and their allocation; a mistake is undone, never deleted."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Identified
from pricing.late_payment import Imputation


class PaidTo(enum.StrEnum):
    ASSIGNOR = "assignor"
    ASSIGNEE = "assignee"


class Payment(Identified):
    """Money received from a debtor by the assignor or by the assignee."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    received_on: Mapped[date]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    paid_to: Mapped[PaidTo] = mapped_column(default=PaidTo.ASSIGNOR)
    imputation: Mapped[Imputation] = mapped_column(default=Imputation.INTEREST_FIRST)
    method: Mapped[str | None]
    reference: Mapped[str | None]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]
    undone_because: Mapped[str | None]

    allocations: Mapped[list["PaymentAllocation"]] = relationship(back_populates="payment")


class PaymentAllocation(Identified):
    """The part of a payment that settles one receivable, split as the law imputes it."""

    __tablename__ = "payment_allocation"
    __table_args__ = (
        CheckConstraint(
            "principal_cents >= 0 AND interest_cents >= 0 AND indemnity_cents >= 0",
            name="parts_positive",
        ),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payment.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    principal_cents: Mapped[int]
    interest_cents: Mapped[int] = mapped_column(default=0)
    indemnity_cents: Mapped[int] = mapped_column(default=0)
    allocated_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship(back_populates="allocations")
