"""Evidence dossiers made: when, by whom, and the seal of each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Identified


class EvidenceDossier(Identified):
    """One dossier of one claim, as it stood that day; ``seal`` is the last link of its chain of hashes."""

    __tablename__ = "evidence_dossier"

    assignor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receivable_id: Mapped[UUID] = mapped_column(ForeignKey("receivable.id"), index=True)
    pdf_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    archive_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    seal: Mapped[str] = mapped_column(String(64))
    files: Mapped[int]
    made_at: Mapped[datetime]
    made_by: Mapped[UUID | None]
