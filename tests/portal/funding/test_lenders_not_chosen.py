"""Once out of the race, a lender keeps the dossier as it was sent, and sees nothing that lives."""

import pytest
from sqlalchemy import select, text, update

from portal.assignments.acceptance import accept_offer
from portal.db import SYSTEM, Viewer, ViewerKind, look_as
from portal.debtors.models import Debtor
from portal.documents.models import Document, DocumentGrant, DocumentKind
from portal.documents.store import grant, keep
from portal.funding.lender_queue import QueueFilter, queue_of
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.states import OUT_OF_THE_RACE, SubmissionState
from portal.identity.models import Organisation, OrganisationKind
from portal.payments.models import PaymentAllocation
from portal.receivables.models import Receivable
from tests.builders.funding import a_routed_request, an_offered_request, tell
from tests.builders.lending import a_payment_of
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW

LIVE_ROWS = (Receivable, Debtor, FundingRequest, PaymentAllocation, Document, DocumentGrant)


def shown_a_document(session, store, submission, name="facture.pdf") -> Document:
    document = keep(
        session,
        store,
        owner_id=submission.assignor_id,
        kind=DocumentKind.INVOICE,
        filename=name,
        media_type="application/pdf",
        content=name.encode(),
        by=None,
        at=NOW,
    )
    grant(session, document, submission.lender_id, submission_id=submission.id, at=NOW)
    session.flush()
    return document


def seen_by(session, lender_id, kind) -> int:
    """Rows of a table a lender sees without any filter."""
    look_as(session, Viewer(ViewerKind.LENDER, lender_id))
    found = len(session.scalars(select(kind.id)).all())
    look_as(session, SYSTEM)
    return found


@pytest.fixture
def race(session, store):
    """Two lenders with offers, a document each, and a debtor that paid a part."""
    assignor = an_assignor(session, iban="FR7600000000000000000000000")
    receivable = a_receivable(session, assignor)
    a_payment_of(session, receivable, 1_000)
    request = an_offered_request(session, offers=2, assignor=assignor, receivables=[receivable])
    for submission in request.submissions:
        shown_a_document(session, store, submission)
    return request


def test_both_read_everything_while_both_are_in_the_race(session, race):
    for submission in race.submissions:
        assert all(seen_by(session, submission.lender_id, kind) for kind in LIVE_ROWS)


def test_the_lender_not_chosen_sees_nothing_live_any_more(session, race):
    chosen, other = race.submissions
    offer = next(one for one in race.offers if one.submission_id == chosen.id)

    accept_offer(session, race, offer.id, by=None, at=NOW)

    assert {kind.__name__: seen_by(session, other.lender_id, kind) for kind in LIVE_ROWS} == {
        kind.__name__: 0 for kind in LIVE_ROWS
    }
    assert all(seen_by(session, chosen.lender_id, kind) for kind in LIVE_ROWS)


def test_it_keeps_its_own_answer_and_the_dossier_as_sent(session, race):
    chosen, other = race.submissions
    assignor = session.get_one(Organisation, race.assignor_id).legal_name
    number = race.lines[0].receivable.number
    offer = next(one for one in race.offers if one.submission_id == chosen.id)
    accept_offer(session, race, offer.id, by=None, at=NOW)

    look_as(session, Viewer(ViewerKind.LENDER, other.lender_id))
    kept = session.scalars(queue_of(other.lender_id, QueueFilter(text=assignor))).one()
    told, own_offers = kept.summary, session.scalars(select(Offer.id)).all()
    companies = session.scalars(
        select(Organisation.id).where(Organisation.kind == OrganisationKind.ASSIGNOR)
    ).all()
    look_as(session, SYSTEM)

    assert told["assignor"]["name"] == assignor
    assert [one["number"] for one in told["receivables"]] == [number]
    assert len(own_offers) == 1
    assert companies == []


def test_a_lender_that_declines_loses_its_documents_at_once(session, store):
    submission = a_routed_request(session).submissions[0]
    document = shown_a_document(session, store, submission)

    tell(session, submission, "declined", reason={"code": "x", "text": "Non"})

    ended_at = session.scalar(
        select(DocumentGrant.ended_at).where(DocumentGrant.document_id == document.id)
    )
    assert ended_at == NOW
    assert seen_by(session, submission.lender_id, Document) == 0


@pytest.mark.parametrize("state", sorted(OUT_OF_THE_RACE))
def test_the_database_closes_the_documents_even_where_a_grant_was_not_ended(session, store, state):
    submission = a_routed_request(session).submissions[0]
    shown_a_document(session, store, submission)
    assert seen_by(session, submission.lender_id, Document) == 1

    session.execute(
        update(Submission)
        .where(Submission.id == submission.id)
        .values(state=SubmissionState(state))
    )

    assert session.scalar(select(DocumentGrant.ended_at)) is None
    assert {
        kind: seen_by(session, submission.lender_id, kind) for kind in LIVE_ROWS[:-1]
    } == dict.fromkeys(LIVE_ROWS[:-1], 0)


def test_a_document_given_for_another_live_dossier_stays_readable(session, store):
    first = a_routed_request(session).submissions[0]
    document = shown_a_document(session, store, first)
    second = a_routed_request(session).submissions[0]
    session.execute(
        text("UPDATE submission SET lender_id = :lender WHERE id = :second"),
        {"lender": first.lender_id, "second": second.id},
    )
    grant(session, document, first.lender_id, submission_id=second.id, at=NOW)

    tell(session, first, "declined", reason={"code": "x", "text": "Non"})

    assert seen_by(session, first.lender_id, Document) == 1
