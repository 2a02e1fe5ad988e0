"""A lender's member at work: reading, offering, dating, reporting what moved."""

import pytest

from portal.assignments.acceptance import accept_offer
from portal.documents.models import Document, DocumentKind
from portal.documents.store import DocumentStore, grant, keep
from portal.funding.models import Offer
from portal.funding.states import RequestState, SubmissionState
from portal.identity.models import Organisation, Role
from portal.lenders.rate_cards import add_version
from pricing.products.quote import Product
from tests.builders.funding import (
    EASY_POLICY,
    TARIFFS,
    a_funded_deal,
    a_routed_request,
    a_signed_deal,
    an_offered_request,
)
from tests.builders.organisations import a_member
from tests.conftest import NOW, TODAY


@pytest.fixture
def store(app) -> DocumentStore:
    return app.extensions["runtime"].documents


@pytest.fixture
def desk(session, client_of):
    """The desk of the lender of a submission: ``desk(submission)``."""

    def open_desk(submission, role=Role.OWNER):
        lender = session.get_one(Organisation, submission.lender_id)
        return client_of(a_member(session, lender, role))

    return open_desk


def today() -> str:
    return TODAY.isoformat()


class TestTheQueue:
    def test_a_dossier_shows_with_its_amount_and_its_deadline(self, session, desk):
        request = a_routed_request(session)
        submission = request.submissions[0]
        submission.sent_at = NOW

        page = desk(submission).get("/deals/").get_data(as_text=True)
        sheet = desk(submission).get("/deals/export.csv").get_data(as_text=True)

        assert request.reference in page
        assert request.reference in sheet

    def test_another_lenders_dossier_is_not_found(self, session, desk):
        mine, theirs = a_routed_request(session), a_routed_request(session)

        answer = desk(mine.submissions[0]).get(f"/deals/{theirs.submissions[0].id}")

        assert answer.status_code == 404


class TestTheFile:
    def test_it_holds_the_dossiers_own_documents_and_not_those_of_an_older_one(
        self, session, store, desk
    ):
        submission = a_routed_request(session).submissions[0]
        invoice = a_document_shown_to(session, store, submission, "own.pdf", DocumentKind.INVOICE)
        submission.request.lines[0].receivable.document_id = invoice.id
        a_document_shown_to(session, store, submission, "older.pdf", DocumentKind.INVOICE)
        a_document_shown_to(session, store, submission, "piece.pdf", DocumentKind.OTHER)

        page = desk(submission).get(f"/deals/{submission.id}").get_data(as_text=True)

        assert "own.pdf" in page
        assert "piece.pdf" in page
        assert "older.pdf" not in page


def a_document_shown_to(session, store, submission, name: str, kind: DocumentKind) -> Document:
    document = keep(
        session,
        store,
        owner_id=submission.assignor_id,
        kind=kind,
        filename=name,
        media_type="application/pdf",
        content=name.encode(),
        by=None,
        at=NOW,
    )
    grant(session, document, submission.lender_id, submission_id=submission.id, at=NOW)
    session.flush()
    return document


class TestAnswering:
    def test_the_form_prefilled_by_the_rate_card_makes_an_offer(self, session, desk):
        submission = a_routed_request(session).submissions[0]
        client = desk(submission, Role.CREDIT_OFFICER)
        page = client.get(f"/deals/{submission.id}").get_data(as_text=True)
        assert 'value="9600,00"' in page

        answer = client.post(f"/deals/{submission.id}/offer", data=an_offer())

        assert answer.status_code == 303
        offer = session.query(Offer).filter_by(submission_id=submission.id).one()
        assert (offer.advance_cents, offer.net_proceeds_cents) == (960_000, 950_000)
        assert offer.teg_article == "R314-2"

    def test_the_figures_follow_what_is_typed(self, session, desk):
        submission = a_routed_request(session).submissions[0]

        part = desk(submission).post(
            f"/deals/{submission.id}/offer", data=an_offer(), headers={"HX-Request": "true"}
        )

        assert "<html" not in part.get_data(as_text=True)
        assert "R314-2" in part.get_data(as_text=True)
        assert session.query(Offer).filter_by(submission_id=submission.id).count() == 0

    def test_an_advance_above_the_receivables_is_refused_and_nothing_typed_is_lost(
        self, session, desk
    ):
        submission = a_routed_request(session).submissions[0]

        answer = desk(submission).post(
            f"/deals/{submission.id}/offer",
            data=an_offer(advance="12000.01", conditions="Assurance à jour"),
        )

        assert answer.status_code == 422
        assert "Assurance à jour" in answer.get_data(as_text=True)

    def test_declining_needs_a_reason_that_the_company_reads(self, session, desk):
        submission = a_routed_request(session).submissions[0]
        client = desk(submission)

        silent = client.post(f"/deals/{submission.id}/decline", data={"reason": " "})
        told = client.post(f"/deals/{submission.id}/decline", data={"reason": "Encours atteint"})

        assert (silent.status_code, told.status_code) == (422, 303)
        session.refresh(submission)
        assert submission.state is SubmissionState.DECLINED
        assert submission.reason_text == "Encours atteint"

    def test_the_same_form_sent_twice_makes_one_offer(self, session, desk):
        submission = a_routed_request(session).submissions[0]
        client = desk(submission)
        for _ in range(2):
            client.post(f"/deals/{submission.id}/offer", data=an_offer(token="form-1"))

        assert session.query(Offer).filter_by(submission_id=submission.id).count() == 1

    def test_a_reader_may_not_answer(self, session, desk):
        submission = a_routed_request(session).submissions[0]

        answer = desk(submission, Role.READER).post(
            f"/deals/{submission.id}/decline", data={"reason": "Non"}
        )

        assert answer.status_code == 403


class TestAfterTheSignature:
    def test_the_lender_dates_pays_collects_and_releases(self, session, desk, store):
        deal = a_signed_deal(session, store)
        client, here = desk(deal.submission), f"/deals/{deal.submission.id}"
        assert client.get(here).status_code == 200

        client.post(f"{here}/date-deed", data={"dated_on": today()})
        for report, cents in (
            ("disbursed", deal.offer.net_proceeds_cents),
            ("debtor_paid", deal.offer.face_cents),
            ("reserve_released", deal.offer.reserve_cents),
        ):
            page = client.get(here)
            assert page.status_code == 200
            answer = client.post(
                f"{here}/report/{report}",
                data={"amount": f"{cents / 100:.2f}", "value_date": today()},
            )
            assert answer.status_code == 303

        session.refresh(deal.request)
        session.refresh(deal.deed)
        assert deal.request.state is RequestState.SETTLED
        assert deal.deed.dated_on == TODAY

    def test_the_portfolio_shows_what_is_outstanding(self, session, desk, store):
        deal = a_funded_deal(session, store)
        client = desk(deal.submission)
        debtor = deal.request.lines[0].receivable.debtor.name

        assert debtor in client.get("/portfolio/").get_data(as_text=True)
        assert debtor in client.get("/portfolio/export.csv").get_data(as_text=True)

    def test_an_accepted_deal_shows_its_deed_to_the_lender(self, session, desk, store):
        request = an_offered_request(session)
        offer = request.offers[0]
        accept_offer(session, request, offer.id, by=None, at=NOW)

        page = desk(offer.submission).get(f"/deals/{offer.submission_id}")

        assert page.status_code == 200


def test_each_version_of_a_rate_card_can_be_read(session, desk):
    submission = a_routed_request(session).submissions[0]
    card = add_version(
        session,
        submission.lender_id,
        Product.DAILLY,
        slug="autre",
        title="Carte à venir",
        tariff=TARIFFS[Product.DAILLY],
        policy=EASY_POLICY,
        by=None,
        at=NOW,
    )
    client = desk(submission)

    listed = client.get("/rate-cards/").get_data(as_text=True)
    one = client.get(f"/rate-cards/{card.id}").get_data(as_text=True)

    assert "Carte à venir" in listed
    assert "margin_rate" in one


def an_offer(**given):
    return {
        "advance": "9600.00",
        "value_date": "2026-11-24",
        "valid_until": "2026-11-28",
        "fee_discount_fee": "80.00",
        "vat_discount_fee": "0",
        "fee_slip_fee": "20.00",
        "vat_slip_fee": "0",
        "recourse": "1",
        "conditions": "",
        **given,
    }
