"""Every list a member is shown can be taken away as a table."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity.models import Organisation, OrganisationKind
from portal.messages.outbox import Draft, write
from portal.receivables.importing import import_files, open_batch
from portal.web.navigation import MENUS
from tests.builders.funding import SignedDeal, a_draft, a_funded_deal
from tests.builders.lending import a_payment_of
from tests.builders.organisations import a_broker, a_mandate, a_member, an_operator
from tests.builders.readings import a_file, an_invoice_read
from tests.builders.receivables import a_receivable
from tests.conftest import NOW

ClientOf = Callable[..., FlaskClient]
NO_LIST = {"home.index", "settings.show", "operator.calendar"}
"""Entries of the menus that are no list: figures of the day, forms."""

BESIDE = {
    OrganisationKind.ASSIGNOR: ["/receivables/imports/"],
    OrganisationKind.LENDER: [],
    OrganisationKind.BROKER: [],
    OrganisationKind.OPERATOR: ["/operator/audit?organisation={assignor}"],
}
"""Lists reached from a page, not from a menu."""


@pytest.fixture
def deal(app: Flask, session: Session) -> SignedDeal:
    """A company with something in each of its lists."""
    store = app.extensions["runtime"].documents
    deal = a_funded_deal(session, store)
    assignor = session.get_one(Organisation, deal.request.assignor_id)
    a_payment_of(session, a_receivable(session, assignor), 10_000)
    a_draft(session, assignor=assignor)
    batch = open_batch(session, assignor.id, source="upload", by=None, at=NOW)
    import_files(
        session,
        store,
        assignor,
        [a_file(an_invoice_read(assignor))],
        fingerprint_key="key",
        batch=batch,
        by=None,
        at=NOW,
    )
    return deal


@pytest.fixture
def organisation_of(session: Session, deal: SignedDeal) -> dict[OrganisationKind, Organisation]:
    assignor = session.get_one(Organisation, deal.request.assignor_id)
    lender = session.get_one(Organisation, deal.submission.lender_id)
    broker = a_broker(session)
    a_mandate(session, broker, assignor)
    for one in (assignor, lender, broker):
        draft = Draft(
            "test", f"one-{one.id}", "a@exemple.example", "Objet", "Texte", organisation_id=one.id
        )
        write(session, draft, at=NOW)
    return {one.kind: one for one in (assignor, lender, broker, an_operator(session))}


def sheets_of(page: str) -> list[str]:
    """The addresses of the tables a page offers to download."""
    found = re.findall(r'href="([^"]+\.csv[^"]*)"', page)
    return [url.replace("&amp;", "&") for url in found if "template" not in url]


@pytest.mark.parametrize("kind", list(OrganisationKind))
def test_every_list_is_exported_with_its_headings(
    app: Flask,
    session: Session,
    client_of: ClientOf,
    organisation_of: dict[OrganisationKind, Organisation],
    kind: OrganisationKind,
):
    browser = client_of(a_member(session, organisation_of[kind]))
    with app.test_request_context():
        listed = [app.url_for(one.endpoint) for one in MENUS[kind] if one.endpoint not in NO_LIST]
    assignor = organisation_of[OrganisationKind.ASSIGNOR]
    listed += [address.format(assignor=assignor.id) for address in BESIDE[kind]]

    without = []
    for address in listed:
        sheets = sheets_of(browser.get(address).get_data(as_text=True))
        if not sheets:
            without.append(address)
        for sheet in sheets:
            answer = browser.get(sheet)
            text = answer.get_data(as_text=True)
            rows = list(csv.reader(io.StringIO(text), delimiter=";"))
            assert answer.mimetype == "text/csv", sheet
            assert {len(row) for row in rows} == {len(rows[0])}, sheet

    assert without == []


def test_a_message_is_exported_without_what_it_says(
    session: Session,
    client_of: ClientOf,
    organisation_of: dict[OrganisationKind, Organisation],
):
    operator = client_of(a_member(session, organisation_of[OrganisationKind.OPERATOR]))

    sheet = operator.get("/operator/messages.csv").get_data(as_text=True)

    assert "a@exemple.example" in sheet
    assert "Objet" not in sheet
    assert "Texte" not in sheet


def test_a_company_takes_nothing_of_the_operator(
    session: Session,
    client_of: ClientOf,
    organisation_of: dict[OrganisationKind, Organisation],
):
    assignor = organisation_of[OrganisationKind.ASSIGNOR]
    company = client_of(a_member(session, assignor))

    for name in ("lenders", "jobs", "messages", "audit", "trail"):
        assert company.get(f"/operator/{name}.csv").status_code in (403, 404), name
