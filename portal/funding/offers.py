"""A lender's offer: checked line by line before anyone sees it, kept as stated, ended when its time is over."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.lenders.adapter import TermsDoNotAddUp, check_terms
from partners.vocabulary.lending import LenderReply, ProposedTerms
from portal.funding.models import LenderEvent, Offer, Submission
from portal.funding.moves import move_offer, move_request
from portal.funding.offer_rates import OfferedLine, OfferRates, rates_of
from portal.funding.states import OfferAction, OfferState, RequestAction, RequestState
from portal.lenders.models import RateCard
from portal.lenders.rate_cards import release_days_of
from pricing.money import Money
from pricing.products.quote import LegalRate, Product

RATE_PLACES = Decimal("0.0000000001")
COLLECTED_BY_LENDER = "lender"
COLLECTED_BY_ASSIGNOR = "assignor"


class OfferUnreadable(Exception):
    """An offer contradicts itself, the dossier or the calendar: nobody is shown it. ``code`` says how."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def offered_lines(submission: Submission) -> list[OfferedLine]:
    """The receivables a submission carries, as an offer prices them."""
    return [
        OfferedLine(
            line.receivable.number,
            line.eligible_cents,
            line.receivable.due_on or line.receivable.issued_on,
        )
        for line in submission.lines
    ]


def record_offer(
    session: Session,
    submission: Submission,
    event: LenderEvent,
    reply: LenderReply,
    *,
    at: datetime,
) -> Offer | None:
    """Keep an offer that holds together and open it; None when it only repeats the one open.

    A different offer from the same lender supersedes the one before.

    Raises:
        OfferUnreadable: its lines do not add up, or it is not for this dossier.
    """
    request, terms = submission.request, _sound_terms(submission, reply, at)
    open_before = session.scalars(
        select(Offer).where(Offer.submission_id == submission.id, Offer.state == OfferState.OPEN)
    ).all()
    if any(_says_the_same(offer, terms) for offer in open_before):
        return None
    for offer in open_before:
        move_offer(session, offer, OfferAction.SUPERSEDE, by=event.sent_by, at=at)
    card = session.get_one(RateCard, submission.rate_card_id)
    rates = rates_of(
        submission.product, terms, offered_lines(submission), release_days=release_days_of(card)
    )
    offer = _offer(submission, event, terms, rates, at)
    session.add(offer)
    session.flush()
    if request.state in (RequestState.ROUTED, RequestState.OFFERED):
        move_request(session, request, RequestAction.RECEIVE_OFFER, by=event.sent_by, at=at)
    return offer


def fee_lines(offer: Offer) -> list[dict[str, Any]]:
    """The offer's fees as stated: code, label, amount_cents, vat_cents, taken."""
    return [dict(fee) for fee in offer.fees]


def fees_taken(offer: Offer, taken: str) -> tuple[int, int]:
    """(fees before VAT, VAT) of an offer, in cents, for one moment: ``upfront`` or ``at_end``."""
    chosen = [fee for fee in offer.fees if fee["taken"] == taken]
    return (
        sum(fee["amount_cents"] for fee in chosen),
        sum(fee["vat_cents"] for fee in chosen),
    )


def _sound_terms(submission: Submission, reply: LenderReply, at: datetime) -> ProposedTerms:
    terms, request = reply.terms, submission.request
    if terms is None:
        raise OfferUnreadable("terms_missing", "the offer has no terms")
    try:
        check_terms(terms, Money(submission.face_cents, request.currency))
    except TermsDoNotAddUp as error:
        raise OfferUnreadable("terms_do_not_add_up", str(error)) from error
    if terms.net_proceeds_cents <= 0:
        raise OfferUnreadable("nothing_paid", "the offer pays nothing")
    if terms.valid_until <= at:
        raise OfferUnreadable("already_expired", "the offer ended before it arrived")
    return terms


def _says_the_same(offer: Offer, terms: ProposedTerms) -> bool:
    return (
        offer.advance_cents,
        offer.reserve_cents,
        offer.net_proceeds_cents,
        offer.valid_until,
        offer.value_date,
        offer.recourse,
        offer.debtor_notice,
        offer.fees,
    ) == (
        terms.advance_cents,
        terms.reserve_cents,
        terms.net_proceeds_cents,
        terms.valid_until,
        terms.value_date,
        terms.with_recourse,
        terms.debtor_notice,
        _plain_fees(terms),
    )


def _offer(
    submission: Submission,
    event: LenderEvent,
    terms: ProposedTerms,
    rates: OfferRates,
    at: datetime,
) -> Offer:
    last_due_on = max(line.due_on for line in offered_lines(submission))
    return Offer(
        submission_id=submission.id,
        request_id=submission.request_id,
        assignor_id=submission.assignor_id,
        lender_id=submission.lender_id,
        product=submission.product,
        partner_key=event.event_key,
        face_cents=terms.face_cents,
        advance_cents=terms.advance_cents,
        reserve_cents=terms.reserve_cents,
        fees=_plain_fees(terms),
        net_proceeds_cents=terms.net_proceeds_cents,
        total_cost_cents=sum(fee.amount_cents for fee in terms.fees),
        vat_cents=sum(fee.vat_cents for fee in terms.fees),
        currency=terms.currency,
        **_legal_rate(rates.teg),
        all_in_annual_rate=_stored(rates.all_in),
        recourse=terms.with_recourse,
        debtor_notice=terms.debtor_notice,
        collector=collector_of(submission.product, debtor_notice=terms.debtor_notice),
        conditions="\n".join(terms.conditions) or None,
        value_date=terms.value_date,
        repaid_on=terms.expected_repayment_on or last_due_on,
        valid_until=terms.valid_until,
        received_at=at,
        raw=event.body,
    )


def collector_of(product: Product, *, debtor_notice: bool) -> str:
    """Who asks the debtor for payment: the lender once the debtor is told of the transfer.

    A bill is presented by the bank that discounted it. Source: CPCE R124-1; reference 2.11.
    """
    lender_collects = product is Product.DISCOUNT or (
        debtor_notice and product in (Product.FACTORING, Product.DAILLY)
    )
    return COLLECTED_BY_LENDER if lender_collects else COLLECTED_BY_ASSIGNOR


def _plain_fees(terms: ProposedTerms) -> list[dict[str, Any]]:
    return [
        {
            "code": fee.code,
            "label": fee.label,
            "amount_cents": fee.amount_cents,
            "vat_cents": fee.vat_cents,
            "taken": fee.taken.value,
        }
        for fee in terms.fees
    ]


def _legal_rate(teg: LegalRate | None) -> dict[str, Any]:
    if teg is None:
        return {}
    return {
        "teg": _stored(teg.rate),
        "teg_article": teg.method,
        "period_rate": _stored(teg.period_rate),
        "period_days": int(teg.period_days.to_integral_value()),
    }


def _stored(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else rate.quantize(RATE_PLACES)
