"""Rows of the audit trail and of every change of state."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class AuditEntry(Identified):
    """One thing somebody did; ``entry_hash`` covers its content and the previous entry's hash."""

    __tablename__ = "audit_entry"
    __table_args__ = (UniqueConstraint("organisation_id", "sequence"),)

    organisation_id: Mapped[UUID] = mapped_column(index=True)
    sequence: Mapped[int]
    happened_at: Mapped[datetime]
    member_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    facts: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    entry_hash: Mapped[str]


class MoveSubject(enum.StrEnum):
    """The things that have a state."""

    FUNDING_REQUEST = "funding_request"
    SUBMISSION = "submission"
    OFFER = "offer"
    DEED = "deed"
    MANDATE = "mandate"
    CARD_CHECKOUT = "card_checkout"
    PAYMENT_ORDER = "payment_order"
    HANDOVER = "handover"
    PAYMENT_PLAN = "payment_plan"


class StateMove(Identified):
    """One change of state: actor, instant, reason, before, after."""

    __tablename__ = "state_move"
    __table_args__ = (Index("ix_state_move_subject", "subject", "subject_id", "happened_at"),)

    assignor_id: Mapped[UUID | None] = mapped_column(index=True)
    lender_id: Mapped[UUID | None] = mapped_column(index=True)
    subject: Mapped[MoveSubject]
    subject_id: Mapped[UUID]
    action: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    reason_code: Mapped[str | None]
    moved_by: Mapped[UUID | None]
    happened_at: Mapped[datetime]
