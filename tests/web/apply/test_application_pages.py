"""The one-minute application, page by page, without JavaScript."""

import io
import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from partners.registers.companies import CompanyRegister
from portal.identity.models import Application, Membership, Organisation, OrganisationState
from portal.messages.models import Message
from portal.receivables.models import Receivable
from tests.builders.lending import a_rate_card
from tests.builders.organisations import a_siren

HEADINGS = (
    "Numéro de facture;Date de facture;Date d'échéance;Client;SIREN client;Montant TTC;Devise"
)


@pytest.fixture
def register(app) -> Iterator[dict]:
    """A register that answers what the test says, over HTTP's own types."""
    says: dict = {"status": 200, "results": []}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(says["status"], json={"results": says["results"]})

    app.extensions["company_register"] = CompanyRegister(transport=httpx.MockTransport(answer))
    yield says
    del app.extensions["company_register"]


@pytest.fixture
def siren():
    return a_siren()


def a_company(siren: str) -> dict:
    return {
        "siren": siren,
        "nom_raison_sociale": "MENUISERIE EXEMPLE",
        "nature_juridique": "5499",
        "etat_administratif": "A",
        "siege": {
            "adresse": "1 RUE DE L'EXEMPLE 69001 LYON",
            "code_postal": "69001",
            "libelle_commune": "LYON",
        },
    }


def started(client, siren: str, **typed: str) -> str:
    """The application's own address, once company and e-mail are given."""
    answer = client.post(
        "/apply/",
        data={
            "legal_name": "Menuiserie Exemple",
            "siren": siren,
            "email": "a@exemple.example",
            **typed,
        },
    )
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/invoices")


def a_list(*rows: str) -> tuple[io.BytesIO, str]:
    return io.BytesIO("\n".join((HEADINGS, *rows)).encode()), "liste.csv"


def test_a_siren_is_filled_in_from_the_register(client, register, siren):
    register["results"] = [a_company(siren)]

    page = client.get(f"/apply/?company={siren}")

    assert "MENUISERIE EXEMPLE" in page.text
    assert "69001" in page.text


def test_a_name_gives_the_companies_to_choose_from(client, register, siren):
    register["results"] = [a_company(siren), a_company(a_siren())]

    page = client.get("/apply/?company=menuiserie")
    fragment = client.get("/apply/suggestions?company=menuiserie")

    assert f"siren={siren}" in page.text
    assert f"siren={siren}" in fragment.text
    assert "<html" not in fragment.text


def test_a_register_that_is_down_stops_nobody(client, register, siren):
    register["status"] = 500

    page = client.get(f"/apply/?company={siren}")

    assert page.status_code == 200
    assert siren in page.text
    assert started(client, siren)


@pytest.mark.parametrize("wrong", [{"siren": "123456789"}, {"email": "nobody"}, {"legal_name": ""}])
def test_a_wrong_answer_is_asked_again_and_nothing_typed_is_lost(client, siren, wrong):
    typed = {
        "legal_name": "Menuiserie",
        "siren": siren,
        "email": "a@exemple.example",
        "city": "Lyon",
    }

    answer = client.post("/apply/", data={**typed, **wrong})

    assert answer.status_code == 422
    assert "Lyon" in answer.text


def test_an_application_goes_from_the_company_to_the_prices(client, session, siren):
    a_rate_card(session)
    url = started(client, siren)

    sent = client.post(
        f"{url}/invoices",
        data={"files": a_list("F-1;01/11/2026;30/12/2026;Client Exemple;;1200,00;EUR")},
    )
    prices = client.get(sent.location)

    assert sent.location.endswith("/prices")
    assert "F-1" in prices.text
    assert session.scalars(select(Receivable.number)).all() == ["F-1"]


def test_the_back_button_and_the_e_mailed_link_find_everything_again(client, session, siren):
    url = started(client, siren)
    client.post(
        f"{url}/invoices",
        data={"files": a_list("F-1;01/11/2026;30/12/2026;Client Exemple;;1200,00;EUR")},
    )
    client.get(f"{url}/prices")

    message = session.scalars(select(Message)).one()
    link = re.search(r"/apply/resume/\S+", message.body_text)
    resumed = client.get(link[0])

    assert resumed.location.endswith("/prices")
    assert "F-1" in client.get(f"{url}/invoices").text
    assert "a@exemple.example" in client.get(f"{url}/company").text


def test_correcting_the_company_keeps_the_invoices(client, session, siren):
    url = started(client, siren)
    token = url.rsplit("/", 1)[-1]

    started(client, siren, legal_name="Menuiserie Exemple et Fils", token=token)

    assert session.scalars(
        select(Organisation.legal_name).where(Organisation.siren == siren)
    ).all() == ["Menuiserie Exemple et Fils"]


def test_an_invoice_without_due_date_asks_for_it_on_the_spot(client, session, siren):
    a_rate_card(session)
    url = started(client, siren)
    client.post(
        f"{url}/invoices", data={"files": a_list("F-1;01/11/2026;;Client Exemple;;1200,00;EUR")}
    )
    draft = session.scalars(select(Receivable)).one()

    wrong = client.post(f"{url}/due-dates", data={f"due_{draft.id}": "2020-01-01"})
    assert client.get(wrong.location).status_code == 200
    client.post(f"{url}/due-dates", data={f"due_{draft.id}": "2026-12-31"})

    session.refresh(draft)
    assert draft.due_on.isoformat() == "2026-12-31"


def test_sending_nothing_says_so(client, siren):
    url = started(client, siren)

    answer = client.post(f"{url}/invoices", data={}, follow_redirects=True)

    assert answer.request.path.endswith("/invoices")


@pytest.mark.parametrize("path", ["invoices", "prices", "company", "account"])
def test_a_link_cut_short_opens_nothing(client, siren, path):
    url = started(client, siren)

    assert client.get(f"{url[:-3]}/{path}").status_code == 404


def test_the_link_of_the_message_opens_the_account(client, session, siren):
    url = started(client, siren)
    asked = client.post(f"{url}/account")
    page = client.get(asked.location)
    confirm = re.search(r'/apply/confirm/[^"\s]+', page.text)[0]

    short = client.post(confirm, data={"name": "Camille Exemple", "password": "short"})
    made = client.post(
        confirm, data={"name": "Camille Exemple", "password": "une phrase assez longue"}
    )
    home = client.get("/home/")
    client.post("/sign-out")
    by_the_old_link = client.get(f"{url}/prices")

    assert by_the_old_link.status_code == 409
    assert short.status_code == 422
    assert "Camille Exemple" in short.text
    assert made.status_code == 303
    assert home.status_code == 200
    company = session.scalars(select(Organisation).where(Organisation.siren == siren)).one()
    assert company.state is OrganisationState.ACTIVE
    assert session.scalars(select(Membership.organisation_id)).all() == [company.id]


def test_interactions_are_counted(client, session, siren):
    url = started(client, siren)
    client.post(f"{url}/invoices", data={"files": a_list("F-1;01/11/2026;;Client;;1200,00;EUR")})

    assert session.scalars(select(Application.interactions)).all() == [1]


def test_the_landing_page_computes_its_example(client, session):
    without = client.get("/")
    a_rate_card(session)
    client_again = client.get("/")

    assert without.status_code == client_again.status_code == 200
    assert "Dailly" in client_again.text
