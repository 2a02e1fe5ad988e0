"""From what a document states to what we hold: amounts in cents, dates, identifiers, warnings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from partners.formats import checks, lines, terms
from partners.formats.identifiers import (
    SIREN_SCHEME,
    SIRENE_COUNTRIES,
    SIRET_SCHEME,
    clean_iban,
    compact,
    siren_of_vat,
)
from partners.formats.stated import StatedInvoice, StatedParty
from partners.formats.values import exact_amount, exact_date, is_whole_cents, to_cents
from partners.vocabulary.invoices import (
    DocumentKind,
    DueDateSource,
    InvoiceRead,
    NoteRead,
    PartyRead,
    ReadWarning,
)

TEXT_LENGTH_MAX = 4_000


class _Reader:
    """Reads texts one by one and keeps a warning for each that cannot be believed."""

    def __init__(self) -> None:
        self.warnings: list[ReadWarning] = []

    def amount(self, name: str, text: str | None) -> Decimal | None:
        if text is None:
            return None
        try:
            amount = exact_amount(text)
        except ValueError:
            self._unreadable("amount_unreadable", name, text)
            return None
        if not is_whole_cents(amount):
            self._unreadable("amount_finer_than_cent", name, text)
        return amount

    def cents(self, name: str, text: str | None) -> int | None:
        amount = self.amount(name, text)
        return None if amount is None else to_cents(amount)

    def day(self, name: str, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            return exact_date(text)
        except ValueError:
            self._unreadable("date_unreadable", name, text)
            return None

    def _unreadable(self, code: str, name: str, text: str) -> None:
        self.warnings.append(ReadWarning(code, {"field": name, "value": text[:60]}))


def read_document(stated: StatedInvoice, profile: str | None = None) -> InvoiceRead:
    """The document in our words, with every warning its own content calls for."""
    reader = _Reader()
    issued_on = reader.day("issued_on", stated.dates.get("issued"))
    due_on, due_source = _due(stated, issued_on, reader)
    amounts = {
        name: reader.cents(f"{name}_cents", stated.amounts.get(name))
        for name in ("net", "vat", "gross", "prepaid", "rounding", "payable", "third_party")
    }
    payee = stated.payee
    invoice = InvoiceRead(
        kind=_kind(stated),
        number=_clipped(stated.number),
        issued_on=issued_on,
        currency=_clipped(stated.currency),
        seller=_party(stated.seller),
        buyer=_party(stated.buyer),
        type_code=_clipped(stated.type_code),
        process=_clipped(stated.process),
        profile=profile,
        due_on=due_on,
        due_source=due_source,
        delivered_on=reader.day("delivered_on", stated.dates.get("delivered")),
        net_cents=amounts["net"],
        vat_cents=amounts["vat"],
        gross_cents=amounts["gross"],
        prepaid_cents=amounts["prepaid"],
        rounding_cents=amounts["rounding"],
        payable_cents=amounts["payable"],
        third_party_cents=amounts["third_party"],
        payee_name=payee.name if payee else None,
        payee_id=_payee_id(payee) if payee else None,
        iban=clean_iban(stated.ibans[0]) if stated.ibans else None,
        bic=stated.bic,
        account_name=stated.account_name,
        remittance_reference=stated.remittance_reference,
        terms=_clipped(stated.terms),
        order_reference=stated.order_reference,
        contract_reference=stated.contract_reference,
        delivery_reference=stated.delivery_reference,
        preceding_invoice=stated.preceding,
        preceding_issued_on=reader.day("preceding_issued_on", stated.dates.get("preceding_issued")),
        notes=tuple(NoteRead(text[:TEXT_LENGTH_MAX], subject) for subject, text in stated.notes),
        line_count=len(stated.lines),
        row=stated.row,
    )
    return _with_warnings(invoice, stated, reader)


def _with_warnings(invoice: InvoiceRead, stated: StatedInvoice, reader: _Reader) -> InvoiceRead:
    sums = lines.Sums.of(stated, reader.amount)
    invoice = replace(
        invoice, lines_cents=sums.lines_cents, missing=checks.missing_for_financing(invoice)
    )
    found = [*checks.warnings_of(invoice), *sums.warnings(invoice), *reader.warnings]
    if stated.is_test:
        found.append(ReadWarning("test_document"))
    if len(stated.ibans) > 1:
        found.append(ReadWarning("several_accounts", {"count": str(len(stated.ibans))}))
    if len(stated.due_dates) > 1:
        found.append(ReadWarning("several_due_dates", {"dates": ", ".join(stated.due_dates)}))
    if invoice.due_source is DueDateSource.TERMS and invoice.due_on:
        days = {"due_on": invoice.due_on.isoformat(), "terms": (invoice.terms or "")[:120]}
        found.append(ReadWarning("due_date_derived", days))
    return replace(invoice, warnings=tuple(found))


def _kind(stated: StatedInvoice) -> DocumentKind:
    if stated.syntax_credit_note or stated.type_code in checks.CREDIT_NOTE_TYPES:
        return DocumentKind.CREDIT_NOTE
    return DocumentKind.INVOICE


def _due(
    stated: StatedInvoice, issued_on: date | None, reader: _Reader
) -> tuple[date | None, DueDateSource]:
    """The due date stated, the last one when instalments are; else what the terms settle."""
    days = [reader.day("due_on", text) for text in stated.due_dates]
    known = [day for day in days if day]
    if known:
        return max(known), DueDateSource.DOCUMENT
    derived = terms.due_date(stated.terms, issued_on) if stated.terms and issued_on else None
    return derived, DueDateSource.TERMS if derived else DueDateSource.UNKNOWN


def _party(stated: StatedParty) -> PartyRead:
    vat_id = compact(stated.vat_id) if stated.vat_id else None
    siren, siret = _french_ids(stated, vat_id)
    return PartyRead(
        name=_clipped(stated.name),
        siren=siren or (siret[:9] if siret else siren_of_vat(vat_id)),
        siret=siret,
        vat_id=vat_id,
        country=stated.country.upper() if stated.country else None,
        legal_id=stated.legal_id,
        address="\n".join(stated.street) or None,
        postcode=stated.postcode,
        city=stated.city,
        email=stated.email,
    )


def _french_ids(stated: StatedParty, vat_id: str | None) -> tuple[str | None, str | None]:
    """(SIREN, SIRET) by the scheme of each identifier, or by its length for a French party."""
    is_french = (stated.country or "").upper() in SIRENE_COUNTRIES or (vat_id or "").startswith(
        "FR"
    )
    siren = siret = None
    candidates = [(stated.legal_scheme or "", stated.legal_id or ""), *stated.ids]
    for index, (scheme, text) in enumerate(candidates):
        digits = compact(text)
        believed = scheme in (SIREN_SCHEME, SIRET_SCHEME) or (is_french and index == 0)
        if not believed or not (digits.isascii() and digits.isdecimal()):
            continue
        if len(digits) == 9:
            siren = siren or digits
        elif len(digits) == 14:
            siret = siret or digits
    return siren, siret


def _payee_id(payee: StatedParty) -> str | None:
    return payee.legal_id or next((text for _, text in payee.ids), None)


def _clipped(text: str | None) -> str | None:
    return text[:TEXT_LENGTH_MAX] if text else None
