"""The menu says how much waits behind an entry, in a number for the eye and in words for the ear."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.brokers.models import MandateState
from portal.identity.models import Organisation
from tests.builders.funding import a_routed_request, an_offered_request
from tests.builders.funding import event as lender_event
from tests.builders.organisations import a_broker, a_mandate, a_member, an_assignor, an_operator

ClientOf = Callable[..., FlaskClient]


@contextmanager
def queries(session: Session) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []
    connection = session.connection()

    def note(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield asked
    event.remove(connection, "before_cursor_execute", note)


def menu_of(browser: FlaskClient, address: str) -> str:
    page = browser.get(address).get_data(as_text=True)
    return page[page.index('class="sidebar-nav"') : page.index("</nav>", page.index("sidebar-nav"))]


def test_an_assignor_is_told_of_requests_to_decide_and_brokers_to_answer(
    session: Session, client_of: ClientOf
):
    company = an_assignor(session)
    an_offered_request(session, assignor=company, offers=2)
    a_mandate(session, a_broker(session), company, MandateState.ASKED)

    menu = menu_of(client_of(a_member(session, company)), "/members/")

    assert "1 demande à décider" in menu
    assert "1 courtier à qui répondre" in menu


def test_a_lender_is_told_of_files_to_examine(session: Session, client_of: ClientOf):
    request = a_routed_request(session)
    lender = session.get_one(Organisation, request.submissions[0].lender_id)

    assert "1 dossier à examiner" in menu_of(client_of(a_member(session, lender)), "/deals/")


def test_a_broker_is_told_of_its_clients_requests_alone(session: Session, client_of: ClientOf):
    broker, company = a_broker(session), an_assignor(session)
    a_mandate(session, broker, company)
    an_offered_request(session, assignor=company)
    an_offered_request(session, assignor=an_assignor(session))

    menu = menu_of(client_of(a_member(session, broker)), "/brokers/")

    assert "1 demande de client à décider" in menu


def test_an_operator_is_told_of_messages_to_review(session: Session, client_of: ClientOf):
    request = a_routed_request(session)
    said = lender_event(session, request.submissions[0], "disbursed")
    said.outcome = "refused:payment_missing"
    session.flush()
    operator = client_of(a_member(session, an_operator(session)))

    assert "1 message à revoir" in menu_of(operator, "/operator/jobs")


@pytest.mark.parametrize("address", ["/members/", "/funding/"])
def test_where_nothing_waits_nothing_is_said_and_one_query_was_enough(
    session: Session, client_of: ClientOf, address: str
):
    browser = client_of(a_member(session, an_assignor(session)))

    with queries(session) as asked:
        menu = menu_of(browser, address)

    assert "nav-badge" not in menu
    assert sum("AS decide" in one for one in asked) == 1
