"""What a reader must be told about a document: one rule, one function, one warning code."""

from collections.abc import Callable, Iterator
from datetime import date

from partners.formats import identifiers
from partners.formats.profiles import PARTIAL_PROFILES
from partners.vocabulary.invoices import DocumentKind, InvoiceRead, PartyRead, ReadWarning

# Codes of BT-3 (UNTDID 1001) and of BT-23 that French invoices may carry (XP Z12-012).
CREDIT_NOTE_TYPES = frozenset({"81", "83", "261", "262", "308", "381", "396", "502", "503", "532"})
FACTORED_TYPES = frozenset({"393", "396", "472", "473", "501", "502"})
DEPOSIT_TYPES = frozenset({"386", "500", "503"})
CORRECTIVE_TYPES = frozenset({"384", "471", "472", "473"})
SELF_BILLED_TYPES = frozenset({"261", "389", "471", "473", "500", "501", "502"})
ALREADY_PAID_PROCESS = frozenset({"B2", "S2", "M2"})
SEVERAL_SELLERS_PROCESS = frozenset({"B8", "S8", "M8"})
ASSIGNMENT_SUBJECT = "ACC"
ASSIGNMENT_WORDS = ("subrog", "affactur", "factoring", "dailly", "l313-2", "cession de creance")

Warnings = Iterator[ReadWarning]


def amount(cents: int | None, currency: str | None) -> str:
    """An amount for a message, digits only: ``1234.56 EUR``."""
    if cents is None:
        return "—"
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d} {currency or ''}".strip()


def gross_is_net_plus_vat(invoice: InvoiceRead) -> Warnings:
    """EN 16931 BR-CO-15."""
    net, vat, gross = invoice.net_cents, invoice.vat_cents, invoice.gross_cents
    if net is None or gross is None or net + (vat or 0) == gross:
        return
    if vat is None and _is_partial(invoice):
        return
    yield ReadWarning("gross_not_net_plus_vat", _amounts(invoice, net=net, vat=vat, gross=gross))


def payable_is_gross_less_prepaid(invoice: InvoiceRead) -> Warnings:
    """EN 16931 BR-CO-16; MINIMUM states no prepayment, and a refund may leave nothing due."""
    gross, payable, prepaid = invoice.gross_cents, invoice.payable_cents, invoice.prepaid_cents
    if gross is None or payable is None or (prepaid is None and _is_partial(invoice)):
        return
    settled_refund = gross < 0 and payable == 0
    expected = gross - (prepaid or 0) + (invoice.rounding_cents or 0)
    if payable != expected + (invoice.third_party_cents or 0) and not settled_refund:
        yield ReadWarning(
            "payable_not_gross_less_prepaid",
            _amounts(invoice, gross=gross, prepaid=prepaid, payable=payable),
        )


def due_date_is_known_and_after_issue(invoice: InvoiceRead) -> Warnings:
    if invoice.due_on is None:
        if invoice.kind is DocumentKind.INVOICE:
            yield ReadWarning("due_date_missing")
        return
    if invoice.issued_on and invoice.due_on < invoice.issued_on and not _may_precede(invoice):
        yield ReadWarning(
            "due_before_issue", {"due_on": _iso(invoice.due_on), "on": _iso(invoice.issued_on)}
        )


def _may_precede(invoice: InvoiceRead) -> bool:
    """BR-FR-CO-07: deposits and invoices already paid."""
    return invoice.type_code in DEPOSIT_TYPES or invoice.process in ALREADY_PAID_PROCESS


def something_is_due(invoice: InvoiceRead) -> Warnings:
    if invoice.kind is DocumentKind.CREDIT_NOTE:
        return
    if invoice.gross_cents is not None and invoice.gross_cents < 0:
        yield ReadWarning("negative_total", _amounts(invoice, gross=invoice.gross_cents))
    if invoice.process in ALREADY_PAID_PROCESS:
        yield ReadWarning("already_paid", {"process": invoice.process or ""})
    elif invoice.payable_cents is not None and invoice.payable_cents <= 0:
        yield ReadWarning("nothing_due", _amounts(invoice, payable=invoice.payable_cents))


def currency_is_euro(invoice: InvoiceRead) -> Warnings:
    if invoice.currency and invoice.currency != "EUR":
        yield ReadWarning("not_in_euros", {"currency": invoice.currency})


def not_already_assigned(invoice: InvoiceRead) -> Warnings:
    """The signs that the debt already belongs to, or is paid to, somebody else."""
    if invoice.type_code in FACTORED_TYPES:
        yield ReadWarning("already_factored", {"type_code": invoice.type_code or ""})
    payee, seller = invoice.payee_name or invoice.payee_id, invoice.seller
    if payee and not _is_same_party(invoice, seller):
        yield ReadWarning("payee_is_not_seller", {"payee": payee, "seller": seller.name or "—"})
    for note in invoice.notes:
        plain = identifiers.plain(note.text)
        if note.subject == ASSIGNMENT_SUBJECT or any(word in plain for word in ASSIGNMENT_WORDS):
            yield ReadWarning("note_speaks_of_assignment", {"note": note.text[:120]})
            return


def _is_same_party(invoice: InvoiceRead, seller: PartyRead) -> bool:
    known = {seller.legal_id, seller.siren, seller.siret, seller.vat_id} - {None}
    if invoice.payee_id and invoice.payee_id in known:
        return True
    if invoice.payee_name is None:
        return False
    return identifiers.plain(invoice.payee_name) == identifiers.plain(seller.name or "")


def type_needs_attention(invoice: InvoiceRead) -> Warnings:
    code = invoice.type_code or ""
    if code in DEPOSIT_TYPES:
        yield ReadWarning("deposit_invoice", {"type_code": code})
    if code in CORRECTIVE_TYPES:
        yield ReadWarning("corrective_invoice", {"preceding": invoice.preceding_invoice or "—"})
    if code in SELF_BILLED_TYPES:
        yield ReadWarning("self_billed", {"type_code": code})
    if invoice.process in SEVERAL_SELLERS_PROCESS:
        yield ReadWarning("several_sellers", {"process": invoice.process or ""})


def credit_note_names_its_invoice(invoice: InvoiceRead) -> Warnings:
    if invoice.kind is DocumentKind.CREDIT_NOTE and not invoice.preceding_invoice:
        yield ReadWarning("credit_note_without_invoice")


def parties_are_identified(invoice: InvoiceRead) -> Warnings:
    buyer, seller = invoice.buyer, invoice.seller
    is_identified = any((seller.siren, seller.siret, seller.vat_id, seller.legal_id))
    if not is_identified and not _is_of_a_list(invoice):
        yield ReadWarning("seller_unidentified")
    if not any((buyer.siren, buyer.siret, buyer.vat_id)):
        is_company = buyer.legal_id or invoice.row is not None
        code = "buyer_without_vat" if is_company else "buyer_maybe_consumer"
        yield ReadWarning(code, {"buyer": buyer.name or "—"})
    yield from _identifiers_hold("seller", seller)
    yield from _identifiers_hold("buyer", buyer)


def _identifiers_hold(role: str, party: PartyRead) -> Warnings:
    if party.siren and not identifiers.is_siren(party.siren):
        yield ReadWarning("siren_invalid", {"party": role, "value": party.siren})
    if party.siret and not identifiers.is_siret(party.siret):
        yield ReadWarning("siret_invalid", {"party": role, "value": party.siret})
    if party.siren and party.siret and not party.siret.startswith(party.siren):
        yield ReadWarning(
            "siret_not_of_siren", {"party": role, "siret": party.siret, "siren": party.siren}
        )
    vat = party.vat_id or ""
    if vat.startswith("FR") and not identifiers.is_french_vat(vat):
        yield ReadWarning("vat_id_invalid", {"party": role, "value": vat})
    in_vat = identifiers.siren_of_vat(party.vat_id)
    if in_vat and party.siren and in_vat != party.siren:
        yield ReadWarning("vat_not_of_siren", {"party": role, "vat": vat, "siren": party.siren})


def account_is_an_iban(invoice: InvoiceRead) -> Warnings:
    if invoice.iban and not identifiers.is_iban(invoice.iban):
        yield ReadWarning("iban_invalid", {"value": identifiers.masked(invoice.iban)})


def profile_is_a_full_invoice(invoice: InvoiceRead) -> Warnings:
    if _is_partial(invoice):
        yield ReadWarning("partial_profile", {"profile": invoice.profile or ""})


def financing_has_what_it_needs(invoice: InvoiceRead) -> Warnings:
    if invoice.missing:
        yield ReadWarning("incomplete", {"fields": ",".join(invoice.missing)})


def missing_for_financing(invoice: InvoiceRead) -> tuple[str, ...]:
    """The fields without which no lender can look at the document, by their JSON names."""
    buyer, seller = invoice.buyer, invoice.seller
    needed: dict[str, object] = {
        "number": invoice.number,
        "issued_on": invoice.issued_on,
        "currency": invoice.currency,
        "gross_cents": invoice.gross_cents,
        "buyer.name": buyer.name,
    }
    if not _is_of_a_list(invoice):
        needed["seller.name"] = seller.name
    if invoice.kind is DocumentKind.INVOICE:
        needed |= {
            "due_on": invoice.due_on,
            "payable_cents": invoice.payable_cents,
            "buyer.siren": buyer.siren or buyer.vat_id or buyer.legal_id,
        }
        if not _is_of_a_list(invoice):
            needed["seller.siren"] = seller.siren or seller.vat_id or seller.legal_id
    return tuple(name for name, value in needed.items() if value is None)


def _is_of_a_list(invoice: InvoiceRead) -> bool:
    """A list of one's own invoices does not repeat who sells: the sender does."""
    return invoice.row is not None and invoice.seller.name is None


def _is_partial(invoice: InvoiceRead) -> bool:
    return invoice.profile in PARTIAL_PROFILES


def _iso(day: date) -> str:
    return day.isoformat()


def _amounts(invoice: InvoiceRead, **cents: int | None) -> dict[str, str]:
    return {name: amount(value, invoice.currency) for name, value in cents.items()}


RULES: tuple[Callable[[InvoiceRead], Warnings], ...] = (
    financing_has_what_it_needs,
    due_date_is_known_and_after_issue,
    gross_is_net_plus_vat,
    payable_is_gross_less_prepaid,
    something_is_due,
    currency_is_euro,
    not_already_assigned,
    type_needs_attention,
    credit_note_names_its_invoice,
    parties_are_identified,
    account_is_an_iban,
    profile_is_a_full_invoice,
)


def warnings_of(invoice: InvoiceRead) -> list[ReadWarning]:
    """Every warning at once, in the order of importance above."""
    return [warning for rule in RULES for warning in rule(invoice)]
