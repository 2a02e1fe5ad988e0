"""Deeds and the assignments they carry."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.assignments.states import DeedState
from portal.db import Identified
from pricing.products.quote import Product


class Deed(Identified):
    """The act that transfers the debts; ``dated_on`` is the assignee's word (CMF L313-25), never ours."""

    __tablename__ = "deed"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("funding_request.id"), index=True)
    offer_id: Mapped[UUID] = mapped_column(ForeignKey("offer.id"), unique=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    product: Mapped[Product]
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DeedState] = mapped_column(default=DeedState.PREPARING)
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    document_sha256: Mapped[str | None] = mapped_column(String(64))
    drafted_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None]
    signatory_name: Mapped[str | None]
    signatory_title: Mapped[str | None]
    signature_evidence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dated_on: Mapped[date | None]
    delivered_at: Mapped[datetime | None]
    notified_on: Mapped[date | None]
    collection_consent: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    assignments: Mapped[list["Assignment"]] = relationship(
        back_populates="deed", order_by="Assignment.position"
    )


class Assignment(Identified):
    """One receivable on one deed; at most one is live for a debt, across every tenant."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "uq_assignment_live",
            "fingerprint",
            unique=True,
            postgresql_where="released_at IS NULL",
        ),
    )

    deed_id: Mapped[UUID] = mapped_column(ForeignKey("deed.id"), index=True)
    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    lender_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    position: Mapped[int]
    fingerprint: Mapped[str]
    face_cents: Mapped[int]
    advance_cents: Mapped[int]
    assigned_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_because: Mapped[str | None]

    deed: Mapped[Deed] = relationship(back_populates="assignments")
