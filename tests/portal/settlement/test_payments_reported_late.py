"""A lender tells of a payment after the assignor noted a later one: the day it came changes what was owed since."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.store import DocumentStore
from portal.payments.models import PaidTo, Payment
from portal.payments.recording import record_payment, unallocated_cents
from portal.receivables.position import position_of
from pricing.late_payment import Imputation
from pricing.money import Money
from tests.builders.funding import a_funded_deal, payment, tell
from tests.conftest import NOW, TODAY

DUE_ON = TODAY - timedelta(days=100)


def test_what_an_earlier_day_leaves_owed_by_nobody_stays_unallocated_and_the_report_is_booked(
    session: Session, store: DocumentStore
):
    deal = a_funded_deal(session, store)
    receivable = deal.request.lines[0].receivable
    receivable.issued_on, receivable.due_on = DUE_ON - timedelta(days=30), DUE_ON
    half = Money(receivable.face_cents // 2)
    record_payment(
        session,
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: half},
        received_on=TODAY,
        amount=half,
        dedupe_key="noted by hand",
        imputation=Imputation.INTEREST_FIRST,
        by=None,
        at=NOW,
    )
    left = position_of(session, receivable.id).outstanding_cents

    outcome = tell(
        session, deal.submission, "debtor_paid", payment=payment(left, DUE_ON + timedelta(days=1))
    )

    reported = session.scalars(select(Payment).where(Payment.paid_to == PaidTo.ASSIGNEE)).one()
    assert outcome.verdict == "applied"
    assert left > half.cents
    assert position_of(session, receivable.id).outstanding_cents == 0
    assert reported.amount_cents == left
    assert 0 < unallocated_cents(reported) < left - half.cents
