"""Bringing the made-up history in, as rows that look imported, paid, credited, promised and disputed."""

import enum
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.promises import record_promise
from portal.collections.models import DisputeReason
from portal.db import Base
from portal.debtors.models import Debtor, DebtorSegment
from portal.demo.companies import fictional_iban
from portal.demo.delivery_notes import delivery_note
from portal.demo.history import Customer, Invoice
from portal.demo.invoices import InvoiceLine, InvoiceParty, InvoiceToPrint, factur_x
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.identity.models import Organisation
from portal.payments.models import PaidTo, Payment, PaymentAllocation
from portal.receivables.models import CreditNote, ImportBatch, Receivable
from portal.receivables.numbering import fingerprint_of, number_key
from portal.runtime import Runtime
from pricing.late_payment import Imputation
from pricing.money import Money

TWENTY_PERCENT = Decimal("0.20")
PRINTED_AFTER = timedelta(days=20)
DISPUTED_AFTER = timedelta(days=8)
PROMISED_BEFORE = timedelta(days=2)
CREDITED_AFTER = timedelta(days=6)
PROVEN = {"menuiserie": 4, "transport": 8, "agence": 2}
"""How many open invoices in ten have their delivery note: hauliers keep theirs best."""
Rows = list[dict[str, Any]]


class Happening(enum.IntEnum):
    """What happens to an invoice, in the order in which it happens on one day."""

    ISSUED = 0
    CREDITED = 1
    DISPUTED = 2
    PROMISED = 3
    PAID = 4


@dataclass(frozen=True, slots=True)
class Arrived:
    """One invoice as the database knows it."""

    receivable_id: UUID
    debtor_id: UUID
    invoice: Invoice


class Arrivals:
    """One SME's history, entering day by day: at any moment the database knows what the SME knew then."""

    def __init__(
        self,
        session: Session,
        runtime: Runtime,
        assignor_id: UUID,
        trade: str,
        invoices: Sequence[Invoice],
        *,
        today: date,
        at: datetime,
    ) -> None:
        self._session, self._runtime, self._today, self.trade = session, runtime, today, trade
        self.assignor = session.get_one(Organisation, assignor_id)
        self._debtors = _debtors(session, self.assignor, (one.customer for one in invoices), at)
        self._key = runtime.settings.derive_secret("fingerprint")
        self._batch_id = self._open_batch(min(one.issued_on for one in invoices))
        self._known: dict[str, Arrived] = {}
        self._held: set[str] = set()
        self._coming = deque(
            sorted(_happenings(invoices, today), key=lambda one: (one[0], one[1], one[2].number))
        )

    def up_to(self, day: date) -> None:
        """Let everything enter that had happened by the end of ``day``."""
        receivables: Rows = []
        rest: list[tuple[date, Happening, Invoice, int]] = []
        while self._coming and self._coming[0][0] <= day:
            happened_on, kind, invoice, cents = self._coming.popleft()
            if kind is Happening.ISSUED:
                receivables.append(self._enter(invoice))
            elif invoice.number not in self._held:
                rest.append((happened_on, kind, invoice, cents))
        _insert(self._session, Receivable, receivables)
        self._pay([one for one in rest if one[1] is Happening.PAID])
        self._credit([one for one in rest if one[1] is Happening.CREDITED])
        self._hear([one for one in rest if one[1] in (Happening.DISPUTED, Happening.PROMISED)])

    def known(self) -> list[Arrived]:
        """Everything that has entered and was never held, oldest first."""
        return [one for number, one in self._known.items() if number not in self._held]

    def hold(self, chosen: Iterable[Arrived]) -> None:
        """Whoever tells a deal's story also tells how its debtors pay: nothing more enters for these."""
        self._held |= {one.invoice.number for one in chosen}

    def document(self, chosen: Iterable[Arrived], *, with_proof: bool) -> None:
        """Make sure these have their invoice, and the proof of delivery if asked, as files."""
        for one in chosen:
            receivable = self._session.get_one(Receivable, one.receivable_id)
            if receivable.document_id is None:
                receivable.document_id = self._print(one.invoice)
            if with_proof and receivable.delivery_proof_id is None:
                receivable.delivery_proof_id = self._prove(one.invoice)
        self._session.flush()

    def _open_batch(self, first: date) -> UUID:
        batch = ImportBatch(
            assignor_id=self.assignor.id,
            source="demonstration",
            received_at=_at_noon(first),
            received_by=None,
        )
        self._session.add(batch)
        self._session.flush()
        return batch.id

    def _enter(self, invoice: Invoice) -> dict[str, Any]:
        arrived = Arrived(uuid4(), self._debtors[invoice.customer.company.name], invoice)
        self._known[invoice.number] = arrived
        recent = invoice.issued_on >= self._today - PRINTED_AFTER
        is_open = invoice.is_open and invoice.due_on > self._today
        proven = is_open and int(invoice.order_reference[-1]) < PROVEN[self.trade]
        return self._receivable(invoice) | {
            "id": arrived.receivable_id,
            "assignor_id": self.assignor.id,
            "debtor_id": arrived.debtor_id,
            "document_id": self._print(invoice) if recent or invoice.is_open else None,
            "delivery_proof_id": self._prove(invoice) if proven else None,
            "created_at": _at_noon(invoice.issued_on),
        }

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
            "batch_id": self._batch_id,
            "fingerprint": fingerprint_of(
                self._key,
                seller_siren=self.assignor.siren or "",
                number=invoice.number,
                issued_on=invoice.issued_on,
                face_cents=invoice.face_cents,
                currency="EUR",
            ),
        }

    def _pay(self, paid: Sequence[tuple[date, Happening, Invoice, int]]) -> None:
        payments: Rows = []
        allocations: Rows = []
        for day, _, invoice, cents in paid:
            arrived, payment_id = self._known[invoice.number], uuid4()
            payments.append(
                {
                    "id": payment_id,
                    "assignor_id": self.assignor.id,
                    "debtor_id": arrived.debtor_id,
                    "received_on": day,
                    "amount_cents": cents,
                    "currency": "EUR",
                    "paid_to": PaidTo.ASSIGNOR,
                    "imputation": Imputation.PRINCIPAL_FIRST,
                    "method": "transfer",
                    "reference": invoice.number,
                    "dedupe_key": f"demonstration:{payment_id}",
                    "recorded_at": _at_noon(day),
                }
            )
            allocations.append(
                {
                    "payment_id": payment_id,
                    "assignor_id": self.assignor.id,
                    "receivable_id": arrived.receivable_id,
                    "principal_cents": cents,
                    "allocated_at": _at_noon(day),
                }
            )
        _insert(self._session, Payment, payments)
        _insert(self._session, PaymentAllocation, allocations)

    def _credit(self, credited: Sequence[tuple[date, Happening, Invoice, int]]) -> None:
        rows = [
            {
                "assignor_id": self.assignor.id,
                "debtor_id": self._known[invoice.number].debtor_id,
                "receivable_id": self._known[invoice.number].receivable_id,
                "number": f"AV-{invoice.number}",
                "number_key": number_key(f"AV-{invoice.number}"),
                "preceding_number": invoice.number,
                "issued_on": day,
                "amount_cents": cents,
                "currency": "EUR",
                "created_at": _at_noon(day),
            }
            for day, _, invoice, cents in credited
        ]
        _insert(self._session, CreditNote, rows)

    def _hear(self, said: Sequence[tuple[date, Happening, Invoice, int]]) -> None:
        for day, kind, invoice, cents in said:
            arrived = self._known[invoice.number]
            receivable = self._session.get_one(Receivable, arrived.receivable_id)
            if kind is Happening.DISPUTED:
                open_dispute(
                    self._session,
                    receivable,
                    amount_cents=cents,
                    reason=REASONS[cents % len(REASONS)],
                    note="Réserve notée par le client, réponse attendue",
                    by=None,
                    at=_at_noon(day),
                )
            elif invoice.promised_for:
                record_promise(
                    self._session,
                    receivable,
                    amount_cents=cents,
                    promised_for=invoice.promised_for,
                    note="Promesse reçue par téléphone",
                    by=None,
                    at=_at_noon(day),
                )

    def _print(self, invoice: Invoice) -> UUID:
        content = factur_x(_to_print(self.assignor, invoice))
        return self._keep(invoice, DocumentKind.INVOICE, f"{invoice.number}.pdf", content)

    def _prove(self, invoice: Invoice) -> UUID:
        content = delivery_note(self.assignor.legal_name, invoice)
        return self._keep(invoice, DocumentKind.DELIVERY_PROOF, f"BL-{invoice.number}.pdf", content)

    def _keep(self, invoice: Invoice, kind: DocumentKind, filename: str, content: bytes) -> UUID:
        document = keep(
            self._session,
            self._runtime.documents,
            owner_id=self.assignor.id,
            kind=kind,
            filename=filename,
            media_type="application/pdf",
            content=content,
            by=None,
            at=_at_noon(invoice.issued_on),
        )
        return document.id


REASONS = (
    DisputeReason.QUALITY,
    DisputeReason.QUANTITY,
    DisputeReason.MISSING_DOCUMENT,
    DisputeReason.PRICE,
    DisputeReason.DELIVERY,
)


def _happenings(
    invoices: Iterable[Invoice], today: date
) -> Iterator[tuple[date, Happening, Invoice, int]]:
    """Each thing that had happened by ``today``: the day, what, to which invoice, for how much."""
    for invoice in invoices:
        yield invoice.issued_on, Happening.ISSUED, invoice, invoice.face_cents
        credited_on = invoice.issued_on + CREDITED_AFTER
        if invoice.credit_cents:
            yield min(credited_on, today), Happening.CREDITED, invoice, invoice.credit_cents
        if invoice.disputed_cents:
            disputed_on = invoice.issued_on + DISPUTED_AFTER
            yield disputed_on, Happening.DISPUTED, invoice, invoice.disputed_cents
        if invoice.promised_for:
            yield today - PROMISED_BEFORE, Happening.PROMISED, invoice, invoice.open_cents
        for day, cents in invoice.payments:
            yield max(day, invoice.issued_on), Happening.PAID, invoice, cents


def _insert(session: Session, table: type[Base], rows: Rows) -> None:
    if rows:
        session.execute(insert(table), rows)


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


def _at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), PARIS)
