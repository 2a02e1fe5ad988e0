"""What of the lenders' messages the operator looks into: that they failed and why, never what they say."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import portal
from partners.vocabulary.lending import LenderStatus
from portal.db import Viewer, ViewerKind, look_as
from portal.funding.models import FundingRequest
from portal.funding.outcomes import Verdict
from portal.funding.review import events_to_review
from portal.identity.models import Organisation
from portal.web.review_words import CODE_WORDS, KIND_WORDS
from tests.builders.funding import a_routed_request, payment, tell, terms
from tests.builders.organisations import a_member, an_assignor, an_operator

ClientOf = Callable[..., FlaskClient]


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
