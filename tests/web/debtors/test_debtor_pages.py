"""Debtors as pages: the list, one of them, its contact."""

from uuid import uuid4

import pytest

from portal.identity.models import Organisation
from tests.builders.lending import an_assigned_receivable
from tests.builders.organisations import a_member, a_siren, an_assignor
from tests.builders.receivables import a_credit_note, a_debtor, a_receivable

CONTACT = {
    "contact_name": "Camille Exemple",
    "contact_email": "compta@debiteur.example",
    "contact_phone": "",
    "segment": "public",
    "locale": "en",
}


@pytest.fixture
def assignor(session):
    return an_assignor(session)


@pytest.fixture
def visitor(session, client_of, assignor):
    return client_of(a_member(session, assignor))


@pytest.mark.parametrize(
    "query", ["", "?q=Exemple", "?segment=public", "?segment=x", "?sort=-late&page=9"]
)
def test_the_list_answers_any_address(session, assignor, visitor, query):
    a_receivable(session, assignor)

    assert visitor.get(f"/debtors/{query}").status_code == 200


def test_the_list_is_exported(session, assignor, visitor):
    debtor = a_receivable(session, assignor).debtor

    assert debtor.name in visitor.get("/debtors/export.csv").get_data(as_text=True)


def test_a_debtor_shows_its_invoices_and_takes_a_contact(session, assignor, visitor):
    receivable = a_receivable(session, assignor)
    url = f"/debtors/{receivable.debtor_id}"

    shown = visitor.get(url)
    saved = visitor.post(url, data=CONTACT)

    session.refresh(receivable.debtor)
    assert receivable.number in shown.text
    assert saved.status_code == 303
    assert (receivable.debtor.contact_email, receivable.debtor.locale) == (
        "compta@debiteur.example",
        "en",
    )


@pytest.mark.parametrize(
    "wrong", [{"contact_email": "nobody"}, {"segment": "other"}, {"locale": "de"}]
)
def test_a_wrong_answer_is_asked_again_with_what_was_typed(session, assignor, visitor, wrong):
    debtor = a_debtor(session, assignor)

    answer = visitor.post(f"/debtors/{debtor.id}", data={**CONTACT, **wrong})

    assert answer.status_code == 422
    assert "Camille Exemple" in answer.text


def test_a_siren_is_taken_once_checked_and_never_twice(session, assignor, visitor):
    known, nameless = a_debtor(session, assignor), a_debtor(session, assignor, siren=None)
    url = f"/debtors/{nameless.id}"
    fresh = a_siren()

    wrong = visitor.post(url, data={**CONTACT, "siren": "123456789"})
    taken = visitor.post(url, data={**CONTACT, "siren": known.siren})
    right = visitor.post(url, data={**CONTACT, "siren": fresh})

    assert (wrong.status_code, taken.status_code, right.status_code) == (422, 422, 303)
    session.refresh(nameless)
    assert nameless.siren == fresh


def test_a_strangers_debtor_does_not_exist(session, visitor):
    theirs = a_debtor(session, an_assignor(session))

    assert visitor.get(f"/debtors/{theirs.id}").status_code == 404
    assert visitor.get(f"/debtors/{uuid4()}").status_code == 404


def test_a_credit_note_without_invoice_is_linked_from_the_page(session, assignor, visitor):
    receivable = a_receivable(session, assignor)
    credit_note = a_credit_note(session, receivable.debtor, 10_000)
    url = f"/debtors/{receivable.debtor_id}"

    shown = visitor.get(url)
    unsaid = visitor.post(f"{url}/credit-notes/{credit_note.id}", data={"receivable": ""})
    linked = visitor.post(
        f"{url}/credit-notes/{credit_note.id}", data={"receivable": str(receivable.id)}
    )

    assert credit_note.number in shown.text
    assert (unsaid.status_code, linked.status_code) == (422, 303)
    assert credit_note.receivable_id == receivable.id
    assert f"credit-notes/{credit_note.id}" not in visitor.get(url).text


def test_a_credit_note_on_an_assigned_invoice_is_refused_with_the_reason(session, client_of):
    assigned = an_assigned_receivable(session)
    owner = session.get_one(Organisation, assigned.assignor_id)
    credit_note = a_credit_note(session, assigned.debtor, 10_000)

    answer = client_of(a_member(session, owner)).post(
        f"/debtors/{assigned.debtor_id}/credit-notes/{credit_note.id}",
        data={"receivable": str(assigned.id)},
    )

    assert answer.status_code == 422
    assert "L313-27" in answer.text
    assert credit_note.receivable_id is None
