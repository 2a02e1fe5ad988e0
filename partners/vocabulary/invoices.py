"""Our words for what was read in a file of invoices: documents, parties, warnings, refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class DocumentKind(StrEnum):
    """Whether the document asks for money or gives some back."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class FileFormat(StrEnum):
    """What the file turned out to be, by its content and never by its name."""

    FACTUR_X = "factur-x"
    ZUGFERD = "zugferd"
    CII = "cii"
    UBL = "ubl"
    CSV = "csv"
    XLSX = "xlsx"
    PDF = "pdf"
    XML = "xml"
    UNKNOWN = "unknown"


class DueDateSource(StrEnum):
    """Where the due date comes from; a derived one is shown to the assignor for confirmation."""

    DOCUMENT = "document"
    TERMS = "terms"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """Something the reader must be told about a document that was kept.

    ``code`` is an entry of ``partners/formats/catalogue.toml``; ``params`` fill its text.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadRefusal:
    """Why a file, or one row of it, was not read; same catalogue as the warnings.

    For a row of a spreadsheet ``params`` hold ``row``, ``column`` and ``value``.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartyRead:
    """A seller or a buyer as the document names it.

    ``siren`` and ``siret`` are kept as written (digits only) even when their key is wrong: a
    warning says so. ``legal_id`` is the raw BT-30/BT-47, which abroad is not a SIREN. ``vat_id``
    has no spaces. ``country`` is ISO 3166-1 alpha-2.
    """

    name: str | None = None
    siren: str | None = None
    siret: str | None = None
    vat_id: str | None = None
    country: str | None = None
    legal_id: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class NoteRead:
    """A free text of the document with its subject code (BT-21: PMT, PMD, AAB, ACC …)."""

    text: str
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRead:
    """One invoice or credit note, in our words, as the document states it.

    Amounts are hundredths of ``currency`` with the sign the document gives them; ``None`` means
    the document does not say. ``gross_cents`` is BT-112, ``payable_cents`` BT-115,
    ``prepaid_cents`` BT-113, ``rounding_cents`` BT-114, ``third_party_cents`` what
    is collected for others on top. ``missing`` names the fields without
    which it cannot be financed: a document with any is a draft to complete.
    """

    kind: DocumentKind
    number: str | None
    issued_on: date | None
    currency: str | None
    seller: PartyRead
    buyer: PartyRead
    type_code: str | None = None
    process: str | None = None
    due_on: date | None = None
    due_source: DueDateSource = DueDateSource.UNKNOWN
    delivered_on: date | None = None
    net_cents: int | None = None
    vat_cents: int | None = None
    gross_cents: int | None = None
    prepaid_cents: int | None = None
    rounding_cents: int | None = None
    payable_cents: int | None = None
    third_party_cents: int | None = None
    payee_name: str | None = None
    payee_id: str | None = None
    iban: str | None = None
    bic: str | None = None
    account_name: str | None = None
    remittance_reference: str | None = None
    terms: str | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    delivery_reference: str | None = None
    preceding_invoice: str | None = None
    preceding_issued_on: date | None = None
    notes: tuple[NoteRead, ...] = ()
    profile: str | None = None
    line_count: int = 0
    lines_cents: int | None = None
    row: int | None = None
    missing: tuple[str, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether something financing needs must still be asked."""
        return bool(self.missing)


@dataclass(frozen=True, slots=True)
class FileRead:
    """Everything read in one file: the documents kept, and why the rest was refused.

    ``profile`` is the short profile name (minimum, basicwl, basic, en16931, extended,
    extended-ctc-fr, xrechnung, peppol …) and ``guideline`` the identifier it was told by (BT-24).
    A spreadsheet may hold both documents and refused rows; any other file has one or the other.
    """

    name: str
    format: FileFormat
    profile: str | None = None
    guideline: str | None = None
    documents: tuple[InvoiceRead, ...] = ()
    refusals: tuple[ReadRefusal, ...] = ()

    @property
    def was_refused(self) -> bool:
        """Whether anything in the file could not be taken."""
        return bool(self.refusals)
