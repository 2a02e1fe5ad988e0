"""Bringing documents in: each one enters, is known already, conflicts, or is refused with its reasons."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4, uuid5

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from partners.formats.reading import read_file
from partners.vocabulary.invoices import FileFormat, FileRead, InvoiceRead
from portal.audit.trail import record
from portal.documents.models import Document, DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.jobs.queue import Job, enqueue
from portal.receivables.entering import DocumentRejected, Entered, Entering
from portal.receivables.models import ImportBatch, ImportOutcome, ImportRow
from portal.receivables.reading import as_json
from portal.receivables.reasons import as_read, reason

logger = structlog.get_logger()

DOCUMENTS_PER_FILE_MAX = 20_000
MEDIA_TYPES = {
    FileFormat.FACTUR_X: "application/pdf",
    FileFormat.ZUGFERD: "application/pdf",
    FileFormat.PDF: "application/pdf",
    FileFormat.CII: "application/xml",
    FileFormat.UBL: "application/xml",
    FileFormat.XML: "application/xml",
    FileFormat.CSV: "text/csv",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LISTS = (FileFormat.CSV, FileFormat.XLSX)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file and what was read in it, before any transaction."""

    name: str
    content: bytes
    read: FileRead

    @classmethod
    def parse(cls, name: str, content: bytes) -> "ReceivedFile":
        """Read the file; whatever it holds, this never raises."""
        return cls(name, content, read_file(content, name))


def open_batch(
    session: Session,
    assignor_id: UUID,
    *,
    source: str,
    key: str = "",
    by: UUID | None,
    at: datetime,
) -> ImportBatch:
    """A new batch, or the one already opened under ``key``: files sent one by one stay together."""
    _wait_for_our_turn(session, assignor_id)
    batch_id = uuid5(assignor_id, key) if key else uuid4()
    known = session.get(ImportBatch, batch_id) if key else None
    if known is not None:
        return known
    batch = ImportBatch(
        id=batch_id, assignor_id=assignor_id, source=source, received_at=at, received_by=by
    )
    session.add(batch)
    session.flush()
    return batch


def import_files(
    session: Session,
    store: DocumentStore,
    assignor: Organisation,
    files: Sequence[ReceivedFile],
    *,
    fingerprint_key: str,
    batch: ImportBatch,
    by: UUID | None,
    at: datetime,
) -> list[ImportRow]:
    """Take every document of every file, each in its own savepoint: a bad one never loses the good.

    Returns one row per document, refused row or refused file. Imports of one assignor wait for
    each other, so that two files naming the same new debtor enter it once.
    """
    _wait_for_our_turn(session, assignor.id)
    entering = Entering(session, assignor, fingerprint_key=fingerprint_key, by=by, at=at)
    taking = _Taking(session, store, assignor, batch, entering, by, at)
    rows = [row for file in files for row in taking.rows_of(file)]
    outcomes = Counter(row.outcome.value for row in rows)
    record(
        session,
        assignor.id,
        "receivables_imported",
        "import_batch",
        batch.id,
        {"files": len(files), **outcomes},
        by=by,
        at=at,
    )
    if outcomes[ImportOutcome.CREATED.value]:
        ask_for_quotes(session, assignor.id)
    return rows


def ask_for_quotes(session: Session, assignor_id: UUID) -> None:
    """Have the assignor's open receivables quoted again, after this transaction."""
    enqueue(
        session,
        Job.QUOTE_RECEIVABLES,
        one_at_a_time=f"quotes:{assignor_id}",
        assignor_id=assignor_id,
    )


@dataclass(slots=True)
class _Taking:
    """One import under way."""

    session: Session
    store: DocumentStore
    assignor: Organisation
    batch: ImportBatch
    entering: Entering
    by: UUID | None
    at: datetime
    position: int = 0

    def __post_init__(self) -> None:
        last = select(func.max(ImportRow.position)).where(ImportRow.batch_id == self.batch.id)
        self.position = self.session.scalar(last) or 0

    def rows_of(self, file: ReceivedFile) -> list[ImportRow]:
        """The rows of one file: its documents, then what was refused in it."""
        if len(file.read.documents) > DOCUMENTS_PER_FILE_MAX:
            return [self._row(file, ImportOutcome.REJECTED, [_too_many(file)])]
        self.entering.prepare(file.read.documents)
        kept = self._kept(file)
        rows = [self._take(file, invoice, kept) for invoice in file.read.documents]
        rows += [
            self._row(file, ImportOutcome.REJECTED, [as_read(refusal)])
            for refusal in file.read.refusals
        ]
        self.session.flush()
        return rows

    def _take(
        self, file: ReceivedFile, invoice: InvoiceRead, document: Document | None
    ) -> ImportRow:
        try:
            with self.session.begin_nested():
                entered = self.entering.enter(invoice, document)
        except DocumentRejected as rejected:
            self.entering.forget()
            entered = Entered(ImportOutcome.REJECTED, [rejected.reason])
        except SQLAlchemyError as error:
            self.entering.forget()
            logger.warning(
                "document not kept", batch=str(self.batch.id), error=type(error).__name__
            )
            entered = Entered(ImportOutcome.REJECTED, [reason("could_not_be_kept")])
        row = self._row(file, entered.outcome, entered.reasons, invoice)
        row.receivable_id = entered.receivable_id
        row.document_id = document.id if document and entered.keeps_document else None
        return row

    def _row(
        self,
        file: ReceivedFile,
        outcome: ImportOutcome,
        reasons: list[dict[str, object]],
        invoice: InvoiceRead | None = None,
    ) -> ImportRow:
        self.position += 1
        row = ImportRow(
            batch_id=self.batch.id,
            assignor_id=self.assignor.id,
            position=self.position,
            filename=file.name[-200:],
            format=file.read.format.value,
            profile=(invoice.profile if invoice else None) or file.read.profile,
            number=invoice.number if invoice else None,
            outcome=outcome,
            reasons=list(reasons),
            read=as_json(invoice) if invoice else {},
        )
        self.session.add(row)
        return row

    def _kept(self, file: ReceivedFile) -> Document | None:
        """The file byte for byte, when at least one of its documents may be the assignor's own."""
        if not any(self.entering.may_be_ours(invoice) for invoice in file.read.documents):
            return None
        listed = file.read.format in LISTS
        return keep(
            self.session,
            self.store,
            owner_id=self.assignor.id,
            kind=DocumentKind.SPREADSHEET if listed else DocumentKind.INVOICE,
            filename=file.name,
            media_type=MEDIA_TYPES.get(file.read.format, "application/octet-stream"),
            content=file.content,
            by=self.by,
            at=self.at,
        )


def created(rows: Iterable[ImportRow]) -> list[UUID]:
    """The receivables these rows brought in."""
    return [
        row.receivable_id
        for row in rows
        if row.outcome is ImportOutcome.CREATED and row.receivable_id is not None
    ]


def _too_many(file: ReceivedFile) -> dict[str, object]:
    count, limit = str(len(file.read.documents)), str(DOCUMENTS_PER_FILE_MAX)
    return reason("too_many_documents", count=count, limit=limit)


def _wait_for_our_turn(session: Session, assignor_id: UUID) -> None:
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"import:{assignor_id}"},
    )
