"""A request of which a lender's rules let only a part through, routed as the job does."""

from datetime import timedelta
from types import SimpleNamespace

from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.funding.moves import move_submission
from portal.funding.routing import route_request
from portal.funding.states import SubmissionAction
from pricing.parameters import law
from tests.builders.funding import (
    EASY_POLICY,
    a_lender_with_card,
    a_submitted_request,
    tell,
    terms,
)
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

IBAN = "FR7600000000000000000000000"
SHORT = EASY_POLICY | {"tenor_days_max": 60}
FACES = (400_000, 500_000, 340_000)
"""12 400.00 within sixty days; two later receivables make five."""


def a_book(session, store, due_in):
    """An assignor with one documented receivable per (days, face)."""
    assignor = an_assignor(session, iban=IBAN)
    receivables = []
    for place, (days, face) in enumerate(due_in):
        document = keep(
            session,
            store,
            owner_id=assignor.id,
            kind=DocumentKind.INVOICE,
            filename=f"facture-{place}.pdf",
            media_type="application/pdf",
            content=f"%PDF-1.7 {place}".encode(),
            by=None,
            at=NOW,
        )
        receivables.append(
            a_receivable(
                session,
                assignor,
                face_cents=face,
                due_on=TODAY + timedelta(days=days),
                document_id=document.id,
            )
        )
    return assignor, receivables


def routed(session, store, due_in, policy):
    lender, card = a_lender_with_card(session, policy=policy)
    assignor, receivables = a_book(session, store, due_in)
    request = a_submitted_request(session, assignor=assignor, receivables=receivables)
    route_request(session, request, days=5, law=law(), at=NOW)
    session.refresh(request)
    submission = next(one for one in request.submissions if one.rate_card_id == card.id)
    return SimpleNamespace(
        request=request, submission=submission, lender=lender, receivables=receivables
    )


def three_of_five(session, store):
    """Three receivables of five, 12 400.00, fit the lender's sixty days."""
    due_in = [(50, face) for face in FACES] + [(90, 700_000), (95, 800_000)]
    return routed(session, store, due_in, SHORT)


def offered(session, submission):
    move_submission(session, submission, SubmissionAction.SEND, by=None, at=NOW)
    face = SimpleNamespace(face_total_cents=submission.face_cents)
    return tell(session, submission, "offered", terms=terms(face))
