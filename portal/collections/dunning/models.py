"""Scenarios, who each is for, the wording of messages, and the numbers of reminder documents."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified

ACTIVE = "activated_at IS NOT NULL AND retired_at IS NULL"


class Segment(enum.StrEnum):
    """What a debtor is to its creditor, as far as reminding it goes."""

    GOOD_PAYER = "good_payer"
    SLOW = "slow"
    BAD = "bad"
    STRATEGIC = "strategic"
    PUBLIC = "public"
    ABROAD = "abroad"


class Scenario(Identified):
    """One version of the steps of one scenario; never edited once written, inert until activated."""

    __tablename__ = "dunning_scenario"
    __table_args__ = (
        UniqueConstraint("assignor_id", "slug", "version"),
        CheckConstraint("weekly_cap > 0", name="weekly_cap_positive"),
        CheckConstraint("promise_grace_days >= 0", name="promise_grace_positive"),
        Index(
            "uq_dunning_scenario_active",
            "assignor_id",
            "slug",
            unique=True,
            postgresql_where=ACTIVE,
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    slug: Mapped[str]
    version: Mapped[int]
    title: Mapped[str]
    weekly_cap: Mapped[int]
    promise_grace_days: Mapped[int] = mapped_column(default=2, server_default="2")
    steps: Mapped[list[Any]]
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    activated_by: Mapped[UUID | None]
    retired_at: Mapped[datetime | None]


class ScenarioChoice(Identified):
    """Which scenario is for a segment, a debtor or one receivable; for all the others when none is named.

    Without ``slug`` nothing is sent automatically, and ``because`` says why.
    """

    __tablename__ = "scenario_choice"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(segment, debtor_id, receivable_id) <= 1", name="one_scope_only"
        ),
        CheckConstraint("slug IS NOT NULL OR because IS NOT NULL", name="opt_out_has_a_reason"),
        UniqueConstraint(
            "assignor_id",
            "segment",
            "debtor_id",
            "receivable_id",
            postgresql_nulls_not_distinct=True,
        ),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    segment: Mapped[Segment | None]
    debtor_id: Mapped[UUID | None] = mapped_column(ForeignKey("debtor.id"), index=True)
    receivable_id: Mapped[UUID | None] = mapped_column(ForeignKey("receivable.id"), index=True)
    slug: Mapped[str | None]
    because: Mapped[str | None]
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[UUID | None]


class DebtorPlacement(Identified):
    """The segment of one debtor: found from its behaviour, or set by a member, with the reason in words."""

    __tablename__ = "debtor_placement"
    __table_args__ = (UniqueConstraint("debtor_id"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"))
    segment: Mapped[Segment]
    by_hand: Mapped[bool]
    because: Mapped[str | None]
    placed_at: Mapped[datetime]
    placed_by: Mapped[UUID | None]


class WordingVersion(Identified):
    """An assignor's own words for one kind of message in one language; the newest version is used."""

    __tablename__ = "wording_version"
    __table_args__ = (UniqueConstraint("assignor_id", "kind", "locale", "version"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str]
    locale: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    body: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID | None]


class ReminderCounter(Identified):
    """The last number an assignor gave to a reminder document, year by year."""

    __tablename__ = "reminder_counter"
    __table_args__ = (UniqueConstraint("assignor_id", "year"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    year: Mapped[int]
    last: Mapped[int]
