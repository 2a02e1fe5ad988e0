"""What members do beside the deals: mandates given and asked, dunning plans approved, reminders day after day."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from portal.brokers.mandates import MandateTerms, accept_mandate, ask_mandate, revoke_mandate
from portal.brokers.models import Mandate
from portal.clock import PARIS
from portal.collections.dunning.choosing import Scope, choose_scenario, place_debtor
from portal.collections.dunning.due_set import remind_assignor
from portal.collections.dunning.models import Segment
from portal.collections.dunning.ready_made import ready_made
from portal.collections.dunning.scenarios import Proposal, activate_scenario, propose_scenario
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.debtors.models import Debtor
from portal.demo.stage import Stage, Story, every_working_day
from portal.identity.applications import ApplicantCompany
from portal.receivables.models import Receivable

MISSION = "Recherche et suivi de financements de factures, transmission des pièces aux financeurs"
REMINDED_SINCE_DAYS = 24


def every_day(stage: Stage) -> Iterator[Story]:
    """Mandates and collection, as stories."""
    yield mandate_given(stage, "menuiserie", 310)
    yield mandate_given(stage, "agence", 190)
    yield mandate_ended_then_asked_again(stage)
    yield plan_approved(stage, "menuiserie")
    yield plan_approved(stage, "transport")
    yield plan_proposed(stage)
    yield strategic_account(stage, "menuiserie")
    yield reminders(stage, "menuiserie")
    yield reminders(stage, "transport")


def mandate_given(stage: Stage, trade: str, days: int) -> Story:
    """Asked by the broker, given by the SME the next day."""
    at = yield stage.ago(days)
    mandate_id = _ask(stage, trade, at)
    at = yield at + timedelta(hours=23)
    _accept(stage, trade, mandate_id, at)


def mandate_ended_then_asked_again(stage: Stage) -> Story:
    """The haulier ended a first mandate; the broker asks for another, not answered yet."""
    at = yield stage.ago(400)
    mandate_id = _ask(stage, "transport", at)
    at = yield at + timedelta(hours=30)
    _accept(stage, "transport", mandate_id, at)
    at = yield stage.ago(160)
    revoke_mandate(
        stage.session,
        stage.session.get_one(Mandate, mandate_id),
        acting_for=stage.founded["transport"],
        by=stage.members["transport"].id,
        at=at,
    )
    at = yield stage.ago(3, "16:20")
    _ask(stage, "transport", at)


def plan_approved(stage: Stage, trade: str) -> Story:
    """The usual plan, read and approved by the owner, who lets reminders leave in the SME's name."""
    at = yield stage.ago(REMINDED_SINCE_DAYS + 1, "17:00")
    by = stage.members[trade].id
    scenario = propose_scenario(stage.session, stage.founded[trade], by=by, at=at)
    activate_scenario(stage.session, scenario, stage.organisation(trade), by=by, at=at)


def plan_proposed(stage: Stage) -> Story:
    """The agency has looked at the plan and not approved it: nothing leaves."""
    at = yield stage.ago(5, "11:45")
    propose_scenario(stage.session, stage.founded["agence"], by=stage.members["agence"].id, at=at)


def strategic_account(stage: Stage, trade: str) -> Story:
    """The owner spares its largest account: telephone first, and a scenario of its own."""
    at = yield stage.ago(REMINDED_SINCE_DAYS + 1, "17:20")
    session, assignor_id, by = stage.session, stage.founded[trade], stage.members[trade].id
    said = ready_made("fr")["strategic"]
    proposal = Proposal(said.slug, said.title, said.steps, said.weekly_cap)
    scenario = propose_scenario(session, assignor_id, proposal, by=by, at=at)
    activate_scenario(session, scenario, stage.organisation(trade), by=by, at=at)
    choose_scenario(session, assignor_id, said.slug, Scope(segment=Segment.STRATEGIC), by=by, at=at)
    largest = session.scalars(
        select(Debtor)
        .join(Receivable, Receivable.debtor_id == Debtor.id)
        .where(Debtor.assignor_id == assignor_id)
        .group_by(Debtor.id)
        .order_by(func.sum(Receivable.face_cents).desc(), Debtor.id)
        .limit(1)
    ).one()
    because = "Premier client : un quart du chiffre d'affaires"
    place_debtor(session, largest, Segment.STRATEGIC, because=because, by_hand=True, by=by, at=at)


def reminders(stage: Stage, trade: str) -> Story:
    """The worker's morning round, each working day since the plan was approved."""

    def round_of(at: datetime) -> None:
        remind_assignor(stage.session, stage.store, stage.founded[trade], at=at)

    return every_working_day(stage, REMINDED_SINCE_DAYS, "08:30", round_of)


def _ask(stage: Stage, trade: str, at: datetime) -> UUID:
    """The broker asks with its own eyes: it is told nothing of a company that is not its client."""
    asked = stage.organisation(trade)
    company, email = ApplicantCompany(asked.legal_name, siren=asked.siren), asked.email or ""
    by = stage.members["broker"].id
    look_as(stage.session, Viewer(ViewerKind.BROKER, stage.founded["broker"], by))
    mandate = ask_mandate(
        stage.session,
        stage.organisation("broker"),
        company,
        email,
        MandateTerms(MISSION),
        settings=stage.runtime.settings,
        by=by,
        at=at,
    )
    mandate_id = mandate.id
    look_as(stage.session, SYSTEM)
    return mandate_id


def _accept(stage: Stage, trade: str, mandate_id: UUID, at: datetime) -> None:
    mandate = stage.session.scalars(select(Mandate).where(Mandate.id == mandate_id)).one()
    accept_mandate(
        stage.session,
        mandate,
        settings=stage.runtime.settings,
        by=stage.members[trade].id,
        at=at,
        on=at.astimezone(PARIS).date(),
    )
