"""UBL 2.x invoices and credit notes, with or without the identifier of a profile."""

import re
from decimal import Decimal
from itertools import islice

from lxml import etree

from partners.formats.stated import NOTES_MAX, StatedInvoice, StatedLine, StatedParty
from partners.formats.values import exact_amount
from partners.formats.xml import text_of

Element = etree._Element

VAT_SCHEMES = frozenset({"VAT", "VA"})
_NOTE_SUBJECT = re.compile(r"#([A-Z]{3})#(.*)", re.DOTALL)


def guideline(root: Element) -> str | None:
    """BT-24; absent in plain UBL."""
    return text_of(root, "CustomizationID")


def stated(root: Element) -> StatedInvoice:
    """What the document says, by EN 16931 business term."""
    is_credit_note = root.tag == "CreditNote"
    invoice = StatedInvoice(
        syntax_credit_note=is_credit_note,
        number=text_of(root, "ID"),
        type_code=text_of(root, "CreditNoteTypeCode" if is_credit_note else "InvoiceTypeCode"),
        process=text_of(root, "ProfileID"),
        currency=text_of(root, "DocumentCurrencyCode"),
        seller=_party(root.find("AccountingSupplierParty/Party")),
        buyer=_party(root.find("AccountingCustomerParty/Party")),
        order_reference=text_of(root, "OrderReference/ID"),
        contract_reference=text_of(root, "ContractDocumentReference/ID"),
        delivery_reference=text_of(root, "DespatchDocumentReference/ID"),
        notes=[_note(note.text) for note in islice(root.iterfind("Note"), NOTES_MAX) if note.text],
    )
    preceding = root.find("BillingReference/InvoiceDocumentReference")
    invoice.preceding = text_of(preceding, "ID")
    invoice.dates = {
        "issued": text_of(root, "IssueDate"),
        "delivered": text_of(root, "Delivery/ActualDeliveryDate"),
        "preceding_issued": text_of(preceding, "IssueDate"),
    }
    payee = root.find("PayeeParty")
    invoice.payee = None if payee is None else _party(payee)
    _read_payment(invoice, root)
    _read_totals(invoice, root)
    line_tag = "CreditNoteLine" if is_credit_note else "InvoiceLine"
    invoice.lines = [_line(line, is_credit_note) for line in root.iterfind(line_tag)]
    return invoice


def _note(text: str) -> tuple[str | None, str]:
    """The French convention puts the subject code in front: ``#PMT#…``."""
    found = _NOTE_SUBJECT.match(text.strip())
    return (found[1], found[2].strip()) if found else (None, text.strip())


def _read_payment(invoice: StatedInvoice, root: Element) -> None:
    terms = [text_of(note) for note in root.iterfind("PaymentTerms/Note")]
    invoice.terms = "\n".join(text for text in terms if text) or None
    invoice.remittance_reference = text_of(root, "PaymentMeans/PaymentID")
    for path in ("DueDate", "PaymentMeans/PaymentDueDate", "PaymentTerms/PaymentDueDate"):
        for found in root.iterfind(path):
            due = text_of(found)
            if due and due not in invoice.due_dates:
                invoice.due_dates.append(due)
    for means in root.iterfind("PaymentMeans"):
        account = means.find("PayeeFinancialAccount")
        number = text_of(account, "ID")
        if not number:
            continue
        if not invoice.ibans:
            invoice.account_name = text_of(account, "Name")
            invoice.bic = text_of(account, "FinancialInstitutionBranch/ID")
        if number not in invoice.ibans:
            invoice.ibans.append(number)


def _read_totals(invoice: StatedInvoice, root: Element) -> None:
    totals = root.find("LegalMonetaryTotal")
    invoice.amounts = {
        name: text_of(totals, tag)
        for name, tag in (
            ("line_total", "LineExtensionAmount"),
            ("charges", "ChargeTotalAmount"),
            ("allowances", "AllowanceTotalAmount"),
            ("net", "TaxExclusiveAmount"),
            ("gross", "TaxInclusiveAmount"),
            ("prepaid", "PrepaidAmount"),
            ("rounding", "PayableRoundingAmount"),
            ("payable", "PayableAmount"),
        )
    }
    taxes = [tax for tax in root.iterfind("TaxTotal") if _is_in(tax, invoice.currency)]
    invoice.amounts["vat"] = _sum([text_of(tax, "TaxAmount") for tax in taxes])
    stated_vat = (text_of(s, "TaxAmount") for tax in taxes for s in tax.iterfind("TaxSubtotal"))
    invoice.vat_amounts = [amount for amount in stated_vat if amount]
    invoice.amounts["third_party"] = _sum(
        [text_of(paid) for paid in root.iterfind("PrepaidPayment/PaidAmount")]
    )


def _is_in(tax: Element, currency: str | None) -> bool:
    """Whether a VAT total is in the invoice's currency (BT-110) and not another (BT-111)."""
    amount = tax.find("TaxAmount")
    return amount is not None and amount.get("currencyID", currency) == currency


def _sum(texts: list[str | None]) -> str | None:
    """The sum as text; the first text that is not a number is returned to be reported."""
    known = [text for text in texts if text]
    if len(known) < 2:
        return known[0] if known else None
    total = Decimal(0)
    for text in known:
        try:
            total += exact_amount(text)
        except ValueError:
            return text
    return str(total)


def _party(party: Element | None) -> StatedParty:
    if party is None:
        return StatedParty()
    legal = party.find("PartyLegalEntity/CompanyID")
    address = party.find("PostalAddress")
    street = [
        text_of(address, tag) for tag in ("StreetName", "AdditionalStreetName", "AddressLine/Line")
    ]
    return StatedParty(
        name=text_of(party, "PartyLegalEntity/RegistrationName")
        or text_of(party, "PartyName/Name"),
        legal_id=text_of(legal),
        legal_scheme=None if legal is None else legal.get("schemeID"),
        ids=[
            (found.get("schemeID", ""), found.text.strip())
            for found in party.iterfind("PartyIdentification/ID")
            if found.text
        ],
        vat_id=_vat_id(party),
        country=text_of(address, "Country/IdentificationCode"),
        street=[line for line in street if line],
        postcode=text_of(address, "PostalZone"),
        city=text_of(address, "CityName"),
        email=text_of(party, "Contact/ElectronicMail"),
    )


def _vat_id(party: Element) -> str | None:
    for scheme in party.iterfind("PartyTaxScheme"):
        if text_of(scheme, "TaxScheme/ID") in VAT_SCHEMES:
            return text_of(scheme, "CompanyID")
    return None


def _line(line: Element, is_credit_note: bool) -> StatedLine:
    quantity = "CreditedQuantity" if is_credit_note else "InvoicedQuantity"
    found = StatedLine(
        label=text_of(line, "ID") or "?",
        total=text_of(line, "LineExtensionAmount"),
        quantity=text_of(line, quantity),
        price=text_of(line, "Price/PriceAmount"),
        price_base=text_of(line, "Price/BaseQuantity"),
    )
    for adjustment in line.iterfind("AllowanceCharge"):
        amount = text_of(adjustment, "Amount")
        is_charge = text_of(adjustment, "ChargeIndicator") == "true"
        if amount:
            (found.charges if is_charge else found.allowances).append(amount)
    return found
