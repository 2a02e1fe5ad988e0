"""What of the lenders' messages the operator looks into: that they failed and why, never what they say."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

import portal
from partners.vocabulary.lending import LenderStatus
from portal.audit.models import AuditEntry
from portal.db import Viewer, ViewerKind, look_as
from portal.documents.store import DocumentStore
from portal.funding.models import FundingRequest, LenderEvent
from portal.funding.outcomes import Verdict
from portal.funding.review import events_to_review
from portal.identity.models import Organisation
from portal.settlement.lender_events import apply_event
from portal.web.review_words import CODE_WORDS, KIND_WORDS
from tests.builders.funding import (
    a_routed_request,
    a_signed_deal,
    event,
    payment,
    tell,
    terms,
)
from tests.builders.organisations import a_member, an_assignor, an_operator
from tests.conftest import NOW, TODAY

ClientOf = Callable[..., FlaskClient]


@pytest.fixture
def store(app: Flask) -> DocumentStore:
    store: DocumentStore = app.extensions["runtime"].documents
    return store


@pytest.fixture
def request_(session: Session) -> FundingRequest:
    """A lender whose offer contradicts the request, and that then says too early that it paid."""
    request = a_routed_request(session)
    told = terms(request)
    tell(session, request.submissions[0], "offered", terms={**told, "net_proceeds_cents": 987_654})
    tell(session, request.submissions[0], "disbursed", payment=payment(654_321))
    return request


def test_the_operator_sees_who_of_what_and_why(
    session: Session, client_of: ClientOf, request_: FundingRequest
):
    operator = client_of(a_member(session, an_operator(session)))
    lender = session.get_one(Organisation, request_.submissions[0].lender_id)

    page = operator.get("/operator/to-review/").get_data(as_text=True)
    refused = operator.get("/operator/to-review/?state=refused").get_data(as_text=True)
    sheet = operator.get("/operator/to-review/export.csv").get_data(as_text=True)

    for shown in (page, sheet):
        assert lender.legal_name in shown
        assert request_.reference in shown
        assert "Les chiffres de l'offre se contredisent." in shown.replace("&#39;", "'")
        assert not [amount for amount in ("987654", "9\xa0876,54", "654321") if amount in shown]
    assert "Fonds versés" in page
    assert "Fonds versés" not in refused


def test_nobody_else_reads_them(session: Session, client_of: ClientOf, request_: FundingRequest):
    company = session.get_one(Organisation, request_.assignor_id)

    found = {}
    for kind, organisation_id in (
        (ViewerKind.OPERATOR, an_operator(session).id),
        (ViewerKind.ASSIGNOR, company.id),
        (ViewerKind.LENDER, request_.submissions[0].lender_id),
    ):
        look_as(session, Viewer(kind, organisation_id))
        found[kind] = len(session.execute(events_to_review()).all())

    assert found == {ViewerKind.OPERATOR: 2, ViewerKind.ASSIGNOR: 0, ViewerKind.LENDER: 0}


def test_a_company_does_not_open_the_page(session: Session, client_of: ClientOf):
    company = client_of(a_member(session, an_assignor(session)))

    assert company.get("/operator/to-review/").status_code == 403


def test_each_verdict_is_a_list_of_its_own(session: Session, request_: FundingRequest):
    listed = {
        verdict: [one.outcome for one in session.execute(events_to_review(verdict))]
        for verdict in (Verdict.REFUSED, Verdict.WAITS)
    }

    assert listed[Verdict.REFUSED] == ["refused:terms_do_not_add_up"]
    assert all(one.startswith("waits:") for one in listed[Verdict.WAITS])
    assert len(listed[Verdict.WAITS]) == 1


def test_every_code_and_every_kind_has_its_sentence():
    home = Path(portal.__file__).parent
    emitted = {
        code
        for area in ("funding", "settlement")
        for path in (home / area).glob("*.py")
        for code in re.findall(
            r'(?:refused|waits|OfferUnreadable)\(\s*"([a-z_]+)"', path.read_text("utf-8")
        )
    }

    assert emitted - set(CODE_WORDS) == set()
    assert set(KIND_WORDS) == set(LenderStatus)


class TestSettling:
    @pytest.fixture
    def operator(self, session: Session, client_of: ClientOf) -> FlaskClient:
        return client_of(a_member(session, an_operator(session)))

    @pytest.fixture
    def refused(self, session: Session, request_: FundingRequest) -> LenderEvent:
        found = select(LenderEvent).where(LenderEvent.outcome.startswith("refused"))
        return session.scalars(found).one()

    def test_a_message_examined_leaves_the_list_with_its_note_and_its_trace(
        self, session: Session, operator: FlaskClient, refused: LenderEvent
    ):
        answer = operator.post(
            f"/operator/to-review/{refused.id}/examined", data={"note": "Vu avec le financeur"}
        )

        assert answer.status_code == 303
        left = [one.event_id for one in session.execute(events_to_review())]
        assert refused.id not in left
        assert len(left) == 1
        shown = operator.get("/operator/to-review/?state=examined").get_data(as_text=True)
        assert "Vu avec le financeur" in shown
        traces = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "lender_event_examined")
        ).all()
        assert [one.subject_id for one in traces] == [str(refused.id)]
        assert traces[0].member_id is not None

    def test_without_a_note_nothing_is_settled_and_the_page_says_so(
        self, session: Session, operator: FlaskClient, refused: LenderEvent
    ):
        answer = operator.post(f"/operator/to-review/{refused.id}/examined", data={"note": " "})

        assert answer.status_code == 422
        assert "Dites en quelques mots" in answer.get_data(as_text=True)
        assert len(session.execute(events_to_review()).all()) == 2

    def test_a_message_read_again_is_applied_once_its_cause_is_gone(
        self, session: Session, operator: FlaskClient, store: DocumentStore
    ):
        deal = a_signed_deal(session, store)
        yesterday = NOW - timedelta(days=1)
        early = event(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())
        deal.deed.signed_at = yesterday
        apply_event(session, early, at=yesterday)
        assert early.outcome == "refused:date_in_future"
        assert deal.deed.dated_on is None

        answer = operator.post(f"/operator/to-review/{early.id}/again")

        assert answer.status_code == 303
        session.expire_all()
        assert early.outcome == "applied:deed_dated"
        assert deal.deed.dated_on == TODAY
        assert session.execute(events_to_review()).all() == []

    def test_one_read_again_too_early_stays_on_the_list(
        self, session: Session, operator: FlaskClient, refused: LenderEvent
    ):
        operator.post(f"/operator/to-review/{refused.id}/again")

        assert refused.id in [one.event_id for one in session.execute(events_to_review())]

    def test_what_was_applied_is_not_settled_nor_read_again(
        self, session: Session, operator: FlaskClient, request_: FundingRequest
    ):
        told = tell(session, request_.submissions[0], "offered", terms=terms(request_))
        assert told.verdict is Verdict.APPLIED
        applied = session.scalars(
            select(LenderEvent).where(LenderEvent.outcome == "applied:offered")
        ).one()

        for act in ("examined", "again"):
            answer = operator.post(f"/operator/to-review/{applied.id}/{act}", data={"note": "Vu"})
            assert answer.status_code == 404

    def test_only_the_operator_settles(
        self, session: Session, client_of: ClientOf, refused: LenderEvent
    ):
        lender = session.get_one(Organisation, refused.lender_id)
        client = client_of(a_member(session, lender))

        for act in ("examined", "again"):
            answer = client.post(f"/operator/to-review/{refused.id}/{act}", data={"note": "Vu"})
            assert answer.status_code == 403

    def test_the_open_ones_are_found_by_their_index(self, session: Session):
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = session.scalars(
            text(
                "EXPLAIN SELECT id FROM lender_event WHERE examined_at IS NULL"
                " AND (outcome LIKE 'refused%' OR outcome LIKE 'waits%')"
            )
        ).all()

        assert "ix_lender_event_to_review" in " ".join(plan)
