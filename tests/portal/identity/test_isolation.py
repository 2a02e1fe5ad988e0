"""Two worlds that never met: each party of one sees nothing of the other, whatever it asks."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, Enum, Table, Uuid, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.brokers.models import MandateState
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.funding.states import SubmissionState
from portal.identity.models import DemoCalendar, Organisation, OrganisationKind
from portal.tables import metadata
from tests.builders.organisations import a_broker, a_lender, an_assignor
from tests.conftest import NOW, TODAY

COMMON = {"demo_calendar", "lender_profile", "rate_card"}
"""What every member may read: the demonstration's day, and lenders' published terms."""

MADE_BY_HAND = {"organisation", "demo_calendar"}
CHOSEN: dict[tuple[str, str], Any] = {
    ("submission", "state"): SubmissionState.SENT,
    ("mandate", "state"): MandateState.LIVE,
    ("scenario_choice", "debtor_id"): None,
    ("scenario_choice", "slug"): "standard",
}
MUST_SEE = {
    ViewerKind.ASSIGNOR: {
        "receivable",
        "debtor",
        "offer",
        "deed",
        "posting",
        "message",
        "document",
    },
    ViewerKind.LENDER: {"receivable", "debtor", "submission", "offer", "posting", "debtor_limit"},
    ViewerKind.BROKER: {"receivable", "debtor", "funding_request", "mandate", "offer"},
}
NEVER_SEES = {
    ViewerKind.ASSIGNOR: {"lender_secret", "debtor_limit", "lender_event"},
    ViewerKind.LENDER: {"lender_secret", "message", "reminder", "dunning_scenario", "import_batch"},
    ViewerKind.BROKER: {"lender_secret", "debtor_limit", "lender_event", "passkey"},
}

_numbers = count(1)


class World:
    """One company, its lender and its broker, with one row of their own in every table."""

    def __init__(self, session: Session) -> None:
        self.company = an_assignor(session).id
        self.lender = a_lender(session).id
        self.broker = a_broker(session).id
        self.rows: dict[str, Any] = {}
        members = metadata.tables["member"]
        session.execute(members.insert().values(self._row(members)))
        self.colleague = self.rows["member"]
        for table in metadata.sorted_tables:
            if table.name not in MADE_BY_HAND:
                session.execute(table.insert().values(self._row(table)))
        session.flush()

    def viewer(self, kind: ViewerKind) -> Viewer:
        party = {
            ViewerKind.ASSIGNOR: self.company,
            ViewerKind.LENDER: self.lender,
            ViewerKind.BROKER: self.broker,
        }
        return Viewer(kind, party[kind], uuid4())

    def _row(self, table: Table) -> dict[str, Any]:
        row = {column.name: self._value(table, column) for column in table.columns}
        self.rows[table.name] = row.get("id") or row[next(iter(table.primary_key)).name]
        return row

    def _value(self, table: Table, column: Column[Any]) -> Any:
        if (table.name, column.name) in CHOSEN:
            return CHOSEN[table.name, column.name]
        to_a_member = any(key.column.table.name == "member" for key in column.foreign_keys)
        if column.name in ("assignor_id", "owner_id") and not to_a_member:
            return self.company
        if column.name == "lender_id":
            return self.lender
        if column.name == "substitute_id":
            return self.colleague
        if column.name == "broker_id":
            return self.broker
        if column.name == "organisation_id":
            of_a_lender = table.name.startswith("lender_") or table.name == "document_grant"
            return self.lender if of_a_lender else self.company
        for key in column.foreign_keys:
            target = key.column.table.name
            if target in self.rows:
                return self.rows[target]
        return None if column.nullable else _anything(column)


def _anything(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    if isinstance(kind, DateTime):
        return NOW
    if isinstance(kind, Date):
        return TODAY
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, JSONB):
        return []
    if kind.python_type is bytes:
        return str(next(_numbers)).encode()
    if kind.python_type is str:
        length = getattr(kind, "length", None)
        return "EUR" if column.name == "currency" else uuid4().hex[:length]
    assert kind.python_type not in (date, datetime)
    return 1


@pytest.fixture
def worlds(session: Session) -> Iterator[tuple[World, World]]:
    yield World(session), World(session)
    look_as(session, SYSTEM)


def visible(session: Session, table: Table) -> set[Any]:
    key = table.c.id if "id" in table.c else next(iter(table.primary_key))
    return set(session.scalars(select(key)))


@pytest.mark.parametrize("kind", list(MUST_SEE))
def test_a_query_without_any_filter_returns_only_ones_own_rows(
    session: Session, worlds: tuple[World, World], kind: ViewerKind
):
    mine, theirs = worlds
    look_as(session, mine.viewer(kind))

    for table in metadata.sorted_tables:
        if table.name in COMMON | {"organisation"}:
            continue
        seen = visible(session, table)
        assert theirs.rows[table.name] not in seen, table.name
        assert seen <= {mine.rows[table.name]}, table.name
        if table.name in MUST_SEE[kind]:
            assert seen == {mine.rows[table.name]}, table.name
        if table.name in NEVER_SEES[kind]:
            assert seen == set(), table.name


@pytest.mark.parametrize("kind", list(MUST_SEE))
def test_no_company_and_no_broker_of_another_world_is_known(
    session: Session, worlds: tuple[World, World], kind: ViewerKind
):
    mine, theirs = worlds
    look_as(session, mine.viewer(kind))

    known = set(
        session.scalars(select(Organisation.id).where(Organisation.kind != OrganisationKind.LENDER))
    )

    assert not known & {theirs.company, theirs.broker}


@pytest.mark.parametrize("kind", list(MUST_SEE))
def test_positions_follow_the_receivables(
    session: Session, worlds: tuple[World, World], kind: ViewerKind
):
    mine, _theirs = worlds
    look_as(session, mine.viewer(kind))

    seen = set(session.scalars(text("SELECT receivable_id FROM receivable_position")))

    assert seen == {mine.rows["receivable"]}


@pytest.mark.parametrize("kind", [ViewerKind.NOBODY, ViewerKind.DOOR])
def test_a_visitor_sees_no_business_at_all(
    session: Session, worlds: tuple[World, World], kind: ViewerKind
):
    assert worlds
    look_as(session, Viewer(kind))

    for name in ("receivable", "funding_request", "offer", "deed", "message", "membership"):
        assert visible(session, metadata.tables[name]) == set()


def test_an_operator_never_sees_a_lenders_answer(session: Session, worlds: tuple[World, World]):
    assert worlds
    look_as(session, Viewer(ViewerKind.OPERATOR, uuid4()))

    for name in ("submission", "offer", "receivable", "lender_secret", "debtor_limit"):
        assert visible(session, metadata.tables[name]) == set()


def test_a_brokers_sight_ends_with_its_mandate(session: Session, worlds: tuple[World, World]):
    mine, _theirs = worlds
    session.execute(text("UPDATE mandate SET state = 'revoked'"))
    look_as(session, mine.viewer(ViewerKind.BROKER))

    assert visible(session, metadata.tables["receivable"]) == set()
    assert visible(session, metadata.tables["offer"]) == set()


def test_a_brokers_sight_ends_with_its_mandates_last_day_before_any_job_says_so(
    session: Session, worlds: tuple[World, World]
):
    mine, _theirs = worlds
    session.execute(text("UPDATE mandate SET ends_on = :day"), {"day": TODAY})
    receivables = metadata.tables["receivable"]

    look_as(session, Viewer(ViewerKind.BROKER, mine.broker, uuid4(), TODAY))
    on_the_last_day = visible(session, receivables)
    look_as(session, Viewer(ViewerKind.BROKER, mine.broker, uuid4(), TODAY + timedelta(days=1)))
    on_the_next = visible(session, receivables)

    assert on_the_last_day == {mine.rows["receivable"]}
    assert on_the_next == set()


def test_without_a_day_a_mandate_is_judged_on_the_demonstrations_calendar(
    session: Session, worlds: tuple[World, World]
):
    mine, _theirs = worlds
    session.execute(text("UPDATE mandate SET ends_on = (now() AT TIME ZONE 'Europe/Paris')::date"))
    receivables = metadata.tables["receivable"]

    look_as(session, mine.viewer(ViewerKind.BROKER))
    as_time_goes = visible(session, receivables)
    look_as(session, SYSTEM)
    session.execute(insert(DemoCalendar).values(advanced_days=1))
    look_as(session, mine.viewer(ViewerKind.BROKER))
    advanced = visible(session, receivables)

    assert as_time_goes == {mine.rows["receivable"]}
    assert advanced == set()


def test_nobody_writes_a_row_for_another(session: Session, worlds: tuple[World, World]):
    mine, theirs = worlds
    look_as(session, mine.viewer(ViewerKind.ASSIGNOR))

    changed = session.execute(
        text("UPDATE debtor SET name = 'mine' WHERE assignor_id = :theirs"),
        {"theirs": theirs.company},
    )

    assert changed.rowcount == 0  # type: ignore[attr-defined]
    assert isinstance(mine.company, UUID)


def copied(session: Session, name: str, row_id: Any, **changes: Any) -> None:
    """Write a row like an existing one, as the viewer of the session."""
    table = metadata.tables[name]
    eyes = session.info["viewer"]
    look_as(session, SYSTEM)
    row = session.execute(select(table).where(table.c.id == row_id)).mappings().one()
    look_as(session, eyes)
    fresh = {key: uuid4().hex for key in ("event_key", "partner_key") if key in table.c}
    session.execute(table.insert().values({**row, "id": uuid4(), **fresh, **changes}))


@pytest.mark.parametrize(
    ("kind", "name", "points"),
    [
        (ViewerKind.ASSIGNOR, "funding_line", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "funding_line", {"request_id": "funding_request"}),
        (ViewerKind.ASSIGNOR, "payment_allocation", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "payment_allocation", {"payment_id": "payment"}),
        (ViewerKind.ASSIGNOR, "payment", {"debtor_id": "debtor"}),
        (ViewerKind.ASSIGNOR, "credit_note", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "quote", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "reminder", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "dispute", {"receivable_id": "receivable"}),
        (ViewerKind.ASSIGNOR, "document_grant", {"document_id": "document"}),
        (ViewerKind.LENDER, "lender_event", {"submission_id": "submission"}),
    ],
)
def test_a_row_of_mine_cannot_point_into_anothers_world(
    session: Session,
    worlds: tuple[World, World],
    kind: ViewerKind,
    name: str,
    points: dict[str, str],
):
    mine, theirs = worlds
    look_as(session, mine.viewer(kind))

    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        copied(
            session,
            name,
            mine.rows[name],
            **{column: theirs.rows[target] for column, target in points.items()},
        )


def test_an_assignor_cannot_write_a_lenders_offer(session: Session, worlds: tuple[World, World]):
    mine, _theirs = worlds
    look_as(session, mine.viewer(ViewerKind.ASSIGNOR))

    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        copied(session, "offer", mine.rows["offer"])


def test_a_broker_cannot_give_itself_a_mandate(session: Session, worlds: tuple[World, World]):
    mine, theirs = worlds
    look_as(session, mine.viewer(ViewerKind.BROKER))

    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        copied(session, "mandate", mine.rows["mandate"], assignor_id=theirs.company)

    copied(session, "mandate", mine.rows["mandate"], assignor_id=theirs.company, state="asked")
    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        session.execute(text("UPDATE mandate SET state = 'live' WHERE state = 'asked'"))


def test_a_broker_cannot_change_who_its_client_is(session: Session, worlds: tuple[World, World]):
    mine, _theirs = worlds
    look_as(session, mine.viewer(ViewerKind.BROKER))

    with pytest.raises(ProgrammingError, match="row-level security"), session.begin_nested():
        session.execute(
            text("UPDATE organisation SET iban = 'other' WHERE id = :client"),
            {"client": mine.company},
        )
