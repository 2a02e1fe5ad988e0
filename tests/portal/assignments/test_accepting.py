"""Accepting an offer: one wins, every debt is assigned once, expired offers bind no one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from portal.assignments.acceptance import accept_offer
from portal.assignments.drafting import draft_deed
from portal.assignments.models import Assignment, Deed
from portal.assignments.release import withdraw
from portal.assignments.signing import sign_deed
from portal.assignments.states import DeedState
from portal.assignments.telling import refused_by_lender
from portal.db import SYSTEM, Viewer, ViewerKind, look_as, transaction
from portal.funding.models import FundingRequest, Offer
from portal.funding.refusals import (
    AlreadyAssigned,
    AnotherOfferAccepted,
    FundingRefused,
    OfferExpired,
    OfferUnknown,
    ReceivableChanged,
    TooLateToWithdraw,
    refusal_codes,
    refusal_text,
)
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.identity.models import Member, Organisation
from portal.payments.recording import record_payment
from portal.receivables.position import position_of
from pricing.money import Money
from tests.builders.funding import a_signature, a_signed_deal, an_offered_request
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY


def test_the_offers_not_taken_are_let_go_and_their_lenders_told(session):
    request = an_offered_request(session, offers=3)
    taken = request.offers[0]

    accept_offer(session, request, taken.id, by=None, at=NOW)

    states = {offer.id: offer.state for offer in request.offers}
    assert states.pop(taken.id) is OfferState.ACCEPTED
    assert set(states.values()) == {OfferState.DECLINED}
    others = [one for one in request.submissions if one.id != taken.submission_id]
    assert {one.state for one in others} == {SubmissionState.WITHDRAWN}


def test_an_expired_offer_binds_no_one_and_changes_nothing(session):
    request = an_offered_request(session)
    offer = request.offers[0]

    with pytest.raises(OfferExpired):
        accept_offer(
            session, request, offer.id, by=None, at=offer.valid_until + timedelta(seconds=1)
        )

    assert request.state is RequestState.OFFERED
    assert session.scalars(select(Deed).where(Deed.request_id == request.id)).all() == []


def test_an_offer_can_be_accepted_until_its_last_second(session):
    request = an_offered_request(session)
    offer = request.offers[0]

    accept_offer(session, request, offer.id, by=None, at=offer.valid_until)

    assert request.state is RequestState.ACCEPTED


def test_an_offer_of_another_request_is_unknown(session):
    request, other = an_offered_request(session), an_offered_request(session)

    with pytest.raises(OfferUnknown):
        accept_offer(session, request, other.offers[0].id, by=None, at=NOW)


def test_a_receivable_assigned_meanwhile_is_named_in_the_refusal(session):
    assignor = an_assignor(session)
    receivable = a_receivable(session, assignor)
    one = an_offered_request(session, assignor=assignor, receivables=[receivable])
    two = an_offered_request(session, assignor=assignor, receivables=[receivable])
    accept_offer(session, one, one.offers[0].id, by=None, at=NOW)

    with pytest.raises(AlreadyAssigned, match=receivable.number):
        accept_offer(session, two, two.offers[0].id, by=None, at=NOW)


def test_the_same_debt_entered_by_two_companies_is_assigned_once(session):
    """The fingerprint is unique across every tenant: the second company cannot see the first."""
    first = an_offered_request(session, receivables=None, assignor=an_assignor(session))
    twin_owner = an_assignor(session)
    twin = a_receivable(session, twin_owner, fingerprint=first.lines[0].receivable.fingerprint)
    second = an_offered_request(session, assignor=twin_owner, receivables=[twin])
    accept_offer(session, first, first.offers[0].id, by=None, at=NOW)
    look_as(session, Viewer(ViewerKind.ASSIGNOR, twin_owner.id))

    with pytest.raises(AlreadyAssigned, match=twin.number):
        accept_offer(session, second, second.offers[0].id, by=None, at=NOW)

    look_as(session, SYSTEM)


def test_what_was_paid_since_the_request_can_no_longer_be_assigned(session):
    request = an_offered_request(session)
    receivable = request.lines[0].receivable
    record_payment(
        session,
        assignor_id=request.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: Money(1)},
        received_on=TODAY,
        amount=Money(1),
        dedupe_key="one-cent",
        by=None,
        at=NOW,
    )

    with pytest.raises(ReceivableChanged):
        accept_offer(session, request, request.offers[0].id, by=None, at=NOW)


def test_withdrawing_before_signing_frees_the_receivable(session):
    request = an_offered_request(session)
    accept_offer(session, request, request.offers[0].id, by=None, at=NOW)

    withdraw(session, request, by=None, at=NOW)

    assert request.state is RequestState.WITHDRAWN
    assert position_of(session, request.lines[0].receivable_id).deed_id is None


def test_a_signed_deed_is_not_withdrawn(session, store):
    deal = a_signed_deal(session, store)

    with pytest.raises(TooLateToWithdraw):
        withdraw(session, deal.request, by=None, at=NOW)

    assert deal.deed.state is DeedState.SIGNED


def test_an_acceptance_its_lender_refuses_frees_the_receivable(session):
    request = an_offered_request(session)
    deed = accept_offer(session, request, request.offers[0].id, by=None, at=NOW)

    refused_by_lender(session, request.offers[0].submission_id, "accept", at=NOW)

    assert deed.state is DeedState.RELEASED
    assert position_of(session, request.lines[0].receivable_id).deed_id is None


def race(engine, *attempts):
    """Several acceptances at the same moment, each in a transaction of its own; what became of each."""
    start = Barrier(len(attempts))

    def run(attempt):
        request_id, offer_id = attempt
        start.wait()
        try:
            with transaction(engine, SYSTEM) as session:
                request = session.get_one(FundingRequest, request_id)
                accept_offer(session, request, offer_id, by=None, at=NOW)
        except FundingRefused as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


class TestAtTheSameMoment:
    def test_two_tabs_accepting_two_offers_of_a_request_one_wins(self, committing_engine):
        with transaction(committing_engine, SYSTEM) as session:
            request = an_offered_request(session, offers=2)
            tabs = [(request.id, offer.id) for offer in request.offers]

        outcomes = race(committing_engine, *tabs)

        assert sorted(outcomes, key=str) == [AnotherOfferAccepted, None]
        with transaction(committing_engine, SYSTEM) as session:
            accepted = session.scalars(
                select(Offer).where(
                    Offer.request_id == tabs[0][0], Offer.state == OfferState.ACCEPTED
                )
            ).all()
            assert len(accepted) == 1

    def test_two_companies_assigning_one_debt_one_wins(self, committing_engine):
        with transaction(committing_engine, SYSTEM) as session:
            first = an_offered_request(session)
            print_ = first.lines[0].receivable.fingerprint
            other = an_assignor(session)
            twin = a_receivable(session, other, fingerprint=print_)
            second = an_offered_request(session, assignor=other, receivables=[twin])
            attempts = [(one.id, one.offers[0].id) for one in (first, second)]

        outcomes = race(committing_engine, *attempts)

        assert sorted(outcomes, key=str) == [AlreadyAssigned, None]
        with transaction(committing_engine, SYSTEM) as session:
            live = session.scalars(
                select(Assignment).where(
                    Assignment.fingerprint == print_, Assignment.released_at.is_(None)
                )
            ).all()
            assert len(live) == 1

    def test_a_deed_being_signed_is_not_withdrawn_behind_the_signature(
        self, committing_engine, store
    ):
        with transaction(committing_engine, SYSTEM) as session:
            request = an_offered_request(session)
            deed = accept_offer(session, request, request.offers[0].id, by=None, at=NOW)
            draft_deed(session, store, deed, at=NOW)
            member = a_member(session, session.get_one(Organisation, request.assignor_id))
            deed_id, request_id, member_id = deed.id, request.id, member.id

        def give_up():
            with transaction(committing_engine, SYSTEM) as other:
                withdraw(other, other.get_one(FundingRequest, request_id), by=None, at=NOW)

        with ThreadPoolExecutor(1) as pool:
            with transaction(committing_engine, SYSTEM) as session:
                deed, member = session.get_one(Deed, deed_id), session.get_one(Member, member_id)
                signature = a_signature(session, deed, member)
                sign_deed(session, store, deed, member, signature, at=NOW)
                withdrawn = pool.submit(give_up)
                with pytest.raises(TimeoutError):
                    withdrawn.result(timeout=0.5)
            with pytest.raises(TooLateToWithdraw):
                withdrawn.result(timeout=10)

        with transaction(committing_engine, SYSTEM) as session:
            assert session.get_one(Deed, deed_id).state is DeedState.SIGNED


def test_every_refusal_has_its_words_in_both_languages():
    kinds = FundingRefused.__subclasses__()
    assert {kind.code for kind in kinds} | {"funding_refused"} == refusal_codes()
    for locale in ("fr", "en"):
        assert refusal_text(AlreadyAssigned(number="F-1"), locale)
