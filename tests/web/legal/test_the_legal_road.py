"""The pages of the legal road, as a manager goes along it."""

from collections.abc import Callable
from datetime import date
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.evidence.models import EvidenceDossier
from portal.collections.evidence.seal import verify_archive
from portal.collections.legal.models import (
    ClaimReview,
    CollectionAgency,
    FormalNotice,
    Handover,
    Insolvency,
    PaymentOrder,
    WriteOff,
)
from portal.collections.legal.states import OrderState
from portal.documents.models import Document
from portal.identity.models import Role
from tests.builders.legal import a_late_receivable
from tests.builders.organisations import a_member, an_assignor
from tests.conftest import TODAY

ClientOf = Callable[..., FlaskClient]


@pytest.fixture
def claim(session: Session):
    company = an_assignor(session, legal_form="SARL", iban="FR7600000000000000000000000")
    return a_late_receivable(session, company, number="F-ROUTE")


@pytest.fixture
def browser(session: Session, client_of: ClientOf, claim):
    from portal.identity.models import Organisation

    company = session.get_one(Organisation, claim.assignor_id)
    return client_of(a_member(session, company, Role.MANAGER), company)


def the(session: Session, kind):
    return session.scalars(select(kind)).one()


def test_the_roads_stand_side_by_side_and_say_no_verdict(browser, claim):
    page = browser.get(f"/legal/{claim.id}").text

    for words in ("Injonction de payer", "Référé-provision", "25,19", "33,47", "L125-1"):
        assert words in page, words
    assert "L126-1 à L126-5" not in page
    assert "recevable" not in page.lower()


def test_what_the_user_says_settles_what_the_file_leaves_open(session: Session, browser, claim):
    answer = browser.post(
        f"/legal/{claim.id}/review",
        data={
            "creditor": "trader",
            "debtor": "trader",
            "route": "payment_order",
            "answer-contractual": "yes",
        },
    )

    assert answer.status_code == 303
    review = the(session, ClaimReview)
    assert (review.route, review.answers) == ("payment_order", {"contractual": True})


def test_from_the_formal_notice_to_an_enforceable_order(session: Session, browser, claim):
    today = TODAY.isoformat()
    browser.post(f"/legal/{claim.id}/notice")
    notice = the(session, FormalNotice)
    browser.post(f"/legal/notices/{notice.id}/deposit", data={"deposited_on": today})
    browser.post(f"/legal/notices/{notice.id}/receive", data={"received_on": today})
    browser.post(
        f"/legal/{claim.id}/order",
        data={
            "court_kind": "commercial",
            "court_name": "Tribunal de commerce d'Exempleville",
            "representative": "A. Exemple, gérante",
        },
    )
    order = the(session, PaymentOrder)
    for step, more in (
        ("file", {}),
        ("grant", {"granted": "9000"}),
        ("serve", {"in_person": "yes"}),
        ("enforce", {}),
    ):
        answer = browser.post(f"/legal/orders/{order.id}/{step}", data={"on": today, **more})
        assert answer.status_code == 303, step

    session.expire_all()
    assert the(session, FormalNotice).received_on == TODAY
    assert the(session, PaymentOrder).state is OrderState.ENFORCEABLE
    assert the(session, PaymentOrder).granted_cents == 900_000
    assert "F-ROUTE" in browser.get("/legal/").text


def test_a_step_out_of_order_is_refused_and_changes_nothing(session: Session, browser, claim):
    browser.post(f"/legal/{claim.id}/notice")
    notice = the(session, FormalNotice)

    answer = browser.post(f"/legal/notices/{notice.id}/receive", data={"received_on": "2026-11-23"})

    assert answer.status_code == 422
    assert "déposée" in answer.text
    assert the(session, FormalNotice).received_on is None


def test_a_day_that_cannot_be_read_is_said_beside_what_was_typed(browser, claim, session):
    browser.post(f"/legal/{claim.id}/notice")
    notice = the(session, FormalNotice)

    answer = browser.post(
        f"/legal/notices/{notice.id}/deposit", data={"deposited_on": "hier", "reference": "1A 9"}
    )

    assert answer.status_code == 422
    assert "1A 9" in answer.text


def test_an_insolvency_is_recorded_published_and_declared(session: Session, browser, claim):
    address = f"/legal/debtors/{claim.debtor_id}"
    refused = browser.post(address, data={"kind": "liquidation", "judgment_on": "2026-11-12"})
    browser.post(
        address,
        data={
            "kind": "liquidation",
            "judgment_on": "2026-11-12",
            "court_name": "Tribunal de commerce d'Exempleville",
        },
    )
    found = the(session, Insolvency)
    waiting = browser.get(address).text
    browser.post(
        f"/legal/debtors/insolvencies/{found.id}/publish", data={"published_on": "2026-11-20"}
    )
    browser.post(f"/legal/debtors/insolvencies/{found.id}/document")
    page = browser.get(address).text

    assert refused.status_code == 422
    assert "27 nov. 2026" in waiting.replace("\xa0", " ")
    assert "20 janv. 2027" not in waiting.replace("\xa0", " ")
    assert "20 janv. 2027" in page.replace("\xa0", " ")
    assert the(session, Insolvency).document_id is not None
    browser.post(
        f"/legal/debtors/insolvencies/{found.id}/declare",
        data={"declared_on": "2026-11-23", "declared": "10 694,96"},
    )
    session.expire_all()
    assert the(session, Insolvency).declared_on == date(2026, 11, 23)


def test_a_claim_goes_to_an_agency_and_comes_back(session: Session, browser, claim):
    browser.post(
        "/legal/agencies/",
        data={
            "name": "Agence Exemple",
            "address": "4 rue du Recouvrement",
            "fee_terms": "12 %",
            "signed_on": "2026-01-05",
            "insured": "1",
            "declared": "1",
        },
    )
    agency = the(session, CollectionAgency)
    browser.post(f"/legal/agencies/hand-over/{claim.id}", data={"agency": str(agency.id)})
    packed = browser.get(f"/legal/agencies/{agency.id}/export.zip")
    browser.post(
        f"/legal/agencies/{agency.id}/statuses",
        data={"statuses": (BytesIO(b"numero;statut;date\nF-ROUTE;retour;2026-11-23\n"), "s.csv")},
    )

    assert packed.data.startswith(b"PK")
    session.expire_all()
    assert the(session, Handover).state == "returned"
    assert browser.get("/legal/agencies/").status_code == 200


def test_a_write_off_waits_for_a_second_member(session: Session, browser, claim, client_of):
    from portal.identity.models import Organisation

    company = session.get_one(Organisation, claim.assignor_id)
    owner = client_of(a_member(session, company), company)
    browser.post(
        f"/legal/{claim.id}/write-off",
        data={"reason": "failed_collection", "note": "Rien à saisir", "vat": "debits"},
    )
    loss = the(session, WriteOff)

    refused = browser.post(f"/legal/write-offs/{loss.id}/decide", data={"decision": "approve"})
    accepted = owner.post(f"/legal/write-offs/{loss.id}/decide", data={"decision": "approve"})

    assert (refused.status_code, accepted.status_code) == (422, 303)
    session.expire_all()
    assert the(session, WriteOff).approved
    assert "1 666,67" in owner.get(f"/legal/{claim.id}").text.replace("\u202f", " ").replace(
        "\xa0", " "
    )


def test_the_dossier_is_made_and_checks_offline(session: Session, browser, claim, app):
    browser.post(f"/legal/{claim.id}/notice")
    browser.post(f"/legal/{claim.id}/dossier")

    made = the(session, EvidenceDossier)
    kept = session.get_one(Document, made.archive_id)
    archive = app.extensions["runtime"].documents.get(kept.sha256)
    verdict = verify_archive(BytesIO(archive))

    assert verdict.whole
    assert (verdict.seal, verdict.files) == (made.seal, made.files)
    assert made.seal in browser.get(f"/legal/{claim.id}").text


def test_a_reader_sees_and_changes_nothing(session: Session, claim, client_of):
    from portal.identity.models import Organisation

    company = session.get_one(Organisation, claim.assignor_id)
    reader = client_of(a_member(session, company, Role.READER), company)

    assert reader.get(f"/legal/{claim.id}").status_code == 200
    assert reader.post(f"/legal/{claim.id}/notice").status_code == 403


def test_a_stranger_cannot_tell_that_the_claim_exists(session: Session, claim, client_of):
    other = an_assignor(session)
    stranger = client_of(a_member(session, other), other)

    assert stranger.get(f"/legal/{claim.id}").status_code == 404
    assert stranger.get(f"/legal/debtors/{claim.debtor_id}").status_code == 404
    assert stranger.post(f"/legal/{claim.id}/dossier").status_code == 404
