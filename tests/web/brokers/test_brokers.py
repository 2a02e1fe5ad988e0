from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.brokers.models import Mandate, MandateState
from portal.identity.models import Role
from tests.builders.funding import a_draft
from tests.builders.organisations import a_broker, a_mandate, a_member, a_siren, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import TODAY

ClientOf = Callable[..., FlaskClient]
REQUEST = {
    "legal_name": "Menuiserie Exemple SARL",
    "email": "gerance@exemple.example",
    "mission": "Rechercher des financements",
}


def test_a_broker_asks_a_company_accepts_and_its_position_appears(
    session: Session, client_of: ClientOf
):
    broker, company = a_broker(session), an_assignor(session)
    a_receivable(session, company, face_cents=123_456)
    broker_side = client_of(a_member(session, broker))
    company_side = client_of(a_member(session, company))

    broker_side.post("/brokers/mandates/ask", data={**REQUEST, "siren": company.siren})
    mandate = session.scalars(select(Mandate)).one()
    asked = company_side.get("/brokers/mandates").get_data(as_text=True)
    company_side.post(f"/brokers/mandates/{mandate.id}/answer", data={"answer": "accept"})
    clients = broker_side.get("/brokers/").get_data(as_text=True)

    assert broker.legal_name in asked
    assert mandate.state is MandateState.LIVE
    assert "1\xa0234,56\xa0€" in clients


def test_the_answer_says_the_same_whether_or_not_the_company_is_here(
    session: Session, client_of: ClientOf
):
    browser = client_of(a_member(session, a_broker(session)))
    here = an_assignor(session).siren

    answers = [
        browser.post("/brokers/mandates/ask", data={**REQUEST, "siren": siren})
        for siren in (here, a_siren())
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location


def test_a_broker_turns_to_a_client_and_back(session: Session, client_of: ClientOf):
    broker, company = a_broker(session), an_assignor(session)
    a_mandate(session, broker, company)
    browser = client_of(a_member(session, broker))

    browser.post(f"/brokers/clients/{company.id}/act")
    standing_in = browser.get("/members/").get_data(as_text=True)
    browser.post("/brokers/clients/leave")
    alone = browser.get("/members/").get_data(as_text=True)

    assert company.legal_name in standing_in
    assert company.legal_name not in alone


def test_without_a_mandate_a_company_answers_like_an_absent_one(
    session: Session, client_of: ClientOf
):
    broker, company = a_broker(session), an_assignor(session)
    a_mandate(session, broker, company, MandateState.ASKED)
    browser = client_of(a_member(session, broker))

    strange = browser.post(f"/brokers/clients/{company.id}/act")
    absent = browser.post(f"/brokers/clients/{broker.id}/act")

    assert strange.status_code == absent.status_code == 404


def test_a_company_revokes_and_the_broker_sees_it_no_more(session: Session, client_of: ClientOf):
    broker, company = a_broker(session), an_assignor(session)
    mandate = a_mandate(session, broker, company)
    broker_side = client_of(a_member(session, broker))
    broker_side.post(f"/brokers/clients/{company.id}/act")

    client_of(a_member(session, company)).post(f"/brokers/mandates/{mandate.id}/revoke")

    assert company.legal_name not in broker_side.get("/brokers/").get_data(as_text=True)
    assert broker_side.post(f"/brokers/clients/{company.id}/act").status_code == 404


def test_another_companys_mandate_is_not_answered(session: Session, client_of: ClientOf):
    mandate = a_mandate(session, a_broker(session), an_assignor(session), MandateState.ASKED)
    other = client_of(a_member(session, an_assignor(session)))

    answer = other.post(f"/brokers/mandates/{mandate.id}/answer", data={"answer": "accept"})

    assert answer.status_code == 404
    assert mandate.state is MandateState.ASKED


def test_a_manager_of_the_company_reads_but_does_not_answer(session: Session, client_of: ClientOf):
    company = an_assignor(session)
    mandate = a_mandate(session, a_broker(session), company, MandateState.ASKED)
    manager = client_of(a_member(session, company, Role.MANAGER))

    assert manager.get("/brokers/mandates").status_code == 200
    answer = manager.post(f"/brokers/mandates/{mandate.id}/answer", data={"answer": "accept"})
    assert answer.status_code == 403


def test_what_a_broker_typed_comes_back_with_what_to_correct(session: Session, client_of: ClientOf):
    browser = client_of(a_member(session, a_broker(session)))

    answer = browser.post(
        "/brokers/mandates/ask", data={**REQUEST, "siren": "123 456 789", "ends_on": "2020-01-01"}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="123 456 789"' in page
    assert "field-ends_on-error" in page


def test_clients_and_pipeline_are_exported(session: Session, client_of: ClientOf):
    broker, company = a_broker(session), an_assignor(session, legal_name="=Formule SARL")
    a_mandate(session, broker, company)
    browser = client_of(a_member(session, broker))

    table = browser.get("/brokers/clients.csv")
    requests = browser.get("/brokers/pipeline.csv")

    assert table.mimetype == requests.mimetype == "text/csv"
    assert "'=Formule SARL" in table.get_data(as_text=True)
    assert browser.get("/brokers/pipeline").status_code == 200


def test_a_request_of_the_pipeline_opens_on_its_clients_pages(
    session: Session, client_of: ClientOf
):
    broker, company = a_broker(session), an_assignor(session)
    a_mandate(session, broker, company)
    asked = a_draft(session, assignor=company)
    browser = client_of(a_member(session, broker))

    pipeline = browser.get("/brokers/pipeline?view=all").get_data(as_text=True)
    opened = browser.get(f"/brokers/requests/{asked.id}", follow_redirects=True)

    assert f'href="/brokers/requests/{asked.id}"' in pipeline
    assert opened.request.path == f"/funding/{asked.id}"
    assert company.legal_name in opened.get_data(as_text=True)


def test_past_the_last_day_of_its_mandate_a_broker_sees_nothing_though_no_job_ran(
    session: Session, client_of: ClientOf
):
    broker, company = a_broker(session), an_assignor(session)
    mandate = a_mandate(session, broker, company)
    asked = a_draft(session, assignor=company)
    browser = client_of(a_member(session, broker))
    mandate.ends_on = TODAY - timedelta(days=1)

    assert asked.reference not in browser.get("/brokers/pipeline?view=all").get_data(as_text=True)
    assert asked.reference not in browser.get("/brokers/pipeline.csv").get_data(as_text=True)
    assert company.legal_name not in browser.get("/brokers/").get_data(as_text=True)
    assert browser.get(f"/brokers/requests/{asked.id}").status_code == 404
