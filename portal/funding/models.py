"""Funding requests, submissions, offers, and what lenders tell us."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Identified
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.receivables.models import Receivable
from pricing.products.quote import Product


class FundingRequest(Identified):
    """An assignor's application to have receivables financed."""

    __tablename__ = "funding_request"
    __table_args__ = (CheckConstraint("face_total_cents > 0", name="face_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    broker_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[RequestState] = mapped_column(default=RequestState.DRAFT)
    products: Mapped[list[str]]
    face_total_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str | None]
    disclosure_version: Mapped[str | None]
    disclosure_seen_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    submitted_at: Mapped[datetime | None]

    lines: Mapped[list["FundingLine"]] = relationship(
        back_populates="request", order_by="FundingLine.position"
    )
    submissions: Mapped[list["Submission"]] = relationship(back_populates="request")
    offers: Mapped[list["Offer"]] = relationship(
        back_populates="request", order_by="Offer.received_at"
    )


class FundingLine(Identified):
    """One receivable of a request, as it stood when the request was submitted."""

    __tablename__ = "funding_line"
    __table_args__ = (UniqueConstraint("request_id", "receivable_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("funding_request.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    position: Mapped[int]
    face_cents: Mapped[int]
    eligible_cents: Mapped[int]

    request: Mapped[FundingRequest] = relationship(back_populates="lines")
    receivable: Mapped[Receivable] = relationship(lazy="joined", innerjoin=True)


class Submission(Identified):
    """The fact that one lender was asked, for one product; its id is the idempotency key of every call.

    It carries the lines its lender's rules let through: ``face_cents`` is their sum, and ``summary`` the
    dossier as it was sent, which the lender keeps once it is out of the race.
    """

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("request_id", "rate_card_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("funding_request.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    rate_card_id: Mapped[UUID] = mapped_column(ForeignKey("rate_card.id"))
    product: Mapped[Product]
    state: Mapped[SubmissionState] = mapped_column(default=SubmissionState.PREPARED)
    findings: Mapped[list[Any]] = mapped_column(default=list)
    attempts: Mapped[int] = mapped_column(default=0)
    prepared_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    next_poll_at: Mapped[datetime | None]
    partner_reference: Mapped[str | None]
    partner_status: Mapped[str | None]
    reason_code: Mapped[str | None]
    reason_text: Mapped[str | None]
    requested_documents: Mapped[list[str]] = mapped_column(default=list)
    face_cents: Mapped[int] = mapped_column(default=0)
    summary: Mapped[dict[str, Any]] = mapped_column(default=dict)

    request: Mapped[FundingRequest] = relationship(back_populates="submissions")
    parts: Mapped[list["SubmissionLine"]] = relationship(back_populates="submission")

    @property
    def lines(self) -> list[FundingLine]:
        """The receivables its lender is asked to finance, in the order of the request."""
        carried = (part.line for part in self.parts if not part.left_out)
        return sorted(carried, key=lambda line: line.position)

    @property
    def left_out(self) -> list["SubmissionLine"]:
        """The lines its lender's rules stop, with why; never shown to that lender."""
        stopped = (part for part in self.parts if part.left_out)
        return sorted(stopped, key=lambda part: part.line.position)


class SubmissionLine(Identified):
    """One line of a request as one submission takes it: carried to the lender, or left out by its rules."""

    __tablename__ = "submission_line"
    __table_args__ = (UniqueConstraint("submission_id", "line_id"),)

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    line_id: Mapped[UUID] = mapped_column(ForeignKey("funding_line.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    left_out: Mapped[bool] = mapped_column(default=False)
    findings: Mapped[list[Any]] = mapped_column(default=list)

    submission: Mapped[Submission] = relationship(back_populates="parts")
    line: Mapped[FundingLine] = relationship(lazy="joined", innerjoin=True)


class Offer(Identified):
    """A lender's binding terms until ``valid_until``; amounts as the lender states them, checked against its lines."""

    __tablename__ = "offer"
    __table_args__ = (
        UniqueConstraint("submission_id", "partner_key"),
        Index(
            "uq_offer_accepted",
            "request_id",
            unique=True,
            postgresql_where="state = 'accepted'",
        ),
    )

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), index=True)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("funding_request.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    product: Mapped[Product]
    state: Mapped[OfferState] = mapped_column(default=OfferState.OPEN)
    partner_key: Mapped[str]
    face_cents: Mapped[int]
    advance_cents: Mapped[int]
    reserve_cents: Mapped[int]
    fees: Mapped[list[Any]]
    net_proceeds_cents: Mapped[int]
    total_cost_cents: Mapped[int]
    vat_cents: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str] = mapped_column(String(3))
    teg: Mapped[Decimal | None]
    teg_article: Mapped[str | None]
    period_rate: Mapped[Decimal | None]
    period_days: Mapped[int | None]
    all_in_annual_rate: Mapped[Decimal | None]
    recourse: Mapped[bool]
    debtor_notice: Mapped[bool]
    collector: Mapped[str]
    conditions: Mapped[str | None]
    value_date: Mapped[date]
    repaid_on: Mapped[date]
    valid_until: Mapped[datetime]
    received_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None]
    raw: Mapped[dict[str, Any]]

    request: Mapped[FundingRequest] = relationship(back_populates="offers")
    submission: Mapped[Submission] = relationship(lazy="joined", innerjoin=True)


class LenderEvent(Identified):
    """Something a lender told us, stored as received; a job then reads it, once."""

    __tablename__ = "lender_event"
    __table_args__ = (
        UniqueConstraint("lender_id", "event_key"),
        Index("ix_lender_event_waiting", "received_at", postgresql_where="processed_at IS NULL"),
        Index(
            "ix_lender_event_to_review",
            "received_at",
            postgresql_where=text(
                "examined_at IS NULL AND (outcome LIKE 'refused%' OR outcome LIKE 'waits%')"
            ),
        ),
    )

    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), index=True)
    event_key: Mapped[str]
    origin: Mapped[str]
    body: Mapped[dict[str, Any]]
    sent_by: Mapped[UUID | None]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    examined_at: Mapped[datetime | None]
    examined_by: Mapped[UUID | None]
    examination: Mapped[str | None]
