"""Receivables, credit notes, and the batches that brought them in."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Identified
from portal.debtors.models import Debtor


class ImportOutcome(enum.StrEnum):
    """What became of one file, document or row."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class ImportBatch(Identified):
    """Files brought in together."""

    __tablename__ = "import_batch"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    source: Mapped[str]
    received_at: Mapped[datetime]
    received_by: Mapped[UUID | None]

    rows: Mapped[list["ImportRow"]] = relationship(
        back_populates="batch", order_by="ImportRow.position"
    )


class ImportRow(Identified):
    """One document or spreadsheet row of a batch: what was read, and what became of it."""

    __tablename__ = "import_row"

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("import_batch.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    position: Mapped[int]
    filename: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    format: Mapped[str | None]
    profile: Mapped[str | None]
    number: Mapped[str | None]
    outcome: Mapped[ImportOutcome]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    read: Mapped[dict[str, Any]] = mapped_column(default=dict)
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]

    batch: Mapped[ImportBatch] = relationship(back_populates="rows")


class Receivable(Identified):
    """One invoice; the same number enters once.

    ``due_on`` is missing only while ``missing`` says so: such a receivable is a draft that nothing finances or
    chases. What is paid, credited, disputed or owed is never stored here: `portal.receivables.position` derives it.
    """

    __tablename__ = "receivable"
    __table_args__ = (
        UniqueConstraint("assignor_id", "number_key"),
        CheckConstraint("face_cents > 0", name="face_positive"),
        CheckConstraint("due_on IS NULL OR due_on >= issued_on", name="due_after_issue"),
        CheckConstraint("prepaid_cents >= 0 AND retention_cents >= 0", name="deductions_positive"),
        Index("ix_receivable_assignor_due", "assignor_id", "due_on"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    number: Mapped[str]
    number_key: Mapped[str]
    type_code: Mapped[str | None]
    process_code: Mapped[str | None]
    currency: Mapped[str] = mapped_column(String(3))
    net_cents: Mapped[int | None]
    vat_cents: Mapped[int | None]
    face_cents: Mapped[int]
    prepaid_cents: Mapped[int] = mapped_column(default=0)
    retention_cents: Mapped[int] = mapped_column(default=0)
    issued_on: Mapped[date]
    due_on: Mapped[date | None]
    due_source: Mapped[str | None]
    delivered_on: Mapped[date | None]
    terms: Mapped[str | None]
    note: Mapped[str | None]
    order_reference: Mapped[str | None]
    contract_reference: Mapped[str | None]
    payee_name: Mapped[str | None]
    payee_is_seller: Mapped[bool] = mapped_column(default=True)
    iban: Mapped[str | None]
    missing: Mapped[list[str]] = mapped_column(default=list)
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("import_batch.id"), index=True)
    delivery_proof_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    debtor_confirmed_on: Mapped[date | None]
    fingerprint: Mapped[str] = mapped_column(index=True)
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[str | None]
    created_at: Mapped[datetime]

    debtor: Mapped[Debtor] = relationship(lazy="joined", innerjoin=True)


class CreditNote(Identified):
    """An avoir; it lowers what is owed on the invoice it corrects, once linked to it."""

    __tablename__ = "credit_note"
    __table_args__ = (
        UniqueConstraint("assignor_id", "number_key"),
        CheckConstraint("amount_cents > 0", name="amount_positive"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    number: Mapped[str]
    number_key: Mapped[str]
    preceding_number: Mapped[str | None]
    issued_on: Mapped[date]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime]
