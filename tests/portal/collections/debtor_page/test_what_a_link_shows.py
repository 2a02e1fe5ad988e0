"""A link shows its own debtor's invoices and nothing else, whatever the query."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.collections.debtor_page.links import (
    LinkUnusable,
    link_for,
    links_of,
    open_link,
    preview_link,
    revoke_links,
    token_of,
)
from portal.collections.debtor_page.models import DebtorLink
from portal.collections.debtor_page.seeing import NotCovered, shown_by, shown_one
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.documents.models import Document, DocumentKind
from portal.lenders.models import LenderProfile
from tests.builders.debtor_page import a_card_account, a_link
from tests.builders.lending import a_dispute_on, a_payment_of, a_rate_card, an_assigned_receivable
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

LATE = {"issued_on": date(2026, 9, 1), "due_on": date(2026, 10, 20)}
ITS_OWN_TABLES = {
    "card_account", "card_checkout", "debtor", "debtor_link", "debtor_link_line", "debtor_word",
    "demo_calendar", "dispute", "document", "organisation", "payment", "payment_allocation",
    "receivable", "receivable_legal_standing", "receivable_position",
}  # fmt: skip


@pytest.fixture
def ours(session, settings):
    """One assignor with two debtors, one of which has a link on one of its two invoices."""
    assignor = an_assignor(session, iban="FR7630006000011234567890189")
    debtor = a_debtor(session, assignor)
    shown = a_receivable(session, assignor, debtor, **LATE)
    hidden = a_receivable(session, assignor, debtor, **LATE)
    elsewhere = a_receivable(session, assignor, **LATE)
    for one in (shown, hidden, elsewhere):
        a_payment_of(session, one, 1_000)
        a_dispute_on(session, one, 500)
    a_receivable(session, an_assignor(session), **LATE)
    a_rate_card(session)
    a_card_account(session, settings, assignor)
    link, token = a_link(session, settings, shown)
    return shown, hidden, link, token


def every_row(session):
    """What is seen of each table, without any filter."""
    names = session.scalars(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'v') AND relname NOT LIKE 'procrastinate%'"
            " AND relname <> 'alembic_version' AND has_table_privilege(oid, 'SELECT')"
        )
    ).all()
    return {
        name: session.execute(text(f'SELECT * FROM "{name}"')).mappings().all() for name in names
    }


def test_an_unfiltered_query_shows_the_links_rows_and_no_other(session, settings, ours):
    shown, _, link, token = ours

    open_link(session, settings, token, today=TODAY)
    seen = {name: rows for name, rows in every_row(session).items() if rows}

    assert set(seen) <= ITS_OWN_TABLES
    assert [row["id"] for row in seen["receivable"]] == [shown.id]
    assert [row["id"] for row in seen["organisation"]] == [link.assignor_id]
    assert [row["id"] for row in seen["debtor"]] == [link.debtor_id]
    assert {row["receivable_id"] for row in seen["payment_allocation"]} == {shown.id}
    assert [row["receivable_id"] for row in seen["dispute"]] == [shown.id]
    assert len(seen["payment"]) == 1


@pytest.mark.parametrize(
    "table", ["receivable", "debtor", "organisation", "dispute", "debtor_word"]
)
def test_a_link_writes_nothing(session, settings, ours, table):
    *_, token = ours
    open_link(session, settings, token, today=TODAY)

    changed = session.execute(text(f"UPDATE {table} SET id = id")).rowcount

    assert changed == 0


def test_a_link_cannot_speak_in_the_database_itself(session, settings, ours):
    shown, _, link, token = ours
    open_link(session, settings, token, today=TODAY)

    with pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO promise (id, assignor_id, receivable_id, amount_cents, promised_for, recorded_at)"
                " VALUES (gen_random_uuid(), :assignor, :receivable, 1, now(), now())"
            ),
            {"assignor": link.assignor_id, "receivable": shown.id},
        )


def test_an_invoice_outside_the_link_does_not_exist(session, settings, ours):
    _, hidden, _, token = ours
    hidden_id = hidden.id
    link = open_link(session, settings, token, today=TODAY)

    with pytest.raises(NotCovered):
        shown_one(session, link, hidden_id, today=TODAY)


def test_a_link_is_over_once_taken_back_or_expired(session, settings, ours):
    shown, _, link, token = ours
    last = link.expires_on
    open_link(session, settings, token, today=last)
    with pytest.raises(LinkUnusable):
        open_link(session, settings, token, today=last + timedelta(days=1))
    look_as(session, SYSTEM)

    assert revoke_links(session, link.assignor_id, shown.id, by=None, at=NOW) == 1

    with pytest.raises(LinkUnusable):
        open_link(session, settings, token, today=TODAY)
    look_as(session, Viewer(ViewerKind.DEBTOR, today=TODAY, link_id=link.id))
    assert every_row(session)["receivable"] == []


def test_an_altered_token_opens_nothing(session, settings, ours):
    *_, token = ours
    other_installation = replace(settings, secret_key="another installation's own secret key")
    written, _, signed = token.partition(".")

    for forged in (
        token[:-1],
        f"{written}.{signed[::-1]}",
        "",
        "apercu",
        "é.è",
        preview_link(settings),
    ):
        with pytest.raises(LinkUnusable):
            open_link(session, settings, forged, today=TODAY)
    with pytest.raises(LinkUnusable):
        open_link(session, other_installation, token, today=TODAY)


def test_the_token_is_not_in_the_database(session, settings, ours):
    _, _, link, token = ours

    assert token == token_of(settings, link.id)
    assert token not in str(session.execute(text("SELECT * FROM debtor_link")).all())


def test_a_second_reminder_carries_the_same_link_and_a_statement_one_of_its_own(
    session, settings, ours
):
    shown, hidden, link, _ = ours
    first = link_for(session, settings, [shown], by=None, at=NOW)

    assert link_for(session, settings, [shown], by=None, at=NOW + timedelta(days=20)) == first
    both = link_for(session, settings, [shown, hidden], by=None, at=NOW)
    assert both != first
    assert link_for(session, settings, [hidden, shown], by=None, at=NOW) == both
    assert link_for(session, settings, [shown], by=None, at=NOW + timedelta(days=60)) != first
    assert len(links_of(session, link.assignor_id, shown.id, today=TODAY)) == 3


def test_a_link_never_mixes_debtors(session, settings, ours):
    shown, *_ = ours
    other = a_receivable(session, an_assignor(session))

    with pytest.raises(ValueError, match="one debtor"):
        link_for(session, settings, [shown, other], by=None, at=NOW)
    with pytest.raises(ValueError, match="one debtor"):
        link_for(session, settings, [], by=None, at=NOW)


@pytest.mark.parametrize("notified", [True, False])
def test_the_assignee_is_the_payee_once_the_debtor_is_notified_and_unknown_before(
    session, settings, notified
):
    receivable = an_assigned_receivable(session, **LATE)
    row = session.execute(
        text(
            "SELECT d.id, d.lender_id FROM deed d JOIN assignment a ON a.deed_id = d.id WHERE a.receivable_id = :id"
        ),
        {"id": receivable.id},
    ).one()
    session.execute(
        text("UPDATE deed SET dated_on = :day, notified_on = :notified WHERE id = :id"),
        {"day": TODAY, "notified": TODAY if notified else None, "id": row.id},
    )
    profile = session.get(LenderProfile, row.lender_id) or LenderProfile(
        organisation_id=row.lender_id, slug="p", adapter="workspace", regulatory_status="EC",
        answers_within_hours=48, accepting=True,
    )  # fmt: skip
    profile.collection_iban = "FR7610107001011234567890129"
    session.add(profile)
    session.flush()
    _, token = a_link(session, settings, receivable)

    link = open_link(session, settings, token, today=TODAY)
    [shown] = shown_by(session, link, today=TODAY)
    seen = every_row(session)

    assert shown.payee.is_assignee is notified
    assert (shown.payee.iban == "FR7610107001011234567890129") is notified
    assert len(seen["organisation"]) == (2 if notified else 1)
    assert len(seen["deed"]) == len(seen["assignment"]) == (1 if notified else 0)
    assert len(seen["lender_profile"]) == (1 if notified else 0)


def test_the_invoice_is_shown_and_no_other_document(session, settings, ours):
    shown, hidden, _, token = ours
    for receivable, kind in (
        (shown, DocumentKind.INVOICE),
        (hidden, DocumentKind.INVOICE),
        (None, DocumentKind.DEED),
    ):
        document = Document(
            owner_id=shown.assignor_id, kind=kind, filename=f"{kind}-{receivable}.pdf", media_type="application/pdf",
            sha256="0" * 64, size_bytes=1, stored_at=NOW,
        )  # fmt: skip
        session.add(document)
        session.flush()
        if receivable is not None:
            receivable.document_id = document.id
    session.flush()

    open_link(session, settings, token, today=TODAY)

    assert [row["id"] for row in every_row(session)["document"]] == [shown.document_id]


def test_the_links_of_another_assignor_stay_its_own(session, settings, ours):
    shown, *_ = ours
    assert session.query(DebtorLink).count() == 1
    assert links_of(session, an_assignor(session).id, shown.id, today=TODAY) == []
