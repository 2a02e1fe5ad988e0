"""Payment plans, what is said in a dispute, what a lender is told of it, and replies sorted."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.collections.answers.sorting import Meaning
from portal.collections.answers.states import PlanState
from portal.collections.models import DisputeOutcome, DisputeReason
from portal.db import Identified


class PenaltyChoice(enum.StrEnum):
    """What becomes of penalties: those of before the plan in it and none meanwhile, or all waived, or running on."""

    INCLUDED = "included"
    WAIVED = "waived"
    RUNNING = "running"


class PaymentPlan(Identified):
    """An agreement on one receivable to pay in instalments; what was paid of it is read from payments.

    ``penalty_cents`` is the part of ``total_cents`` that is penalties and indemnity on the day it was written.
    ``letter_sent_on`` is the day the debtor was written to about a missed instalment; the plan may end
    ``letter_days`` later, and makes all the rest due only with ``acceleration``.
    """

    __tablename__ = "payment_plan"
    __table_args__ = (
        CheckConstraint("total_cents > 0", name="total_positive"),
        CheckConstraint("penalty_cents BETWEEN 0 AND total_cents", name="penalty_within_total"),
        CheckConstraint("grace_days >= 0 AND letter_days >= 0", name="days_positive"),
        Index(
            "uq_payment_plan_live",
            "receivable_id",
            unique=True,
            postgresql_where="state IN ('proposed', 'accepted', 'running')",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    plan_request_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_request.id"))
    state: Mapped[PlanState] = mapped_column(default=PlanState.PROPOSED)
    total_cents: Mapped[int]
    penalty_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    penalties: Mapped[PenaltyChoice]
    acceleration: Mapped[bool] = mapped_column(default=False)
    debtor_trades: Mapped[bool] = mapped_column(default=True)
    grace_days: Mapped[int]
    letter_days: Mapped[int]
    written_on: Mapped[date]
    proposed_at: Mapped[datetime]
    proposed_by: Mapped[UUID | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    accepted_on: Mapped[date | None]
    accepted_by_name: Mapped[str | None]
    signed_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    letter_sent_on: Mapped[date | None]
    letter_message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    ended_on: Mapped[date | None]
    ended_because: Mapped[str | None]

    instalments: Mapped[list["PlanInstalment"]] = relationship(
        order_by="PlanInstalment.number", lazy="selectin"
    )


class PlanInstalment(Identified):
    """One payment of a plan, as agreed; never changed."""

    __tablename__ = "plan_instalment"
    __table_args__ = (
        CheckConstraint("amount_cents > 0", name="amount_positive"),
        UniqueConstraint("plan_id", "number"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("payment_plan.id"))
    number: Mapped[int]
    due_on: Mapped[date]
    amount_cents: Mapped[int]


class DisputeFile(Identified):
    """How one dispute is handled: who owns it, by when it is answered, what ended it.

    ``credit_cents`` is the credit note or adjustment proposed, linked once it exists by ``credit_note_id``.
    """

    __tablename__ = "dispute_file"
    __table_args__ = (
        UniqueConstraint("dispute_id"),
        CheckConstraint("credit_cents >= 0", name="credit_positive"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    answer_by: Mapped[date]
    reminded_on: Mapped[date | None]
    credit_cents: Mapped[int | None]
    credit_note_id: Mapped[UUID | None] = mapped_column(ForeignKey("credit_note.id"))
    outcome_note: Mapped[str | None]


class Speaker(enum.StrEnum):
    """Who says something in a dispute; a note stays between the assignor's members."""

    DEBTOR = "debtor"
    ASSIGNOR = "assignor"
    NOTE = "note"


class DisputeWord(Identified):
    """One thing said in a dispute, with the documents that go with it; never changed."""

    __tablename__ = "dispute_word"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"), index=True)
    speaker: Mapped[Speaker]
    text: Mapped[str]
    document_ids: Mapped[list[str]] = mapped_column(default=list)
    inbound_id: Mapped[UUID | None] = mapped_column(ForeignKey("inbound_message.id"))
    said_at: Mapped[datetime]
    said_by: Mapped[UUID | None]


class DisputeFlag(Identified):
    """What the lender holding a receivable is told of a dispute on it: this lender alone, and no conversation."""

    __tablename__ = "dispute_flag"
    __table_args__ = (UniqueConstraint("dispute_id", "lender_id"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    deed_id: Mapped[UUID] = mapped_column(ForeignKey("deed.id"), index=True)
    dispute_id: Mapped[UUID] = mapped_column(ForeignKey("dispute.id"))
    receivable_number: Mapped[str]
    amount_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    reason: Mapped[DisputeReason]
    opened_on: Mapped[date]
    flagged_at: Mapped[datetime]
    outcome: Mapped[DisputeOutcome | None]
    closed_on: Mapped[date | None]


class ReplyState(enum.StrEnum):
    """Waiting for a person, acted upon, or set aside."""

    WAITING = "waiting"
    DONE = "done"
    SET_ASIDE = "set_aside"


class SortedReply(Identified):
    """What a reply seems to say, by which rule; a person then decides. ``action`` is what that person did."""

    __tablename__ = "sorted_reply"
    __table_args__ = (
        UniqueConstraint("inbound_id"),
        Index("ix_sorted_reply_waiting", "assignor_id", "state", "meaning"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    inbound_id: Mapped[UUID] = mapped_column(ForeignKey("inbound_message.id"))
    meaning: Mapped[Meaning]
    rule: Mapped[str]
    words: Mapped[str]
    day: Mapped[date | None]
    amount_cents: Mapped[int | None]
    state: Mapped[ReplyState] = mapped_column(default=ReplyState.WAITING)
    action: Mapped[str | None]
    sorted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
