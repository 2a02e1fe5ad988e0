"""The bridge to pricing: what rules may know of many receivables, read in a few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor
from portal.debtors.models import DebtorSegment as KeptSegment
from portal.documents.models import Document
from portal.documents.models import DocumentKind as KeptKind
from portal.identity.models import Organisation
from portal.receivables.models import ImportOutcome, ImportRow, Receivable
from portal.receivables.position import Position, positions, positions_of, still_owed
from pricing.facts import (
    AssignmentClause,
    AssignorFacts,
    DebtorFacts,
    DebtorSegment,
    DocumentKind,
    ReceivableFacts,
)
from pricing.money import Money

SEGMENTS = {
    KeptSegment.PRIVATE: DebtorSegment.PRIVATE,
    KeptSegment.PUBLIC: DebtorSegment.PUBLIC,
    KeptSegment.CONSUMER: DebtorSegment.CONSUMER,
}
PROGRESS_BILL_TYPES = frozenset({"875", "876"})


@dataclass(frozen=True, slots=True)
class Dossier:
    """One receivable as pricing sees it: itself with its debtor, and its assignor without it."""

    receivable: ReceivableFacts
    assignor: AssignorFacts


@dataclass(frozen=True, slots=True)
class DebtorHistory:
    """What one debtor owes and how it paid, over everything the assignor knows. Whole cents."""

    outstanding_cents: int = 0
    overdue_cents: int = 0
    mean_days_late: int | None = None
    invoices_paid: int = 0
    receivables: int = 0
    face_cents: int = 0


def dossiers(
    session: Session,
    assignor: Organisation,
    receivables: Sequence[Receivable],
    *,
    today: date,
    limits: Mapping[str, int] | None = None,
) -> dict[UUID, Dossier]:
    """The facts of each receivable that has a due date, by id; five queries whatever their number.

    ``limits`` are one lender's limits in cents by debtor SIREN, when it is that lender who asks.
    """
    dated = [one for one in receivables if one.due_on is not None]
    ids = [one.id for one in dated]
    found = _Found(
        standing=positions(session, ids),
        histories=debtor_histories(
            session, assignor.id, today=today, debtor_ids={one.debtor_id for one in dated}
        ),
        book_cents=_book_cents(session, assignor.id, today),
        documents=_documents(session, dated),
        contested=_contested(session, ids),
        limits=limits or {},
    )
    return {one.id: _dossier(one, assignor, found, today) for one in dated}


def debtor_histories(
    session: Session, assignor_id: UUID, *, today: date, debtor_ids: set[UUID] | None = None
) -> dict[UUID, DebtorHistory]:
    """Each debtor's history: what it owes, what is late, and how late it pays on average.

    The mean counts the receivables fully settled by payment, from due date to last payment.
    """
    row = positions_of(assignor_id, today).c
    is_open = still_owed(row)
    settled = (row.outstanding_cents == 0) & (row.paid_cents > 0) & row.due_on.is_not(None)
    query = select(
        row.debtor_id,
        func.coalesce(func.sum(row.outstanding_cents).filter(is_open), 0),
        func.coalesce(func.sum(row.outstanding_cents).filter(is_open, row.due_on < today), 0),
        func.avg(row.last_paid_on - row.due_on).filter(settled),
        func.count().filter(settled),
        func.count(),
        func.coalesce(func.sum(row.face_cents), 0),
    ).group_by(row.debtor_id)
    if debtor_ids is not None:
        query = query.where(row.debtor_id.in_(debtor_ids))
    return {found[0]: _history(*found[1:]) for found in session.execute(query).all()}


@dataclass(frozen=True, slots=True)
class _Found:
    standing: Mapping[UUID, Position]
    histories: Mapping[UUID, DebtorHistory]
    book_cents: int
    documents: Mapping[UUID, KeptKind]
    contested: frozenset[UUID]
    limits: Mapping[str, int]


def _history(
    outstanding: int, overdue: int, late: Decimal | None, paid: int, count: int, face: int
) -> DebtorHistory:
    mean = round(late) if late is not None else None
    return DebtorHistory(int(outstanding), int(overdue), mean, paid, count, int(face))


def _book_cents(session: Session, assignor_id: UUID, today: date) -> int:
    row = positions_of(assignor_id, today).c
    is_open = still_owed(row)
    return int(session.scalar(select(func.sum(row.outstanding_cents)).where(is_open)) or 0)


def _documents(session: Session, receivables: Sequence[Receivable]) -> dict[UUID, KeptKind]:
    wanted = {one.document_id for one in receivables if one.document_id}
    found = session.execute(select(Document.id, Document.kind).where(Document.id.in_(wanted)))
    return dict(found.all())


def _contested(session: Session, receivable_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Receivables whose number came twice with other content, and nobody said which is right."""
    found = session.scalars(
        select(ImportRow.receivable_id).where(
            ImportRow.receivable_id.in_(receivable_ids),
            ImportRow.outcome == ImportOutcome.CONFLICT,
            ImportRow.resolved_at.is_(None),
        )
    )
    return frozenset(one for one in found if one is not None)


def _dossier(receivable: Receivable, assignor: Organisation, found: _Found, today: date) -> Dossier:
    standing = found.standing[receivable.id]
    own = standing.outstanding_cents
    return Dossier(
        receivable=_receivable_facts(receivable, standing, found, today),
        assignor=AssignorFacts(
            siren=assignor.siren or "",
            country=assignor.country,
            insolvency_opened_on=assignor.insolvent_since,
            outstanding=Money(max(found.book_cents - own, 0), receivable.currency),
            has_bank_details=bool(assignor.iban or receivable.iban),
        ),
    )


def _receivable_facts(
    receivable: Receivable, standing: Position, found: _Found, today: date
) -> ReceivableFacts:
    currency = receivable.currency
    due_on = receivable.due_on
    if due_on is None:
        raise ValueError(f"receivable {receivable.id} has no due date yet")
    return ReceivableFacts(
        number=receivable.number,
        face=Money(receivable.face_cents, currency),
        issued_on=receivable.issued_on,
        due_on=due_on,
        debtor=_debtor_facts(receivable.debtor, receivable, standing, found, today),
        type_code=receivable.type_code or "380",
        credited=Money(standing.credited_cents, currency),
        paid=Money(standing.paid_cents + receivable.prepaid_cents, currency),
        disputed=Money(standing.disputed_cents, currency),
        retention_rate=Decimal(receivable.retention_cents) / receivable.face_cents,
        delivered_on=receivable.delivered_on,
        terms_text=receivable.terms or "",
        order_reference=receivable.order_reference,
        contract_reference=receivable.contract_reference,
        assignment_clause=(
            AssignmentClause.FORBIDDEN
            if receivable.debtor.assignment_restricted
            else AssignmentClause.NONE
        ),
        document=_document_kind(receivable, found),
        has_delivery_proof=receivable.delivery_proof_id is not None,
        debtor_confirmed=receivable.debtor_confirmed_on is not None,
        payee_differs=not receivable.payee_is_seller,
        live_assignment=standing.deed_id is not None,
        duplicate=receivable.id in found.contested,
        progress_billing=receivable.type_code in PROGRESS_BILL_TYPES,
        warnings=tuple(warning["code"] for warning in receivable.warnings),
    )


def _debtor_facts(
    debtor: Debtor, receivable: Receivable, standing: Position, found: _Found, today: date
) -> DebtorFacts:
    history = found.histories.get(debtor.id, DebtorHistory())
    own = standing.outstanding_cents
    own_late = own if receivable.due_on and receivable.due_on < today else 0
    limit_cents = found.limits.get(debtor.siren or "")
    currency = receivable.currency
    return DebtorFacts(
        siren=debtor.siren,
        country=debtor.country,
        segment=DebtorSegment.RELATED if debtor.related_party else SEGMENTS[debtor.segment],
        insolvency_opened_on=debtor.insolvent_since,
        credit_limit=None if limit_cents is None else Money(limit_cents, currency),
        outstanding=Money(max(history.outstanding_cents - own, 0), currency),
        overdue=Money(max(history.overdue_cents - own_late, 0), currency),
        mean_days_late=history.mean_days_late,
        invoices_paid=history.invoices_paid,
    )


def _document_kind(receivable: Receivable, found: _Found) -> DocumentKind:
    """How much of the document a machine can trust: a list has no type code of its own."""
    kept = found.documents.get(receivable.document_id) if receivable.document_id else None
    if kept is None:
        return DocumentKind.ABSENT
    if kept is KeptKind.SPREADSHEET:
        return DocumentKind.SPREADSHEET
    return DocumentKind.STRUCTURED if receivable.type_code else DocumentKind.PDF
