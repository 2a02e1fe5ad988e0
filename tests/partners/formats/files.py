"""Small invoice files written by hand: XML of each syntax, Factur-X PDFs, spreadsheets."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

import pikepdf

SELLER_SIREN = "900000100"
BUYER_SIREN = "900000209"
FACTURX_EN16931 = "urn:cen.eu:en16931:2017"
FACTURX_MINIMUM = "urn:factur-x.eu:1p0:minimum"
CII_NAMESPACES = (
    'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100" '
    'xmlns:ram="urn:un:unece:uncefact:data:standard:'
    'ReusableAggregateBusinessInformationEntity:100" '
    'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"'
)


def siren(base: str) -> str:
    """Eight digits completed by their Luhn key."""
    from stdnum import luhn

    return base + luhn.calc_check_digit(base)


def french_vat(siren_: str) -> str:
    return f"FR{(12 + 3 * (int(siren_) % 97)) % 97:02d}{siren_}"


@dataclass
class Line:
    total: str
    quantity: str = "1"
    price: str | None = None
    status: str = ""


@dataclass
class Written:
    """An invoice as a test wants it written; valid unless told otherwise."""

    number: str | None = "F-2026-0042"
    type_code: str = "380"
    issued: str = "20260115"
    due: str | None = "20260228"
    terms: str | None = None
    currency: str = "EUR"
    guideline: str | None = FACTURX_EN16931
    process: str = "S1"
    line_total: str | None = "1000.00"
    charges: str | None = None
    allowances: str | None = None
    net: str | None = "1000.00"
    vat: str | None = "200.00"
    gross: str | None = "1200.00"
    prepaid: str | None = "0.00"
    payable: str | None = "1200.00"
    seller_name: str = "Menuiserie Exemple SARL"
    seller_siren: str | None = SELLER_SIREN
    buyer_name: str = "Hôtel Fictif SAS"
    buyer_siren: str | None = BUYER_SIREN
    buyer_vat: str | None = None
    payee: str | None = None
    iban: str | None = "FR7630006000011234567890189"
    preceding: str | None = None
    note: tuple[str, str] | None = None
    lines: list[Line] = field(default_factory=lambda: [Line("1000.00")])
    extra_settlement: str = ""


def _tag(name: str, value: str | None, attributes: str = "") -> str:
    return "" if value is None else f"<ram:{name}{attributes}>{value}</ram:{name}>"


def _date(name: str, value: str | None) -> str:
    if value is None:
        return ""
    return f"<ram:{name}><udt:DateTimeString format='102'>{value}</udt:DateTimeString></ram:{name}>"


def _party(tag: str, name: str, siren_: str | None, vat: str | None) -> str:
    legal = (
        f"<ram:SpecifiedLegalOrganization><ram:ID schemeID='0002'>{siren_}</ram:ID>"
        "</ram:SpecifiedLegalOrganization>"
        if siren_
        else ""
    )
    tax = (
        f"<ram:SpecifiedTaxRegistration><ram:ID schemeID='VA'>{vat}</ram:ID>"
        "</ram:SpecifiedTaxRegistration>"
        if vat
        else ""
    )
    address = (
        "<ram:PostalTradeAddress><ram:PostcodeCode>99000</ram:PostcodeCode>"
        "<ram:LineOne>1 rue de l'Exemple</ram:LineOne><ram:CityName>Exempleville</ram:CityName>"
        "<ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>"
    )
    return f"<ram:{tag}><ram:Name>{name}</ram:Name>{legal}{address}{tax}</ram:{tag}>"


def _line(index: int, line: Line) -> str:
    return (
        "<ram:IncludedSupplyChainTradeLineItem><ram:AssociatedDocumentLineDocument>"
        f"<ram:LineID>{index}</ram:LineID>"
        + (_tag("LineStatusReasonCode", line.status) if line.status else "")
        + "</ram:AssociatedDocumentLineDocument>"
        "<ram:SpecifiedTradeProduct><ram:Name>Pose</ram:Name></ram:SpecifiedTradeProduct>"
        "<ram:SpecifiedLineTradeAgreement><ram:NetPriceProductTradePrice><ram:ChargeAmount>"
        f"{line.price or line.total}</ram:ChargeAmount></ram:NetPriceProductTradePrice>"
        "</ram:SpecifiedLineTradeAgreement><ram:SpecifiedLineTradeDelivery>"
        f"<ram:BilledQuantity unitCode='C62'>{line.quantity}</ram:BilledQuantity>"
        "</ram:SpecifiedLineTradeDelivery><ram:SpecifiedLineTradeSettlement>"
        "<ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode>"
        "<ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
        "<ram:SpecifiedTradeSettlementLineMonetarySummation><ram:LineTotalAmount>"
        f"{line.total}</ram:LineTotalAmount></ram:SpecifiedTradeSettlementLineMonetarySummation>"
        "</ram:SpecifiedLineTradeSettlement></ram:IncludedSupplyChainTradeLineItem>"
    )


def _settlement(w: Written) -> str:
    account = (
        "<ram:SpecifiedTradeSettlementPaymentMeans><ram:TypeCode>30</ram:TypeCode>"
        f"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>{w.iban}</ram:IBANID>"
        "</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>"
        if w.iban
        else ""
    )
    payee = f"<ram:PayeeTradeParty>{_tag('Name', w.payee)}</ram:PayeeTradeParty>"
    preceding = (
        f"<ram:InvoiceReferencedDocument>{_tag('IssuerAssignedID', w.preceding)}"
        "</ram:InvoiceReferencedDocument>"
    )
    tax = (
        f"<ram:ApplicableTradeTax>{_tag('CalculatedAmount', w.vat)}<ram:TypeCode>VAT</ram:TypeCode>"
        f"{_tag('BasisAmount', w.net)}<ram:CategoryCode>S</ram:CategoryCode>"
        "<ram:RateApplicablePercent>20.00</ram:RateApplicablePercent></ram:ApplicableTradeTax>"
    )
    terms = _tag("Description", w.terms) + _date("DueDateDateTime", w.due)
    return (
        f"<ram:ApplicableHeaderTradeSettlement>{_tag('InvoiceCurrencyCode', w.currency)}"
        + (payee if w.payee else "")
        + account
        + tax
        + (f"<ram:SpecifiedTradePaymentTerms>{terms}</ram:SpecifiedTradePaymentTerms>")
        + "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        + _tag("LineTotalAmount", w.line_total)
        + _tag("ChargeTotalAmount", w.charges)
        + _tag("AllowanceTotalAmount", w.allowances)
        + _tag("TaxBasisTotalAmount", w.net)
        + _tag("TaxTotalAmount", w.vat, f" currencyID='{w.currency}'")
        + _tag("GrandTotalAmount", w.gross)
        + _tag("TotalPrepaidAmount", w.prepaid)
        + _tag("DuePayableAmount", w.payable)
        + "</ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
        + (preceding if w.preceding else "")
        + w.extra_settlement
        + "</ram:ApplicableHeaderTradeSettlement>"
    )


def cii(written: Written | None = None, **changes: object) -> bytes:
    """A Cross Industry Invoice."""
    w = written or Written(**changes)  # type: ignore[arg-type]
    note = (
        f"<ram:IncludedNote><ram:Content>{w.note[1]}</ram:Content>"
        f"<ram:SubjectCode>{w.note[0]}</ram:SubjectCode></ram:IncludedNote>"
        if w.note
        else ""
    )
    guideline = (
        "<ram:GuidelineSpecifiedDocumentContextParameter>"
        f"{_tag('ID', w.guideline)}</ram:GuidelineSpecifiedDocumentContextParameter>"
    )
    vat = w.buyer_vat or (french_vat(w.buyer_siren) if w.buyer_siren else None)
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><rsm:CrossIndustryInvoice {CII_NAMESPACES}>"
        "<rsm:ExchangedDocumentContext><ram:BusinessProcessSpecifiedDocumentContextParameter>"
        f"{_tag('ID', w.process)}</ram:BusinessProcessSpecifiedDocumentContextParameter>"
        + (guideline if w.guideline else "")
        + "</rsm:ExchangedDocumentContext><rsm:ExchangedDocument>"
        + _tag("ID", w.number)
        + _tag("TypeCode", w.type_code)
        + _date("IssueDateTime", w.issued)
        + note
        + "</rsm:ExchangedDocument><rsm:SupplyChainTradeTransaction>"
        + "".join(_line(index, line) for index, line in enumerate(w.lines, 1))
        + "<ram:ApplicableHeaderTradeAgreement>"
        + _party(
            "SellerTradeParty",
            w.seller_name,
            w.seller_siren,
            french_vat(w.seller_siren) if w.seller_siren else None,
        )
        + _party("BuyerTradeParty", w.buyer_name, w.buyer_siren, vat)
        + "<ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>BC-117</ram:IssuerAssignedID>"
        "</ram:BuyerOrderReferencedDocument></ram:ApplicableHeaderTradeAgreement>"
        "<ram:ApplicableHeaderTradeDelivery/>"
        + _settlement(w)
        + "</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"
    ).encode()


def ubl(*, credit_note: bool = False, customization: str | None = None, body: str = "") -> bytes:
    """A UBL 2.1 invoice or credit note, without identifier of profile unless one is given."""
    root = "CreditNote" if credit_note else "Invoice"
    party = (
        "<cac:Party><cac:PostalAddress><cac:Country><cbc:IdentificationCode>FR"
        "</cbc:IdentificationCode></cac:Country></cac:PostalAddress><cac:PartyLegalEntity>"
        "<cbc:RegistrationName>{}</cbc:RegistrationName>"
        "<cbc:CompanyID schemeID='0002'>{}</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>"
    )
    code = "381" if credit_note else "380"
    return (
        f"<{root} xmlns='urn:oasis:names:specification:ubl:schema:xsd:{root}-2' "
        "xmlns:cac='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' "
        "xmlns:cbc='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>"
        + (f"<cbc:CustomizationID>{customization}</cbc:CustomizationID>" if customization else "")
        + "<cbc:ID>F-77</cbc:ID><cbc:IssueDate>2026-01-15</cbc:IssueDate>"
        + ("" if credit_note else "<cbc:DueDate>2026-02-28</cbc:DueDate>")
        + f"<cbc:{root}TypeCode>{code}</cbc:{root}TypeCode>"
        + "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        + "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F-12</cbc:ID>"
        "</cac:InvoiceDocumentReference></cac:BillingReference>"
        + f"<cac:AccountingSupplierParty>{party.format('Menuiserie Exemple SARL', SELLER_SIREN)}"
        "</cac:AccountingSupplierParty><cac:AccountingCustomerParty>"
        + party.format("Hôtel Fictif SAS", BUYER_SIREN)
        + "</cac:AccountingCustomerParty>"
        + body
        + "<cac:TaxTotal><cbc:TaxAmount currencyID='EUR'>200.00</cbc:TaxAmount></cac:TaxTotal>"
        "<cac:TaxTotal><cbc:TaxAmount currencyID='USD'>230.00</cbc:TaxAmount></cac:TaxTotal>"
        "<cac:LegalMonetaryTotal>"
        + "".join(
            f"<cbc:{tag} currencyID='EUR'>{amount}</cbc:{tag}>"
            for tag, amount in (
                ("LineExtensionAmount", "1000.00"),
                ("TaxExclusiveAmount", "1000.00"),
                ("TaxInclusiveAmount", "1200.00"),
                ("PayableAmount", "1200.00"),
            )
        )
        + f"</cac:LegalMonetaryTotal></{root}>"
    ).encode()


def pdf(attachments: Mapping[str, bytes], *, password: str | None = None) -> bytes:
    """A PDF of one blank page with these files attached."""
    document = pikepdf.new()
    document.add_blank_page()
    for name, content in attachments.items():
        document.attachments[name] = pikepdf.AttachedFileSpec(document, content, filename=name)
    saved = io.BytesIO()
    lock = pikepdf.Encryption(owner="owner", user=password) if password is not None else False
    document.save(saved, encryption=lock)
    return saved.getvalue()


def factur_x(xml: bytes, level: str = "en16931") -> bytes:
    """A real Factur-X PDF, written by the reference library."""
    from facturx import generate_from_binary

    written: bytes = generate_from_binary(
        pdf({}), xml, flavor="factur-x", level=level, check_xsd=False, check_schematron=False
    )
    return written


def workbook(rows: list[list[object]]) -> bytes:
    """An Excel workbook of one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def archive(parts: Mapping[str, bytes]) -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return saved.getvalue()
