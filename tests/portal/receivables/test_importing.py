"""Documents at the door: created, unchanged, in conflict, refused; the good never lost for the bad."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.vocabulary.invoices import (
    DueDateSource,
    FileFormat,
    InvoiceRead,
    PartyRead,
    ReadRefusal,
    ReadWarning,
)
from portal.debtors.models import Debtor, DebtorSegment
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation
from portal.receivables.importing import ReceivedFile, import_files, open_batch
from portal.receivables.models import CreditNote, ImportOutcome, ImportRow, Receivable
from portal.receivables.position import position_of
from portal.receivables.reading import as_json, from_json
from portal.receivables.reasons import text_of, texts
from tests.builders.organisations import a_siren, an_assignor
from tests.builders.readings import a_credit_note_read, a_file, an_invoice_read
from tests.conftest import NOW, TODAY


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore.at(str(tmp_path))


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session, legal_name="Menuiserie Exemple SARL")


@pytest.fixture
def bring(session: Session, store: DocumentStore, assignor: Organisation) -> Any:
    def bring_in(*files: ReceivedFile | InvoiceRead) -> list[ImportRow]:
        batch = open_batch(session, assignor.id, source="test", by=None, at=NOW)
        received = [one if isinstance(one, ReceivedFile) else a_file(one) for one in files]
        return import_files(
            session, store, assignor, received, fingerprint_key="k", batch=batch, by=None, at=NOW
        )

    return bring_in


def the_receivable(session: Session, row: ImportRow) -> Receivable:
    return session.get_one(Receivable, row.receivable_id)


def codes(row: ImportRow) -> list[str]:
    return [why["code"] for why in row.reasons]


def test_an_invoice_enters_with_its_debtor_and_its_file_byte_for_byte(
    session, store, assignor, bring
):
    [row] = bring(a_file(an_invoice_read(assignor, number="FA 2026/001"), content=b"<facture/>"))

    receivable = the_receivable(session, row)
    document = session.get_one(Document, receivable.document_id)
    assert row.outcome is ImportOutcome.CREATED
    assert (receivable.number, receivable.number_key) == ("FA 2026/001", "FA-2026-001")
    assert (receivable.face_cents, receivable.due_on) == (120_000, TODAY + timedelta(days=50))
    assert receivable.debtor.name == "Débiteur Exemple SAS"
    assert store.get(document.sha256) == b"<facture/>"


def test_the_same_invoice_again_changes_nothing(session, assignor, bring):
    invoice = an_invoice_read(assignor)
    [first] = bring(invoice)

    [again] = bring(invoice)

    assert again.outcome is ImportOutcome.UNCHANGED
    assert again.receivable_id == first.receivable_id


def test_the_same_number_written_otherwise_is_the_same_invoice(session, assignor, bring):
    bring(an_invoice_read(assignor, number="FA 2026/001"))

    [again] = bring(an_invoice_read(assignor, number="fa-2026-001"))

    assert again.outcome is ImportOutcome.UNCHANGED


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"gross_cents": 120_001, "payable_cents": 120_001}, "gross_cents"),
        ({"payable_cents": 119_999}, "prepaid_cents"),
        ({"issued_on": TODAY - timedelta(days=9)}, "issued_on"),
        ({"due_on": TODAY + timedelta(days=51)}, "due_on"),
        ({"buyer": PartyRead(name="Autre", siren=a_siren())}, "buyer.siren"),
    ],
)
def test_the_same_number_with_other_content_is_set_aside_and_nothing_is_overwritten(
    session, assignor, bring, changed, field
):
    [first] = bring(an_invoice_read(assignor, number="F-1"))

    [other] = bring(an_invoice_read(assignor, number="F-1", **changed))

    assert other.outcome is ImportOutcome.CONFLICT
    assert other.reasons[0]["params"]["fields"] == field
    assert the_receivable(session, first).face_cents == 120_000


def test_an_invoice_of_another_company_is_refused_and_not_kept(session, assignor, bring):
    stranger = PartyRead(name="Autre Exemple SAS", siren=a_siren())

    [row] = bring(an_invoice_read(assignor, seller=stranger))

    assert row.outcome is ImportOutcome.REJECTED
    assert codes(row) == ["seller_is_not_applicant"]
    assert session.scalars(select(Document)).all() == []


@pytest.mark.parametrize(
    ("name", "code"),
    [("MENUISERIE EXEMPLE", "seller_not_identified"), ("Zinc Test", "seller_name_differs")],
)
def test_a_seller_without_identifier_is_taken_with_a_doubt(session, assignor, bring, name, code):
    [row] = bring(an_invoice_read(assignor, seller=PartyRead(name=name)))

    assert row.outcome is ImportOutcome.CREATED
    assert code in codes(row)


def test_an_invoice_without_due_date_is_a_draft_that_asks_for_it(session, assignor, bring):
    [row] = bring(an_invoice_read(assignor, due_on=None, due_source=DueDateSource.UNKNOWN))

    assert row.outcome is ImportOutcome.CREATED
    assert the_receivable(session, row).missing == ["due_on"]
    assert "due_date_needed" in codes(row)


def test_a_due_date_before_the_issue_date_is_asked_again(session, assignor, bring):
    [row] = bring(an_invoice_read(assignor, due_on=TODAY - timedelta(days=20)))

    assert the_receivable(session, row).due_on is None


def test_a_document_without_number_or_buyer_waits_to_be_completed(session, assignor, bring):
    [row] = bring(an_invoice_read(assignor, number=None, buyer=PartyRead()))

    assert row.outcome is ImportOutcome.REJECTED
    assert row.reasons[0]["params"]["fields"] == "number,buyer.name"
    assert row.document_id is not None


def test_a_credit_note_lowers_the_invoice_it_names(session, assignor, bring):
    [invoice] = bring(an_invoice_read(assignor, number="F-9"))

    [row] = bring(a_credit_note_read(assignor, "f 9", gross_cents=20_000))

    assert codes(row)[0] == "credit_note_linked"
    assert position_of(session, invoice.receivable_id).outstanding_cents == 100_000


def test_a_credit_note_that_came_first_waits_for_its_invoice(session, assignor, bring):
    [credit_note] = bring(a_credit_note_read(assignor, "F-10", gross_cents=-20_000))

    [invoice] = bring(an_invoice_read(assignor, number="F-10"))

    assert codes(credit_note)[0] == "credit_note_waits"
    assert position_of(session, invoice.receivable_id).outstanding_cents == 100_000


@pytest.mark.parametrize("type_code", ["380", "384"])
def test_an_invoice_below_zero_is_a_credit_note(session, assignor, bring, type_code):
    bring(an_invoice_read(assignor, number="F-11"))

    [row] = bring(
        an_invoice_read(
            assignor,
            number="F-12",
            type_code=type_code,
            gross_cents=-5_000,
            preceding_invoice="F-11",
        )
    )

    assert codes(row)[0] == "credit_note_linked"
    assert session.scalars(select(CreditNote.amount_cents)).all() == [5_000]


def test_a_corrective_invoice_is_compared_with_the_one_it_replaces(session, assignor, bring):
    [first] = bring(an_invoice_read(assignor, number="F-20"))

    [row] = bring(
        an_invoice_read(assignor, number="F-21", type_code="384", preceding_invoice="F-20")
    )

    assert row.outcome is ImportOutcome.CONFLICT
    assert (codes(row)[0], row.receivable_id) == ("corrects_another", first.receivable_id)


def test_an_invoice_of_nothing_is_refused(assignor, bring):
    [row] = bring(an_invoice_read(assignor, gross_cents=0))

    assert codes(row) == ["nothing_to_claim"]


def test_what_was_paid_before_the_invoice_is_not_owed(session, assignor, bring):
    [row] = bring(an_invoice_read(assignor, gross_cents=120_000, payable_cents=90_000))

    assert position_of(session, row.receivable_id).outstanding_cents == 90_000


def test_a_factored_invoice_is_flagged_as_payable_to_another(session, assignor, bring):
    [row] = bring(an_invoice_read(assignor, type_code="393"))

    assert the_receivable(session, row).payee_is_seller is False


def test_a_probable_consumer_is_flagged(session, assignor, bring):
    buyer = PartyRead(name="Camille Exemple")
    warned = (ReadWarning("buyer_maybe_consumer"),)

    [row] = bring(an_invoice_read(assignor, buyer=buyer, warnings=warned))

    assert the_receivable(session, row).debtor.segment is DebtorSegment.CONSUMER


def test_a_bad_document_never_loses_the_good_ones(session, assignor, bring):
    bad = an_invoice_read(assignor, number="F-31", currency="EUROS")

    rows = bring(
        a_file(
            an_invoice_read(assignor, number="F-30"),
            bad,
            an_invoice_read(assignor, number="F-32"),
            name="liste.csv",
            file_format=FileFormat.CSV,
            refusals=(
                ReadRefusal(
                    "row_date_unreadable", {"row": "5", "field": "issued_on", "value": "x"}
                ),
            ),
        )
    )

    assert [row.outcome.value for row in rows] == ["created", "rejected", "created", "rejected"]
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert codes(rows[1]) == ["could_not_be_kept"]


def test_two_spellings_of_a_debtor_without_identifier_are_one_debtor(session, assignor, bring):
    bring(an_invoice_read(assignor, buyer=PartyRead(name="Toitures Exemple")))
    siren = a_siren()

    bring(an_invoice_read(assignor, buyer=PartyRead(name="TOITURES EXEMPLE", siren=siren)))

    assert [one.siren for one in session.scalars(select(Debtor))] == [siren]


def test_two_companies_of_the_same_name_stay_two_debtors(session, assignor, bring):
    bring(an_invoice_read(assignor, buyer=PartyRead(name="Toitures Exemple", siren=a_siren())))
    bring(an_invoice_read(assignor, buyer=PartyRead(name="Toitures Exemple", siren=a_siren())))

    assert len(session.scalars(select(Debtor)).all()) == 2


def test_a_reading_is_given_back_as_it_was_kept(assignor):
    invoice = an_invoice_read(assignor, warnings=(ReadWarning("due_date_missing"),))

    assert from_json(as_json(invoice)) == invoice


def test_every_reason_has_its_two_texts():
    shown: dict[str, str] = {"fields": "number,buyer.name"}
    blanks = dict.fromkeys(("seller", "siren", "number", "preceding", "count", "limit"), "x")

    for code, words in texts().items():
        assert set(words) == {"fr", "en"}
        for locale in words:
            assert "{" not in text_of({"code": code, "params": {**blanks, **shown}}, locale)


def test_files_sent_one_by_one_stay_in_one_batch_and_never_in_a_strangers(session, assignor):
    theirs = open_batch(session, an_assignor(session).id, source="t", key="k", by=None, at=NOW)
    mine = open_batch(session, assignor.id, source="t", key="k", by=None, at=NOW)

    again = open_batch(session, assignor.id, source="t", key="k", by=None, at=NOW)

    assert again.id == mine.id != theirs.id
