"""What a visitor finds in the demonstration, whatever the day it is loaded."""

import json
from datetime import UTC, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.assignments.states import DeedState
from portal.audit.models import AuditEntry
from portal.audit.trail import broken_links
from portal.brokers.models import Mandate, MandateState
from portal.collections.dunning.models import Scenario
from portal.collections.models import Reminder, ReminderState
from portal.db import Base
from portal.debtors.models import Debtor
from portal.demo.accounts import ACCOUNTS
from portal.demo.history import TRADES
from portal.demo.lender_side import dossiers_path
from portal.demo.loading import is_loaded
from portal.funding.models import FundingRequest, LenderEvent, Offer, Submission
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.identity.models import Membership, Organisation, OrganisationKind
from portal.ledger.journal import balances
from portal.lenders.keys import keys_of
from portal.lenders.models import LenderProfile
from portal.messages.models import Message, MessageState
from portal.quotes.lookup import raisable
from portal.receivables.models import Receivable
from portal.settlement.ledger_lines import POSITIONS
from tests.portal.demo.conftest import LoadedDemo

SLAS_APART = 2


def assignors(session: Session) -> list[Organisation]:
    kind = OrganisationKind.ASSIGNOR
    return list(session.scalars(select(Organisation).where(Organisation.kind == kind)))


def how_many(session: Session, rows: type[Base]) -> int:
    return session.scalars(select(func.count()).select_from(rows)).one()


def test_three_companies_their_debtors_and_two_years_of_invoices(looking: Session) -> None:
    assert len(assignors(looking)) == len(TRADES) == 3
    assert how_many(looking, Debtor) >= 40
    assert how_many(looking, Receivable) >= 600
    assert how_many(looking, Membership) == len(ACCOUNTS)


def test_requests_stand_in_every_state(looking: Session) -> None:
    assert set(looking.scalars(select(FundingRequest.state))) == set(RequestState)


def test_a_settled_deal_leaves_every_position_at_zero(looking: Session) -> None:
    settled = looking.scalars(select(Deed).where(Deed.state == DeedState.SETTLED)).all()
    assert {deed.product.value for deed in settled} == {"dailly", "advance", "discount"}
    for deed in settled:
        left = balances(looking, deed.id)
        assert not any(left[account] for account in POSITIONS), deed.reference


def test_nobody_has_touched_the_audit_trail(looking: Session) -> None:
    chained = looking.scalars(select(AuditEntry.organisation_id).distinct()).all()
    assert len(chained) >= 4
    assert all(broken_links(looking, one) == [] for one in chained)


def test_everything_is_told_in_the_order_it_happened(looking: Session) -> None:
    for organisation in assignors(looking):
        told = looking.scalars(
            select(AuditEntry.happened_at)
            .where(AuditEntry.organisation_id == organisation.id)
            .order_by(AuditEntry.sequence)
        ).all()
        days = [instant.date() for instant in told]
        assert days == sorted(days)
        assert max(told) <= datetime.now(UTC)


def test_the_past_leaves_the_worker_only_what_is_still_to_do(looking: Session) -> None:
    waiting = looking.execute(text("SELECT task_name, args FROM procrastinate_jobs")).all()
    newest = looking.scalars(
        select(FundingRequest).where(FundingRequest.state == RequestState.SUBMITTED)
    ).one()
    signing = looking.scalars(select(Deed).where(Deed.state == DeedState.DRAFTED)).one()
    asked = set(
        looking.scalars(select(Submission.id).where(Submission.request_id == signing.request_id))
    )
    for task, arguments in waiting:
        if task == "route_request":
            assert arguments["request_id"] == str(newest.id)
        else:
            assert task == "tell_lender"
            assert arguments["submission_id"] in {str(one) for one in asked}


def test_open_offers_can_still_be_compared_for_days(demo: LoadedDemo, looking: Session) -> None:
    now = demo.runtime.clock(looking).instant()
    offers = looking.scalars(select(Offer).where(Offer.state == OfferState.OPEN)).all()
    by_request = {one.request_id: 0 for one in offers}
    for one in offers:
        assert (one.valid_until - now).days >= 1
        by_request[one.request_id] += 1
    assert max(by_request.values()) >= 4
    assert all(one.teg is not None and one.all_in_annual_rate is not None for one in offers)


def test_the_lender_working_in_the_portal_has_dossiers_of_different_ages(looking: Session) -> None:
    lender = looking.scalars(
        select(LenderProfile).where(LenderProfile.adapter == "workspace")
    ).one()
    waiting = looking.scalars(
        select(Submission).where(
            Submission.lender_id == lender.organisation_id,
            Submission.state == SubmissionState.RECEIVED,
        )
    ).all()
    assert len({one.sent_at for one in waiting}) == len(waiting) >= SLAS_APART
    states = set(
        looking.scalars(select(Deed.state).where(Deed.lender_id == lender.organisation_id))
    )
    assert {DeedState.SIGNED, DeedState.DELIVERED, DeedState.NOTIFIED} <= states


def test_the_sandbox_remembers_every_dossier_of_the_lenders_it_plays(
    demo: LoadedDemo, looking: Session
) -> None:
    path = dossiers_path(demo.runtime.settings)
    held = {file["dossier"]: file for file in json.loads(path.read_text(encoding="utf-8"))}
    events = looking.execute(
        select(LenderEvent.submission_id, LenderEvent.event_key)
        .join(LenderProfile, LenderProfile.organisation_id == LenderEvent.lender_id)
        .where(LenderProfile.adapter == "rest")
    ).all()
    for submission_id, event_key in events:
        assert event_key in [event["id"] for event in held[str(submission_id)]["events"]]


def test_every_remote_lender_can_be_reached(demo: LoadedDemo, looking: Session) -> None:
    settings = demo.runtime.settings
    for profile in looking.scalars(select(LenderProfile).where(LenderProfile.adapter == "rest")):
        assert profile.endpoint_url == f"{settings.sandbox_url}/lenders/{profile.slug}"
        assert keys_of(looking, settings, profile.organisation_id) is not None


def test_the_broker_has_live_asked_and_ended_mandates(looking: Session) -> None:
    states = sorted(looking.scalars(select(Mandate.state)))
    asked, live, revoked = MandateState.ASKED, MandateState.LIVE, MandateState.REVOKED
    assert states == sorted([asked, live, live, revoked])
    applied_for = looking.scalars(
        select(FundingRequest.assignor_id).where(FundingRequest.broker_id.is_not(None))
    ).one()
    live_for = set(looking.scalars(select(Mandate.assignor_id).where(Mandate.state == live)))
    assert applied_for in live_for


def test_two_scenarios_run_and_one_waits_for_approval(looking: Session) -> None:
    known = looking.scalars(select(Scenario)).all()
    assert len(known) == 4
    running = {one.assignor_id for one in known if one.activated_at is not None}
    assert len(running) == 2
    reminded = set(looking.scalars(select(Reminder.assignor_id)))
    assert reminded == running
    outcomes = set(looking.scalars(select(Reminder.state)))
    assert outcomes >= set(ReminderState) - {ReminderState.TO_CALL}


def test_messages_of_the_past_are_kept_and_none_is_waiting(looking: Session) -> None:
    assert set(looking.scalars(select(Message.state))) == {MessageState.KEPT}
    kinds = set(looking.scalars(select(Message.kind)))
    assert {"offer_arrived", "piece_asked", "reminder_r1", "mandate_asked"} <= kinds


def test_each_company_could_raise_cash_today(looking: Session) -> None:
    for organisation in assignors(looking):
        found = raisable(looking, organisation.id)
        assert found.net_today_cents > 1_000_000
        assert len(found.by_product) == 4


def test_loading_again_is_not_needed(demo: LoadedDemo) -> None:
    assert is_loaded(demo.runtime)
    assert len(demo.steps) == 5
