"""What happens to a claim on the legal road, by its dates: nothing here is a verdict."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.collections.legal.states import HandoverState, OrderState
from portal.db import Identified
from pricing.court import CourtKind, PartyQuality
from pricing.legal_routes import Route
from pricing.limitation import InterruptionKind


class LetterReturn(enum.StrEnum):
    """Why a registered letter came back: unclaimed or refused, it keeps its effect."""

    UNCLAIMED = "unclaimed"
    REFUSED = "refused"
    UNKNOWN_ADDRESS = "unknown_address"


class FormalNotice(Identified):
    """One formal notice and what the post did with it; its effect is read from these dates."""

    __tablename__ = "formal_notice"
    __table_args__ = (CheckConstraint("asked_cents > 0", name="asked_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    asked_cents: Mapped[int]
    written_on: Mapped[date]
    answer_by: Mapped[date]
    deposited_on: Mapped[date | None]
    deposit_reference: Mapped[str | None]
    presented_on: Mapped[date | None]
    received_on: Mapped[date | None]
    returned_on: Mapped[date | None]
    return_reason: Mapped[LetterReturn | None]
    proof_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]


class ClaimReview(Identified):
    """What the user says of a claim: the parties' quality, the conditions ticked, the road chosen."""

    __tablename__ = "claim_review"
    __table_args__ = (UniqueConstraint("receivable_id"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"))
    creditor_quality: Mapped[PartyQuality] = mapped_column(default=PartyQuality.UNKNOWN)
    debtor_quality: Mapped[PartyQuality] = mapped_column(default=PartyQuality.UNKNOWN)
    carriage: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    route: Mapped[Route | None]
    reviewed_at: Mapped[datetime]
    reviewed_by: Mapped[UUID | None]


class PaymentOrder(Identified):
    """One request for an order for payment, from its preparation to an enforceable title."""

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("asked_cents > 0", name="asked_positive"),
        CheckConstraint("granted_cents IS NULL OR granted_cents > 0", name="granted_positive"),
        Index(
            "uq_payment_order_live",
            "receivable_id",
            unique=True,
            postgresql_where="state IN ('prepared', 'filed', 'granted', 'served', 'opposed', 'enforceable')",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    state: Mapped[OrderState] = mapped_column(default=OrderState.PREPARED)
    court_kind: Mapped[CourtKind]
    court_name: Mapped[str]
    representative: Mapped[str]
    asked_cents: Mapped[int]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    filed_on: Mapped[date | None]
    ordered_on: Mapped[date | None]
    granted_cents: Mapped[int | None]
    served_on: Mapped[date | None]
    served_in_person: Mapped[bool | None]
    first_personal_act_on: Mapped[date | None]
    opposed_on: Mapped[date | None]
    enforceable_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    note: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class InsolvencyKind(enum.StrEnum):
    SAFEGUARD = "safeguard"
    RECEIVERSHIP = "receivership"
    LIQUIDATION = "liquidation"


class Insolvency(Identified):
    """The collective proceedings of one debtor, as one of its creditors follows them."""

    __tablename__ = "insolvency"
    __table_args__ = (
        UniqueConstraint("debtor_id", "judgment_on"),
        CheckConstraint(
            "published_on IS NULL OR published_on >= judgment_on",
            name="published_after_judgment",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    kind: Mapped[InsolvencyKind]
    judgment_on: Mapped[date]
    published_on: Mapped[date | None]
    court_name: Mapped[str]
    representative_name: Mapped[str]
    representative_address: Mapped[str]
    creditor_abroad: Mapped[bool] = mapped_column(default=False)
    security_note: Mapped[str | None]
    title_retained: Mapped[bool] = mapped_column(default=False)
    declared_on: Mapped[date | None]
    declared_cents: Mapped[int | None]
    post_reference: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class RecordedInterruption(Identified):
    """An event that started a new limitation period, as the user recorded it with its proof."""

    __tablename__ = "interruption"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    kind: Mapped[InterruptionKind]
    happened_on: Mapped[date]
    note: Mapped[str | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class DeadlineKind(enum.StrEnum):
    """The days that somebody must be told of before they pass."""

    LIMITATION = "limitation"
    NOTICE_ANSWER = "notice_answer"
    ORDER_DEPOSIT = "order_deposit"
    ORDER_SERVICE = "order_service"
    ORDER_OPPOSITION = "order_opposition"
    ORDER_ENFORCEMENT = "order_enforcement"
    OPPOSITION_DEPOSIT = "opposition_deposit"
    CLAIM_DECLARATION = "claim_declaration"
    CLAIM_RELIEF = "claim_relief"
    TITLE_RECOVERY = "title_recovery"


class LegalWarning(Identified):
    """One deadline told once at one distance; another day for the same deadline is told anew."""

    __tablename__ = "legal_warning"
    __table_args__ = (UniqueConstraint("subject_id", "kind", "deadline_on", "ahead"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    subject_id: Mapped[UUID]
    kind: Mapped[DeadlineKind]
    deadline_on: Mapped[date]
    ahead: Mapped[str]
    warned_at: Mapped[datetime]


class CollectionAgency(Identified):
    """A third party that collects amicably for the assignor, and the mandate it was given."""

    __tablename__ = "collection_agency"
    __table_args__ = (UniqueConstraint("assignor_id", "name"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str]
    email: Mapped[str | None]
    address: Mapped[str]
    mandate_signed_on: Mapped[date]
    mandate_ends_on: Mapped[date | None]
    insured: Mapped[bool]
    declared: Mapped[bool]
    fee_terms: Mapped[str]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class Handover(Identified):
    """One claim in an agency's hands: ours rests meanwhile."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("principal_cents > 0", name="principal_positive"),
        Index(
            "uq_handover_live",
            "receivable_id",
            unique=True,
            postgresql_where="state IN ('handed_over', 'in_hand')",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("collection_agency.id"), index=True)
    state: Mapped[HandoverState] = mapped_column(default=HandoverState.HANDED_OVER)
    handed_on: Mapped[date]
    principal_cents: Mapped[int]
    penalties_cents: Mapped[int]
    indemnity_cents: Mapped[int]
    agency_reference: Mapped[str | None]
    status_note: Mapped[str | None]
    status_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class WriteOffReason(enum.StrEnum):
    LIQUIDATION = "liquidation"
    PLAN_WAIVER = "plan_waiver"
    FAILED_COLLECTION = "failed_collection"
    TIME_LIMIT = "time_limit"
    COMMERCIAL = "commercial"
    SMALL_BALANCE = "small_balance"


class WriteOff(Identified):
    """A loss asked for by one member and decided by another, where there is another."""

    __tablename__ = "write_off"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        Index(
            "uq_write_off_live",
            "receivable_id",
            unique=True,
            postgresql_where="approved IS NOT FALSE AND reversed_at IS NULL",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    amount_cents: Mapped[int]
    reason: Mapped[WriteOffReason]
    note: Mapped[str]
    vat_on_debits: Mapped[bool]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID | None]
    approved: Mapped[bool | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_alone: Mapped[bool] = mapped_column(default=False)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    reversed_at: Mapped[datetime | None]
    reversed_by: Mapped[UUID | None]
