"""What the database itself refuses, whatever the code forgets."""

import re
from datetime import date
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, pool, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.trail import broken_links, record
from portal.config import Settings
from portal.db import owner_url
from portal.identity.models import Organisation
from portal.ledger.journal import EntryUnbalanced, Line, balances, book
from portal.ledger.models import Account, Posting
from portal.tables import metadata
from portal.upgrade import UnsafeDatabaseRole, alembic_config, refuse_unsafe_role
from pricing.money import Money
from tests.builders.organisations import an_assignor
from tests.conftest import NOW, fresh_database

WITHOUT_TENANT = {
    "alembic_version": "the version of the tables",
    "procrastinate_jobs": "jobs carry identifiers only",
    "procrastinate_events": "jobs carry identifiers only",
    "procrastinate_periodic_defers": "jobs carry identifiers only",
    "procrastinate_workers": "jobs carry identifiers only",
    "procrastinate_schema_versions": "the version of the queue's tables",
}


def an_entry(session: Session, assignor: Organisation, *amounts: int, key: str = "k") -> None:
    book(
        session,
        kind="test",
        assignor_id=assignor.id,
        lender_id=None,
        deed_id=None,
        lines=[Line(Account.ADVANCE, Money(cents)) for cents in amounts],
        value_date=date(2026, 11, 23),
        narrative="",
        idempotency_key=key,
        at=NOW,
    )


def test_a_new_table_without_a_policy_fails_the_build(connection: Connection):
    rows = connection.execute(
        text(
            "SELECT c.relname, c.relrowsecurity, count(p.polname) FROM pg_class c"
            " LEFT JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
            " GROUP BY 1, 2"
        )
    )

    unprotected = {name for name, enabled, policies in rows if not enabled or not policies}

    assert unprotected - set(WITHOUT_TENANT) == set()


def test_every_view_reads_with_its_readers_rights(connection: Connection):
    options = dict(
        connection.execute(
            text(
                "SELECT relname, reloptions FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
            )
        ).all()
    )

    assert options
    assert all("security_invoker=true" in (given or []) for given in options.values())


def test_the_migrations_build_exactly_what_the_models_declare_and_can_be_undone(
    server_url: str, settings: Settings
):
    url = fresh_database(server_url, f"migrations_{uuid4().hex[:8]}")
    engine = create_engine(owner_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        config = alembic_config(connection)
        command.upgrade(config, "head")
        command.check(config)
        command.downgrade(config, "base")
        left = connection.scalar(
            text(
                "SELECT count(*) FROM pg_tables WHERE schemaname='public' AND tablename <> 'alembic_version'"
            )
        )
        command.upgrade(config, "head")

    assert left == 0


def test_no_table_stores_money_as_a_fraction():
    amounts = [
        (table.name, column.name, str(column.type))
        for table in metadata.tables.values()
        for column in table.columns
        if re.search(r"_cents$", column.name)
    ]

    assert amounts
    assert {kind for _, _, kind in amounts} == {"BIGINT"}


def test_the_owner_of_the_tables_is_refused_as_the_applications_role(settings: Settings):
    engine = create_engine(owner_url(settings.database_url), poolclass=pool.NullPool)

    with engine.connect() as connection, pytest.raises(UnsafeDatabaseRole):
        refuse_unsafe_role(connection)


def test_an_unbalanced_entry_is_refused_before_the_database_sees_it(session: Session):
    with pytest.raises(EntryUnbalanced, match="off by 1 cents"):
        an_entry(session, an_assignor(session), 100, -99)


def test_the_database_refuses_an_unbalanced_entry_at_commit(session: Session):
    assignor = an_assignor(session)
    an_entry(session, assignor, 100, -100)
    entry_id = session.scalar(text("SELECT id FROM journal_entry"))
    session.add(
        Posting(
            entry_id=entry_id,
            assignor_id=assignor.id,
            line=3,
            account=Account.FEES,
            amount_cents=1,
            currency="EUR",
        )
    )
    session.flush()

    with pytest.raises(DBAPIError, match="off by 1 cents"):
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_booking_twice_under_one_key_books_once(session: Session):
    assignor = an_assignor(session)

    an_entry(session, assignor, 100, -100)
    an_entry(session, assignor, 100, -100)

    assert session.scalar(text("SELECT count(*) FROM journal_entry")) == 1


def test_balances_name_every_account_even_untouched(session: Session):
    assert balances(session, uuid4()) == dict.fromkeys(Account, 0)


@pytest.mark.parametrize("table", ["journal_entry", "posting", "audit_entry", "state_move"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_is_booked_or_audited_is_never_changed(session: Session, table: str, verb: str):
    with pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text(verb.format(table)))


def test_even_the_owner_cannot_edit_the_audit_trail(settings: Settings):
    engine = create_engine(owner_url(settings.database_url), poolclass=pool.NullPool)
    with engine.connect() as connection, Session(connection) as session:
        record(session, uuid4(), "signed_in", "member", uuid4(), by=None, at=NOW)

        with pytest.raises(DBAPIError, match="never changed"):
            session.execute(text("UPDATE audit_entry SET action = 'nothing'"))


def test_the_audit_chain_is_whole_until_a_row_is_altered(settings: Settings):
    engine = create_engine(owner_url(settings.database_url), poolclass=pool.NullPool)
    organisation = uuid4()
    with engine.connect() as connection, Session(connection) as session:
        for action in ("asked", "accepted", "signed"):
            record(session, organisation, action, "offer", "1", {"n": 1}, by=None, at=NOW)
        assert broken_links(session, organisation) == []

        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_final"))
        session.execute(text("UPDATE audit_entry SET action = 'declined' WHERE sequence = 2"))
        session.expire_all()

        assert broken_links(session, organisation) == [2]
