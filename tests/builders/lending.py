"""Rate cards in force, valid by default, and what happens to receivables afterwards."""

from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.collections.models import Dispute, DisputeReason
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.states import OfferState, RequestState, SubmissionState
from portal.identity.models import Organisation
from portal.lenders.models import RateCard
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import Receivable
from pricing.products.quote import Product
from tests.builders.organisations import a_lender, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

_numbers = count(1)

TARIFFS: dict[Product, dict[str, Any]] = {
    Product.DAILLY: {
        "advance_rate": "0.90",
        "index_rate": "0.02",
        "margin_rate": "0.03",
        "fee_per_slip": "15.00",
        "fee_per_receivable": "2.00",
    },
}


def a_rate_card(
    session: Session,
    lender: Organisation | None = None,
    product: Product = Product.DAILLY,
    *,
    tariff: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
) -> RateCard:
    """A card in force; its policy asks for no delivery proof."""
    card = RateCard(
        lender_id=(lender or a_lender(session)).id,
        slug=f"{product.value}-{next(_numbers)}",
        title="Tarif Exemple",
        product=product,
        version=1,
        tariff={**TARIFFS.get(product, {}), **(tariff or {})},
        policy={"delivery_proof_required": False, **(policy or {})},
        created_at=NOW,
        activated_at=NOW,
    )
    session.add(card)
    session.flush()
    return card


def a_payment_of(session: Session, receivable: Receivable, cents: int, on: date = TODAY) -> Payment:
    payment = Payment(
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        received_on=on,
        amount_cents=cents,
        currency=receivable.currency,
        dedupe_key=uuid4().hex,
        recorded_at=NOW,
    )
    session.add(payment)
    session.flush()
    session.add(
        PaymentAllocation(
            payment_id=payment.id,
            assignor_id=receivable.assignor_id,
            receivable_id=receivable.id,
            principal_cents=cents,
            allocated_at=NOW,
        )
    )
    session.flush()
    return payment


def a_dispute_on(session: Session, receivable: Receivable, cents: int) -> Dispute:
    dispute = Dispute(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        amount_cents=cents,
        reason=DisputeReason.QUALITY,
        opened_on=TODAY,
    )
    session.add(dispute)
    session.flush()
    return dispute


def an_assigned_receivable(session: Session, **given: Any) -> Receivable:
    """A receivable on a live deed, with the least of what leads there."""
    assignor, lender = an_assignor(session), a_lender(session)
    receivable = a_receivable(session, assignor, **given)
    request = FundingRequest(
        assignor_id=assignor.id,
        reference=uuid4().hex,
        state=RequestState.ACCEPTED,
        products=["dailly"],
        face_total_cents=receivable.face_cents,
        currency="EUR",
        created_at=NOW,
    )
    card = a_rate_card(session, lender)
    session.add(request)
    session.flush()
    submission = Submission(
        request_id=request.id,
        assignor_id=assignor.id,
        lender_id=lender.id,
        rate_card_id=card.id,
        product=Product.DAILLY,
        state=SubmissionState.OFFERED,
        prepared_at=NOW,
        expires_at=NOW,
    )
    session.add(submission)
    session.flush()
    offer = _an_accepted_offer(request, submission, receivable)
    session.add(offer)
    session.flush()
    deed = Deed(
        request_id=request.id,
        offer_id=offer.id,
        assignor_id=assignor.id,
        lender_id=lender.id,
        product=Product.DAILLY,
        reference=uuid4().hex,
        created_at=NOW,
    )
    session.add(deed)
    session.flush()
    session.add(
        Assignment(
            deed_id=deed.id,
            assignor_id=assignor.id,
            lender_id=lender.id,
            receivable_id=receivable.id,
            position=1,
            fingerprint=receivable.fingerprint,
            face_cents=receivable.face_cents,
            advance_cents=receivable.face_cents,
            assigned_at=NOW,
        )
    )
    session.flush()
    return receivable


def _an_accepted_offer(
    request: FundingRequest, submission: Submission, receivable: Receivable
) -> Offer:
    return Offer(
        submission_id=submission.id,
        request_id=request.id,
        assignor_id=request.assignor_id,
        lender_id=submission.lender_id,
        product=Product.DAILLY,
        state=OfferState.ACCEPTED,
        partner_key="1",
        face_cents=receivable.face_cents,
        advance_cents=receivable.face_cents,
        reserve_cents=0,
        fees=[],
        net_proceeds_cents=receivable.face_cents,
        total_cost_cents=0,
        currency="EUR",
        recourse=True,
        debtor_notice=False,
        collector="assignor",
        value_date=TODAY,
        repaid_on=TODAY,
        valid_until=NOW,
        received_at=NOW,
        raw={},
    )
