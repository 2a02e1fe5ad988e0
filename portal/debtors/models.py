"""One debtor of one assignor, and what secures its debts."""

import enum
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class DebtorSegment(enum.StrEnum):
    PRIVATE = "private"
    PUBLIC = "public"
    CONSUMER = "consumer"


class Debtor(Identified):
    """Who owes an assignor; ``identity_key`` (SIREN, else VAT number, else normalised name) is unique for it."""

    __tablename__ = "debtor"
    __table_args__ = (UniqueConstraint("assignor_id", "identity_key"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    identity_key: Mapped[str]
    name: Mapped[str]
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    siret: Mapped[str | None] = mapped_column(String(14))
    vat_id: Mapped[str | None]
    country: Mapped[str] = mapped_column(String(2), default="FR")
    address: Mapped[str | None]
    segment: Mapped[DebtorSegment] = mapped_column(default=DebtorSegment.PRIVATE)
    related_party: Mapped[bool] = mapped_column(default=False)
    assignment_restricted: Mapped[bool] = mapped_column(default=False)
    insolvent_since: Mapped[date | None]
    contact_name: Mapped[str | None]
    contact_email: Mapped[str | None]
    contact_phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="fr")
    credit_limit_cents: Mapped[int | None]
    collector_id: Mapped[UUID | None] = mapped_column(ForeignKey("member.id"), index=True)
    created_at: Mapped[datetime]


class GuaranteeKind(enum.StrEnum):
    """What secures a debt: a guarantor on a bill, a surety, title retained until payment, or another."""

    AVAL = "aval"
    SURETY = "surety"
    RETAINED_TITLE = "retained_title"
    OTHER = "other"


class Guarantee(Identified):
    """A security given for a debtor's debts; ``amount_cents`` is its ceiling, where it has one."""

    __tablename__ = "guarantee"
    __table_args__ = (CheckConstraint("amount_cents > 0", name="amount_positive"),)

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    debtor_id: Mapped[UUID] = mapped_column(ForeignKey("debtor.id"), index=True)
    kind: Mapped[GuaranteeKind]
    given_by: Mapped[str | None]
    amount_cents: Mapped[int | None]
    given_on: Mapped[date]
    ends_on: Mapped[date | None]
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]
