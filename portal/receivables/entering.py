"""One document at the door: what it becomes, and why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.formats.checks import ALREADY_PAID_PROCESS
from partners.formats.identifiers import SellerMatch, plain, seller_matches
from partners.vocabulary.invoices import DueDateSource, InvoiceRead
from portal.debtors.matching import DebtorMatcher
from portal.debtors.models import Debtor
from portal.documents.models import Document
from portal.identity.models import Organisation
from portal.receivables.models import CreditNote, ImportOutcome, Receivable
from portal.receivables.numbering import fingerprint_of, number_key
from portal.receivables.position import is_assigned
from portal.receivables.reading import claimed_cents, gives_money_back, lacking
from portal.receivables.reasons import as_read, reason

FACTORED_TYPES = frozenset({"393", "396", "472", "473", "501", "502"})
CORRECTIVE_TYPES = frozenset({"384", "471"})
"""Corrective invoices: below zero they lower the one they correct; above, they replace it."""


class DocumentRejected(Exception):
    """The document does not enter; ``reason`` says why, as stored."""

    def __init__(self, why: dict[str, Any]) -> None:
        self.reason = why
        super().__init__(why["code"])


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a document."""

    outcome: ImportOutcome
    reasons: list[dict[str, Any]] = field(default_factory=list)
    receivable_id: UUID | None = None

    @property
    def keeps_document(self) -> bool:
        """Whether the file stays: a stranger's invoice does not, one to complete does."""
        codes = {why["code"] for why in self.reasons}
        return self.outcome is not ImportOutcome.REJECTED or "incomplete" in codes


class Entering:
    """The rules by which one assignor's documents enter; remembers what it met in this import."""

    def __init__(
        self,
        session: Session,
        assignor: Organisation,
        *,
        fingerprint_key: str,
        by: UUID | None,
        at: datetime,
    ) -> None:
        self._session = session
        self._assignor = assignor
        self._key = fingerprint_key
        self._by = by
        self._at = at
        self._debtors = DebtorMatcher(session, assignor.id, assignor.siren)
        self._receivables: dict[str, Receivable] = {}
        self._credit_notes: dict[str, CreditNote] = {}

    def prepare(self, invoices: Iterable[InvoiceRead]) -> None:
        """Fetch at once whatever these documents may meet again."""
        keys = {number_key(number) for invoice in invoices for number in _numbers(invoice)}
        mine = self._assignor.id
        receivables = self._session.scalars(
            select(Receivable).where(
                Receivable.assignor_id == mine, Receivable.number_key.in_(keys)
            )
        )
        self._receivables |= {known.number_key: known for known in receivables}
        credit_notes = self._session.scalars(
            select(CreditNote).where(
                CreditNote.assignor_id == mine, CreditNote.number_key.in_(keys)
            )
        )
        self._credit_notes |= {known.number_key: known for known in credit_notes}

    def forget(self) -> None:
        """Drop what an undone savepoint may have entered."""
        self._debtors.forget()

    def may_be_ours(self, invoice: InvoiceRead) -> bool:
        """Whether nothing in the document says that somebody else issued it."""
        return seller_matches(invoice, self._assignor.siren or "") is not SellerMatch.MISMATCH

    def enter(self, invoice: InvoiceRead, document: Document | None) -> Entered:
        """Let the document in.

        Raises:
            DocumentRejected: it is not the assignor's, claims nothing, or lacks what is needed.
        """
        if not self.may_be_ours(invoice):
            raise DocumentRejected(
                reason(
                    "seller_is_not_applicant",
                    seller=invoice.seller.name or invoice.seller.siren or "?",
                    siren=self._assignor.siren or "?",
                )
            )
        if absent := lacking(invoice):
            raise DocumentRejected(reason("incomplete", fields=",".join(absent)))
        if not claimed_cents(invoice):
            raise DocumentRejected(reason("nothing_to_claim"))
        warnings = [as_read(said) for said in invoice.warnings]
        warnings += self._doubts_on_seller(invoice)
        document_id = document.id if document else None
        if gives_money_back(invoice):
            return self._enter_credit_note(invoice, warnings, document_id)
        return self._enter_receivable(invoice, warnings, document_id)

    def replace(self, known: Receivable, invoice: InvoiceRead, document_id: UUID | None) -> None:
        """Write the document's content over a receivable; the assignor chose it knowingly."""
        for name, value in self._content(invoice).items():
            setattr(known, name, value)
        known.debtor_id = self._debtor(invoice).id
        known.warnings = [as_read(said) for said in invoice.warnings]
        known.document_id = document_id or known.document_id
        self._session.flush()

    def create(
        self,
        invoice: InvoiceRead,
        warnings: list[dict[str, Any]],
        document_id: UUID | None,
        batch_id: UUID | None = None,
    ) -> Receivable:
        """A new receivable, with the credit notes that were waiting for it."""
        created = Receivable(
            assignor_id=self._assignor.id,
            debtor_id=self._debtor(invoice).id,
            **self._content(invoice),
            warnings=warnings,
            document_id=document_id,
            batch_id=batch_id,
            created_at=self._at,
        )
        self._session.add(created)
        self._session.flush()
        self._receivables[created.number_key] = created
        self._link_waiting_credit_notes(created)
        return created

    def _enter_receivable(
        self, invoice: InvoiceRead, warnings: list[dict[str, Any]], document_id: UUID | None
    ) -> Entered:
        key = number_key(invoice.number or "")
        if key in self._credit_notes:
            number = invoice.number or ""
            raise DocumentRejected(reason("number_of_credit_note", number=number))
        known = self._receivables.get(key)
        if known is not None:
            return self._met_again(known, invoice)
        corrected = self._corrected_by(invoice)
        if corrected is not None:
            why = reason("corrects_another", preceding=corrected.number)
            return Entered(ImportOutcome.CONFLICT, [why, *warnings], corrected.id)
        created = self.create(invoice, warnings, document_id)
        due = [] if created.due_on else [reason("due_date_needed")]
        return Entered(ImportOutcome.CREATED, due + warnings, created.id)

    def _met_again(self, known: Receivable, invoice: InvoiceRead) -> Entered:
        differing = differences(known, invoice)
        if not differing:
            return Entered(ImportOutcome.UNCHANGED, [reason("same_content")], known.id)
        why = reason("other_content", number=known.number, fields=",".join(differing))
        return Entered(ImportOutcome.CONFLICT, [why], known.id)

    def _corrected_by(self, invoice: InvoiceRead) -> Receivable | None:
        if invoice.type_code not in CORRECTIVE_TYPES or not invoice.preceding_invoice:
            return None
        return self._receivables.get(number_key(invoice.preceding_invoice))

    def _enter_credit_note(
        self, invoice: InvoiceRead, warnings: list[dict[str, Any]], document_id: UUID | None
    ) -> Entered:
        number, cents = invoice.number or "", abs(claimed_cents(invoice) or 0)
        key = number_key(number)
        known = self._credit_notes.get(key)
        if known is not None:
            same = (known.amount_cents, known.issued_on) == (cents, invoice.issued_on)
            why = (
                reason("same_content")
                if same
                else reason("other_content", number=number, fields="gross_cents")
            )
            outcome = ImportOutcome.UNCHANGED if same else ImportOutcome.REJECTED
            return Entered(outcome, [why], known.receivable_id)
        corrected = self._receivables.get(number_key(invoice.preceding_invoice or ""))
        credit_note = CreditNote(
            assignor_id=self._assignor.id,
            debtor_id=corrected.debtor_id if corrected else self._debtor(invoice).id,
            receivable_id=corrected.id if corrected else None,
            number=number,
            number_key=key,
            preceding_number=invoice.preceding_invoice,
            issued_on=invoice.issued_on,
            amount_cents=cents,
            currency=invoice.currency,
            document_id=document_id,
            created_at=self._at,
        )
        self._session.add(credit_note)
        self._session.flush()
        self._credit_notes[key] = credit_note
        link = self._link_told(corrected, invoice)
        receivable_id = corrected.id if corrected else None
        return Entered(ImportOutcome.CREATED, [*link, *warnings], receivable_id)

    def _link_told(
        self, corrected: Receivable | None, invoice: InvoiceRead
    ) -> list[dict[str, Any]]:
        if corrected is None:
            waited = invoice.preceding_invoice
            return [
                reason("credit_note_waits", preceding=waited)
                if waited
                else reason("credit_note_unlinked")
            ]
        told = [reason("credit_note_linked", preceding=corrected.number)]
        if is_assigned(self._session, corrected.id):
            told.append(reason("credit_note_on_assigned", preceding=corrected.number))
        return told

    def _link_waiting_credit_notes(self, created: Receivable) -> None:
        waiting = self._session.scalars(
            select(CreditNote).where(
                CreditNote.assignor_id == self._assignor.id,
                CreditNote.receivable_id.is_(None),
                CreditNote.preceding_number.is_not(None),
                CreditNote.currency == created.currency,
            )
        )
        for credit_note in waiting:
            if number_key(credit_note.preceding_number or "") == created.number_key:
                credit_note.receivable_id = created.id

    def _debtor(self, invoice: InvoiceRead) -> Debtor:
        consumer = any(said.code == "buyer_maybe_consumer" for said in invoice.warnings)
        return self._debtors.debtor_of(invoice.buyer, maybe_consumer=consumer, at=self._at)

    def _doubts_on_seller(self, invoice: InvoiceRead) -> list[dict[str, Any]]:
        name = invoice.seller.name
        if name is None or seller_matches(invoice, self._assignor.siren or "") is SellerMatch.MATCH:
            return []
        same = _share_a_word(name, self._assignor.legal_name)
        return [reason("seller_not_identified" if same else "seller_name_differs", seller=name)]

    def _content(self, invoice: InvoiceRead) -> dict[str, Any]:
        face, number, issued_on = claimed_cents(invoice), invoice.number, invoice.issued_on
        if face is None or number is None or issued_on is None or invoice.currency is None:
            raise DocumentRejected(reason("incomplete", fields=",".join(lacking(invoice))))
        due_on = _sound_due_date(invoice)
        return {
            "number": number,
            "number_key": number_key(number),
            "type_code": invoice.type_code,
            "process_code": invoice.process,
            "currency": invoice.currency,
            "net_cents": invoice.net_cents,
            "vat_cents": invoice.vat_cents,
            "face_cents": face,
            "prepaid_cents": _prepaid_cents(invoice, face),
            "issued_on": issued_on,
            "due_on": due_on,
            "due_source": invoice.due_source.value if due_on else DueDateSource.UNKNOWN.value,
            "delivered_on": invoice.delivered_on,
            "terms": invoice.terms,
            "note": "\n".join(note.text for note in invoice.notes) or None,
            "order_reference": invoice.order_reference,
            "contract_reference": invoice.contract_reference,
            "payee_name": invoice.payee_name,
            "payee_is_seller": _payee_is_seller(invoice),
            "iban": invoice.iban,
            "missing": [] if due_on else ["due_on"],
            "fingerprint": fingerprint_of(
                self._key,
                seller_siren=self._assignor.siren or str(self._assignor.id),
                number=number,
                issued_on=issued_on,
                face_cents=face,
                currency=invoice.currency,
            ),
        }


def differences(known: Receivable, invoice: InvoiceRead) -> list[str]:
    """The fields on which a document and the receivable of the same number disagree.

    What the document does not say is no difference; nor is a due date the assignor entered itself.
    """
    face = claimed_cents(invoice)
    said: dict[str, tuple[object, object]] = {
        "issued_on": (known.issued_on, invoice.issued_on),
        "gross_cents": (known.face_cents, face),
        "currency": (known.currency, invoice.currency),
        "prepaid_cents": (known.prepaid_cents, _prepaid_cents(invoice, face or 0)),
    }
    if invoice.due_source is DueDateSource.DOCUMENT:
        said["due_on"] = (known.due_on, _sound_due_date(invoice) or known.due_on)
    siren = invoice.buyer.siren
    if siren and known.debtor.siren:
        said["buyer.siren"] = (known.debtor.siren, siren)
    return [name for name, (ours, theirs) in said.items() if theirs is not None and ours != theirs]


def _numbers(invoice: InvoiceRead) -> list[str]:
    return [number for number in (invoice.number, invoice.preceding_invoice) if number]


def _sound_due_date(invoice: InvoiceRead) -> date | None:
    due_on, issued_on = invoice.due_on, invoice.issued_on
    return due_on if due_on and issued_on and due_on >= issued_on else None


def _prepaid_cents(invoice: InvoiceRead, face: int) -> int:
    """What was paid before the invoice: what it no longer asks for (BT-112 less BT-115)."""
    if invoice.process in ALREADY_PAID_PROCESS:
        return face
    if invoice.payable_cents is not None:
        return max(face - invoice.payable_cents, 0)
    return max(invoice.prepaid_cents or 0, 0)


def _payee_is_seller(invoice: InvoiceRead) -> bool:
    flagged = any(said.code == "payee_is_not_seller" for said in invoice.warnings)
    return not flagged and invoice.type_code not in FACTORED_TYPES


def _share_a_word(one: str, other: str) -> bool:
    words = [{word for word in plain(name).split() if len(word) > 3} for name in (one, other)]
    return bool(words[0] & words[1])
