from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.identity.models import DemoCalendar, Role
from portal.messages.outbox import Draft, write
from tests.builders.organisations import a_lender, a_member, an_assignor, an_operator
from tests.conftest import NOW

ClientOf = Callable[..., FlaskClient]


@pytest.fixture
def operator(session: Session, client_of: ClientOf) -> FlaskClient:
    return client_of(a_member(session, an_operator(session)))


def a_message(session: Session):
    draft = Draft("test", "one", "camille@exemple.example", "Un objet", "Un texte à lire")
    return write(session, draft, at=NOW)


def in_production(app: Flask) -> None:
    runtime = app.extensions["runtime"]
    app.extensions["runtime"] = replace(
        runtime, settings=replace(runtime.settings, mode="production")
    )


def test_organisations_are_found_by_name_siren_kind_and_state(
    session: Session, operator: FlaskClient
):
    found = an_assignor(session, legal_name="Menuiserie Exemple SARL")
    other = a_lender(session, legal_name="Banque Témoin")

    by_name = operator.get("/operator/?q=menuiserie").get_data(as_text=True)
    by_siren = operator.get(f"/operator/?q={other.siren}").get_data(as_text=True)
    by_kind = operator.get("/operator/?kind=lender&state=active").get_data(as_text=True)

    assert found.legal_name in by_name
    assert other.legal_name not in by_name
    assert other.legal_name in by_siren
    assert found.legal_name not in by_kind
    assert "Menuiserie" in operator.get("/operator/organisations.csv").get_data(as_text=True)


@pytest.mark.parametrize("page", ["", "lenders", "jobs", "messages", "audit", "calendar"])
def test_every_page_of_the_operator_opens_when_nothing_happened_yet(
    operator: FlaskClient, page: str
):
    assert operator.get(f"/operator/{page}").status_code == 200


@pytest.mark.parametrize("page", ["", "lenders", "jobs", "messages", "audit", "calendar"])
def test_a_company_never_opens_them(session: Session, client_of: ClientOf, page: str):
    company = client_of(a_member(session, an_assignor(session)))

    assert company.get(f"/operator/{page}").status_code in (403, 404)


def test_a_message_is_read_in_a_demonstration(session: Session, operator: FlaskClient):
    message = a_message(session)

    assert "Un objet" in operator.get("/operator/messages").get_data(as_text=True)
    page = operator.get(f"/operator/messages/{message.id}").get_data(as_text=True)
    assert "Un texte à lire" in page


def test_a_message_is_private_in_production(session: Session, app: Flask, operator: FlaskClient):
    message = a_message(session)
    in_production(app)

    listed = operator.get("/operator/messages").get_data(as_text=True)

    assert "Un objet" not in listed
    assert "camille@" not in listed
    assert operator.get(f"/operator/messages/{message.id}").status_code == 404


def test_a_failed_job_is_run_again_and_a_waiting_one_is_not(
    session: Session, operator: FlaskClient
):
    a_message(session)
    job_id = session.scalar(text("SELECT max(id) FROM procrastinate_jobs"))
    waiting = operator.post(f"/operator/jobs/{job_id}/again")
    session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))

    listed = operator.get("/operator/jobs").get_data(as_text=True)
    again = operator.post(f"/operator/jobs/{job_id}/again")

    assert waiting.status_code == 409
    assert "send_message" in listed
    assert again.status_code == 303
    assert session.scalar(text("SELECT status FROM procrastinate_jobs")) == "todo"


def test_a_chain_is_verified_at_a_click(session: Session, operator: FlaskClient):
    company = an_assignor(session)
    record(session, company.id, "tested", "test", "1", by=None, at=NOW)

    operator.post(f"/operator/audit/{company.id}/verify")
    page = operator.get(f"/operator/audit?organisation={company.id}").get_data(as_text=True)

    assert "notice-success" in page
    assert "tested" in page


def test_a_day_advanced_makes_what_falls_due_run(session: Session, operator: FlaskClient):
    operator.post("/operator/calendar", data={"days": "30"})
    operator.post("/operator/calendar", data={"days": "5"})

    tasks = set(session.scalars(text("SELECT task_name FROM procrastinate_jobs")))
    assert session.scalar(select(DemoCalendar.advanced_days)) == 35
    assert {"due_reminders", "expire_overdue"} <= tasks


@pytest.mark.parametrize("days", ["0", "-3", "121", "demain"])
def test_time_only_moves_forward(session: Session, operator: FlaskClient, days: str):
    answer = operator.post("/operator/calendar", data={"days": days})

    assert answer.status_code == 422
    assert session.scalar(select(DemoCalendar.advanced_days)) is None


def test_production_has_no_calendar_to_move(app: Flask, operator: FlaskClient):
    in_production(app)

    assert operator.get("/operator/calendar").status_code == 404
    assert operator.post("/operator/calendar", data={"days": "1"}).status_code == 404


def test_a_reader_among_operators_runs_no_job(session: Session, client_of: ClientOf):
    reader = client_of(a_member(session, an_operator(session), Role.READER))

    assert reader.get("/operator/audit").status_code == 200
    assert reader.post("/operator/jobs/1/again").status_code == 403
