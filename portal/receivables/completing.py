"""What an assignor adds or settles after import: due date, proof, confirmation, cancellation, conflicts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.documents.models import Document, DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.receivables.entering import DocumentRejected, Entering
from portal.receivables.importing import ask_for_quotes
from portal.receivables.models import ImportOutcome, ImportRow, Receivable
from portal.receivables.numbering import number_key
from portal.receivables.position import is_assigned
from portal.receivables.reading import as_json, completed, from_json
from portal.receivables.reasons import as_read

ENTERED_BY_ASSIGNOR = "assignor"
KEPT, TAKEN, COMPLETED = "kept", "taken", "completed"


class ReceivableAssigned(Exception):
    """The receivable stands on a live deed: it can no longer be changed by its assignor."""


class DueDateRefused(ValueError):
    """The due date is before the issue date."""

    def __init__(self, due_on: date, issued_on: date) -> None:
        self.due_on, self.issued_on = due_on, issued_on
        super().__init__(f"due on {due_on}, before it was issued on {issued_on}")


class ConfirmationRefused(ValueError):
    """A debtor confirms between the issue date and today."""


class NothingToSettle(Exception):
    """The row is no open conflict, or is settled already."""


class ReasonMissing(ValueError):
    """A cancellation says why."""


def enter_due_date(
    session: Session, receivable: Receivable, due_on: date, *, by: UUID | None, at: datetime
) -> None:
    """Give a receivable its due date; it is then no longer a draft.

    Raises:
        DueDateRefused: the date is before the issue date.
        ReceivableAssigned: the deed fixed its due date.
    """
    _refuse_assigned(session, receivable)
    if due_on < receivable.issued_on:
        raise DueDateRefused(due_on, receivable.issued_on)
    before = receivable.due_on
    receivable.due_on = due_on
    receivable.due_source = ENTERED_BY_ASSIGNOR
    receivable.missing = [name for name in receivable.missing if name != "due_on"]
    _told(session, receivable, "due_date_entered", {"before": before, "after": due_on}, by, at)


def add_delivery_proof(
    session: Session,
    store: DocumentStore,
    receivable: Receivable,
    *,
    filename: str,
    media_type: str,
    content: bytes,
    by: UUID | None,
    at: datetime,
) -> Document:
    """Keep a delivery note or acceptance report beside the invoice."""
    document = keep(
        session,
        store,
        owner_id=receivable.assignor_id,
        kind=DocumentKind.DELIVERY_PROOF,
        filename=filename,
        media_type=media_type,
        content=content,
        by=by,
        at=at,
    )
    receivable.delivery_proof_id = document.id
    _told(session, receivable, "delivery_proof_added", {"document": document.id}, by, at)
    return document


def record_confirmation(
    session: Session,
    receivable: Receivable,
    confirmed_on: date,
    *,
    today: date,
    by: UUID | None,
    at: datetime,
) -> None:
    """Note the day the debtor confirmed that it owes the invoice.

    Raises:
        ConfirmationRefused: before the issue date, or in the future.
    """
    if not receivable.issued_on <= confirmed_on <= today:
        raise ConfirmationRefused(
            f"a debtor confirms between {receivable.issued_on} and {today}, not on {confirmed_on}"
        )
    receivable.debtor_confirmed_on = confirmed_on
    _told(session, receivable, "debtor_confirmed", {"on": confirmed_on}, by, at)


def cancel(
    session: Session, receivable: Receivable, because: str, *, by: UUID | None, at: datetime
) -> None:
    """Withdraw a receivable entered by mistake: nothing is asked for it any more, its trace stays.

    Raises:
        ReceivableAssigned: it belongs to a lender.
        ReasonMissing: no reason was given.
    """
    _refuse_assigned(session, receivable)
    if not because.strip():
        raise ReasonMissing
    receivable.cancelled_at = at
    receivable.cancelled_because = because.strip()[:500]
    _told(session, receivable, "receivable_cancelled", {}, by, at)


def restore(session: Session, receivable: Receivable, *, by: UUID | None, at: datetime) -> None:
    """Take back a cancellation."""
    receivable.cancelled_at = receivable.cancelled_because = None
    _told(session, receivable, "receivable_restored", {}, by, at)


def keep_mine(session: Session, row: ImportRow, *, by: UUID | None, at: datetime) -> None:
    """Settle a conflict: what was there stands, what came stays in the import's history.

    Raises:
        NothingToSettle: see `NothingToSettle`.
    """
    _refuse_settled(row)
    _settle(session, row, KEPT, by, at)


def take_theirs(
    session: Session,
    assignor: Organisation,
    row: ImportRow,
    *,
    fingerprint_key: str,
    by: UUID | None,
    at: datetime,
) -> Receivable:
    """Settle a conflict: the document that came replaces what was there.

    A corrective invoice has its own number: it enters, and the one it corrects is cancelled.

    Raises:
        NothingToSettle: see `NothingToSettle`.
        ReceivableAssigned: a lender holds the receivable; its content is the deed's.
    """
    _refuse_settled(row)
    known = session.get_one(Receivable, row.receivable_id, with_for_update=True)
    _refuse_assigned(session, known)
    invoice = from_json(row.read)
    entering = Entering(session, assignor, fingerprint_key=fingerprint_key, by=by, at=at)
    entering.prepare([invoice])
    if number_key(invoice.number or "") == known.number_key:
        entering.replace(known, invoice, row.document_id)
        standing = known
    else:
        warnings = [as_read(said) for said in invoice.warnings]
        standing = entering.create(invoice, warnings, row.document_id, row.batch_id)
        known.cancelled_at, known.cancelled_because = at, f"→ {standing.number}"
    row.receivable_id = standing.id
    _settle(session, row, TAKEN, by, at)
    ask_for_quotes(session, assignor.id)
    return standing


def complete_row(
    session: Session,
    assignor: Organisation,
    row: ImportRow,
    answers: Mapping[str, Any],
    *,
    fingerprint_key: str,
    by: UUID | None,
    at: datetime,
) -> ImportRow:
    """Let a refused document in with what it lacked; the row says what became of it.

    Raises:
        NothingToSettle: the row lacks nothing that can be typed.
        DocumentRejected: it still cannot enter; its reason says why.
    """
    if row.outcome is not ImportOutcome.REJECTED or not row.read or row.resolved_at:
        raise NothingToSettle
    invoice = completed(from_json(row.read), answers)
    entering = Entering(session, assignor, fingerprint_key=fingerprint_key, by=by, at=at)
    entering.prepare([invoice])
    document = session.get(Document, row.document_id) if row.document_id else None
    entered = entering.enter(invoice, document)
    row.read, row.number = as_json(invoice), invoice.number
    row.outcome, row.reasons = entered.outcome, entered.reasons
    row.receivable_id = entered.receivable_id
    if entered.outcome is not ImportOutcome.CONFLICT:
        _settle(session, row, COMPLETED, by, at)
    ask_for_quotes(session, assignor.id)
    return row


def _settle(
    session: Session, row: ImportRow, resolution: str, by: UUID | None, at: datetime
) -> None:
    row.resolved_at, row.resolution = at, resolution
    record(
        session,
        row.assignor_id,
        f"import_row_{resolution}",
        "import_row",
        row.id,
        {"receivable": row.receivable_id},
        by=by,
        at=at,
    )


def _refuse_settled(row: ImportRow) -> None:
    if row.outcome is not ImportOutcome.CONFLICT or row.resolved_at or not row.receivable_id:
        raise NothingToSettle


def _refuse_assigned(session: Session, receivable: Receivable) -> None:
    if is_assigned(session, receivable.id):
        raise ReceivableAssigned


def _told(
    session: Session,
    receivable: Receivable,
    action: str,
    facts: Mapping[str, Any],
    by: UUID | None,
    at: datetime,
) -> None:
    session.flush()
    record(
        session, receivable.assignor_id, action, "receivable", receivable.id, facts, by=by, at=at
    )
    ask_for_quotes(session, receivable.assignor_id)


__all__ = [
    "COMPLETED",
    "KEPT",
    "TAKEN",
    "ConfirmationRefused",
    "DocumentRejected",
    "DueDateRefused",
    "NothingToSettle",
    "ReasonMissing",
    "ReceivableAssigned",
    "add_delivery_proof",
    "cancel",
    "complete_row",
    "enter_due_date",
    "keep_mine",
    "record_confirmation",
    "restore",
    "take_theirs",
]
