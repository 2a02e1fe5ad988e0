"""An assignor's invoices: the list, one invoice, imports and conflicts, as pages without JavaScript."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.identity.models import Role
from portal.receivables.models import ImportRow, Receivable
from tests.builders.lending import a_payment_of, a_rate_card, an_assigned_receivable
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import TODAY

HEADINGS = (
    "Numéro de facture;Date de facture;Date d'échéance;Client;SIREN client;Montant TTC;Devise"
)


@pytest.fixture
def assignor(session):
    return an_assignor(session, iban="FR7630006000011234567890189")


@pytest.fixture
def member(session, assignor):
    return a_member(session, assignor)


@pytest.fixture
def visitor(client_of, member):
    return client_of(member)


def a_list(*rows: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join((HEADINGS, *rows)).encode()), "liste.csv"


def test_the_list_shows_what_each_invoice_is_and_exports_it(session, assignor, visitor):
    debtor = a_debtor(session, assignor, name="=cmd|' /C calc'!A0")
    late = a_receivable(
        session,
        assignor,
        debtor,
        number="F-1",
        due_on=TODAY - timedelta(days=900),
        issued_on=TODAY - timedelta(days=930),
    )

    page = visitor.get("/receivables/")
    exported = visitor.get("/receivables/export.csv").get_data(as_text=True)

    assert late.number in page.text
    assert "'=cmd|" in exported
    assert "12000,00" in exported or "12000.00" in exported


@pytest.mark.parametrize(
    "query",
    [
        "status=overdue",
        "status=nonsense",
        "q=%25",
        "from=2026-13-45&to=x&min=abc&max=1e99",
        "page=999999999999",
        "page=-1",
        "sort=-debtor",
        "sort=;drop",
        "debtor=not-a-uuid",
        "financed=yes",
    ],
)
def test_any_address_of_the_list_answers(session, assignor, visitor, query):
    a_receivable(session, assignor)

    assert visitor.get(f"/receivables/?{query}").status_code == 200


def test_an_empty_list_says_what_to_do(visitor):
    assert "/receivables/imports/" in visitor.get("/receivables/").text


def test_one_invoice_shows_what_each_lender_would_do(session, assignor, visitor):
    a_rate_card(session)
    receivable = a_receivable(session, assignor, due_on=TODAY + timedelta(days=400))

    page = visitor.get(f"/receivables/{receivable.id}")

    assert page.status_code == 200
    assert receivable.debtor.name in page.text


def test_a_stranger_cannot_tell_that_the_invoice_exists(session, client_of, visitor):
    theirs = a_receivable(session, an_assignor(session))

    assert visitor.get(f"/receivables/{theirs.id}").status_code == 404
    assert visitor.get(f"/receivables/{uuid4()}").status_code == 404
    assert (
        visitor.post(f"/receivables/{theirs.id}/cancel", data={"because": "x"}).status_code == 404
    )


def test_a_reader_sees_and_changes_nothing(session, assignor, client_of):
    reader = client_of(a_member(session, assignor, Role.READER))
    receivable = a_receivable(session, assignor)

    assert reader.get(f"/receivables/{receivable.id}").status_code == 200
    answer = reader.post(f"/receivables/{receivable.id}/cancel", data={"because": "x"})
    assert answer.status_code == 403
    assert reader.get("/receivables/imports/").status_code == 403


def test_a_due_date_is_entered_or_asked_again_with_what_was_typed(session, assignor, visitor):
    draft = a_receivable(session, assignor, due_on=None, missing=["due_on"])
    url = f"/receivables/{draft.id}/due-date"

    wrong = visitor.post(url, data={"due_on": "31 décembre"})
    before = visitor.post(url, data={"due_on": "2020-01-01"})
    right = visitor.post(url, data={"due_on": "31/12/2026"})

    assert (wrong.status_code, before.status_code, right.status_code) == (422, 422, 303)
    assert "31 décembre" in wrong.text
    session.refresh(draft)
    assert draft.due_on.isoformat() == "2026-12-31"


def test_a_proof_is_added_and_given_back_as_an_attachment(session, assignor, visitor):
    receivable = a_receivable(session, assignor)
    url = f"/receivables/{receivable.id}/delivery-proof"

    refused = visitor.post(url, data={"proof": (io.BytesIO(b"<html>"), "page.html")})
    taken = visitor.post(url, data={"proof": (io.BytesIO(b"%PDF-1.7"), "bon é.pdf")})

    session.refresh(receivable)
    file = visitor.get(f"/documents/{receivable.delivery_proof_id}")
    assert (refused.status_code, taken.status_code) == (422, 303)
    assert file.data == b"%PDF-1.7"
    assert file.headers["Content-Disposition"].startswith("attachment;")
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_a_stranger_reads_no_document(session, assignor, visitor, client_of):
    receivable = a_receivable(session, assignor)
    visitor.post(
        f"/receivables/{receivable.id}/delivery-proof",
        data={"proof": (io.BytesIO(b"%PDF-1.7"), "bl.pdf")},
    )
    session.refresh(receivable)
    stranger = client_of(a_member(session, an_assignor(session)))

    assert stranger.get(f"/documents/{receivable.delivery_proof_id}").status_code == 404


def test_what_stands_on_a_deed_is_not_withdrawn(session, client_of):
    receivable = an_assigned_receivable(session)
    from portal.identity.models import Organisation

    owner = client_of(a_member(session, session.get_one(Organisation, receivable.assignor_id)))

    answer = owner.post(f"/receivables/{receivable.id}/cancel", data={"because": "erreur"})

    assert answer.status_code == 409
    assert owner.get(f"/receivables/{receivable.id}").status_code == 200


def test_a_list_of_invoices_comes_in_by_form_and_tells_each_outcome(session, assignor, visitor):
    files = a_list(
        "F-1;01/10/2026;30/12/2026;Client Exemple;;1200,00;EUR",
        "F-2;pas une date;30/12/2026;Client Exemple;;1200,00;EUR",
    )

    answer = visitor.post("/receivables/imports/", data={"files": files}, follow_redirects=True)

    assert answer.status_code == 200
    assert session.scalars(select(Receivable.number)).all() == ["F-1"]
    assert "F-1" in answer.text


def test_a_script_sends_one_file_at_a_time_into_one_batch(session, assignor, visitor):
    for number in ("F-1", "F-2"):
        answer = visitor.post(
            "/receivables/imports/",
            data={
                "files": a_list(f"{number};01/10/2026;30/12/2026;Client Exemple;;1200,00;EUR"),
                "batch": "b1",
            },
            headers={"Accept": "application/json"},
        )
        assert answer.json["ok"] is True
        assert number in answer.json["message"]

    assert len(set(session.scalars(select(ImportRow.batch_id)))) == 1
    assert visitor.get("/receivables/imports/latest").status_code == 302


def test_a_hostile_file_is_refused_in_words(visitor):
    answer = visitor.post(
        "/receivables/imports/",
        data={"files": (io.BytesIO(b"MZ\x90\x00"), "facture.pdf")},
        headers={"Accept": "application/json"},
    )

    assert answer.json["ok"] is False
    assert answer.json["message"]


def test_a_conflict_is_shown_side_by_side_and_settled_once(session, assignor, visitor):
    for gross in ("1200,00", "990,00"):
        row = f"F-1;01/10/2026;30/12/2026;Client Exemple;;{gross};EUR"
        visitor.post("/receivables/imports/", data={"files": a_list(row)})
    row = session.scalars(select(ImportRow).where(ImportRow.outcome == "conflict")).one()
    url = f"/receivables/imports/rows/{row.id}"

    page = visitor.get(url)
    taken = visitor.post(f"{url}/settle", data={"choice": "theirs"})
    again = visitor.post(f"{url}/settle", data={"choice": "theirs"})

    assert page.status_code == 200
    assert (taken.status_code, again.status_code) == (303, 409)
    assert session.scalars(select(Receivable.face_cents)).all() == [99_000]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_can_be_downloaded(visitor, kind):
    assert visitor.get(f"/receivables/imports/template.{kind}").status_code == 200


def test_home_tells_what_is_late_and_what_waits(session, assignor, visitor):
    a_rate_card(session)
    late = a_receivable(
        session, assignor, issued_on=TODAY - timedelta(days=99), due_on=TODAY - timedelta(days=40)
    )
    a_receivable(session, assignor, due_on=None, missing=["due_on"])
    a_payment_of(session, late, 100)

    page = visitor.get("/home/")

    assert page.status_code == 200
    assert late.number in page.text
    assert "status=draft" in page.text


def test_home_of_a_newcomer_says_where_to_start(visitor):
    assert "/receivables/imports/" in visitor.get("/home/").text
