"""What was read in a document, kept as JSON and given back unchanged."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from partners.vocabulary.invoices import (
    DocumentKind,
    DueDateSource,
    InvoiceRead,
    NoteRead,
    PartyRead,
    ReadWarning,
)

DAYS = ("issued_on", "due_on", "delivered_on", "preceding_issued_on")
NEEDED = ("number", "issued_on", "currency", "gross_cents", "buyer.name")
"""Without these a document cannot enter at all; its row waits to be completed."""


def as_json(invoice: InvoiceRead) -> dict[str, Any]:
    """The reading as JSON-safe values: dates in ISO 8601, amounts in signed cents."""
    kept = asdict(invoice)
    for name in DAYS:
        kept[name] = kept[name].isoformat() if kept[name] else None
    kept["warnings"] = [{"code": w.code, "params": dict(w.params)} for w in invoice.warnings]
    return kept


def from_json(kept: Mapping[str, Any]) -> InvoiceRead:
    """The reading that ``as_json`` kept; fields added since take their default."""
    known = {field.name for field in fields(InvoiceRead)}
    values = {name: value for name, value in kept.items() if name in known}
    for name in DAYS:
        values[name] = date.fromisoformat(values[name]) if values.get(name) else None
    return InvoiceRead(
        **{
            **values,
            "kind": DocumentKind(kept["kind"]),
            "due_source": DueDateSource(kept["due_source"]),
            "seller": PartyRead(**kept["seller"]),
            "buyer": PartyRead(**kept["buyer"]),
            "notes": tuple(NoteRead(**note) for note in kept["notes"]),
            "missing": tuple(kept["missing"]),
            "warnings": tuple(ReadWarning(**warning) for warning in kept["warnings"]),
        }
    )


def lacking(invoice: InvoiceRead) -> tuple[str, ...]:
    """The needed fields the document does not give."""
    given = {
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "currency": invoice.currency,
        "gross_cents": claimed_cents(invoice),
        "buyer.name": invoice.buyer.name,
    }
    return tuple(name for name in NEEDED if given[name] is None)


def completed(invoice: InvoiceRead, answers: Mapping[str, Any]) -> InvoiceRead:
    """The reading with what its assignor typed in the fields it lacked; what was read stands."""
    lacked = lacking(invoice)
    taken = {
        name: value
        for name, value in answers.items()
        if name in lacked and name != "buyer.name" and value is not None
    }
    if "buyer.name" in lacked and answers.get("buyer.name"):
        taken["buyer"] = replace(invoice.buyer, name=answers["buyer.name"])
    return replace(invoice, **taken)


def claimed_cents(invoice: InvoiceRead) -> int | None:
    """The document's total VAT included, or what it asks for where it states no total."""
    return invoice.gross_cents if invoice.gross_cents is not None else invoice.payable_cents


def gives_money_back(invoice: InvoiceRead) -> bool:
    """Whether the document lowers what the debtor owes: a credit note, or an invoice below zero."""
    return invoice.kind is DocumentKind.CREDIT_NOTE or (claimed_cents(invoice) or 0) < 0
