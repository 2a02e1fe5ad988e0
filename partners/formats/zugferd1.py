"""ZUGFeRD 1.0 and its release candidate: the same tree as today's CII under older names."""

from lxml import etree

# FeRD, ZUGFeRD 1.0 schema of 25 June 2014, against UN/CEFACT CII D16B.
HEADER_NAMES = {
    "SpecifiedExchangedDocumentContext": "ExchangedDocumentContext",
    "HeaderExchangedDocument": "ExchangedDocument",
    "SpecifiedSupplyChainTradeTransaction": "SupplyChainTradeTransaction",
    "ApplicableSupplyChainTradeAgreement": "ApplicableHeaderTradeAgreement",
    "ApplicableSupplyChainTradeDelivery": "ApplicableHeaderTradeDelivery",
    "ApplicableSupplyChainTradeSettlement": "ApplicableHeaderTradeSettlement",
    "SpecifiedSupplyChainTradeAgreement": "SpecifiedLineTradeAgreement",
    "SpecifiedSupplyChainTradeDelivery": "SpecifiedLineTradeDelivery",
    "SpecifiedSupplyChainTradeSettlement": "SpecifiedLineTradeSettlement",
}
SUMMATION = "SpecifiedTradeSettlementMonetarySummation"
REFERENCES = frozenset(
    {
        "BuyerOrderReferencedDocument",
        "ContractReferencedDocument",
        "DespatchAdviceReferencedDocument",
        "InvoiceReferencedDocument",
    }
)


def modernise(root: etree._Element) -> None:
    """Rename, in place and without namespaces, to the names that ``cii`` reads."""
    for element in root.iter("*"):
        element.tag = HEADER_NAMES.get(str(element.tag), element.tag)
    for element in root.iter(SUMMATION):
        parent = element.getparent()
        is_line = parent is not None and parent.tag == "SpecifiedLineTradeSettlement"
        element.tag = (
            "SpecifiedTradeSettlementLineMonetarySummation"
            if is_line
            else "SpecifiedTradeSettlementHeaderMonetarySummation"
        )
    for element in root.iter(*REFERENCES):
        _modernise_reference(element)


def _modernise_reference(reference: etree._Element) -> None:
    number, issued = reference.find("ID"), reference.find("IssueDateTime")
    if number is not None:
        number.tag = "IssuerAssignedID"
    if issued is not None:
        issued.tag = "FormattedIssueDateTime"
