"""An offer for a part of a request says which part, and why not the rest."""

import pytest

from portal.assignments.acceptance import accept_offer
from portal.identity.models import Organisation
from tests.builders.organisations import a_member
from tests.builders.partial import offered, three_of_five
from tests.conftest import NOW


@pytest.fixture
def partial(session, app):
    found = three_of_five(session, app.extensions["runtime"].documents)
    offered(session, found.submission)
    session.refresh(found.request)
    return found


@pytest.fixture
def company(session, client_of, partial):
    return client_of(a_member(session, session.get_one(Organisation, partial.request.assignor_id)))


def text_of(answer) -> str:
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    return page.replace("&#39;", "'").replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize("page", ["", "/offers"])
def test_the_company_reads_three_of_five_and_the_reason_of_each_other(partial, company, page):
    shown = text_of(company.get(f"/funding/{partial.request.id}{page}"))

    assert "3 des 5 créances, 12 400,00 €" in shown
    for left_out in partial.receivables[3:]:
        assert left_out.number in shown


def test_once_accepted_it_still_says_what_stayed_free(session, partial, company):
    accept_offer(session, partial.request, partial.request.offers[0].id, by=None, at=NOW)

    shown = text_of(company.get(f"/funding/{partial.request.id}"))

    assert "3 des 5 créances, 12 400,00 €" in shown


def test_the_lender_reads_its_part_and_no_number_of_the_others(session, client_of, partial):
    lender = client_of(a_member(session, partial.lender))

    shown = text_of(lender.get(f"/deals/{partial.submission.id}"))

    assert "3 des 5 créances, 12 400,00 €" in shown
    assert all(one.number in shown for one in partial.receivables[:3])
    assert not any(one.number in shown for one in partial.receivables[3:])


def test_a_lender_not_chosen_reads_the_dossier_as_it_was_sent(session, client_of, partial):
    lender = client_of(a_member(session, partial.lender))
    here = f"/deals/{partial.submission.id}"
    answer = lender.post(f"{here}/decline", data={"reason": "Hors critères", "token": "t"})
    assert answer.status_code == 303

    shown, queue = text_of(lender.get(here)), text_of(lender.get("/deals/?show=over"))
    sheet = lender.get("/deals/export.csv").get_data(as_text=True)

    assert all(one.number in shown for one in partial.receivables[:3])
    assert "ne vous sont plus ouvertes" in shown
    assert partial.request.reference in queue
    assert partial.request.reference in sheet
