"""Requests sent to the fictional lenders over real HTTP, whatever they do."""

from datetime import timedelta
from time import monotonic, sleep
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from partners.sandbox.lenders import fictional_lenders, lender_secret
from portal.assignments.acceptance import accept_offer
from portal.assignments.drafting import run_prepare_deed
from portal.assignments.models import Deed
from portal.assignments.signing import sign_deed
from portal.assignments.states import DeedState
from portal.assignments.telling import run_send_deed, run_tell_lender, send_pieces
from portal.clock import Clock
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.funding.application import draft_request, show_disclosure, submit_request
from portal.funding.models import FundingRequest, LenderEvent, Offer, Submission
from portal.funding.routing import run_route_request
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.funding.submissions import pause_after, run_poll_submission, run_send_submission
from portal.identity.models import Organisation
from portal.lenders.keys import keep_keys
from portal.lenders.models import LenderProfile, RateCard
from portal.lenders.rate_cards import activate, add_version
from portal.settlement.lender_events import run_apply_lender_event
from tests.builders.funding import DISCLOSURE, EASY_POLICY, a_signature
from tests.builders.organisations import a_lender, a_member, an_assignor
from tests.builders.receivables import a_receivable

NOW = Clock().instant()
TODAY = Clock().day()


def a_document(session, store, assignor):
    return keep(
        session,
        store,
        owner_id=assignor.id,
        kind=DocumentKind.INVOICE,
        filename="facture.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7 exemple",
        by=None,
        at=NOW,
    )


def a_sandbox_lender(session, runtime, sandbox, slug):
    """One of the fictional lenders, as the portal knows it, alone in force."""
    one = next(lender for lender in fictional_lenders() if lender.slug == slug)
    for card in session.scalars(select(RateCard).where(RateCard.retired_at.is_(None))):
        card.retired_at = card.activated_at and NOW
    profile = session.scalar(select(LenderProfile).where(LenderProfile.slug == slug))
    if profile is None:
        lender = a_lender(session, legal_name=one.name)
        profile = LenderProfile(
            organisation_id=lender.id,
            slug=slug,
            adapter="rest",
            regulatory_status=one.regulatory_status,
        )
        session.add(profile)
        session.flush()
    profile.endpoint_url = f"{sandbox.url}/lenders/{slug}"
    secret = lender_secret(slug)
    lender_id = profile.organisation_id
    keep_keys(session, runtime.settings, lender_id, outgoing=secret, webhooks=[secret], at=NOW)
    for card in one.rate_cards[:1]:
        made = add_version(
            session,
            lender_id,
            card.product,
            slug=card.slug,
            title=card.title,
            tariff=card.tariff,
            policy=EASY_POLICY,
            by=None,
            at=NOW,
        )
        activate(session, made, by=None, at=NOW)
    return one.rate_cards[0].product


def routed(runtime, sandbox, slug="banque-exemple", note=None) -> UUID:
    """A request of one receivable routed to one fictional lender; its submission's id."""
    with runtime.transaction() as session:
        product = a_sandbox_lender(session, runtime, sandbox, slug)
        assignor = an_assignor(session, iban="FR7600000000000000000000000")
        receivable = a_receivable(
            session,
            assignor,
            issued_on=TODAY - timedelta(days=10),
            due_on=TODAY + timedelta(days=50),
            document_id=a_document(session, runtime.documents, assignor).id,
        )
        request = draft_request(
            session,
            assignor_id=assignor.id,
            broker_id=None,
            receivable_ids=[receivable.id],
            products=[product],
            note=note,
            on=TODAY,
            by=None,
            at=NOW,
        )
        show_disclosure(request, DISCLOSURE, at=NOW)
        submit_request(session, request, DISCLOSURE, on=TODAY, by=None, at=NOW)
        request_id = request.id
    run_route_request(runtime, str(request_id))
    with runtime.transaction() as session:
        made = session.scalars(select(Submission).where(Submission.request_id == request_id)).one()
        stopping = [
            one["code"] for one in made.findings if one["outcome"] in ("blocked", "refused")
        ]
        assert stopping == []
        return made.id


def apply_what_came(runtime, submission_id) -> None:
    with runtime.transaction() as session:
        waiting = session.scalars(
            select(LenderEvent.id)
            .where(LenderEvent.submission_id == submission_id, LenderEvent.processed_at.is_(None))
            .order_by(LenderEvent.received_at)
        ).all()
    for event_id in waiting:
        run_apply_lender_event(runtime, str(event_id))


def ask(runtime, submission_id) -> None:
    """Poll until the state changes or a second has passed, applying what comes."""
    ends = monotonic() + 2
    before = state_of(runtime, submission_id)
    while monotonic() < ends and state_of(runtime, submission_id) is before:
        run_poll_submission(runtime, str(submission_id))
        apply_what_came(runtime, submission_id)
        sleep(0.05)


def send(runtime, submission_id) -> None:
    run_send_submission(runtime, str(submission_id))
    apply_what_came(runtime, submission_id)


def submission_of(runtime, submission_id):
    with runtime.transaction() as session:
        return session.get_one(Submission, submission_id)


def state_of(runtime, submission_id):
    return submission_of(runtime, submission_id).state


def offers_of(runtime, submission_id):
    with runtime.transaction() as session:
        return session.scalars(select(Offer).where(Offer.submission_id == submission_id)).all()


def test_a_lender_that_answers_at_once_makes_an_offer(runtime, sandbox):
    submission_id = routed(runtime, sandbox)

    send(runtime, submission_id)

    (offer,) = offers_of(runtime, submission_id)
    assert offer.state is OfferState.OPEN
    assert offer.teg_article == "R314-2"
    stated = offer.raw["terms"]["teg"]
    assert f"{offer.teg:.6f}" == stated["rate"]
    assert f"{offer.period_rate:.8f}" == stated["period_rate"]


@pytest.mark.parametrize(
    ("slug", "article"), [("factor-imaginaire", "R314-6"), ("comptoir-imaginaire", "R314-8")]
)
def test_the_legal_rate_we_compute_is_the_one_the_lender_states(runtime, sandbox, slug, article):
    submission_id = routed(runtime, sandbox, slug, note="sandbox:at_once")

    send(runtime, submission_id)

    (offer,) = offers_of(runtime, submission_id)
    assert offer.teg_article == article
    assert f"{offer.teg:.6f}" == offer.raw["terms"]["teg"]["rate"]


def test_sending_twice_sends_once(runtime, sandbox):
    submission_id = routed(runtime, sandbox)

    send(runtime, submission_id)
    send(runtime, submission_id)

    assert len(offers_of(runtime, submission_id)) == 1


@pytest.mark.parametrize(
    ("behaviour", "state"),
    [
        ("slow", SubmissionState.OFFERED),
        ("declines", SubmissionState.DECLINED),
        ("asks_document", SubmissionState.INFO_REQUESTED),
        ("twice", SubmissionState.OFFERED),
        ("out_of_order", SubmissionState.OFFERED),
    ],
)
def test_an_answer_that_comes_later_is_polled(runtime, sandbox, behaviour, state):
    submission_id = routed(runtime, sandbox, note=f"sandbox:{behaviour}")

    send(runtime, submission_id)
    assert state_of(runtime, submission_id) is SubmissionState.RECEIVED
    sleep(0.2)
    ask(runtime, submission_id)

    assert state_of(runtime, submission_id) is state
    expected = 1 if state is SubmissionState.OFFERED else 0
    assert len(offers_of(runtime, submission_id)) == expected


def test_a_lender_that_changes_its_mind_leaves_no_open_offer(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:changes_mind")

    send(runtime, submission_id)
    sleep(0.3)
    ask(runtime, submission_id)

    assert [offer.state for offer in offers_of(runtime, submission_id)] == [OfferState.WITHDRAWN]


def test_silence_is_not_an_answer(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:silent")

    send(runtime, submission_id)

    submission = submission_of(runtime, submission_id)
    assert submission.state is SubmissionState.UNANSWERED
    assert submission.next_poll_at is not None


def test_an_answer_lost_on_the_way_is_asked_again_under_the_same_key(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:loses_answer")
    send(runtime, submission_id)
    assert state_of(runtime, submission_id) is SubmissionState.UNANSWERED

    send(runtime, submission_id)

    assert state_of(runtime, submission_id) is SubmissionState.OFFERED
    assert len(offers_of(runtime, submission_id)) == 1


def test_an_unknown_status_waits(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:unknown_status")
    send(runtime, submission_id)
    sleep(0.3)
    ask(runtime, submission_id)

    assert state_of(runtime, submission_id) is SubmissionState.OFFERED


def test_an_offer_whose_lines_do_not_add_up_is_shown_to_nobody(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:wrong_total")
    send(runtime, submission_id)
    sleep(0.2)
    run_poll_submission(runtime, str(submission_id))
    apply_what_came(runtime, submission_id)

    assert offers_of(runtime, submission_id) == []
    assert state_of(runtime, submission_id) is SubmissionState.RECEIVED


def test_a_lender_nobody_reaches_is_a_failed_delivery_after_so_many_attempts(runtime, sandbox):
    submission_id = routed(runtime, sandbox)
    with runtime.transaction() as session:
        lender_id = session.get_one(Submission, submission_id).lender_id
        session.get_one(LenderProfile, lender_id).endpoint_url = "http://127.0.0.1:9"

    send(runtime, submission_id)
    assert state_of(runtime, submission_id) is SubmissionState.PREPARED
    send(runtime, submission_id)

    submission = submission_of(runtime, submission_id)
    assert submission.state is SubmissionState.DELIVERY_FAILED
    assert submission.reason_code == "unreached"


def test_a_message_the_lender_refuses_is_not_sent_again(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:refuses_message")

    send(runtime, submission_id)

    assert submission_of(runtime, submission_id).reason_code == "message_refused"


def test_the_document_a_lender_waits_for_brings_its_offer(runtime, sandbox):
    submission_id = routed(runtime, sandbox, note="sandbox:asks_document")
    send(runtime, submission_id)
    sleep(0.2)
    ask(runtime, submission_id)
    with runtime.transaction() as session:
        submission = session.get_one(Submission, submission_id)
        assignor = session.get_one(Organisation, submission.assignor_id)
        document = a_document(session, runtime.documents, assignor)
        send_pieces(session, submission, [document], by=None, at=NOW)
        asked = session.scalars(
            select(LenderEvent).where(
                LenderEvent.submission_id == submission_id,
                LenderEvent.body["status"].as_string() == "info_requested",
            )
        ).one()
        key, document_id = asked.event_key, str(document.id)

    run_tell_lender(runtime, str(submission_id), "documents", key, document_id)
    apply_what_came(runtime, submission_id)

    assert state_of(runtime, submission_id) is SubmissionState.OFFERED


def test_pauses_grow_and_stay_bounded():
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 20)] == [10, 20, 40, 1800]


def test_the_whole_road_with_a_bank_over_http(runtime, sandbox):
    submission_id = routed(runtime, sandbox)
    send(runtime, submission_id)
    with runtime.transaction() as session:
        submission = session.get_one(Submission, submission_id)
        offer = session.scalars(select(Offer).where(Offer.submission_id == submission_id)).one()
        deed = accept_offer(session, submission.request, offer.id, by=None, at=NOW)
        deed_id, request_id, offer_key = deed.id, submission.request_id, offer.partner_key
    run_tell_lender(runtime, str(submission_id), "accept", offer_key)
    run_prepare_deed(runtime, str(deed_id))
    with runtime.transaction() as session:
        deed = session.get_one(Deed, deed_id)
        assignor = session.get_one(Organisation, deed.assignor_id)
        member = a_member(session, assignor)
        sign_deed(
            session, runtime.documents, deed, member, a_signature(session, deed, member), at=NOW
        )

    run_send_deed(runtime, str(deed_id))
    wait_for(runtime, submission_id, request_id, RequestState.DISBURSED)
    with runtime.transaction() as session:
        assert session.get_one(Deed, deed_id).state is DeedState.DELIVERED
        assert session.get_one(Deed, deed_id).dated_on is not None
    httpx.post(f"{sandbox.url}/control/dossiers/{submission_id}/debtor-pays", json={})

    wait_for(runtime, submission_id, request_id, RequestState.SETTLED)


def wait_for(runtime, submission_id, request_id, state) -> None:
    ends = monotonic() + 5
    while monotonic() < ends:
        run_poll_submission(runtime, str(submission_id))
        apply_what_came(runtime, submission_id)
        with runtime.transaction() as session:
            found = session.get_one(FundingRequest, request_id).state
        if found is state:
            return
        sleep(0.05)
    pytest.fail(f"the request is {found}, not {state}")
