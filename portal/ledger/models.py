"""Accounts, journal entries and postings; nothing here is ever edited."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Identified


class Account(enum.StrEnum):
    """The accounts of one deal; positive postings are debits."""

    RECEIVABLES_ASSIGNED = "receivables_assigned"
    ASSIGNMENT_LIABILITY = "assignment_liability"
    ADVANCE = "advance"
    LENDER_CASH = "lender_cash"
    ASSIGNOR_CASH = "assignor_cash"
    RESERVE = "reserve"
    FEES = "fees"
    VAT_ON_FEES = "vat_on_fees"
    DEBTOR_PAYMENTS = "debtor_payments"
    RECOURSE = "recourse"
    LOSS = "loss"
    DUE_TO_LENDER = "due_to_lender"


class JournalEntry(Identified):
    """One event in money; its postings sum to zero, checked by the database at commit."""

    __tablename__ = "journal_entry"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    deed_id: Mapped[UUID | None] = mapped_column(index=True)
    kind: Mapped[str]
    value_date: Mapped[date]
    booked_at: Mapped[datetime]
    narrative: Mapped[str]
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("journal_entry.id"), index=True)

    postings: Mapped[list["Posting"]] = relationship(
        back_populates="entry", order_by="Posting.line"
    )


class Posting(Identified):
    """One line of an entry: a signed amount on one account, debit positive."""

    __tablename__ = "posting"
    __table_args__ = (CheckConstraint("amount_cents <> 0", name="amount_not_zero"),)

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    deed_id: Mapped[UUID | None] = mapped_column(index=True)
    line: Mapped[int]
    account: Mapped[Account]
    receivable_id: Mapped[UUID | None] = mapped_column(index=True)
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))

    entry: Mapped[JournalEntry] = relationship(back_populates="postings")
