"""What a document states, as text, before anything is believed: the same shape for every syntax."""

from dataclasses import dataclass, field

NOTES_MAX = 50


@dataclass(slots=True)
class StatedParty:
    """A party as written. ``ids`` are (scheme, identifier) pairs, ``""`` for no scheme."""

    name: str | None = None
    legal_id: str | None = None
    legal_scheme: str | None = None
    ids: list[tuple[str, str]] = field(default_factory=list)
    vat_id: str | None = None
    country: str | None = None
    street: list[str] = field(default_factory=list)
    postcode: str | None = None
    city: str | None = None
    email: str | None = None


@dataclass(slots=True)
class StatedLine:
    """One line that counts in the total (group headings are left out by the reader)."""

    label: str
    total: str | None
    quantity: str | None = None
    price: str | None = None
    price_base: str | None = None
    charges: list[str] = field(default_factory=list)
    allowances: list[str] = field(default_factory=list)


@dataclass(slots=True)
class StatedInvoice:
    """One document in our order of fields; every value is text, ``None`` when absent.

    Keys of ``amounts`` and ``dates`` are the names of ``InvoiceRead`` (``net_cents`` is ``net``);
    ``amounts`` also holds ``line_total``, ``allowances``, ``charges`` (BT-106 to BT-108) and
    ``third_party`` (payments collected for others, added to what is payable).
    """

    syntax_credit_note: bool = False
    number: str | None = None
    type_code: str | None = None
    process: str | None = None
    currency: str | None = None
    amounts: dict[str, str | None] = field(default_factory=dict)
    dates: dict[str, str | None] = field(default_factory=dict)
    due_dates: list[str] = field(default_factory=list)
    seller: StatedParty = field(default_factory=StatedParty)
    buyer: StatedParty = field(default_factory=StatedParty)
    payee: StatedParty | None = None
    ibans: list[str] = field(default_factory=list)
    bic: str | None = None
    account_name: str | None = None
    remittance_reference: str | None = None
    terms: str | None = None
    order_reference: str | None = None
    contract_reference: str | None = None
    delivery_reference: str | None = None
    preceding: str | None = None
    notes: list[tuple[str | None, str]] = field(default_factory=list)
    lines: list[StatedLine] = field(default_factory=list)
    vat_amounts: list[str] = field(default_factory=list)
    is_test: bool = False
    row: int | None = None
