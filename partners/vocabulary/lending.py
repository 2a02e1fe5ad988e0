"""Our words for what passes between the portal and a lender.

Money is `pricing.money.Money`; rates are `Decimal` fractions of one; dates are
`date`; instants are UTC-aware `datetime`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pricing.money import Money


class LenderUnreached(Exception):
    """The message certainly did not arrive: no connection was made."""


class LenderUnanswered(Exception):
    """Nothing readable came back: the lender may or may not have the dossier.

    Ask again with the same idempotency key; never assume either way.
    """


class LenderRefusedMessage(Exception):
    """The lender answered that the message itself is wrong; sending it again is useless."""


class LenderStatus(StrEnum):
    """Where one lender says a dossier stands.

    `RECEIVED` is also what an unknown status becomes: the dossier waits.
    """

    RECEIVED = "received"
    INFO_REQUESTED = "info_requested"
    OFFERED = "offered"
    DECLINED = "declined"
    OFFER_WITHDRAWN = "offer_withdrawn"
    ACCEPTED = "accepted"
    DEED_DATED = "deed_dated"
    DISBURSED = "disbursed"
    DEBTOR_PAID = "debtor_paid"
    RESERVE_RELEASED = "reserve_released"
    RECOURSE_CALLED = "recourse_called"
    RECOURSE_PAID = "recourse_paid"
    LOSS_TAKEN = "loss_taken"
    DEBTOR_NOTIFIED = "debtor_notified"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is ISO 3166 alpha-2."""

    line: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class AssignorIdentity:
    """The business that asks; `iban` is the account the advance is paid to."""

    name: str
    siren: str
    address: Address = field(default_factory=Address)
    legal_form: str = ""
    activity_code: str = ""
    vat_id: str | None = None
    iban: str | None = None
    contact_email: str | None = None


@dataclass(frozen=True, slots=True)
class DebtorIdentity:
    """Who owes the receivable; a foreign debtor has a VAT number and no SIREN."""

    name: str
    siren: str | None = None
    vat_id: str | None = None
    address: Address = field(default_factory=Address)
    is_public: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """A document the lender may fetch; `url` is signed and expires."""

    document_id: str
    kind: str
    filename: str
    sha256: str
    size_bytes: int
    media_type: str = "application/pdf"
    url: str | None = None


@dataclass(frozen=True, slots=True)
class DossierReceivable:
    """One receivable as the lender sees it; `face` is what is assigned, VAT included."""

    receivable_id: UUID
    number: str
    face: Money
    issued_on: date
    due_on: date
    debtor: DebtorIdentity
    delivered_on: date | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    documents: tuple[DocumentRef, ...] = ()


@dataclass(frozen=True, slots=True)
class AskedTerms:
    """What the assignor would like; the portal's own figures, indicative only."""

    advance_rate: Decimal | None = None
    cash_wanted: Money | None = None
    wanted_on: date | None = None
    with_recourse: bool | None = None
    debtor_notice: bool | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """What one lender is sent; `submission_id` is the idempotency key of every call about it.

    Attributes:
        product: a value of `pricing.products.quote.Product`: "dailly", "factoring",
            "advance" or "discount".
        reference: the funding request's reference, readable by people.
        requested_on: the day the dossier is sent; prices start from it.
    """

    submission_id: UUID
    product: str
    reference: str
    assignor: AssignorIdentity
    receivables: tuple[DossierReceivable, ...]
    requested_on: date
    asked: AskedTerms = field(default_factory=AskedTerms)
    note: str = ""

    @property
    def face_total(self) -> Money:
        """The sum of the faces.

        Raises:
            ValueError: no receivable, or several currencies.
        """
        if not self.receivables:
            raise ValueError("a dossier carries at least one receivable")
        total = self.receivables[0].face
        for receivable in self.receivables[1:]:
            total = total + receivable.face
        return total


class FeeTaken(StrEnum):
    """When a fee is taken: from the first day's cash, or with the repayment."""

    UPFRONT = "upfront"
    AT_END = "at_end"


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One charge of an offer; `code` is the lender's or ours, `vat_cents` is on top."""

    code: str
    label: str
    amount_cents: int
    vat_cents: int = 0
    taken: FeeTaken = FeeTaken.UPFRONT

    @property
    def total_cents(self) -> int:
        """The charge with its VAT."""
        return self.amount_cents + self.vat_cents


@dataclass(frozen=True, slots=True)
class StatedTeg:
    """The *taux effectif global* the lender states, with its period (C. conso. L314-5).

    `rate` and `period_rate` are fractions of one; `method` names the article.
    """

    rate: Decimal
    period_rate: Decimal
    period_days: Decimal
    method: str = ""


@dataclass(frozen=True, slots=True)
class ProposedTerms:
    """A lender's binding terms until `valid_until`.

        face         = advance + reserve
        net_proceeds = advance - upfront fees (VAT included)

    `annual_rate` is the lender's nominal rate; `partners.lenders` refuses terms that
    do not add up.
    """

    face_cents: int
    advance_cents: int
    reserve_cents: int
    net_proceeds_cents: int
    valid_until: datetime
    value_date: date
    advance_rate: Decimal | None = None
    annual_rate: Decimal | None = None
    teg: StatedTeg | None = None
    fees: tuple[FeeLine, ...] = ()
    with_recourse: bool = True
    debtor_notice: bool = False
    expected_repayment_on: date | None = None
    conditions: tuple[str, ...] = ()
    currency: str = "EUR"

    @property
    def upfront_fees_cents(self) -> int:
        """What is taken from the advance on the first day, VAT included."""
        return sum(fee.total_cents for fee in self.fees if fee.taken is FeeTaken.UPFRONT)

    @property
    def fees_cents(self) -> int:
        """Every fee, VAT included, whenever it is taken."""
        return sum(fee.total_cents for fee in self.fees)


@dataclass(frozen=True, slots=True)
class RequestedDocument:
    """A piece the lender asks for before it decides."""

    kind: str
    label: str
    receivable_number: str | None = None


@dataclass(frozen=True, slots=True)
class LenderReply:
    """One thing a lender told us, by answer, webhook, poll or hand.

    Attributes:
        raw_status: the lender's own word, kept for the day someone disputes it.
        reference: the lender's name for the dossier.
        event_id: unique per event of this lender; the same one twice is the same news.
        sequence: the lender's ordinal within the dossier; a lower one than already
            applied arrived late.
        happened_at: when it happened at the lender's.
        deed_dated_on: the date the assignee affixed to a Dailly deed; only `DEED_DATED` has it.
        amount: what was disbursed, paid by the debtor, released or called.
        value_date: when that money counts.
        payment_reference: what the bank line will show.
        notified_on: the day the assignee notified the debtors (art. L313-28 CMF).
        collection_consent: whether the assignor goes on reminding a notified debtor.
    """

    status: LenderStatus
    raw_status: str
    reference: str
    terms: ProposedTerms | None = None
    reason_code: str | None = None
    reason: str | None = None
    requested_documents: tuple[RequestedDocument, ...] = ()
    submission_id: UUID | None = None
    event_id: str | None = None
    sequence: int | None = None
    happened_at: datetime | None = None
    deed_dated_on: date | None = None
    amount: Money | None = None
    value_date: date | None = None
    payment_reference: str | None = None
    receivable_number: str | None = None
    notified_on: date | None = None
    collection_consent: bool = False


@dataclass(frozen=True, slots=True)
class SignedDeed:
    """The signed deed sent to the assignee, who alone dates it (art. L313-25 CMF)."""

    deed_id: UUID
    submission_id: UUID
    kind: str
    sha256: str
    content: bytes
    receivable_count: int
    face_total: Money
    signatory: str
    signed_at: datetime
