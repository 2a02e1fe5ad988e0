"""A table taken away is written while it is read, through its reader's eyes, and holds nothing afterwards."""

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from portal.db import SYSTEM, Viewer, ViewerKind, open_session
from portal.http.transactions import look_through
from portal.http.transactions import session as request_session
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from portal.web.csv_export import csv_response
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor
from tests.conftest import NOW, TODAY
from tests.web.conftest import CheckingClient

ROWS = 10_000
ALWAYS_THERE_BYTES = 5_000_000
"""What one request and five hundred rows take, with room to spare; ten thousand rows take six times as much."""
EXPORTS = (("/receivables/export.csv", 3), ("/debtors/export.csv", 1), ("/payments/export.csv", 0))


@pytest.fixture
def session(committing_engine: Engine) -> Iterator[Session]:
    with open_session(committing_engine, SYSTEM) as opened:
        yield opened


@pytest.fixture
def app(_application: Flask, committing_engine: Engine, session: Session) -> Iterator[Flask]:
    """The application over a real pool, so that a connection kept too long is seen."""
    unbound = _application.extensions["runtime"]
    _application.extensions["runtime"] = replace(unbound, engine=committing_engine)
    _application.test_client_class = type("Client", (CheckingClient,), {"watched": session})
    yield _application
    _application.extensions["runtime"] = unbound


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session)


@pytest.fixture
def reader(
    session: Session, assignor: Organisation, client_of: Callable[..., CheckingClient]
) -> CheckingClient:
    """A browser of a member of the assignor."""
    browser = client_of(a_member(session, assignor))
    session.commit()
    return browser


def owe(session: Session, assignor: Organisation, count: int) -> None:
    debtor_id = a_debtor(session, assignor).id
    rows = [a_row(assignor.id, debtor_id, number) for number in range(count)]
    session.execute(insert(Receivable), rows)
    session.commit()


def a_row(assignor_id: UUID, debtor_id: UUID, number: int) -> dict[str, object]:
    return {
        "assignor_id": assignor_id,
        "debtor_id": debtor_id,
        "number": f"F-{number:06d}",
        "number_key": f"F{number:06d}",
        "type_code": "380",
        "currency": "EUR",
        "face_cents": 100_000 + number,
        "issued_on": TODAY,
        "due_on": TODAY,
        "fingerprint": uuid4().hex,
        "created_at": NOW,
    }


def test_ten_thousand_receivables_are_exported_whole_in_the_memory_of_a_few_hundred(
    session: Session, assignor: Organisation, reader: CheckingClient
):
    owe(session, assignor, ROWS)
    reader.get("/receivables/export.csv?q=nothing-like-it")

    tracemalloc.start()
    answer = reader.get("/receivables/export.csv?sort=number", buffered=False)
    lines = sum(part.count(b"\r\n") for part in answer.iter_encoded())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    answer.close()

    assert lines == ROWS + 1
    assert peak < ALWAYS_THERE_BYTES


@pytest.mark.parametrize(("address", "lines"), EXPORTS)
def test_an_export_gives_its_connection_back_when_it_is_read_to_the_end(
    session: Session,
    committing_engine: Engine,
    assignor: Organisation,
    reader: CheckingClient,
    address: str,
    lines: int,
):
    owe(session, assignor, 3)

    answer = reader.get(address, buffered=False)
    text = answer.get_data(as_text=True)
    answer.close()

    assert text.count("\r\n") == 1 + lines
    assert committing_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_export_gives_its_connection_back_when_the_reader_goes_away(
    session: Session,
    committing_engine: Engine,
    assignor: Organisation,
    reader: CheckingClient,
):
    owe(session, assignor, 2_000)

    answer = reader.get("/receivables/export.csv", buffered=False)
    next(answer.iter_encoded())
    held = committing_engine.pool.checkedout()  # type: ignore[attr-defined]
    answer.close()

    assert held == 1
    assert committing_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_asking_only_for_the_headings_of_an_answer_keeps_no_connection(
    committing_engine: Engine, reader: CheckingClient
):
    answer = reader.head("/receivables/export.csv")

    assert answer.status_code == 200
    assert committing_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_an_export_that_forgets_to_name_its_tenant_still_shows_the_readers_rows_alone(
    app: Flask, session: Session, assignor: Organisation
):
    owe(session, assignor, 2)
    owe(session, an_assignor(session), 3)

    with app.test_request_context():
        look_through(Viewer(ViewerKind.ASSIGNOR, assignor.id))
        answer = csv_response(
            "all",
            ["number"],
            lambda: ((number,) for number in request_session().scalars(select(Receivable.number))),
        )

    assert answer.get_data(as_text=True).count("F-") == 2
