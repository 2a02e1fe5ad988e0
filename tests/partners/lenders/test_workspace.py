"""A lender that works in the portal: acknowledged at once, nothing sent."""

from uuid import UUID

from partners.lenders.workspace import WorkspaceLender
from partners.vocabulary.lending import LenderStatus
from tests.partners.lenders.conformance import AdapterConformance
from tests.partners.lenders.dossiers import a_deed, a_document, a_dossier

SUBMISSION = UUID("12345678-0000-4000-8000-000000000000")


ANSWERS = {
    status: {"dossier": str(SUBMISSION), "status": status} for status in WorkspaceLender.statuses
}


class TestWorkspace(AdapterConformance):
    adapter = WorkspaceLender
    answers = ANSWERS


def test_a_submitted_dossier_is_received_at_once_and_waits_for_a_person():
    dossier = a_dossier("dailly", submission_id=SUBMISSION)
    lender = WorkspaceLender(lender="credit-fictif")

    reply = lender.submit(dossier)

    assert reply.status is LenderStatus.RECEIVED
    assert reply.reference == "W-12345678"
    assert reply.terms is None
    assert lender.poll(SUBMISSION) == ()


def test_no_act_of_the_portal_decides_in_the_lenders_place():
    dossier = a_dossier("dailly", submission_id=SUBMISSION)
    lender = WorkspaceLender()

    replies = [
        lender.send_documents(SUBMISSION, "r", [a_document()]),
        lender.accept_offer(SUBMISSION, "o"),
        lender.send_deed(a_deed(dossier)),
        lender.withdraw(SUBMISSION, "changed plans"),
    ]

    assert [reply.status for reply in replies] == [
        LenderStatus.RECEIVED,
        LenderStatus.ACCEPTED,
        LenderStatus.ACCEPTED,
        LenderStatus.WITHDRAWN,
    ]
    assert all(reply.deed_dated_on is None and reply.amount is None for reply in replies)
