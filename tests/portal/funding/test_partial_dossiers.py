"""A lender is asked for the receivables its rules let through, and for nothing else."""

from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.assignments.acceptance import accept_offer
from portal.assignments.deed_facts import deed_facts
from portal.assignments.models import Assignment
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.documents.models import Document
from portal.funding.dossier import dossier_of
from portal.funding.exposure import exposures
from portal.funding.models import FundingLine, Submission, SubmissionLine
from portal.funding.moves import move_submission
from portal.funding.offer_rates import spread
from portal.funding.refusals import AlreadyAssigned
from portal.funding.routing import route_request
from portal.funding.states import RequestState, SubmissionAction, SubmissionState
from portal.ledger.models import Account
from portal.receivables.models import Receivable
from portal.receivables.position import position_of
from portal.settlement.deal import standing
from pricing.parameters import law
from tests.builders.funding import (
    a_funded_deal,
    a_lender_with_card,
    a_submitted_request,
    payment,
    tell,
    terms,
)
from tests.builders.partial import SHORT, offered, routed, three_of_five
from tests.conftest import NOW, TODAY


@pytest.fixture
def partial(session, store):
    return three_of_five(session, store)


class TestTheDossier:
    def test_it_carries_three_of_five_receivables_and_says_why_not_the_others(
        self, session, settings, partial
    ):
        submission = partial.submission

        assert submission.state is SubmissionState.PREPARED
        assert submission.face_cents == 1_240_000
        sent = dossier_of(session, settings, submission)
        assert sent.face_total.cents == 1_240_000
        assert len(sent.receivables) == 3
        assert [part.line.receivable for part in submission.left_out] == partial.receivables[3:]
        for part in submission.left_out:
            assert [found["code"] for found in part.findings] == ["TENOR_TOO_LONG"]

    def test_the_lender_sees_neither_what_was_left_out_nor_its_document(self, session, partial):
        move_submission(session, partial.submission, SubmissionAction.SEND, by=None, at=NOW)
        look_as(session, Viewer(ViewerKind.LENDER, partial.lender.id))

        numbers = set(session.scalars(select(Receivable.number)))
        files = set(session.scalars(select(Document.filename)))
        lines = session.scalars(select(FundingLine.id)).all()
        parts = session.scalars(select(SubmissionLine.left_out)).all()
        findings = session.scalars(select(Submission.findings)).one()
        look_as(session, SYSTEM)

        assert numbers == {one.number for one in partial.receivables[:3]}
        assert files == {"facture-0.pdf", "facture-1.pdf", "facture-2.pdf"}
        assert len(lines) == 3
        assert parts == [False, False, False]
        assert {one["receivable"] for one in findings} <= numbers

    def test_a_lender_that_takes_none_is_not_asked(self, session, store):
        found = routed(session, store, [(90, 700_000), (95, 800_000)], SHORT)

        assert found.submission.state is SubmissionState.POLICY_BLOCKED
        assert found.submission.lines == []

    @given(days=st.lists(st.integers(2, 120), min_size=1, max_size=5), data=st.data())
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_what_is_carried_and_what_is_left_out_are_the_request(self, session, store, days, data):
        with session.begin_nested() as undone:
            due_in = [(one, data.draw(st.integers(10_000, 10**8))) for one in days]
            found = routed(session, store, due_in, SHORT)
            submission = found.submission
            carried = [line.eligible_cents for line in submission.lines]
            left = [part.line.eligible_cents for part in submission.left_out]

            if carried:
                assert sum(carried) + sum(left) == found.request.face_total_cents
                assert submission.face_cents == sum(carried)
                assert all((line.receivable.due_on - TODAY).days <= 60 for line in submission.lines)
                assert sum(spread(submission.face_cents * 4 // 5, carried)) == (
                    submission.face_cents * 4 // 5
                )
            else:
                assert submission.state is SubmissionState.POLICY_BLOCKED
                assert not any(one <= 60 for one in days)
            undone.rollback()


class TestTheOffer:
    def test_it_is_for_the_lines_carried_and_for_no_more(self, session, partial):
        move_submission(session, partial.submission, SubmissionAction.SEND, by=None, at=NOW)

        whole = tell(session, partial.submission, "offered", terms=terms(partial.request))

        assert str(whole) == "refused:terms_do_not_add_up"
        told = terms(SimpleNamespace(face_total_cents=1_240_000))
        assert tell(session, partial.submission, "offered", terms=told).code == "offered"

    def test_only_those_lines_count_against_the_debtors_limits(self, session, partial):
        offered(session, partial.submission)
        sirens = {one.debtor.siren for one in partial.receivables}

        taken = exposures(session, [partial.lender.id], sirens)

        assert sum(taken.values()) == 1_240_000


class TestTheDeal:
    @pytest.fixture
    def deed(self, session, partial):
        offered(session, partial.submission)
        session.refresh(partial.request)
        return accept_offer(session, partial.request, partial.request.offers[0].id, by=None, at=NOW)

    def test_the_deed_lists_and_adds_up_the_lines_of_the_submission(self, session, partial, deed):
        facts = deed_facts(session, deed)
        assigned = session.scalars(select(Assignment).where(Assignment.deed_id == deed.id)).all()

        assert facts["count"] == len(facts["lines"]) == 3
        assert facts["total"].replace("\u202f", " ").replace("\xa0", " ") == "12 400,00 €"
        assert {line["number"] for line in facts["lines"]} == {
            one.number for one in partial.receivables[:3]
        }
        assert sum(one.face_cents for one in assigned) == 1_240_000
        assert sum(one.advance_cents for one in assigned) == 992_000

    def test_the_other_receivables_stay_free_for_another_request(self, session, partial, deed):
        taken, free = partial.receivables[:3], partial.receivables[3:]
        assignor = partial.request.assignor_id
        a_lender_with_card(session)

        assert all(position_of(session, one.id).deed_id == deed.id for one in taken)
        assert all(position_of(session, one.id).deed_id is None for one in free)
        session.get_one(Receivable, free[0].id)
        again = a_submitted_request(
            session, assignor=SimpleNamespace(id=assignor), receivables=free
        )
        route_request(session, again, days=5, law=law(), at=NOW)
        assert again.state is RequestState.ROUTED
        with pytest.raises(AlreadyAssigned):
            a_submitted_request(session, assignor=SimpleNamespace(id=assignor), receivables=taken)


def test_the_ledger_books_the_lines_of_the_submission(session, store):
    deal = a_funded_deal(session, store)

    assert standing(session, deal.deed)[Account.RECEIVABLES_ASSIGNED] == deal.submission.face_cents
    tell(session, deal.submission, "debtor_paid", payment=payment(deal.submission.face_cents))
    assert standing(session, deal.deed)[Account.RECEIVABLES_ASSIGNED] == 0
