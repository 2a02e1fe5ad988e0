"""What rules and prices may know: the receivable, its debtor, its assignor. Plain facts, no opinion."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.money import Money, total


class DocumentKind(StrEnum):
    """What the uploaded document is, by how much of it a machine can trust."""

    STRUCTURED = "structured"
    PDF = "pdf"
    SPREADSHEET = "spreadsheet"
    MANUAL = "manual"
    ABSENT = "absent"


class DebtorSegment(StrEnum):
    """Who the debtor is towards the assignor; decides which law and which lenders apply."""

    PRIVATE = "private"
    PUBLIC = "public"
    CONSUMER = "consumer"
    RELATED = "related"


class ReceivableKind(StrEnum):
    """Whether the document claims money or gives some back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class AssignmentClause(StrEnum):
    """What is known of a contract clause that forbids assigning the receivable."""

    NONE = "none"
    UNKNOWN = "unknown"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True)
class DebtorFacts:
    """Who owes, and how they have behaved.

    ``outstanding`` is what this debtor already owes the assignor elsewhere, the
    receivable under study not included. ``credit_limit`` is the lender's or the
    insurer's limit, ``None`` when none was set. ``country`` is ISO 3166 alpha-2.
    """

    siren: str | None
    country: str = "FR"
    segment: DebtorSegment = DebtorSegment.PRIVATE
    insolvency_opened_on: date | None = None
    struck_off: bool = False
    credit_limit: Money | None = None
    outstanding: Money = Money(0)
    overdue: Money = Money(0)
    mean_days_late: int | None = None
    invoices_paid: int = 0
    also_supplies_assignor: bool = False


@dataclass(frozen=True, slots=True)
class AssignorFacts:
    """Who sells or pledges.

    ``outstanding`` is everything all its debtors owe it, the receivable under study
    not included; it measures concentration.
    ``related_sirens`` are the companies it shares owners or managers with.
    """

    siren: str
    country: str = "FR"
    insolvency_opened_on: date | None = None
    struck_off: bool = False
    outstanding: Money = Money(0)
    related_sirens: frozenset[str] = frozenset()
    months_of_activity: int | None = None
    registration_extract_on: date | None = None
    has_bank_details: bool = True


@dataclass(frozen=True, slots=True)
class ReceivableFacts:
    """The right to be paid, as it stands on the day of the question.

    ``face`` is the invoice's total, VAT included. ``credited``, ``paid``,
    ``disputed``, ``other_deductions`` reduce it (amounts, never negative);
    ``retention_rate`` is the share kept back on building works (loi 71-584).
    ``type_code`` is UNTDID 1001 (380 invoice, 381 credit note, 386 prepayment,
    393 factored). ``terms_code`` is one of ``pricing.calendar.TermRule``.
    """

    number: str
    face: Money
    issued_on: date
    due_on: date
    debtor: DebtorFacts
    kind: ReceivableKind = ReceivableKind.INVOICE
    type_code: str = "380"
    credited: Money = Money(0)
    paid: Money = Money(0)
    disputed: Money = Money(0)
    other_deductions: Money = Money(0)
    retention_rate: Decimal = Decimal(0)
    subcontracted: Money = Money(0)
    delivered_on: date | None = None
    terms_code: str | None = None
    terms_text: str = ""
    sector_rule: str = "GENERAL"
    order_reference: str | None = None
    contract_reference: str | None = None
    contract_signed_on: date | None = None
    assignment_clause: AssignmentClause = AssignmentClause.NONE
    document: DocumentKind = DocumentKind.PDF
    has_delivery_proof: bool = False
    debtor_confirmed: bool = False
    payee_differs: bool = False
    live_assignment: bool = False
    duplicate: bool = False
    progress_billing: bool = False
    transferability_certificate: bool = False
    warnings: tuple[str, ...] = field(default=())

    @property
    def payment_term_days(self) -> int:
        """Days from issue to due date."""
        return (self.due_on - self.issued_on).days

    @property
    def retention(self) -> Money:
        """The part the debtor may keep until acceptance of the works, half up to the cent."""
        return self.face.portion(self.retention_rate)

    @property
    def open_amount(self) -> Money:
        """What the debtor still owes: face less credit notes and payments, never negative."""
        return self._face_less(self.credited, self.paid)

    @property
    def net_eligible(self) -> Money:
        """The part a lender may finance, never negative.

        eligible = face - credit notes - paid - disputed - retention - subcontracted - other

        Raises:
            OtherCurrency: a deduction is not in the currency of the face.
        """
        return self._face_less(
            self.credited,
            self.paid,
            self.disputed,
            self.retention,
            self.subcontracted,
            self.other_deductions,
        )

    def _face_less(self, *deductions: Money) -> Money:
        """An absent deduction is zero euros whatever the face's currency, so zeros are skipped."""
        deducted = total((amount for amount in deductions if amount), self.face.currency)
        return (self.face - deducted).at_least(self.face.zero())
