"""Factur-X, CII and UBL: what is read, and what the reader is told."""

from datetime import date
from pathlib import Path

import pytest

from partners.formats.reading import read_file, to_json
from partners.vocabulary.invoices import DocumentKind, DueDateSource, FileFormat, InvoiceRead
from tests.partners.formats.files import (
    BUYER_SIREN,
    FACTURX_MINIMUM,
    SELLER_SIREN,
    Line,
    cii,
    factur_x,
    pdf,
    ubl,
)


def only(content: bytes, name: str = "facture.xml") -> InvoiceRead:
    read = read_file(content, name)
    assert read.refusals == ()
    (invoice,) = read.documents
    return invoice


def codes(invoice: InvoiceRead) -> set[str]:
    return {warning.code for warning in invoice.warnings}


def test_a_clean_invoice_is_read_whole_and_calls_for_no_remark():
    invoice = only(cii())

    assert codes(invoice) == set()
    assert (invoice.number, invoice.kind) == ("F-2026-0042", DocumentKind.INVOICE)
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 1, 15), date(2026, 2, 28))
    assert (invoice.net_cents, invoice.vat_cents, invoice.gross_cents) == (100000, 20000, 120000)
    assert (invoice.prepaid_cents, invoice.payable_cents) == (0, 120000)
    assert (invoice.seller.siren, invoice.buyer.siren) == (SELLER_SIREN, BUYER_SIREN)
    assert invoice.buyer.address == "1 rue de l'Exemple"
    assert invoice.order_reference == "BC-117"
    assert invoice.process == "S1"
    assert not invoice.is_draft


def test_a_factur_x_pdf_gives_the_same_invoice_as_its_xml():
    read = read_file(factur_x(cii()), "facture.pdf")

    assert read.format is FileFormat.FACTUR_X
    assert read.profile == "en16931"
    assert read.documents == (only(cii()),)


def test_a_pdf_whose_attachment_has_another_name_is_still_read():
    content = pdf({"cgv.pdf": b"%PDF-", "Facture_42.XML": b"\xef\xbb\xbf" + cii()})
    invoice = only(content, "f.pdf")
    assert invoice.gross_cents == 120000
    assert "pdf_metadata_missing" in codes(invoice)


@pytest.mark.parametrize(
    ("attachment", "expected"),
    [("factur-x.xml", FileFormat.FACTUR_X), ("zugferd-invoice.xml", FileFormat.ZUGFERD)],
)
def test_the_format_is_named_after_what_the_pdf_carries(attachment, expected):
    assert read_file(pdf({attachment: cii()}), "f.pdf").format is expected


def test_two_invoices_in_one_pdf_that_differ_are_reported():
    same = pdf({"factur-x.xml": cii(), "ZUGFeRD-invoice.xml": cii()})
    other = pdf({"factur-x.xml": cii(), "ZUGFeRD-invoice.xml": cii(gross="9999.00")})
    assert "attachments_disagree" not in codes(only(same, "f.pdf"))
    assert "attachments_disagree" in codes(only(other, "f.pdf"))
    assert only(other, "f.pdf").gross_cents == 120000


def test_a_pdf_without_xml_says_what_to_send_instead():
    (refusal,) = read_file(pdf({}), "f.pdf").refusals
    assert refusal.code == "pdf_without_invoice"
    document = to_json(read_file(pdf({}), "f.pdf"), "fr")
    assert "Factur-X" in document["refusals"][0]["message"]


def test_a_minimum_profile_is_kept_as_a_draft_that_lists_what_is_missing():
    invoice = only(
        cii(guideline=FACTURX_MINIMUM, due=None, prepaid=None, payable="999.00", lines=[])
    )
    assert invoice.missing == ("due_on",)
    assert {"incomplete", "due_date_missing", "partial_profile"} <= codes(invoice)
    assert "payable_not_gross_less_prepaid" not in codes(invoice)


def test_a_due_date_is_worked_out_of_the_terms_and_said_so():
    invoice = only(cii(due=None, terms="45 jours fin de mois"))
    assert invoice.due_on == date(2026, 3, 31)
    assert invoice.due_source is DueDateSource.TERMS
    assert "due_date_derived" in codes(invoice)


def test_group_lines_are_not_counted_beside_their_details():
    lines = [Line("1000.00", status="GROUP"), Line("600.00", status="DETAIL")]
    invoice = only(cii(lines=[*lines, Line("400.00", status="DETAIL")]))
    assert invoice.lines_cents == 100000
    assert codes(invoice) & {"lines_not_line_total"} == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"gross": "1200.01"}, "gross_not_net_plus_vat"),
        ({"payable": "1200.01"}, "payable_not_gross_less_prepaid"),
        ({"payable": "1199.99"}, "payable_not_gross_less_prepaid"),
        ({"lines": [Line("999.99")]}, "lines_not_line_total"),
        ({"lines": [Line("1000.00", quantity="2")]}, "line_not_quantity_times_price"),
        ({"net": "1000.004", "line_total": None}, "amount_finer_than_cent"),
        ({"gross": "1,200.00"}, "amount_unreadable"),
        ({"due": "20260114"}, "due_before_issue"),
        ({"due": "2026-99-99"}, "date_unreadable"),
        ({"currency": "USD"}, "not_in_euros"),
        ({"payable": "0.00", "prepaid": "1200.00"}, "nothing_due"),
        ({"process": "S2"}, "already_paid"),
        ({"process": "B8"}, "several_sellers"),
        ({"type_code": "393"}, "already_factored"),
        ({"type_code": "396"}, "already_factored"),
        ({"type_code": "386"}, "deposit_invoice"),
        ({"type_code": "384"}, "corrective_invoice"),
        ({"type_code": "389"}, "self_billed"),
        ({"type_code": "381"}, "credit_note_without_invoice"),
        ({"payee": "Affactureur Imaginaire SA"}, "payee_is_not_seller"),
        ({"note": ("ACC", "Créance cédée")}, "note_speaks_of_assignment"),
        ({"note": ("AAI", "Payable par subrogation au factor")}, "note_speaks_of_assignment"),
        ({"seller_siren": None}, "seller_unidentified"),
        ({"buyer_siren": None}, "buyer_maybe_consumer"),
        ({"buyer_siren": "900000208"}, "siren_invalid"),
        ({"buyer_siren": "90000020900018"}, "siret_invalid"),
        ({"buyer_vat": "FR00900000209"}, "vat_id_invalid"),
        ({"iban": "FR7630006000011234567890188"}, "iban_invalid"),
        ({"guideline": None}, "profile_not_stated"),
        ({"guideline": "urn:inconnu"}, "profile_unknown"),
        ({"number": None}, "incomplete"),
        ({"extra_settlement": "<ram:Invente/>"}, "schema_invalid"),
    ],
)
def test_what_is_wrong_is_said_and_only_then(changes, code):
    assert code in codes(only(cii(**changes)))
    assert code not in codes(only(cii()))


def test_prepayments_allowances_and_charges_that_add_up_call_for_no_remark():
    settled = {"prepaid": "230.50", "payable": "969.50"}
    adjusted = {"line_total": "1030.00", "charges": "20.00", "allowances": "50.00"}
    assert codes(only(cii(**settled))) == set()
    assert codes(only(cii(**adjusted, lines=[Line("1030.00")]))) == set()
    assert codes(only(cii(**{**adjusted, "charges": "20.01"}, lines=[Line("1030.00")]))) == {
        "line_total_not_net"
    }


@pytest.mark.parametrize(
    ("price", "is_wrong"),
    [("1.02", False), ("0.98", False), ("1.03", True), ("0.97", True)],
)
def test_a_line_may_differ_from_its_price_by_two_hundredths(price, is_wrong):
    invoice = only(cii(lines=[Line("999.00"), Line("1.00", price=price)]))
    assert ("line_not_quantity_times_price" in codes(invoice)) is is_wrong


def test_a_due_date_on_the_issue_date_is_no_remark():
    assert codes(only(cii(due="20260115"))) == set()


def test_a_payee_who_is_the_seller_is_no_remark():
    assert codes(only(cii(payee="MENUISERIE EXEMPLE, SARL"))) == set()


def test_an_unreadable_amount_is_left_empty_and_asked_rather_than_guessed():
    invoice = only(cii(gross="1,200.00"))
    assert invoice.gross_cents is None
    assert "gross_cents" in invoice.missing


def test_a_credit_note_names_the_invoice_it_corrects():
    invoice = only(cii(type_code="381", preceding="F-2025-0900"))
    assert invoice.kind is DocumentKind.CREDIT_NOTE
    assert invoice.preceding_invoice == "F-2025-0900"
    assert "credit_note_without_invoice" not in codes(invoice)


def test_a_negative_invoice_keeps_its_sign():
    invoice = only(
        cii(
            net="-1000.00",
            line_total="-1000.00",
            vat="-200.00",
            gross="-1200.00",
            payable="-1200.00",
            lines=[],
        )
    )
    assert (invoice.gross_cents, invoice.payable_cents) == (-120000, -120000)
    assert {"negative_total", "nothing_due"} <= codes(invoice)


@pytest.mark.parametrize(
    "customization", [None, "urn:cen.eu:en16931:2017", "urn:www.cenbii.eu:transaction:biitrns010"]
)
def test_ubl_is_read_with_or_without_the_identifier_of_a_profile(customization):
    read = read_file(ubl(customization=customization), "f.xml")
    (invoice,) = read.documents
    assert read.format is FileFormat.UBL
    assert (invoice.number, invoice.gross_cents) == ("F-77", 120000)
    assert invoice.vat_cents == 20000
    assert invoice.buyer.siren == BUYER_SIREN


def test_a_ubl_credit_note_is_one_by_its_root():
    invoice = only(ubl(credit_note=True))
    assert invoice.kind is DocumentKind.CREDIT_NOTE
    assert (invoice.type_code, invoice.preceding_invoice) == ("381", "F-12")


def test_zugferd_1_is_read_under_its_older_names():
    invoice = only(ZUGFERD_1.encode())
    assert (invoice.number, invoice.type_code) == ("RE-1", "380")
    assert (invoice.issued_on, invoice.due_on) == (date(2014, 5, 22), date(2014, 6, 12))
    assert (invoice.gross_cents, invoice.seller.vat_id) == (11900, "DE123456789")
    assert invoice.order_reference == "B-9"


def test_the_release_candidate_of_zugferd_is_read_and_said_to_be_old():
    old = (
        ZUGFERD_1.replace("CrossIndustryDocument", "Invoice")
        .replace("urn:ferd:Invoice:invoice:1p0", "urn:un:unece:uncefact:data:standard:CBFBUY:5")
        .replace("<udt:DateTimeString format='102'>", "")
        .replace("</udt:DateTimeString>", "")
    )
    invoice = only(old.encode())
    assert (invoice.gross_cents, invoice.issued_on) == (11900, date(2014, 5, 22))
    assert "prestandard_edition" in codes(invoice)


def test_the_json_has_the_promised_keys_in_the_promised_order(tmp_path: Path):
    path = tmp_path / "facture.xml"
    path.write_bytes(cii())
    shown = to_json(read_file(path))
    assert list(shown)[:5] == ["file", "format", "profile", "documents", "refusals"]
    assert list(shown["documents"][0])[:20] == [
        "kind", "number", "issued_on", "due_on", "delivered_on", "currency", "net_cents",
        "vat_cents", "gross_cents", "prepaid_cents", "payable_cents", "seller", "buyer",
        "payee_name", "iban", "terms", "order_reference", "contract_reference",
        "preceding_invoice", "warnings",
    ]  # fmt: skip
    assert list(shown["documents"][0]["seller"])[:5] == [
        "name", "siren", "siret", "vat_id", "country",
    ]  # fmt: skip
    assert shown["file"] == str(path)


ZUGFERD_1 = """<rsm:CrossIndustryDocument
  xmlns:rsm="urn:ferd:CrossIndustryDocument:invoice:1p0"
  xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:12"
  xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:15">
 <rsm:SpecifiedExchangedDocumentContext><ram:GuidelineSpecifiedDocumentContextParameter>
  <ram:ID>urn:ferd:CrossIndustryDocument:invoice:1p0:comfort</ram:ID>
 </ram:GuidelineSpecifiedDocumentContextParameter></rsm:SpecifiedExchangedDocumentContext>
 <rsm:HeaderExchangedDocument><ram:ID>RE-1</ram:ID><ram:Name>RECHNUNG</ram:Name>
  <ram:TypeCode>380</ram:TypeCode><ram:IssueDateTime>
   <udt:DateTimeString format='102'>20140522</udt:DateTimeString></ram:IssueDateTime>
 </rsm:HeaderExchangedDocument>
 <rsm:SpecifiedSupplyChainTradeTransaction>
  <ram:ApplicableSupplyChainTradeAgreement>
   <ram:SellerTradeParty><ram:Name>Beispiel GmbH</ram:Name><ram:SpecifiedTaxRegistration>
    <ram:ID schemeID="VA">DE123456789</ram:ID></ram:SpecifiedTaxRegistration>
   </ram:SellerTradeParty>
   <ram:BuyerTradeParty><ram:Name>Kunde AG</ram:Name></ram:BuyerTradeParty>
   <ram:BuyerOrderReferencedDocument><ram:ID>B-9</ram:ID></ram:BuyerOrderReferencedDocument>
  </ram:ApplicableSupplyChainTradeAgreement>
  <ram:ApplicableSupplyChainTradeSettlement>
   <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
   <ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime>
    <udt:DateTimeString format='102'>20140612</udt:DateTimeString></ram:DueDateDateTime>
   </ram:SpecifiedTradePaymentTerms>
   <ram:SpecifiedTradeSettlementMonetarySummation>
    <ram:LineTotalAmount currencyID="EUR">100.00</ram:LineTotalAmount>
    <ram:TaxBasisTotalAmount currencyID="EUR">100.00</ram:TaxBasisTotalAmount>
    <ram:TaxTotalAmount currencyID="EUR">19.00</ram:TaxTotalAmount>
    <ram:GrandTotalAmount currencyID="EUR">119.00</ram:GrandTotalAmount>
    <ram:DuePayableAmount currencyID="EUR">119.00</ram:DuePayableAmount>
   </ram:SpecifiedTradeSettlementMonetarySummation>
  </ram:ApplicableSupplyChainTradeSettlement>
 </rsm:SpecifiedSupplyChainTradeTransaction>
</rsm:CrossIndustryDocument>"""


def test_the_vat_is_the_one_in_the_currency_of_the_invoice():
    other = b"<ram:TaxTotalAmount currencyID='USD'>230.00</ram:TaxTotalAmount>"
    own = b"<ram:TaxTotalAmount currencyID='EUR'>"
    invoice = only(cii().replace(own, other + own))
    assert invoice.vat_cents == 20000


def test_of_several_instalments_the_last_day_is_kept_and_the_rest_is_said():
    first = (
        b"<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString format='102'>"
        b"20260301</udt:DateTimeString></ram:DueDateDateTime></ram:SpecifiedTradePaymentTerms>"
    )
    terms = b"<ram:SpecifiedTradePaymentTerms>"
    invoice = only(cii().replace(terms, first + terms, 1))
    assert invoice.due_on == date(2026, 3, 1)
    assert "several_due_dates" in codes(invoice)


def test_a_siren_known_only_by_the_vat_number_or_the_siret_is_found():
    by_vat = cii().replace(b"<ram:ID schemeID='0002'>900000209</ram:ID>", b"")
    by_siret = cii(buyer_siren="90000020900016", buyer_vat="FR" + "0" * 11)
    assert only(by_vat).buyer.siren == BUYER_SIREN
    assert only(by_siret).buyer.siren == BUYER_SIREN
