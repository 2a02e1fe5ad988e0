"""Bringing the made-up history in, as rows that look imported, paid, credited, promised and disputed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.models import Dispute, DisputeReason, Promise
from portal.debtors.models import Debtor, DebtorSegment
from portal.demo.companies import fictional_iban
from portal.demo.history import Customer, Invoice
from portal.demo.invoices import InvoiceLine, InvoiceParty, InvoiceToPrint, factur_x
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.identity.models import Organisation
from portal.payments.models import PaidTo, Payment, PaymentAllocation
from portal.receivables.models import CreditNote, ImportBatch, Receivable
from portal.receivables.numbering import fingerprint_of, number_key
from portal.runtime import Runtime
from pricing.money import Money

TWENTY_PERCENT = Decimal("0.20")
PRINTED_AFTER = timedelta(days=75)
Rows = list[dict[str, Any]]


def bring_in(
    session: Session, runtime: Runtime, assignor_id: UUID, invoices: Sequence[Invoice], at: datetime
) -> None:
    """Debtors, receivables, payments, credit notes, disputes and promises of one SME; recent invoices as files too."""
    assignor = session.get_one(Organisation, assignor_id)
    debtors = _debtors(session, assignor, (invoice.customer for invoice in invoices), at)
    batch = ImportBatch(
        assignor_id=assignor_id, source="demonstration", received_at=at, received_by=None
    )
    session.add(batch)
    session.flush()
    rows = _Rows(assignor, batch.id, runtime.settings.derive_secret("fingerprint"), at)
    for invoice in invoices:
        recent = invoice.issued_on >= at.astimezone(PARIS).date() - PRINTED_AFTER
        document_id = (
            _printed(session, runtime, assignor, invoice, at) if recent or invoice.is_open else None
        )
        rows.add(invoice, debtors[invoice.customer.company.name], document_id)
    rows.insert(session)


class _Rows:
    """Rows gathered in memory, then inserted table by table."""

    def __init__(
        self, assignor: Organisation, batch_id: UUID, fingerprint_key: str, at: datetime
    ) -> None:
        self.assignor, self.batch_id, self.key, self.at = assignor, batch_id, fingerprint_key, at
        self.receivables: Rows = []
        self.payments: Rows = []
        self.allocations: Rows = []
        self.credit_notes: Rows = []
        self.disputes: Rows = []
        self.promises: Rows = []

    def add(self, invoice: Invoice, debtor_id: UUID, document_id: UUID | None) -> None:
        receivable_id = uuid4()
        entered = _at_noon(invoice.issued_on)
        common = {"assignor_id": self.assignor.id, "debtor_id": debtor_id}
        self.receivables.append(
            common
            | self._receivable(invoice)
            | {"id": receivable_id, "document_id": document_id, "created_at": entered}
        )
        for day, cents in invoice.payments:
            self._pay(common, receivable_id, day, cents, invoice.number)
        if invoice.credit_cents:
            self.credit_notes.append(
                common | self._credit_note(invoice) | {"receivable_id": receivable_id}
            )
        if invoice.disputed_cents:
            self.disputes.append(self._dispute(invoice, receivable_id))
        if invoice.promised_for:
            self.promises.append(self._promise(invoice, receivable_id))

    def insert(self, session: Session) -> None:
        tables: tuple[tuple[Any, Rows], ...] = (
            (Receivable, self.receivables),
            (Payment, self.payments),
            (PaymentAllocation, self.allocations),
            (CreditNote, self.credit_notes),
            (Dispute, self.disputes),
            (Promise, self.promises),
        )
        for table, rows in tables:
            if rows:
                session.execute(insert(table), rows)

    def _receivable(self, invoice: Invoice) -> dict[str, Any]:
        return {
            "number": invoice.number,
            "number_key": number_key(invoice.number),
            "type_code": "380",
            "currency": "EUR",
            "net_cents": invoice.net_cents,
            "vat_cents": invoice.vat_cents,
            "face_cents": invoice.face_cents,
            "issued_on": invoice.issued_on,
            "due_on": invoice.due_on,
            "due_source": "document",
            "delivered_on": invoice.delivered_on,
            "terms": f"{(invoice.due_on - invoice.issued_on).days} jours net",
            "order_reference": invoice.order_reference,
            "iban": self.assignor.iban,
            "batch_id": self.batch_id,
            "fingerprint": fingerprint_of(
                self.key,
                seller_siren=self.assignor.siren or "",
                number=invoice.number,
                issued_on=invoice.issued_on,
                face_cents=invoice.face_cents,
                currency="EUR",
            ),
        }

    def _pay(
        self, common: dict[str, Any], receivable_id: UUID, day: Any, cents: int, number: str
    ) -> None:
        payment_id = uuid4()
        self.payments.append(
            common
            | {
                "id": payment_id,
                "received_on": day,
                "amount_cents": cents,
                "currency": "EUR",
                "paid_to": PaidTo.ASSIGNOR,
                "method": "transfer",
                "reference": number,
                "dedupe_key": f"demonstration:{payment_id}",
                "recorded_at": _at_noon(day),
            }
        )
        self.allocations.append(
            {
                "payment_id": payment_id,
                "assignor_id": self.assignor.id,
                "receivable_id": receivable_id,
                "principal_cents": cents,
                "allocated_at": _at_noon(day),
            }
        )

    def _credit_note(self, invoice: Invoice) -> dict[str, Any]:
        number = f"AV-{invoice.number}"
        return {
            "number": number,
            "number_key": number_key(number),
            "preceding_number": invoice.number,
            "issued_on": invoice.issued_on + timedelta(days=6),
            "amount_cents": invoice.credit_cents,
            "currency": "EUR",
            "created_at": self.at,
        }

    def _dispute(self, invoice: Invoice, receivable_id: UUID) -> dict[str, Any]:
        return {
            "assignor_id": self.assignor.id,
            "receivable_id": receivable_id,
            "amount_cents": invoice.disputed_cents,
            "reason": DisputeReason.QUALITY,
            "note": "Réserve notée à la livraison",
            "opened_on": invoice.issued_on + timedelta(days=8),
        }

    def _promise(self, invoice: Invoice, receivable_id: UUID) -> dict[str, Any]:
        paid = sum(cents for _, cents in invoice.payments)
        return {
            "assignor_id": self.assignor.id,
            "receivable_id": receivable_id,
            "amount_cents": invoice.face_cents - invoice.credit_cents - paid,
            "promised_for": invoice.promised_for,
            "note": "Promesse reçue par téléphone",
            "recorded_at": self.at - timedelta(days=2),
        }


def _debtors(
    session: Session, assignor: Organisation, customers: Iterable[Customer], at: datetime
) -> dict[str, UUID]:
    rows: dict[str, dict[str, Any]] = {}
    for customer in customers:
        company = customer.company
        public = company.segment == "public"
        rows[company.name] = {
            "id": uuid4(),
            "assignor_id": assignor.id,
            "identity_key": company.siren or company.vat_id,
            "name": company.name,
            "siren": company.siren or None,
            "siret": company.siret if company.siren else None,
            "vat_id": company.french_vat_id if company.siren else company.vat_id,
            "country": company.country,
            "address": f"{company.street}, {company.postcode} {company.city}",
            "segment": DebtorSegment.PUBLIC if public else DebtorSegment.PRIVATE,
            "contact_email": f"fournisseurs@{company.siren or company.vat_id.lower()}.example",
            "created_at": at,
        }
    session.execute(insert(Debtor), list(rows.values()))
    return {name: row["id"] for name, row in rows.items()}


def _printed(
    session: Session, runtime: Runtime, assignor: Organisation, invoice: Invoice, at: datetime
) -> UUID:
    document = keep(
        session,
        runtime.documents,
        owner_id=assignor.id,
        kind=DocumentKind.INVOICE,
        filename=f"{invoice.number}.pdf",
        media_type="application/pdf",
        content=factur_x(_to_print(assignor, invoice)),
        by=None,
        at=at,
    )
    return document.id


def _to_print(assignor: Organisation, invoice: Invoice) -> InvoiceToPrint:
    company = invoice.customer.company
    return InvoiceToPrint(
        number=invoice.number,
        seller=InvoiceParty(
            assignor.legal_name,
            assignor.siren or "",
            assignor.vat_id or "",
            assignor.address_line or "",
            assignor.postal_code or "",
            assignor.city or "",
        ),
        buyer=InvoiceParty(
            company.name,
            company.siren,
            company.french_vat_id if company.siren else company.vat_id,
            company.street,
            company.postcode,
            company.city,
            company.country,
        ),
        issued_on=invoice.issued_on,
        delivered_on=invoice.delivered_on,
        due_on=invoice.due_on,
        lines=[InvoiceLine(invoice.wording, Money(invoice.net_cents))],
        vat_rate=TWENTY_PERCENT,
        iban=assignor.iban or fictional_iban(assignor.siren or ""),
        order_reference=invoice.order_reference,
        terms=f"{(invoice.due_on - invoice.issued_on).days} jours net",
    )


def _at_noon(day: Any) -> datetime:
    return datetime.combine(day, time(12), PARIS)
