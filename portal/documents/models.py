"""What is known of a stored file, and who else may read it."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class DocumentKind(enum.StrEnum):
    INVOICE = "invoice"
    SPREADSHEET = "spreadsheet"
    DELIVERY_PROOF = "delivery_proof"
    DEED = "deed"
    DEBTOR_NOTICE = "debtor_notice"
    FORMAL_NOTICE = "formal_notice"
    REMINDER = "reminder"
    MANDATE = "mandate"
    EVIDENCE = "evidence"
    COURT_REQUEST = "court_request"
    CLAIM_DECLARATION = "claim_declaration"
    HANDOVER = "handover"
    WRITE_OFF = "write_off"
    POSTAL_PROOF = "postal_proof"
    CLAIM_DOSSIER = "claim_dossier"
    PAYMENT_PLAN = "payment_plan"
    OTHER = "other"


class Document(Identified):
    """One file of one organisation; its bytes are in the store under ``sha256``."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("owner_id", "sha256", "filename"),
        CheckConstraint("size_bytes > 0", name="not_empty"),
    )

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[DocumentKind]
    filename: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]
    stored_by: Mapped[UUID | None]


class DocumentGrant(Identified):
    """Leave for a lender asked for money to read one document; it ends with the submission it serves."""

    __tablename__ = "document_grant"
    __table_args__ = (UniqueConstraint("document_id", "submission_id"),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), index=True)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
