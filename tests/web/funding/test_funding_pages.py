"""Asking, comparing, accepting and signing on the pages."""

from uuid import uuid4

import pytest

from portal.assignments.acceptance import accept_offer
from portal.assignments.drafting import draft_deed
from portal.assignments.models import Deed
from portal.assignments.states import DeedState
from portal.documents.store import DocumentStore
from portal.funding.disclosure import disclosure_of
from portal.funding.models import FundingRequest
from portal.funding.states import RequestState, SubmissionState
from portal.identity.models import Organisation, Role
from tests.builders.funding import (
    a_draft,
    a_funded_deal,
    a_routed_request,
    an_offered_request,
    tell,
)
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW


@pytest.fixture
def store(app) -> DocumentStore:
    return app.extensions["runtime"].documents


def owner_of(session, request: FundingRequest):
    return a_member(session, session.get_one(Organisation, request.assignor_id))


class TestAsking:
    def test_chosen_invoices_become_a_request_read_before_it_is_sent(
        self, session, client_of, settings
    ):
        assignor = an_assignor(session)
        receivable = a_receivable(session, assignor)
        client = client_of(a_member(session, assignor))

        review = client.get(f"/funding/new?receivable={receivable.id}")
        made = client.post(
            "/funding/", data={"receivable": str(receivable.id), "products": "dailly"}
        )

        assert receivable.number in review.get_data(as_text=True)
        assert made.status_code == 303
        page = client.get(made.location)
        assert "ORIAS" in page.get_data(as_text=True)
        sent = client.post(
            f"{made.location}/submit",
            data={"disclosure": disclosure_of(settings).version, "consent": "1"},
        )
        assert sent.status_code == 303
        request = session.query(FundingRequest).filter_by(assignor_id=assignor.id).one()
        assert request.state is RequestState.SUBMITTED
        assert request.disclosure_seen_at is not None

    def test_nothing_is_sent_without_the_box_ticked(self, session, client_of, settings):
        request = a_draft(session)
        client = client_of(owner_of(session, request))

        answer = client.post(
            f"/funding/{request.id}/submit",
            data={"disclosure": disclosure_of(settings).version},
        )

        assert answer.status_code == 422
        session.refresh(request)
        assert request.state is RequestState.DRAFT

    def test_an_invoice_of_another_company_is_not_found(self, session, client_of):
        theirs = a_receivable(session, an_assignor(session))
        client = client_of(a_member(session, an_assignor(session)))

        answer = client.post("/funding/", data={"receivable": str(theirs.id), "products": "dailly"})

        assert answer.status_code == 422
        assert theirs.number not in answer.get_data(as_text=True)

    def test_a_stranger_cannot_tell_that_the_request_exists(self, session, client_of):
        request = an_offered_request(session)
        stranger = client_of(a_member(session, an_assignor(session)))

        theirs = stranger.get(f"/funding/{request.id}")
        nowhere = stranger.get(f"/funding/{uuid4()}")

        assert theirs.status_code == nowhere.status_code == 404


class TestComparing:
    def test_each_offer_shows_its_cash_cost_and_both_rates(self, session, client_of):
        request = an_offered_request(session, offers=2)
        client = client_of(owner_of(session, request))

        page = client.get(f"/funding/{request.id}/offers?sort=rate").get_data(as_text=True)

        assert "R314-2" in page
        assert page.count("/accept") == 2

    def test_sorting_with_htmx_answers_the_table_alone(self, session, client_of):
        request = an_offered_request(session)
        client = client_of(owner_of(session, request))

        part = client.get(f"/funding/{request.id}/offers", headers={"HX-Request": "true"})

        assert "<html" not in part.get_data(as_text=True)

    def test_the_answer_of_a_lender_says_why_it_declined(self, session, client_of):
        request = a_routed_request(session, lenders=2)
        tell(
            session,
            request.submissions[0],
            "declined",
            reason={"code": "sector", "text": "Secteur hors de notre politique"},
        )
        client = client_of(owner_of(session, request))

        page = client.get(f"/funding/{request.id}").get_data(as_text=True)

        assert "Secteur hors de notre politique" in page


class TestAcceptingAndSigning:
    def test_an_owner_accepts_then_signs(self, session, client_of, store):
        request = an_offered_request(session, offers=2)
        owner = owner_of(session, request)
        client = client_of(owner)

        accepted = client.post(f"/funding/{request.id}/offers/{request.offers[0].id}/accept")

        assert accepted.status_code == 303
        deed = session.query(Deed).filter_by(request_id=request.id).one()
        draft_deed(session, store, deed, at=NOW)
        session.flush()
        page = client.get(f"/funding/{request.id}/deed").get_data(as_text=True)
        words = page.split('name="consent_words" value="')[1].split('"')[0]
        signing = {
            "document": deed.document_sha256,
            "consent_words": words,
            "consent": "1",
            "title": "Gérante",
        }
        wrong = client.post(
            f"/funding/{request.id}/deed/sign", data={**signing, "typed_name": "Autre"}
        )
        assert wrong.status_code == 422
        assert "Gérante" in wrong.get_data(as_text=True)
        right = client.post(
            f"/funding/{request.id}/deed/sign", data={**signing, "typed_name": owner.name}
        )
        assert right.status_code == 303
        session.refresh(deed)
        assert deed.state is DeedState.SIGNED
        assert deed.dated_on is None

    def test_a_second_acceptance_is_refused_in_clear_words(self, session, client_of):
        request = an_offered_request(session, offers=2)
        client = client_of(owner_of(session, request))
        first, second = request.offers
        client.post(f"/funding/{request.id}/offers/{first.id}/accept")

        late = client.post(f"/funding/{request.id}/offers/{second.id}/accept")

        assert late.status_code == 409

    def test_a_manager_compares_but_does_not_accept(self, session, client_of):
        request = an_offered_request(session)
        assignor = session.get_one(Organisation, request.assignor_id)
        manager = client_of(a_member(session, assignor, Role.MANAGER))

        page = manager.get(f"/funding/{request.id}/offers")
        tried = manager.post(f"/funding/{request.id}/offers/{request.offers[0].id}/accept")

        assert "/accept" not in page.get_data(as_text=True)
        assert tried.status_code == 403

    def test_a_manager_does_not_give_up_what_the_owner_accepted(self, session, client_of):
        request = an_offered_request(session)
        assignor = session.get_one(Organisation, request.assignor_id)
        accept_offer(session, request, request.offers[0].id, by=None, at=NOW)
        manager = client_of(a_member(session, assignor, role=Role.MANAGER))

        answer = manager.post(f"/funding/{request.id}/withdraw")

        assert answer.status_code == 403
        assert "/withdraw" not in manager.get(f"/funding/{request.id}").get_data(as_text=True)
        assert request.state is RequestState.ACCEPTED

    def test_withdrawing_tells_the_lenders(self, session, client_of):
        request = a_routed_request(session)
        client = client_of(owner_of(session, request))

        answer = client.post(f"/funding/{request.id}/withdraw")

        assert answer.status_code == 303
        session.refresh(request)
        session.refresh(request.submissions[0])
        assert request.state is RequestState.WITHDRAWN
        assert request.submissions[0].state is SubmissionState.WITHDRAWN

    def test_the_statement_shows_what_was_paid(self, session, client_of, store):
        deal = a_funded_deal(session, store)
        client = client_of(deal.member)

        page = client.get(f"/funding/{deal.request.id}/statement")

        assert page.status_code == 200

    def test_the_list_shows_every_request(self, session, client_of):
        request = an_offered_request(session)
        client = client_of(owner_of(session, request))

        page = client.get("/funding/").get_data(as_text=True)
        sheet = client.get("/funding/export.csv").get_data(as_text=True)

        assert request.reference in page
        assert request.reference in sheet
