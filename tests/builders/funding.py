"""Lenders with cards, requests, submissions, offers, deeds: valid by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.assignments.acceptance import accept_offer
from portal.assignments.drafting import draft_deed
from portal.assignments.models import Deed
from portal.assignments.signing import Signature, consent_digest, consent_text, sign_deed
from portal.documents.store import DocumentStore
from portal.funding.application import draft_request, show_disclosure, submit_request
from portal.funding.carrying import carry
from portal.funding.disclosure import Disclosure
from portal.funding.events import WORKSPACE, store_event
from portal.funding.models import FundingRequest, LenderEvent, Offer, Submission
from portal.funding.moves import move_request, move_submission
from portal.funding.outcomes import Outcome
from portal.funding.states import RequestAction, RequestState, SubmissionAction
from portal.identity.models import Member, Organisation
from portal.lenders.models import LenderProfile, RateCard
from portal.lenders.rate_cards import activate, add_version
from portal.receivables.models import Receivable
from portal.settlement.lender_events import apply_event
from pricing.products.quote import Product
from tests.builders.organisations import a_lender, a_member, an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY

_numbers = count(1)

DISCLOSURE = Disclosure("v1", (("Qui", "Nous"),), (("Who", "Us"),))

TARIFFS: dict[Product, dict[str, Any]] = {
    Product.DAILLY: {
        "advance_rate": "0.80",
        "index_rate": "0.02",
        "margin_rate": "0.025",
        "fee_per_slip": "15.00",
        "fee_per_receivable": "5.00",
    },
    Product.FACTORING: {
        "reserve_rate": "0.10",
        "service_rate": "0.01",
        "index_rate": "0.02",
        "margin_rate": "0.02",
        "vat_rate": "0.20",
        "recourse": True,
    },
    Product.ADVANCE: {
        "advance_rate": "0.95",
        "charging": "FLAT_PER_30D",
        "fee_rate": "0.01",
        "fee_timing": "upfront",
    },
    Product.DISCOUNT: {
        "index_rate": "0.02",
        "margin_rate": "0.035",
        "endorsement_rate": "0.006",
        "fee_per_bill": "5.00",
    },
}
EASY_POLICY: dict[str, Any] = {
    "tenor_days_min": 1,
    "tenor_days_max": 365,
    "delivery_proof_required": False,
}


def a_lender_with_card(
    session: Session,
    product: Product = Product.DAILLY,
    *,
    adapter: str = "workspace",
    policy: dict[str, Any] | None = None,
    **given: Any,
) -> tuple[Organisation, RateCard]:
    """An active lender that works in the portal, and its card in force for one product."""
    lender = a_lender(session, **given)
    session.add(
        LenderProfile(
            organisation_id=lender.id,
            slug=f"lender-{next(_numbers)}-{lender.id.hex[:6]}",
            adapter=adapter,
            regulatory_status="Établissement de crédit (fictif)",
        )
    )
    session.flush()
    return lender, a_card(session, lender, product, policy=policy)


def a_card(
    session: Session,
    lender: Organisation,
    product: Product = Product.DAILLY,
    *,
    policy: dict[str, Any] | None = None,
) -> RateCard:
    card = add_version(
        session,
        lender.id,
        product,
        slug=f"{product.value}-{next(_numbers)}",
        title="Carte d'exemple",
        tariff=TARIFFS[product],
        policy=EASY_POLICY if policy is None else policy,
        by=None,
        at=NOW,
    )
    activate(session, card, by=None, at=NOW)
    return card


def a_draft(
    session: Session,
    *,
    assignor: Organisation | None = None,
    receivables: Sequence[Receivable] | None = None,
    products: Sequence[Product] = (Product.DAILLY,),
    at: datetime = NOW,
) -> FundingRequest:
    assignor = assignor or an_assignor(session, iban="FR7600000000000000000000000")
    chosen = receivables or [a_receivable(session, assignor)]
    return draft_request(
        session,
        assignor_id=assignor.id,
        broker_id=None,
        receivable_ids=[receivable.id for receivable in chosen],
        products=products,
        note=None,
        on=TODAY,
        by=None,
        at=at,
    )


def a_submitted_request(session: Session, **given: Any) -> FundingRequest:
    request = a_draft(session, **given)
    show_disclosure(request, DISCLOSURE, at=NOW)
    submit_request(session, request, DISCLOSURE, on=TODAY, by=None, at=NOW)
    return request


def a_routed_request(
    session: Session,
    product: Product = Product.DAILLY,
    *,
    lenders: int = 1,
    **given: Any,
) -> FundingRequest:
    """A request sent to lenders that have it in hand; nobody has answered."""
    request = a_submitted_request(session, products=[product], **given)
    move_request(session, request, RequestAction.ROUTE, by=None, at=NOW)
    for _ in range(lenders):
        lender, card = a_lender_with_card(session, product)
        a_submission(session, request, lender, card)
    session.flush()
    session.refresh(request)
    return request


def a_submission(
    session: Session, request: FundingRequest, lender: Organisation, card: RateCard
) -> Submission:
    submission = Submission(
        request_id=request.id,
        assignor_id=request.assignor_id,
        lender_id=lender.id,
        rate_card_id=card.id,
        product=card.product,
        prepared_at=NOW,
        expires_at=NOW + timedelta(days=5),
    )
    submission.request = request
    session.add(submission)
    session.flush()
    carry(session, submission, request.lines)
    move_submission(session, submission, SubmissionAction.SEND, by=None, at=NOW)
    move_submission(session, submission, SubmissionAction.ACKNOWLEDGE, by=None, at=NOW)
    return submission


def terms(
    request: FundingRequest,
    *,
    advance_rate: Decimal = Decimal("0.8"),
    fee_cents: int = 8_000,
    vat_cents: int = 0,
    end_fee_cents: int = 0,
    recourse: bool = True,
    debtor_notice: bool = False,
    valid_until: datetime = NOW + timedelta(days=5),
    **given: Any,
) -> dict[str, Any]:
    """The terms of an offer in the words of the lender contract; they add up."""
    face = request.face_total_cents
    advance = int(face * advance_rate)
    fees = [
        {
            "code": "discount_fee",
            "label": "Intérêts",
            "amount_cents": fee_cents,
            "vat_cents": vat_cents,
            "taken": "upfront",
        }
    ]
    if end_fee_cents:
        fees.append(
            {
                "code": "late_fee",
                "label": "Frais de dénouement",
                "amount_cents": end_fee_cents,
                "vat_cents": 0,
                "taken": "at_end",
            }
        )
    return {
        "face_cents": face,
        "currency": "EUR",
        "advance_cents": advance,
        "reserve_cents": face - advance,
        "net_proceeds_cents": advance - fee_cents - vat_cents,
        "valid_until": valid_until.isoformat(),
        "value_date": (TODAY + timedelta(days=1)).isoformat(),
        "fees": fees,
        "with_recourse": recourse,
        "debtor_notice": debtor_notice,
        "conditions": [],
        **given,
    }


def event(
    session: Session,
    submission: Submission,
    status: str,
    *,
    sequence: int | None = None,
    key: str | None = None,
    at: datetime = NOW,
    **told: Any,
) -> LenderEvent:
    """Something the lender says, stored and not applied."""
    body = {
        "id": key or uuid4().hex,
        "dossier": str(submission.id),
        "reference": "REF-1",
        "status": status,
        "sequence": sequence,
        "occurred_at": at.isoformat(),
        **told,
    }
    stored, _ = store_event(
        session,
        submission,
        event_key=body["id"],
        origin=WORKSPACE,
        body=body,
        sent_by=None,
        at=at,
    )
    return stored


def tell(
    session: Session, submission: Submission, status: str, *, at: datetime = NOW, **told: Any
) -> Outcome:
    """The lender says something, and it is applied at once."""
    return apply_event(session, event(session, submission, status, at=at, **told), at=at)


def payment(cents: int, on: date = TODAY, number: str | None = None) -> dict[str, Any]:
    return {
        "amount_cents": cents,
        "currency": "EUR",
        "value_date": on.isoformat(),
        "reference": "VIR 1",
        "receivable_number": number,
    }


def an_offered_request(
    session: Session, product: Product = Product.DAILLY, *, offers: int = 1, **given: Any
) -> FundingRequest:
    """A request with open offers, one per lender."""
    offered = {key: given.pop(key) for key in list(given) if key in OFFER_KEYS}
    request = a_routed_request(session, product, lenders=offers, **given)
    for submission in list(request.submissions):
        outcome = tell(session, submission, "offered", terms=terms(request, **offered))
        assert str(outcome) == "applied:offered" or outcome.code == "offered", outcome
    session.refresh(request)
    assert request.state is RequestState.OFFERED
    return request


OFFER_KEYS = frozenset(
    {
        "advance_rate",
        "fee_cents",
        "vat_cents",
        "end_fee_cents",
        "recourse",
        "debtor_notice",
        "valid_until",
    }
)


@dataclass(frozen=True, slots=True)
class SignedDeal:
    """A deal whose deed is signed and with its lender."""

    request: FundingRequest
    submission: Submission
    offer: Offer
    deed: Deed
    member: Member


def a_signed_deal(
    session: Session,
    store: DocumentStore,
    product: Product = Product.DAILLY,
    **given: Any,
) -> SignedDeal:
    request = an_offered_request(session, product, **given)
    offer = request.offers[0]
    deed = accept_offer(session, request, offer.id, by=None, at=NOW)
    draft_deed(session, store, deed, at=NOW)
    assignor = session.get_one(Organisation, request.assignor_id)
    member = a_member(session, assignor)
    sign_deed(session, store, deed, member, a_signature(session, deed, member), at=NOW)
    return SignedDeal(request, offer.submission, offer, deed, member)


def a_signature(session: Session, deed: Deed, member: Member, **given: Any) -> Signature:
    company = session.get_one(Organisation, deed.assignor_id).legal_name
    return Signature(
        **{
            "typed_name": member.name or member.email,
            "title": "Gérant",
            "consents": True,
            "shown_sha256": deed.document_sha256 or "",
            "shown_consent": consent_digest(consent_text(deed, company)),
            "ip_address": "192.0.2.1",
            "user_agent": "Test/1.0",
            **given,
        }
    )


def a_funded_deal(
    session: Session, store: DocumentStore, product: Product = Product.DAILLY, **given: Any
) -> SignedDeal:
    """A deal whose advance has been paid."""
    deal = a_signed_deal(session, store, product, **given)
    if product is Product.DAILLY:
        tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())
    tell(session, deal.submission, "disbursed", payment=payment(deal.offer.net_proceeds_cents))
    return deal


def offer_ids(request: FundingRequest) -> list[UUID]:
    return [offer.id for offer in request.offers]
