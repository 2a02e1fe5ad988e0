"""Cross Industry Invoice (UN/CEFACT): the syntax of Factur-X, ZUGFeRD and half of EN 16931.

Reads element names of the D16B edition and later, without namespaces; ``zugferd1`` renames
older ones to these.
"""

from itertools import islice

from lxml import etree

from partners.formats.stated import NOTES_MAX, StatedInvoice, StatedLine, StatedParty
from partners.formats.xml import text_of

CONTEXT = "ExchangedDocumentContext"
DOCUMENT = "ExchangedDocument"
TRANSACTION = "SupplyChainTradeTransaction"
# A GROUP line repeats the sum of its DETAIL lines; INFORMATION lines carry no amount due.
LINES_THAT_DO_NOT_COUNT = frozenset({"GROUP", "INFORMATION"})

Element = etree._Element


def stated(root: Element) -> StatedInvoice:
    """What the document says, by EN 16931 business term."""
    context, document = root.find(CONTEXT), root.find(DOCUMENT)
    agreement = root.find(f"{TRANSACTION}/ApplicableHeaderTradeAgreement")
    delivery = root.find(f"{TRANSACTION}/ApplicableHeaderTradeDelivery")
    settlement = root.find(f"{TRANSACTION}/ApplicableHeaderTradeSettlement")
    invoice = StatedInvoice(
        number=text_of(document, "ID"),
        type_code=text_of(document, "TypeCode"),
        process=text_of(context, "BusinessProcessSpecifiedDocumentContextParameter/ID"),
        is_test=text_of(context, "TestIndicator/Indicator") == "true",
        seller=_party(_find(agreement, "SellerTradeParty")),
        buyer=_party(_find(agreement, "BuyerTradeParty")),
        order_reference=text_of(agreement, "BuyerOrderReferencedDocument/IssuerAssignedID"),
        contract_reference=text_of(agreement, "ContractReferencedDocument/IssuerAssignedID"),
        delivery_reference=text_of(delivery, "DespatchAdviceReferencedDocument/IssuerAssignedID"),
        lines=[
            _line(line)
            for line in root.iterfind(f"{TRANSACTION}/IncludedSupplyChainTradeLineItem")
            if _counts(line)
        ],
        notes=_notes(document),
    )
    invoice.dates = {
        "issued": _date(document, "IssueDateTime"),
        "delivered": _date(delivery, "ActualDeliverySupplyChainEvent/OccurrenceDateTime"),
    }
    if settlement is not None:
        _settle(invoice, settlement)
    return invoice


def _settle(invoice: StatedInvoice, settlement: Element) -> None:
    invoice.currency = text_of(settlement, "InvoiceCurrencyCode")
    invoice.remittance_reference = text_of(settlement, "PaymentReference")
    payee = settlement.find("PayeeTradeParty")
    invoice.payee = None if payee is None else _party(payee)
    _read_terms(invoice, settlement)
    _read_accounts(invoice, settlement)
    _read_totals(invoice, settlement)
    preceding = settlement.find("InvoiceReferencedDocument")
    invoice.preceding = text_of(preceding, "IssuerAssignedID") or text_of(preceding, "ID")
    invoice.dates["preceding_issued"] = _date(preceding, "FormattedIssueDateTime")
    invoice.vat_amounts = [
        amount
        for tax in settlement.iterfind("ApplicableTradeTax")
        if (amount := text_of(tax, "CalculatedAmount")) and text_of(tax, "TypeCode") == "VAT"
    ]


def _read_terms(invoice: StatedInvoice, settlement: Element) -> None:
    texts = []
    for terms in settlement.iterfind("SpecifiedTradePaymentTerms"):
        texts += [d.text.strip() for d in terms.iterfind("Description") if d.text]
        due = _date(terms, "DueDateDateTime")
        if due and due not in invoice.due_dates:
            invoice.due_dates.append(due)
    invoice.terms = "\n".join(text for text in texts if text) or None


def _read_accounts(invoice: StatedInvoice, settlement: Element) -> None:
    for means in settlement.iterfind("SpecifiedTradeSettlementPaymentMeans"):
        account = means.find("PayeePartyCreditorFinancialAccount")
        number = text_of(account, "IBANID") or text_of(account, "ProprietaryID")
        if not number:
            continue
        if not invoice.ibans:
            invoice.account_name = text_of(account, "AccountName")
            invoice.bic = text_of(means, "PayeeSpecifiedCreditorFinancialInstitution/BICID")
        if number not in invoice.ibans:
            invoice.ibans.append(number)


def _read_totals(invoice: StatedInvoice, settlement: Element) -> None:
    totals = settlement.find("SpecifiedTradeSettlementHeaderMonetarySummation")
    if totals is None:
        return
    invoice.amounts = {
        name: _in_currency(totals, tag, invoice.currency)
        for name, tag in (
            ("line_total", "LineTotalAmount"),
            ("charges", "ChargeTotalAmount"),
            ("allowances", "AllowanceTotalAmount"),
            ("net", "TaxBasisTotalAmount"),
            ("vat", "TaxTotalAmount"),
            ("rounding", "RoundingAmount"),
            ("gross", "GrandTotalAmount"),
            ("prepaid", "TotalPrepaidAmount"),
            ("payable", "DuePayableAmount"),
        )
    }


def _in_currency(totals: Element, tag: str, currency: str | None) -> str | None:
    """The amount stated in the invoice's currency: BT-111 repeats the VAT in another one."""
    stated_amounts = totals.findall(tag)
    for amount in stated_amounts:
        if amount.get("currencyID") in (None, currency):
            return text_of(amount)
    return text_of(stated_amounts[0]) if len(stated_amounts) == 1 else None


def _party(party: Element | None) -> StatedParty:
    if party is None:
        return StatedParty()
    legal = party.find("SpecifiedLegalOrganization/ID")
    address = party.find("PostalTradeAddress")
    street = (text_of(address, tag) for tag in ("LineOne", "LineTwo", "LineThree"))
    return StatedParty(
        name=text_of(party, "Name"),
        legal_id=text_of(legal),
        legal_scheme=None if legal is None else legal.get("schemeID"),
        ids=[
            (found.get("schemeID", ""), found.text.strip())
            for tag in ("GlobalID", "ID")
            for found in party.iterfind(tag)
            if found.text
        ],
        vat_id=_vat_id(party),
        country=text_of(address, "CountryID"),
        street=[line for line in street if line],
        postcode=text_of(address, "PostcodeCode"),
        city=text_of(address, "CityName"),
        email=text_of(party, "DefinedTradeContact/EmailURIUniversalCommunication/URIID"),
    )


def _vat_id(party: Element) -> str | None:
    for registration in party.iterfind("SpecifiedTaxRegistration/ID"):
        if registration.get("schemeID") == "VA":
            return text_of(registration)
    return None


def _counts(line: Element) -> bool:
    status = text_of(line, "AssociatedDocumentLineDocument/LineStatusReasonCode")
    return status not in LINES_THAT_DO_NOT_COUNT


def _line(line: Element) -> StatedLine:
    price = line.find("SpecifiedLineTradeAgreement/NetPriceProductTradePrice")
    settlement = line.find("SpecifiedLineTradeSettlement")
    found = StatedLine(
        label=text_of(line, "AssociatedDocumentLineDocument/LineID") or "?",
        total=text_of(settlement, "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"),
        quantity=text_of(line, "SpecifiedLineTradeDelivery/BilledQuantity"),
        price=text_of(price, "ChargeAmount"),
        price_base=text_of(price, "BasisQuantity"),
    )
    if settlement is None:
        return found
    for adjustment in settlement.iterfind("SpecifiedTradeAllowanceCharge"):
        amount = text_of(adjustment, "ActualAmount")
        is_charge = text_of(adjustment, "ChargeIndicator/Indicator") == "true"
        if amount:
            (found.charges if is_charge else found.allowances).append(amount)
    return found


def _notes(document: Element | None) -> list[tuple[str | None, str]]:
    if document is None:
        return []
    return [
        (text_of(note, "SubjectCode"), content)
        for note in islice(document.iterfind("IncludedNote"), NOTES_MAX)
        if (content := text_of(note, "Content"))
    ]


def _date(element: Element | None, path: str) -> str | None:
    """The text of a date, whether in a ``DateTimeString`` or, in older editions, directly."""
    found = _find(element, path)
    if found is None:
        return None
    return text_of(found, "DateTimeString") or text_of(found)


def _find(element: Element | None, path: str) -> Element | None:
    return None if element is None else element.find(path)
