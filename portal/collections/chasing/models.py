"""Calls made, things to come back to, notes on a debtor, and absences."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class CallOutcome(enum.StrEnum):
    """What a call to a debtor led to, in the order of the keys 1 to 6."""

    NO_ANSWER = "no_answer"
    PROMISE = "promise"
    WILL_PAY_ON = "will_pay_on"
    DISPUTE = "dispute"
    WRONG_NUMBER = "wrong_number"
    OTHER = "other"


class FollowUpKind(enum.StrEnum):
    """Why somebody comes back to a debtor."""

    CALL_AGAIN = "call_again"
    CHECK_PAYMENT = "check_payment"
    FIND_NUMBER = "find_number"
    POSTPONED = "postponed"
    MENTION = "mention"


class DebtorCall(Identified):
    """One call to a debtor, answered or not. Calls that scenarios planned before it are done by it."""

    __tablename__ = "debtor_call"
    __table_args__ = (Index("ix_debtor_call_latest", "debtor_id", "made_at"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"))
    outcome: Mapped[CallOutcome]
    note: Mapped[str | None]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]


class DebtorNote(Identified):
    """What a member wrote about a debtor for colleagues; never changed."""

    __tablename__ = "debtor_note"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    body: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None]


class FollowUp(Identified):
    """Something to come back to on a day: by ``for_member``, or by whoever follows the debtor."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "ix_follow_up_open",
            "assignor_id",
            "due_on",
            postgresql_where="done_at IS NULL",
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    kind: Mapped[FollowUpKind]
    due_on: Mapped[date]
    for_member: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"))
    note_id: Mapped[UUID | None] = mapped_column(ForeignKey("debtor_note.id"))
    because: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]


class Absence(Identified):
    """A member is away from ``from_on`` to ``to_on`` included, and another works through their list."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="ends_after_it_begins"),
        CheckConstraint("member_id <> substitute_id", name="somebody_else"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    substitute_id: Mapped[UUID] = mapped_column(ForeignKey("member.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    said_at: Mapped[datetime]
    said_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]
