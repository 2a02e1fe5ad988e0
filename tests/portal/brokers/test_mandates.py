from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject, StateMove
from portal.brokers.lookup import live_mandate
from portal.brokers.mandates import (
    ANSWER_DAYS,
    MandateAlreadyThere,
    MandateTerms,
    accept_mandate,
    ask_mandate,
    expire_mandates,
    revoke_mandate,
)
from portal.brokers.models import Mandate, MandateState
from portal.brokers.portfolio import clients_of
from portal.brokers.states import MANDATE_TRANSITIONS
from portal.config import Settings
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.identity.applications import ApplicantCompany
from portal.identity.models import Organisation, OrganisationState
from portal.messages.models import Message
from portal.states import IllegalTransition, reachable
from tests.builders.organisations import a_broker, a_mandate, a_member, a_siren, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

TERMS = MandateTerms("search for financing")


def asked_by(
    session: Session, settings: Settings, broker: Organisation, siren: str, **given: str
) -> Mandate:
    look_as(session, Viewer(ViewerKind.BROKER, broker.id, uuid4()))
    company = ApplicantCompany(legal_name="Menuiserie Exemple SARL", siren=siren)
    mandate = ask_mandate(
        session,
        broker,
        company,
        given.get("email", "gerance@exemple.example"),
        TERMS,
        settings=settings,
        by=uuid4(),
        at=NOW,
    )
    look_as(session, SYSTEM)
    return mandate


def test_every_state_of_a_mandate_can_be_reached():
    assert reachable(MANDATE_TRANSITIONS, MandateState.ASKED) == set(MandateState)


def test_a_company_that_is_here_is_asked_through_its_owners(session: Session, settings: Settings):
    broker, company = a_broker(session), an_assignor(session)
    owner = a_member(session, company)

    mandate = asked_by(session, settings, broker, company.siren or "")

    message = session.scalars(select(Message)).one()
    assert mandate.assignor_id == company.id
    assert mandate.state is MandateState.ASKED
    assert message.to_address == owner.email
    assert broker.legal_name in message.subject


def test_a_company_that_is_not_here_is_invited_by_a_link(session: Session, settings: Settings):
    mandate = asked_by(session, settings, a_broker(session), a_siren())

    company = session.get_one(Organisation, mandate.assignor_id)
    message = session.scalars(select(Message)).one()
    assert company.state is OrganisationState.PROSPECT
    assert message.to_address == "gerance@exemple.example"
    assert "/apply/resume/" in message.body_text


def test_a_company_is_not_asked_twice_by_the_same_broker(session: Session, settings: Settings):
    broker, siren = a_broker(session), a_siren()
    asked_by(session, settings, broker, siren)

    with pytest.raises(MandateAlreadyThere):
        asked_by(session, settings, broker, siren)


def test_a_broker_sees_a_company_only_once_it_has_accepted(session: Session, settings: Settings):
    broker, company = a_broker(session), an_assignor(session)
    a_receivable(session, company, face_cents=120_000)
    mandate = asked_by(session, settings, broker, company.siren or "")
    eyes = Viewer(ViewerKind.BROKER, broker.id)
    broker_id = broker.id

    look_as(session, eyes)
    before = clients_of(session, broker_id, on=TODAY)[0].outstanding_cents
    look_as(session, SYSTEM)
    accept_mandate(session, mandate, settings=settings, by=uuid4(), at=NOW, on=TODAY)
    look_as(session, eyes)
    after = clients_of(session, broker_id, on=TODAY)[0].outstanding_cents

    assert (before, after) == (0, 120_000)


def test_a_position_separates_what_is_late_from_what_is_owed(session: Session):
    broker, company = a_broker(session), an_assignor(session)
    a_mandate(session, broker, company)
    a_receivable(session, company, face_cents=100_000, due_on=TODAY)
    a_receivable(session, company, face_cents=50_000, due_on=TODAY - timedelta(days=1))

    position = clients_of(session, broker.id, on=TODAY)[0]

    assert position.outstanding_cents == 150_000
    assert position.overdue_cents == 50_000
    assert position.financed_cents == 0
    assert position.open_count == 2


def test_a_mandate_ends_the_day_after_its_last_and_not_before(session: Session):
    broker, company = a_broker(session), an_assignor(session)
    mandate = a_mandate(session, broker, company)
    mandate.ends_on = TODAY

    assert live_mandate(session, broker_id=broker.id, assignor_id=company.id, on=TODAY)
    assert expire_mandates(session, at=NOW, on=TODAY) == 0
    assert expire_mandates(session, at=NOW, on=TODAY + timedelta(days=1)) == 1
    assert mandate.state is MandateState.EXPIRED


def test_a_request_nobody_answers_ends_after_thirty_days(session: Session):
    mandate = a_mandate(session, a_broker(session), an_assignor(session), MandateState.ASKED)
    last = NOW + timedelta(days=ANSWER_DAYS)

    assert expire_mandates(session, at=last, on=last.date()) == 0
    assert expire_mandates(session, at=last + timedelta(seconds=1), on=last.date()) == 1
    assert mandate.state is MandateState.EXPIRED


def test_a_revoked_mandate_cannot_be_accepted_and_its_moves_are_traced(
    session: Session, settings: Settings
):
    broker = a_broker(session)
    mandate = a_mandate(session, broker, an_assignor(session), MandateState.ASKED)
    look_as(session, Viewer(ViewerKind.BROKER, broker.id))
    revoke_mandate(session, mandate, acting_for=mandate.broker_id, by=uuid4(), at=NOW)
    look_as(session, SYSTEM)

    with pytest.raises(IllegalTransition):
        accept_mandate(session, mandate, settings=settings, by=uuid4(), at=NOW, on=TODAY)

    moves = session.scalars(select(StateMove).where(StateMove.subject == MoveSubject.MANDATE)).all()
    assert [(move.before, move.after) for move in moves] == [("asked", "revoked")]
