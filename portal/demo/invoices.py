"""Demonstration invoices as suppliers really send them: PDF/A-3 with the Factur-X data inside (EN 16931)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import typst
from facturx import generate_from_binary
from lxml import etree
from lxml.builder import ElementMaker

from pricing.money import Money

TEMPLATE = Path(__file__).parent / "invoice.typ"
GUIDELINE = "urn:cen.eu:en16931:2017"
NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
RSM = ElementMaker(namespace=NAMESPACES["rsm"], nsmap=NAMESPACES)
RAM = ElementMaker(namespace=NAMESPACES["ram"])
UDT = ElementMaker(namespace=NAMESPACES["udt"])
SIREN_SCHEME = "0002"


@dataclass(frozen=True, slots=True)
class InvoiceParty:
    """Seller or buyer, as printed and as written in the data."""

    name: str
    siren: str
    vat_id: str
    street: str
    postcode: str
    city: str
    country: str = "FR"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: a wording and its net amount."""

    wording: str
    net: Money


@dataclass(frozen=True, slots=True)
class InvoiceToPrint:
    """Everything on the page and in the data; amounts are of the lines, at one VAT rate."""

    number: str
    seller: InvoiceParty
    buyer: InvoiceParty
    issued_on: date
    delivered_on: date
    due_on: date
    lines: Sequence[InvoiceLine]
    vat_rate: Decimal
    iban: str
    order_reference: str
    terms: str

    @property
    def net(self) -> Money:
        return sum((line.net for line in self.lines), Money(0))

    @property
    def vat(self) -> Money:
        return self.net.portion(self.vat_rate)

    @property
    def gross(self) -> Money:
        return self.net + self.vat


def factur_x(invoice: InvoiceToPrint) -> bytes:
    """The invoice as a PDF/A-3 that a person reads and a machine reads too."""
    page = typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs=_printed(invoice),
        pdf_standards=["a-3b"],
        ignore_system_fonts=True,
    )
    made: bytes = generate_from_binary(
        page, cii_xml(invoice), flavor="factur-x", level="en16931", check_xsd=False
    )
    return made


def cii_xml(invoice: InvoiceToPrint) -> bytes:
    """The same invoice as UN/CEFACT Cross Industry Invoice, in the EN 16931 profile."""
    document = RSM.CrossIndustryInvoice(
        RSM.ExchangedDocumentContext(
            RAM.GuidelineSpecifiedDocumentContextParameter(RAM.ID(GUIDELINE))
        ),
        RSM.ExchangedDocument(
            RAM.ID(invoice.number),
            RAM.TypeCode("380"),
            RAM.IssueDateTime(_day(invoice.issued_on)),
            *_legal_notes(),
        ),
        RSM.SupplyChainTradeTransaction(
            *(_line(position, line, invoice) for position, line in enumerate(invoice.lines, 1)),
            RAM.ApplicableHeaderTradeAgreement(
                RAM.SellerTradeParty(*_party(invoice.seller)),
                RAM.BuyerTradeParty(*_party(invoice.buyer)),
                RAM.BuyerOrderReferencedDocument(RAM.IssuerAssignedID(invoice.order_reference)),
            ),
            RAM.ApplicableHeaderTradeDelivery(
                RAM.ActualDeliverySupplyChainEvent(
                    RAM.OccurrenceDateTime(_day(invoice.delivered_on))
                )
            ),
            _settlement(invoice),
        ),
    )
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8")


def _settlement(invoice: InvoiceToPrint) -> Any:
    return RAM.ApplicableHeaderTradeSettlement(
        RAM.InvoiceCurrencyCode("EUR"),
        RAM.SpecifiedTradeSettlementPaymentMeans(
            RAM.TypeCode("30"), RAM.PayeePartyCreditorFinancialAccount(RAM.IBANID(invoice.iban))
        ),
        RAM.ApplicableTradeTax(
            RAM.CalculatedAmount(_plain(invoice.vat)),
            RAM.TypeCode("VAT"),
            RAM.BasisAmount(_plain(invoice.net)),
            RAM.CategoryCode("S"),
            RAM.RateApplicablePercent(_percent(invoice.vat_rate)),
        ),
        RAM.SpecifiedTradePaymentTerms(
            RAM.Description(invoice.terms), RAM.DueDateDateTime(_day(invoice.due_on))
        ),
        RAM.SpecifiedTradeSettlementHeaderMonetarySummation(
            RAM.LineTotalAmount(_plain(invoice.net)),
            RAM.TaxBasisTotalAmount(_plain(invoice.net)),
            RAM.TaxTotalAmount(_plain(invoice.vat), currencyID="EUR"),
            RAM.GrandTotalAmount(_plain(invoice.gross)),
            RAM.DuePayableAmount(_plain(invoice.gross)),
        ),
    )


def _line(position: int, line: InvoiceLine, invoice: InvoiceToPrint) -> Any:
    return RAM.IncludedSupplyChainTradeLineItem(
        RAM.AssociatedDocumentLineDocument(RAM.LineID(str(position))),
        RAM.SpecifiedTradeProduct(RAM.Name(line.wording)),
        RAM.SpecifiedLineTradeAgreement(
            RAM.NetPriceProductTradePrice(RAM.ChargeAmount(_plain(line.net)))
        ),
        RAM.SpecifiedLineTradeDelivery(RAM.BilledQuantity("1", unitCode="C62")),
        RAM.SpecifiedLineTradeSettlement(
            RAM.ApplicableTradeTax(
                RAM.TypeCode("VAT"),
                RAM.CategoryCode("S"),
                RAM.RateApplicablePercent(_percent(invoice.vat_rate)),
            ),
            RAM.SpecifiedTradeSettlementLineMonetarySummation(
                RAM.LineTotalAmount(_plain(line.net))
            ),
        ),
    )


def _party(party: InvoiceParty) -> list[Any]:
    parts = [RAM.Name(party.name)]
    if party.siren:
        parts.append(RAM.SpecifiedLegalOrganization(RAM.ID(party.siren, schemeID=SIREN_SCHEME)))
    parts.append(
        RAM.PostalTradeAddress(
            RAM.PostcodeCode(party.postcode),
            RAM.LineOne(party.street),
            RAM.CityName(party.city),
            RAM.CountryID(party.country),
        )
    )
    if party.vat_id:
        parts.append(RAM.SpecifiedTaxRegistration(RAM.ID(party.vat_id, schemeID="VA")))
    return parts


def _legal_notes() -> list[Any]:
    notes = {
        "PMT": "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
        "PMD": "Pénalités de retard : taux de la BCE majoré de 10 points (C. com. art. L441-10).",
        "AAB": "Pas d'escompte pour paiement anticipé.",
    }
    return [
        RAM.IncludedNote(RAM.Content(text), RAM.SubjectCode(code)) for code, text in notes.items()
    ]


def _printed(invoice: InvoiceToPrint) -> dict[str, str]:
    return {
        "number": invoice.number,
        "seller": _address(invoice.seller),
        "buyer": _address(invoice.buyer),
        "issued": _french_day(invoice.issued_on),
        "delivered": _french_day(invoice.delivered_on),
        "due": _french_day(invoice.due_on),
        "order": invoice.order_reference,
        "terms": invoice.terms,
        "iban": invoice.iban,
        "lines": "\n".join(f"{line.wording}|{_french(line.net)}" for line in invoice.lines),
        "net": _french(invoice.net),
        "vat": _french(invoice.vat),
        "vat_rate": _percent(invoice.vat_rate).replace(".", ","),
        "gross": _french(invoice.gross),
        "notes": "\n".join(note[0].text or "" for note in _legal_notes()),
    }


def _address(party: InvoiceParty) -> str:
    lines = [party.name, party.street, f"{party.postcode} {party.city}"]
    lines += [f"SIREN {party.siren}"] if party.siren else []
    lines += [f"TVA {party.vat_id}"] if party.vat_id else []
    return "\n".join(lines)


def _plain(amount: Money) -> str:
    return f"{amount.cents // 100}.{amount.cents % 100:02d}"


def _french(amount: Money) -> str:
    whole = f"{amount.cents // 100:,}".replace(",", "\u202f")
    return f"{whole},{amount.cents % 100:02d} €"


def _percent(rate: Decimal) -> str:
    return str((rate * 100).quantize(Decimal("0.01")))


def _french_day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _day(day: date) -> Any:
    return UDT.DateTimeString(day.strftime("%Y%m%d"), format="102")
