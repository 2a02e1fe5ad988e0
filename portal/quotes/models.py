"""One receivable under one rate card on one day."""

import enum
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified
from pricing.products.quote import Product


class QuoteStatus(enum.StrEnum):
    ELIGIBLE = "eligible"
    BLOCKED = "blocked"
    REFUSED = "refused"


class Quote(Identified):
    """Findings and price, with the tariff and the law's version they were computed from.

    The current one of each receivable and rate card has no ``superseded_at``; older ones stay as they were.
    """

    __tablename__ = "quote"
    __table_args__ = (
        UniqueConstraint("receivable_id", "rate_card_id", "quoted_on", "facts_key"),
        Index(
            "uq_quote_current",
            "receivable_id",
            "rate_card_id",
            unique=True,
            postgresql_where="superseded_at IS NULL",
        ),
        Index("ix_quote_assignor_current", "assignor_id", postgresql_where="superseded_at IS NULL"),
    )

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_card.id"))
    product: Mapped[Product]
    quoted_on: Mapped[date]
    facts_key: Mapped[str]
    law_version: Mapped[str]
    status: Mapped[QuoteStatus]
    eligible_cents: Mapped[int]
    net_today_cents: Mapped[int | None]
    total_cost_cents: Mapped[int | None]
    findings: Mapped[list[Any]]
    price: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
