"""Lists of invoices in CSV and Excel."""

from datetime import date, datetime

import pytest

from partners.formats import headings, spreadsheet, template
from partners.formats.catalogue import text_of
from partners.formats.reading import read_file
from partners.formats.workbook import cell_text
from partners.vocabulary.invoices import DocumentKind, FileFormat, FileRead
from tests.partners.formats.files import BUYER_SIREN, workbook

FRENCH = "N° de facture;Date d'émission;Échéance;Client;SIREN;Montant HT;TVA;Montant TTC;Devise"
ROW = f"F-1;15/01/2026;28/02/2026;Hôtel Fictif SAS;{BUYER_SIREN};1 000,00;200,00;1 200,00;EUR"


def read(text: str, encoding: str = "utf-8") -> FileRead:
    return read_file(text.encode(encoding), "liste.csv")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("written", [template.template_csv, template.template_xlsx])
def test_the_template_comes_back_whole_without_a_remark(written, lang):
    found = read_file(written(lang), "")

    (invoice,) = found.documents
    assert (found.refusals, invoice.warnings) == ((), ())
    assert (invoice.number, invoice.gross_cents) == ("F-2026-0042", 120000)
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 1, 15), date(2026, 2, 28))
    assert invoice.buyer.siren == "900000100"


def test_every_heading_of_the_template_is_recognised_as_itself():
    for lang in ("fr", "en"):
        columns = headings.recognise(template.titles(lang))
        assert tuple(columns.values()) == template.FIELDS


def test_no_heading_means_two_things():
    meanings = [
        (headings.normalised(heading), field)
        for field, synonyms in headings.SYNONYMS.items()
        for heading in synonyms
    ]
    by_heading = dict(meanings)
    assert all(by_heading[heading] == field for heading, field in meanings)


@pytest.mark.parametrize(
    "titles",
    [
        "Numéro;Date;Date échéance;Raison sociale;SIREN;HT;TVA;TTC;Devise",
        "n° FACTURE;DATE FACTURE;echeance;nom du client;Siren client;Total HT;Total TVA;T.T.C.;€",
        "invoiceNumber;InvoiceDate;DueDate;Customer Name;SIREN;Net Amount;Tax;Grand Total;Currency",
        "Pièce;Date de facturation;À payer le;Tiers;N° SIREN;Base HT;TVA (€);Montant T.T.C. (€);x",
        "Ref.;Issued on;Due;Debtor;SIREN;Subtotal;VAT;Amount;Ccy",
    ],
)
def test_usual_headings_are_recognised_in_french_and_english(titles):
    (invoice,) = read(f"{titles}\n{ROW}\n").documents
    assert (invoice.number, invoice.gross_cents) == ("F-1", 120000)
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 1, 15), date(2026, 2, 28))
    assert (invoice.buyer.name, invoice.buyer.siren) == ("Hôtel Fictif SAS", BUYER_SIREN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-15", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_encodings_and_separators_are_found(encoding, separator):
    text = f"{FRENCH}\n{ROW}\n".replace("1 000,00", "1000.00 €").replace("1 200,00", "1200.00")
    text = text.replace("200,00", "200.00").replace(";", separator)
    (invoice,) = read(text, encoding).documents
    assert invoice.buyer.name == "Hôtel Fictif SAS"
    assert (invoice.net_cents, invoice.gross_cents) == (100000, 120000)


def test_headings_below_an_introduction_are_found():
    (invoice,) = read(f"Export du 01/02/2026\n\nSociété : Exemple\n{FRENCH}\n{ROW}\n").documents
    assert (invoice.number, invoice.row) == ("F-1", 5)


def test_good_rows_are_kept_and_each_bad_row_says_where_and_what_to_do():
    found = read(
        "\n".join(
            [
                FRENCH,
                ROW,
                ROW.replace("F-1", "").strip(),
                ROW.replace("F-1", "F-3").replace("15/01/2026", "32/01/2026"),
                ROW.replace("F-1", "F-4").replace("1 200,00", "douze cents"),
                ROW.replace("F-1", "F-5").replace("15/01/2026", ""),
                "",
                ROW.replace("F-1", "F-7"),
                "Total;;;;;2 000,00;400,00;2 400,00;",
            ]
        )
    )
    assert [invoice.number for invoice in found.documents] == ["F-1", "F-7"]
    assert [(refusal.code, refusal.params["row"]) for refusal in found.refusals] == [
        ("row_value_missing", "3"),
        ("row_date_unreadable", "4"),
        ("row_amount_unreadable", "5"),
        ("row_value_missing", "6"),
    ]
    assert text_of(found.refusals[2], "en") == (
        "Row 5, column “Montant TTC”: “douze cents” is not an amount; write for example 1,234.56."
    )


def test_an_amount_that_reads_two_ways_is_refused_unless_the_file_settles_it():
    titles = "numéro;date;client;TTC\n"
    doubtful = read(titles + "F-1;15/01/2026;Hôtel Fictif SAS;1.234\n")
    settled = read(titles + "F-1;15/01/2026;A;1.234\nF-2;15/01/2026;B;99,50\n")
    assert [refusal.code for refusal in doubtful.refusals] == ["row_amount_ambiguous"]
    assert [invoice.gross_cents for invoice in settled.documents] == [123400, 9950]


def test_american_dates_are_read_when_the_file_proves_them():
    found = read(
        "invoice number,date,customer,total amount\nA,01/02/2026,X,10.00\nB,01/31/2026,Y,10.00\n"
    )
    assert [invoice.issued_on for invoice in found.documents] == [
        date(2026, 1, 2),
        date(2026, 1, 31),
    ]


def test_what_is_implied_is_filled_in_and_said():
    (invoice,) = read("numéro;date;client;HT;TVA\nF-1;15/01/2026;X;100,00;20,00\n").documents
    assert (invoice.gross_cents, invoice.payable_cents, invoice.currency) == (12000, 12000, "EUR")
    codes = {warning.code for warning in invoice.warnings}
    assert {"gross_assumed", "payable_assumed", "currency_assumed"} <= codes


def test_prepayments_are_taken_off_what_is_left_to_pay():
    (invoice,) = read("numéro;date;client;TTC;acompte\nF;15/01/2026;X;100,00;30,00\n").documents
    assert invoice.payable_cents == 7000


def test_a_list_of_my_own_invoices_does_not_reproach_me_for_not_naming_myself():
    (invoice,) = read(f"{FRENCH}\n{ROW}\n").documents
    assert "seller_unidentified" not in {warning.code for warning in invoice.warnings}
    assert not invoice.is_draft


def test_credit_notes_and_deposits_are_told_by_their_kind():
    rows = "numéro;type;date;client;TTC\n" + "".join(
        f"F-{index};{kind};15/01/2026;X;10,00\n"
        for index, kind in enumerate(["Facture", "Avoir", "Credit note", "Facture d'acompte"])
    )
    invoices = read(rows).documents
    assert [invoice.kind for invoice in invoices] == [
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_NOTE,
        DocumentKind.CREDIT_NOTE,
        DocumentKind.INVOICE,
    ]
    assert "deposit_invoice" in {warning.code for warning in invoices[3].warnings}


def test_a_number_seen_twice_is_kept_and_reported_with_the_first_row():
    other = ROW.replace("1 200,00", "1 200,01")
    found = read(f"{FRENCH}\n{ROW}\n{ROW}\n{other}\n")
    assert len(found.documents) == 3
    said = [
        [(w.code, w.params["row"]) for w in invoice.warnings if "number" in w.code]
        for invoice in found.documents
    ]
    assert said == [[], [("duplicate_number", "2")], [("same_number_differs", "2")]]


def test_terms_of_a_list_give_the_due_date():
    (invoice,) = read(
        "numéro;date;client;TTC;conditions de règlement\nF-1;15/01/2026;X;1,00;30 jours\n"
    ).documents
    assert invoice.due_on == date(2026, 2, 14)


def test_a_formula_is_a_text_and_never_an_amount():
    found = read(
        'numéro;date;client;TTC\nF-1;15/01/2026;"=HYPERLINK(""http://x"")";1,00\n'
        "F-2;15/01/2026;X;=1+1\n"
    )
    assert found.documents[0].buyer.name == '=HYPERLINK("http://x")'
    assert [refusal.code for refusal in found.refusals] == ["row_amount_unreadable"]


def test_the_sender_can_say_which_column_is_which():
    text = b"A;B;C;D\nF-1;15/01/2026;X;1,00\n"
    chosen = {"A": "number", "B": "issued_on", "C": "buyer_name", "D": "gross"}
    assert [r.code for r in read_file(text, "l.csv").refusals] == ["headings_not_found"]
    (invoice,) = read_file(text, "l.csv", chosen).documents
    assert (invoice.number, invoice.gross_cents) == ("F-1", 100)


def test_rows_beyond_the_limit_are_named_not_lost_silently():
    row = "F-{};15/01/2026;X;1,00\n"
    rows = "".join(row.format(index) for index in range(spreadsheet.ROWS_MAX + 3))
    found = read("numéro;date;client;TTC\n" + rows)
    assert len(found.documents) == spreadsheet.ROWS_MAX
    (refusal,) = found.refusals
    assert (refusal.code, refusal.params["row"]) == (
        "too_many_rows",
        str(spreadsheet.ROWS_MAX + 2),
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bonjour\ntout le monde\n", "headings_not_found"),
        ("numéro;date;client;TTC\n", "no_rows"),
        ("numéro;client;TTC\nF-1;X;1,00\n", "headings_not_found"),
        ("numéro;date;client;TTC\n\n;;;\n", "no_rows"),
        ("numéro;date;client;TTC" + ";" * 300 + "\nF;15/01/2026;X;1,00\n", "too_many_columns"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(text, code):
    assert [refusal.code for refusal in read(text).refusals] == [code]


def test_a_row_longer_than_the_headings_is_refused():
    found = read("numéro;date;client;TTC\nF-1;15/01/2026;X;1;000,00\n")
    assert [refusal.code for refusal in found.refusals] == ["row_too_long"]


def test_an_excel_workbook_is_read_from_its_cells_exactly():
    found = read_file(
        workbook(
            [
                ["Numéro", "Date", "Échéance", "Client", "Montant TTC"],
                ["F-1", datetime(2026, 1, 15), date(2026, 2, 28), "X", 0.1 + 0.2],
                [1042, "15/01/2026", 46081, "Y", 1234.5],
                ["F-3", datetime(2026, 1, 15), None, "Z", 10],
                ["F-4", datetime(2026, 1, 15), None, "Z", 10.005],
                ["F-5", datetime(2026, 1, 15), None, "Z", "#REF!"],
            ]
        ),
        "liste.xlsx",
    )
    assert found.format is FileFormat.XLSX
    assert [(i.number, i.gross_cents) for i in found.documents] == [
        ("F-1", 30),
        ("1042", 123450),
        ("F-3", 1000),
        ("F-4", 1001),
    ]
    assert found.documents[1].due_on == date(2026, 2, 28)
    codes = [{warning.code for warning in invoice.warnings} for invoice in found.documents]
    assert ["amount_finer_than_cent" in found for found in codes] == [False, False, False, True]
    assert [refusal.code for refusal in found.refusals] == ["row_amount_unreadable"]


def test_the_sheet_with_the_invoices_is_found_among_others():
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(template.template_xlsx()))
    book.create_sheet("Notice", 0).append(["Lisez-moi"])
    saved = io.BytesIO()
    book.save(saved)
    assert len(read_file(saved.getvalue(), "l.xlsx").documents) == 1


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (0.1, "0.1"), (1e-9, "0"), (12.0, "12"), (True, "true"), (1e300, "1e+300")],
)
def test_a_cell_becomes_exact_text(cell, text):
    assert cell_text(cell) == text
