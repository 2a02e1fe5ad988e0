"""The pages of what debtors answer, as a manager uses them."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.models import DisputeWord, PaymentPlan, SortedReply
from portal.collections.answers.replies import sort_waiting
from portal.collections.answers.states import PlanState
from portal.collections.lookup import live_promises, open_disputes
from portal.collections.models import Dispute, DisputeOutcome, DisputeReason
from portal.debtors.models import Debtor
from portal.identity.models import Organisation, Role
from portal.messages.models import InboundKind, InboundMessage
from portal.receivables.models import Receivable
from tests.builders.legal import a_late_receivable
from tests.builders.organisations import a_member, an_assignor
from tests.conftest import NOW, TODAY

ClientOf = Callable[..., FlaskClient]
TERMS = {
    "number": "3",
    "first_on": (TODAY + timedelta(days=10)).isoformat(),
    "period": "month",
    "penalties": "waived",
    "debtor_trades": "1",
    "grace_days": "5",
    "letter_days": "8",
}


@pytest.fixture
def late(session: Session) -> Receivable:
    company = an_assignor(session, legal_form="SARL", iban="FR7600000000000000000000000")
    return a_late_receivable(session, company, number="F-PLAN")


@pytest.fixture
def browser(session: Session, client_of: ClientOf, late: Receivable) -> FlaskClient:
    company = session.get_one(Organisation, late.assignor_id)
    return client_of(a_member(session, company, Role.MANAGER), company)


def test_a_plan_is_simulated_then_written_signed_paid_and_kept(session, browser, late):
    shown = browser.post(f"/answers/{late.id}/plan", data={**TERMS, "simulate": "1"}).text
    assert "333,34" in shown
    assert session.scalars(select(PaymentPlan)).all() == []

    assert browser.post(f"/answers/{late.id}/plan", data=TERMS).status_code == 303
    plan = session.scalars(select(PaymentPlan)).one()
    signed = {
        "name": "A. Exemple",
        "accepted_on": TODAY.isoformat(),
        "signed": (BytesIO(b"%PDF-1.7 signed"), "signe.pdf"),
    }
    answer = browser.post(f"/answers/plans/{plan.id}/accept", data=signed)
    assert answer.status_code == 303, answer.text
    paid = {"amount": "10 000", "received_on": TODAY.isoformat(), "token": "once"}
    assert browser.post(f"/answers/plans/{plan.id}/payment", data=paid).status_code == 303
    assert plan.state is PlanState.KEPT
    assert "Respecté jusqu" in browser.get(f"/answers/{late.id}").text


def test_a_refused_plan_keeps_what_was_typed_and_says_why(session, browser, late):
    answer = browser.post(f"/answers/{late.id}/plan", data={**TERMS, "number": "99"})

    assert answer.status_code == 422
    assert "de 2 à 36" in answer.text
    assert 'value="99"' in answer.text


def test_a_dispute_is_talked_over_then_concluded_with_its_credit_note(session, browser, late):
    made = open_dispute(
        session, late, amount_cents=200_000, reason=DisputeReason.PRICE, note="Prix du devis.",
        by=None, at=NOW,
    )  # fmt: skip
    steps = f"/answers/disputes/{made.id}"
    said = {"speaker": "note", "text": "Vérifié.", "file": (BytesIO(b"MZ"), "a.exe")}
    assert browser.post(f"{steps}/say", data=said).status_code == 422
    said = {"speaker": "note", "text": "Vérifié.", "file": (BytesIO(b"%PDF-1"), "devis.pdf")}
    assert browser.post(f"{steps}/say", data=said).status_code == 303
    assert len(session.scalars(select(DisputeWord)).all()) == 2

    settled = {"outcome": "settled", "given_up": "9 999"}
    assert browser.post(f"{steps}/conclude", data=settled).status_code == 422
    settled["given_up"] = "150,00"
    assert browser.post(f"{steps}/conclude", data=settled).status_code == 303
    page = browser.get(f"/answers/{late.id}").text
    assert "devis.pdf" in page
    assert "150,00" in page
    assert session.get_one(Dispute, made.id).outcome is DisputeOutcome.SETTLED


def a_reply(session: Session, late: Receivable, text: str) -> SortedReply:
    mail = InboundMessage(
        organisation_id=late.assignor_id,
        kind=InboundKind.REPLY,
        content_key=uuid4().hex,
        from_address="compta@debiteur.example",
        subject="Re: Rappel",
        body_text=text,
        received_at=NOW,
        receivable_id=late.id,
        debtor_id=late.debtor_id,
        raw_sha256="0" * 64,
    )
    session.add(mail)
    session.flush()
    sort_waiting(session, at=NOW)
    return session.scalars(select(SortedReply).where(SortedReply.inbound_id == mail.id)).one()


def test_each_reply_shows_its_rule_and_one_click_does_what_it_proposes(session, browser, late):
    promise = a_reply(session, late, "Nous paierons le 15 décembre.")
    page = browser.get("/replies/").text
    assert "paierons" in page
    assert "15 décembre" in page

    url = f"/replies/{promise.id}/note_promise"
    assert browser.post(url, data={"promised_for": "2026-12-15"}).status_code == 303
    assert [one.promised_for.isoformat() for one in live_promises(session, late.id)] == [
        "2026-12-15"
    ]
    assert browser.post(url, data={"promised_for": "2026-12-15"}).status_code == 422
    assert "Promesse notée" in browser.get("/replies/?view=decided").text


def test_a_reply_becomes_a_dispute_or_corrects_a_contact(session, browser, late):
    disputed = a_reply(session, late, "Nous contestons le prix.")
    wrong = a_reply(session, late, "Mauvais destinataire.")
    url = f"/replies/{disputed.id}/open_dispute"
    assert browser.post(url, data={"reason": ""}).status_code == 422
    assert browser.post(url, data={"reason": "price"}).status_code == 303
    assert len(open_disputes(session, late.id)) == 1

    url = f"/replies/{wrong.id}/correct_contact"
    assert browser.post(url, data={"email": "x"}).status_code == 422
    assert browser.post(url, data={"email": "nouveau@debiteur.example"}).status_code == 303
    assert session.get_one(Debtor, late.debtor_id).contact_email == "nouveau@debiteur.example"


def test_a_reader_acts_on_nothing_and_strangers_see_nothing(session, client_of, late):
    company = session.get_one(Organisation, late.assignor_id)
    reader = client_of(a_member(session, company, Role.READER), company)
    reply = a_reply(session, late, "Nous paierons demain.")
    assert reader.get("/replies/").status_code == 200
    assert reader.post(f"/replies/{reply.id}/set_aside").status_code == 403

    other = an_assignor(session)
    stranger = client_of(a_member(session, other), other)
    assert stranger.get(f"/answers/{late.id}").status_code == 404
    assert stranger.post(f"/replies/{reply.id}/set_aside").status_code == 404
