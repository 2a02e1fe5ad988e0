"""Applying for money, routing by cards and limits, and what ends because time passes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.assignments.acceptance import accept_offer
from portal.collections.models import Dispute, DisputeReason
from portal.db import Viewer, ViewerKind, look_as
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.funding.application import (
    RECEIVABLES_MAX,
    draft_request,
    show_disclosure,
    submit_request,
    withdraw_request,
)
from portal.funding.disclosure import disclosure_of
from portal.funding.expiry import expire_request, overdue_requests
from portal.funding.exposure import exposures
from portal.funding.models import FundingRequest, Submission
from portal.funding.refusals import (
    AlreadyAssigned,
    CurrenciesMixed,
    DisclosureNotSeen,
    NoProductChosen,
    NothingLeftToFinance,
    NothingSelected,
    ReceivableIncomplete,
    ReceivablePastDue,
    ReceivableUnknown,
    TooManyReceivables,
)
from portal.funding.routing import route_request
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.lenders.models import DebtorLimit, LenderProfile
from portal.states import IllegalTransition
from pricing.parameters import law
from pricing.products.quote import Product
from tests.builders.funding import (
    DISCLOSURE,
    EASY_POLICY,
    a_draft,
    a_lender_with_card,
    a_routed_request,
    a_submitted_request,
    an_offered_request,
    tell,
    terms,
)
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

IBAN = "FR7600000000000000000000000"


def ask(session, assignor, receivables, products=(Product.DAILLY,)):
    return draft_request(
        session,
        assignor_id=assignor.id,
        broker_id=None,
        receivable_ids=[one.id for one in receivables],
        products=products,
        note=None,
        on=TODAY,
        by=None,
        at=NOW,
    )


class TestChoosing:
    def test_a_request_has_a_reference_and_what_may_be_assigned(self, session):
        request = a_draft(session)

        assert request.reference.startswith("D-2026-")
        assert request.face_total_cents == 1_200_000

    def test_a_part_in_dispute_is_not_assigned(self, session):
        assignor = an_assignor(session)
        receivable = a_receivable(session, assignor)
        session.add(
            Dispute(
                assignor_id=assignor.id,
                receivable_id=receivable.id,
                amount_cents=200_000,
                reason=DisputeReason.QUALITY,
                opened_on=TODAY,
            )
        )
        session.flush()

        assert ask(session, assignor, [receivable]).face_total_cents == 1_000_000

    def test_a_receivable_in_dispute_as_a_whole_has_nothing_to_finance(self, session):
        assignor = an_assignor(session)
        receivable = a_receivable(session, assignor)
        session.add(
            Dispute(
                assignor_id=assignor.id,
                receivable_id=receivable.id,
                amount_cents=1_200_000,
                reason=DisputeReason.QUALITY,
                opened_on=TODAY,
            )
        )
        session.flush()

        with pytest.raises(NothingLeftToFinance, match=receivable.number):
            ask(session, assignor, [receivable])

    def test_a_receivable_due_today_is_too_late_and_tomorrow_is_not(self, session):
        assignor = an_assignor(session)
        today = a_receivable(session, assignor, due_on=TODAY)
        tomorrow = a_receivable(session, assignor, due_on=TODAY + timedelta(days=1))

        with pytest.raises(ReceivablePastDue):
            ask(session, assignor, [today])
        assert ask(session, assignor, [tomorrow]).lines

    def test_each_obstacle_says_which_invoice(self, session):
        assignor, other = an_assignor(session), an_assignor(session)
        incomplete = a_receivable(session, assignor, due_on=None, missing=["due_on"])
        euros, dollars = a_receivable(session, assignor), a_receivable(session, assignor)
        dollars.currency = "USD"
        session.flush()

        with pytest.raises(ReceivableIncomplete, match=incomplete.number):
            ask(session, assignor, [incomplete])
        with pytest.raises(CurrenciesMixed):
            ask(session, assignor, [euros, dollars])
        with pytest.raises(ReceivableUnknown):
            ask(session, other, [euros])
        with pytest.raises(NothingSelected):
            ask(session, assignor, [])
        with pytest.raises(NoProductChosen):
            ask(session, assignor, [euros], products=())
        with pytest.raises(TooManyReceivables):
            ask(session, assignor, [euros] * (RECEIVABLES_MAX + 1))

    def test_a_receivable_on_a_live_deed_is_not_applied_for_again(self, session):
        request = an_offered_request(session)
        accept_offer(session, request, request.offers[0].id, by=None, at=NOW)
        assignor = session.get_one(FundingRequest, request.id).assignor_id

        with pytest.raises(AlreadyAssigned):
            draft_request(
                session,
                assignor_id=assignor,
                broker_id=None,
                receivable_ids=[request.lines[0].receivable_id],
                products=[Product.DAILLY],
                note=None,
                on=TODAY,
                by=None,
                at=NOW,
            )


class TestBeforeAnythingIsSent:
    def test_the_statement_must_have_been_shown(self, session):
        with pytest.raises(DisclosureNotSeen):
            submit_request(session, a_draft(session), DISCLOSURE, on=TODAY, by=None, at=NOW)

    def test_a_statement_changed_since_must_be_shown_again(self, session, settings):
        request = a_draft(session)
        show_disclosure(request, DISCLOSURE, at=NOW)

        with pytest.raises(DisclosureNotSeen):
            submit_request(session, request, disclosure_of(settings), on=TODAY, by=None, at=NOW)

    def test_the_statement_says_who_we_are_and_who_pays_us(self, settings):
        shown = disclosure_of(settings)

        paid_by = {
            "fr": settings.intermediary_remuneration,
            "en": settings.intermediary_remuneration_en,
        }
        for locale, remuneration in paid_by.items():
            text = " ".join(sentence for _, sentence in shown.lines(locale))
            assert settings.intermediary_orias in text
            assert remuneration in text
            assert "L519-6" in text
            assert "ACPR" in text

    def test_a_request_is_submitted_once(self, session):
        request = a_submitted_request(session)

        with pytest.raises(IllegalTransition):
            submit_request(session, request, DISCLOSURE, on=TODAY, by=None, at=NOW)


@pytest.fixture
def documented(session, store):
    """A receivable with its document: ``documented(assignor, debtor=…)``."""

    def make(assignor, debtor=None, **given):
        document = keep(
            session,
            store,
            owner_id=assignor.id,
            kind=DocumentKind.INVOICE,
            filename="facture.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.7",
            by=None,
            at=NOW,
        )
        return a_receivable(session, assignor, debtor, document_id=document.id, **given)

    return make


def route(session, request):
    route_request(session, request, days=5, law=law(), at=NOW)
    return session.scalars(select(Submission).where(Submission.request_id == request.id)).all()


class TestRouting:
    def test_every_card_in_force_is_asked_and_the_blocked_ones_say_why(self, session, documented):
        a_lender_with_card(session)
        strict, _ = a_lender_with_card(session, policy=EASY_POLICY | {"amount_min": "50000.00"})
        assignor = an_assignor(session, iban=IBAN)
        request = a_submitted_request(
            session, assignor=assignor, receivables=[documented(assignor)]
        )

        submissions = route(session, request)

        states = {one.lender_id: one.state for one in submissions}
        assert states.pop(strict.id) is SubmissionState.POLICY_BLOCKED
        assert set(states.values()) == {SubmissionState.PREPARED}
        blocked = next(one for one in submissions if one.lender_id == strict.id)
        assert any(found["outcome"] in ("blocked", "refused") for found in blocked.findings)
        assert request.state is RequestState.ROUTED

    def test_when_nobody_may_be_asked_the_request_is_declined(self, session, documented):
        a_lender_with_card(session, policy=EASY_POLICY | {"amount_min": "50000.00"})
        assignor = an_assignor(session, iban=IBAN)
        request = a_submitted_request(
            session, assignor=assignor, receivables=[documented(assignor)]
        )

        route(session, request)

        assert request.state is RequestState.DECLINED

    def test_a_limit_used_up_by_another_company_blocks(self, session, documented):
        lender, _ = a_lender_with_card(session)
        first, second = an_assignor(session, iban=IBAN), an_assignor(session, iban=IBAN)
        siren = a_debtor(session, first).siren
        debtor_of_first = a_debtor(session, first, siren=siren, identity_key="other")
        session.add(
            DebtorLimit(
                lender_id=lender.id,
                debtor_siren=siren,
                limit_cents=1_200_000,
                currency="EUR",
                set_on=TODAY,
            )
        )
        one = a_submitted_request(
            session, assignor=first, receivables=[documented(first, debtor_of_first)]
        )
        (submission,) = route(session, one)
        submission.state = SubmissionState.RECEIVED
        session.flush()
        tell(session, submission, "offered", terms=terms(one))
        assert exposures(session, [lender.id], [siren]) == {(lender.id, siren): 1_200_000}

        debtor_of_second = a_debtor(session, second, siren=siren)
        two = a_submitted_request(
            session, assignor=second, receivables=[documented(second, debtor_of_second)]
        )
        (late,) = route(session, two)

        assert late.state is SubmissionState.POLICY_BLOCKED
        assert "DEBTOR_LIMIT" in {found["code"] for found in late.findings}

    def test_a_lender_reads_only_what_it_was_sent(self, session):
        request = a_routed_request(session, lenders=2)
        mine = request.submissions[0]

        look_as(session, Viewer(ViewerKind.LENDER, mine.lender_id))

        assert session.scalars(select(Submission.id)).all() == [mine.id]

    def test_a_paused_lender_is_not_asked(self, session, documented):
        lender, _ = a_lender_with_card(session)
        session.get_one(LenderProfile, lender.id).accepting = False
        assignor = an_assignor(session, iban=IBAN)
        request = a_submitted_request(
            session, assignor=assignor, receivables=[documented(assignor)]
        )

        (submission,) = route(session, request)

        assert submission.reason_code == "paused"


class TestTimePasses:
    def test_an_offer_ends_and_the_request_with_it(self, session):
        request = an_offered_request(session)
        late = request.offers[0].valid_until + timedelta(seconds=1)

        assert request.id in overdue_requests(session, late)
        expire_request(session, request.id, at=late)

        assert request.offers[0].state is OfferState.EXPIRED
        assert request.state is RequestState.EXPIRED

    def test_nothing_ends_before_its_time(self, session):
        request = an_offered_request(session)

        assert request.id not in overdue_requests(session, request.offers[0].valid_until)

    def test_a_silent_lender_does_not_hold_the_request_for_ever(self, session):
        request = a_routed_request(session)
        late = request.submissions[0].expires_at + timedelta(seconds=1)

        expire_request(session, request.id, at=late)

        assert request.submissions[0].state is SubmissionState.EXPIRED
        assert request.state is RequestState.EXPIRED

    def test_withdrawing_closes_everything(self, session):
        request = an_offered_request(session, offers=2)

        withdraw_request(session, request, by=None, at=NOW)

        assert {one.state for one in request.offers} == {OfferState.DECLINED}
        assert request.state is RequestState.WITHDRAWN
