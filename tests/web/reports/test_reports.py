"""The page of figures: what it shows, of which day, to whom, and the files one takes away."""

from datetime import date, timedelta

import pytest

from portal.identity.models import Role
from tests.builders.organisations import a_lender, a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import TODAY


@pytest.fixture
def assignor(session):
    return an_assignor(session)


@pytest.fixture
def visitor(session, client_of, assignor):
    return client_of(a_member(session, assignor, Role.READER))


@pytest.fixture
def late(session, assignor):
    debtor = a_debtor(session, assignor, name="Ateliers Exemple")
    return a_receivable(
        session,
        assignor,
        debtor,
        face_cents=1_234_56,
        issued_on=TODAY - timedelta(days=120),
        due_on=TODAY - timedelta(days=75),
    )


@pytest.fixture
def upcoming(session, assignor):
    debtor = a_debtor(session, assignor, name="=Bâtiment Exemple")
    return a_receivable(
        session,
        assignor,
        debtor,
        face_cents=765_44,
        issued_on=TODAY,
        due_on=TODAY + timedelta(days=20),
    )


def test_the_page_adds_up_what_is_owed_and_says_where_it_comes_from(visitor, late, upcoming):
    page = visitor.get("/reports/").text.replace("\N{NO-BREAK SPACE}", " ")

    assert "2 000,00 €" in page
    assert "En retard : 61,7 %" in page
    assert "Ateliers Exemple" in page
    assert "épuisement" in page


def test_an_earlier_day_shows_the_book_as_it_was(visitor, late, upcoming):
    page = visitor.get(f"/reports/?on={TODAY - timedelta(days=90)}").text

    assert "Ateliers Exemple" in page
    assert "Bâtiment Exemple" not in page


@pytest.mark.parametrize("query", ["", "?sort=name", "?sort=-late&page=9", "?sort=x&page=x"])
def test_the_page_answers_any_order(visitor, late, upcoming, query):
    assert visitor.get(f"/reports/{query}").status_code == 200


@pytest.mark.parametrize("given", ["31-12", "2999-01-01", "1999-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_read_is_said_and_stays_typed(visitor, late, given):
    answer = visitor.get(f"/reports/?on={given}")

    assert answer.status_code == 422
    assert "Choisissez un jour" in answer.text
    assert f'value="{given}"' in answer.text
    assert "Ateliers Exemple" in answer.text
    assert visitor.get(f"/reports/ages.csv?on={given}").status_code == 400


def test_a_newcomer_is_told_what_to_do(visitor):
    assert "Aucune facture" in visitor.get("/reports/").text


def lines_of(answer):
    return [line.split(";") for line in answer.get_data(as_text=True).splitlines()]


def test_the_debtors_are_taken_away_in_the_order_asked(visitor, late, upcoming):
    header, first, second = lines_of(visitor.get("/reports/debtors.csv?sort=outstanding"))

    assert len(header) == len(first) == 7
    assert first[0] == "'=Bâtiment Exemple"  # no formula runs in the reader's spreadsheet
    assert first[2:5] == ["765,44", "765,44", "0,00"]
    assert second[2:] == ["1234,56", "1234,56", "1234,56", "", "61,73"]


def test_twelve_months_thirteen_weeks_and_five_ages_are_taken_away(visitor, late, upcoming):
    ages = lines_of(visitor.get("/reports/ages.csv"))
    months = lines_of(visitor.get("/reports/months.csv"))
    weeks = lines_of(visitor.get("/reports/weeks.csv"))

    assert [row[1] for row in ages[1:]] == ["765,44", "0,00", "0,00", "1234,56", "0,00"]
    assert len(months) == 1 + 12
    assert months[-1][:2] == [TODAY.replace(day=1).isoformat(), TODAY.isoformat()]
    assert months[-1][5:7] == ["2000,00", "1234,56"]
    assert len(weeks) == 1 + 13 + 2
    assert date.fromisoformat(weeks[1][0]).weekday() == 0
    assert weeks[-2][1] == "1234,56"


def test_nobody_reads_the_figures_of_another(session, client_of, late):
    stranger = client_of(a_member(session, an_assignor(session)))

    assert "Ateliers Exemple" not in stranger.get("/reports/").text
    assert "Ateliers Exemple" not in stranger.get("/reports/debtors.csv").get_data(as_text=True)


def test_a_lender_has_no_such_page(session, client_of):
    lender = client_of(a_member(session, a_lender(session)))

    assert lender.get("/reports/").status_code in (403, 404)
