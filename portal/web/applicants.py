"""What an applicant's pages show of the invoices it sent, before any account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.lenders.lookup import names_of
from portal.quotes.pricing import current_quotes, quote_receivables
from portal.receivables.models import ImportBatch, ImportOutcome, ImportRow, Receivable
from portal.receivables.reasons import text_of
from portal.web.presentation import current_locale
from portal.web.priced import ReceivableShown, show_receivable
from portal.web.product_words import OUTCOME_WORDS

ROWS_SHOWN = 200
PRICED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RowShown:
    """One document of an import, in words."""

    row: ImportRow
    word: str
    tone: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class PricedTable:
    """The priced table, its total, and what is not in it."""

    lines: Sequence[ReceivableShown]
    drafts: Sequence[Receivable]
    set_aside: Sequence[RowShown]
    net_cents: int
    cost_cents: int
    face_cents: int
    more: int


def received_rows(session: Session, assignor_id: UUID) -> list[RowShown]:
    """What became of each document sent so far, the latest first."""
    rows = session.scalars(
        select(ImportRow)
        .join(ImportBatch, ImportBatch.id == ImportRow.batch_id)
        .where(ImportRow.assignor_id == assignor_id)
        .order_by(ImportBatch.received_at.desc(), ImportRow.position.desc())
        .limit(ROWS_SHOWN)
    )
    return [show_row(row) for row in rows]


def show_row(row: ImportRow) -> RowShown:
    """One row in the reader's language."""
    word, tone = OUTCOME_WORDS[row.outcome]
    reasons = [text_of(stored, current_locale()) for stored in row.reasons]
    return RowShown(row, str(word), tone, reasons)


def priced_table(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> PricedTable:
    """Quote and show an applicant's receivables; beyond a hundred the rest waits for its own page."""
    everything = session.scalars(
        select(Receivable)
        .where(Receivable.assignor_id == assignor_id, Receivable.cancelled_at.is_(None))
        .order_by(Receivable.created_at.desc(), Receivable.due_on, Receivable.number_key)
        .limit(PRICED_AT_ONCE + 1)
    ).all()
    kept = everything[:PRICED_AT_ONCE]
    dated = [one for one in kept if one.due_on is not None]
    quotes = quote_receivables(session, dated, today=today, at=at)
    lines = show_all(session, dated, quotes)
    aside = [
        one
        for one in received_rows(session, assignor_id)
        if one.row.outcome in (ImportOutcome.REJECTED, ImportOutcome.CONFLICT)
        and one.row.resolved_at is None
    ]
    best = [one.best for one in lines if one.best]
    return PricedTable(
        lines=lines,
        drafts=[one for one in kept if one.due_on is None],
        set_aside=aside,
        net_cents=sum(one.net_cents or 0 for one in best),
        cost_cents=sum(one.cost_cents or 0 for one in best),
        face_cents=sum(one.face_cents for one in dated),
        more=len(everything) - len(kept),
    )


def show_all(
    session: Session, receivables: Sequence[Receivable], quotes: dict[UUID, list[Any]] | None = None
) -> list[ReceivableShown]:
    """Several receivables with their current quotes."""
    found = current_quotes(session, [one.id for one in receivables]) if quotes is None else quotes
    lenders = {one.lender_id for several in found.values() for one in several}
    names = names_of(session, lenders)
    return [show_receivable(one, found.get(one.id, ()), names) for one in receivables]
