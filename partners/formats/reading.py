"""Any file people bring, read or refused with a reason: the one entry of this package."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from partners.formats import catalogue, sniffing
from partners.formats.refusing import FileRefused
from partners.vocabulary.invoices import (
    FileFormat,
    FileRead,
    InvoiceRead,
    PartyRead,
    ReadRefusal,
    ReadWarning,
)

logger = logging.getLogger(__name__)

FILE_BYTES_MAX = 20 * 1024 * 1024


def read_file(
    source: Path | str | bytes,
    name: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> FileRead:
    """Everything read in one file; never raises for what the file holds.

    Args:
        source: a path, or the content itself.
        name: the name its sender gave it; the path's by default.
        columns: for a spreadsheet, the sender's own mapping of headings to fields
            (``headings.SYNONYMS``), remembered from an earlier import.
    """
    given = name or (str(source) if not isinstance(source, bytes) else "")
    try:
        content = source if isinstance(source, bytes) else _bounded_content(Path(source))
        if len(content) > FILE_BYTES_MAX:
            raise FileRefused("file_too_large", limit_mb=str(FILE_BYTES_MAX // 2**20))
        return _read(content, given, columns)
    except FileRefused as refused:
        return FileRead(given, FileFormat.UNKNOWN, refusals=(refused.refusal,))
    except Exception:
        # The last net: a stranger's file must never take the server down, and must leave a trace.
        logger.exception("file could not be read")
        return FileRead(given, FileFormat.UNKNOWN, refusals=(ReadRefusal("unreadable"),))


def _bounded_content(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise FileRefused("file_too_large", limit_mb=str(FILE_BYTES_MAX // 2**20))
        return path.read_bytes()
    except OSError as error:
        raise FileRefused("file_not_found", detail=error.strerror or "") from error


def _read(content: bytes, name: str, columns: Mapping[str, str] | None) -> FileRead:
    """Dispatch by kind; each reader is imported when first needed, to start quickly."""
    kind = sniffing.kind_of(content, name)
    if kind == sniffing.PDF:
        from partners.formats import hybrid

        return hybrid.read_pdf(content, name)
    if kind == sniffing.XML:
        from partners.formats import hybrid

        return hybrid.read_xml(content, name)
    from partners.formats import spreadsheet

    return spreadsheet.read_table(
        content, name, is_workbook=kind == sniffing.WORKBOOK, chosen=columns
    )


def to_json(read: FileRead, lang: str = "fr") -> dict[str, Any]:
    """The shape ``portal read --json`` prints: dates in ISO 8601, amounts in signed cents."""
    return {
        "file": read.name,
        "format": read.format.value,
        "profile": read.profile,
        "documents": [_document(invoice, lang) for invoice in read.documents],
        "refusals": [_message(refusal, lang) for refusal in read.refusals],
        "guideline": read.guideline,
    }


def _message(said: ReadWarning | ReadRefusal, lang: str) -> dict[str, str]:
    return {"code": said.code, "message": catalogue.text_of(said, lang)}


def _document(invoice: InvoiceRead, lang: str) -> dict[str, Any]:
    return {
        "kind": invoice.kind.value,
        "number": invoice.number,
        "issued_on": _iso(invoice.issued_on),
        "due_on": _iso(invoice.due_on),
        "delivered_on": _iso(invoice.delivered_on),
        "currency": invoice.currency,
        "net_cents": invoice.net_cents,
        "vat_cents": invoice.vat_cents,
        "gross_cents": invoice.gross_cents,
        "prepaid_cents": invoice.prepaid_cents,
        "payable_cents": invoice.payable_cents,
        "seller": _party(invoice.seller),
        "buyer": _party(invoice.buyer),
        "payee_name": invoice.payee_name,
        "iban": invoice.iban,
        "terms": invoice.terms,
        "order_reference": invoice.order_reference,
        "contract_reference": invoice.contract_reference,
        "preceding_invoice": invoice.preceding_invoice,
        "warnings": [_message(warning, lang) for warning in invoice.warnings],
        **_further(invoice),
    }


def _further(invoice: InvoiceRead) -> dict[str, Any]:
    return {
        "missing": list(invoice.missing),
        "type_code": invoice.type_code,
        "process": invoice.process,
        "due_source": invoice.due_source.value,
        "payee_id": invoice.payee_id,
        "bic": invoice.bic,
        "account_name": invoice.account_name,
        "remittance_reference": invoice.remittance_reference,
        "delivery_reference": invoice.delivery_reference,
        "preceding_issued_on": _iso(invoice.preceding_issued_on),
        "notes": [{"subject": note.subject, "text": note.text} for note in invoice.notes],
        "line_count": invoice.line_count,
        "row": invoice.row,
    }


def _party(party: PartyRead) -> dict[str, str | None]:
    return {
        "name": party.name,
        "siren": party.siren,
        "siret": party.siret,
        "vat_id": party.vat_id,
        "country": party.country,
        "legal_id": party.legal_id,
        "address": party.address,
        "postcode": party.postcode,
        "city": party.city,
        "email": party.email,
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
