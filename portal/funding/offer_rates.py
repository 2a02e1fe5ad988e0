"""What an offer really costs a year: the legal rate of its product, and the all-in one, from its own lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from partners.vocabulary.lending import FeeTaken, ProposedTerms
from pricing.money import Money, total
from pricing.products.annual_rate import (
    FinancingNumbers,
    actuarial_rate,
    teg_r314_2,
    teg_r314_6,
    teg_r314_8,
)
from pricing.products.quote import CashFlow, Fee, FeeTiming, LegalRate, Product, QuoteLine
from pricing.products.slip import cash_flows

SERVICE_CODES = frozenset({"service_commission", "credit_insurance"})
"""What R314-6 leaves out of a factoring TEG's numerator: the price of service, not of money."""

OFFER = "Offre du financeur"


@dataclass(frozen=True, slots=True)
class OfferedLine:
    """One receivable of the slip the offer is for."""

    number: str
    face_cents: int
    due_on: date


@dataclass(frozen=True, slots=True)
class OfferRates:
    """``teg`` by the article of the product; ``all_in`` the actuarial rate with every fee before VAT."""

    teg: LegalRate | None
    all_in: Decimal | None
    flows: tuple[CashFlow, ...]


def rates_of(
    product: Product, terms: ProposedTerms, lines: Sequence[OfferedLine], *, release_days: int = 0
) -> OfferRates:
    """The rates of an offer, computed from its amounts and the due dates of what it finances.

    The advance is spread over the receivables in proportion to their faces; the reserve
    comes back ``release_days`` after each due date, as the rate card says. No rate
    exists when the value date is not before every due date, or nothing is received.
    """
    if any(line.due_on <= terms.value_date for line in lines):
        return OfferRates(None, None, ())
    slip = _slip(terms, lines, release_days)
    fees = _fees(terms)
    flows = cash_flows(slip, fees, terms.value_date)
    return OfferRates(
        teg=_teg(product, terms, slip, fees, flows),
        all_in=actuarial_rate(flows, terms.value_date),
        flows=flows,
    )


def spread(total_cents: int, weights: Sequence[int]) -> list[int]:
    """A whole amount in shares proportional to ``weights``, adding up to it exactly.

    Cumulative shares are rounded down, so each share is within a cent of its exact part.
    """
    whole, given, cumulated, shares = sum(weights), 0, 0, []
    for weight in weights:
        cumulated += weight
        upto = total_cents * cumulated // whole
        shares.append(upto - given)
        given = upto
    return shares


def _slip(
    terms: ProposedTerms, lines: Sequence[OfferedLine], release_days: int
) -> tuple[QuoteLine, ...]:
    advances = spread(terms.advance_cents, [line.face_cents for line in lines])
    return tuple(
        QuoteLine(
            number=line.number,
            face=Money(line.face_cents, terms.currency),
            advance=Money(advance, terms.currency),
            reserve=Money(line.face_cents - advance, terms.currency),
            due_on=line.due_on,
            repaid_on=line.due_on,
            reserve_release_on=line.due_on + timedelta(days=release_days),
            tenor_days=(line.due_on - terms.value_date).days,
        )
        for line, advance in zip(lines, advances, strict=True)
    )


def _fees(terms: ProposedTerms) -> tuple[Fee, ...]:
    return tuple(
        Fee(
            code=fee.code,
            amount=Money(fee.amount_cents, terms.currency),
            vat=Money(fee.vat_cents, terms.currency),
            timing=FeeTiming.UPFRONT if fee.taken is FeeTaken.UPFRONT else FeeTiming.AT_END,
            source=OFFER,
            params={},
            in_teg=fee.code not in SERVICE_CODES,
        )
        for fee in terms.fees
    )


def _teg(
    product: Product,
    terms: ProposedTerms,
    slip: Sequence[QuoteLine],
    fees: Sequence[Fee],
    flows: Sequence[CashFlow],
) -> LegalRate | None:
    match product:
        case Product.FACTORING:
            return teg_r314_6(_numbers(slip, fees), terms.value_date)
        case Product.DISCOUNT:
            agios = total((fee.amount for fee in fees), terms.currency)
            nominals = [(line.face, line.tenor_days) for line in slip]
            return teg_r314_8(agios, nominals, terms.value_date)
        case _:
            return teg_r314_2(flows, terms.value_date)


def _numbers(slip: Sequence[QuoteLine], fees: Sequence[Fee]) -> list[FinancingNumbers]:
    weights = [line.face.cents for line in slip]
    counted = sum(fee.amount.cents for fee in fees if fee.in_teg)
    upfront = sum((fee.amount + fee.vat).cents for fee in fees if fee.timing is FeeTiming.UPFRONT)
    shares = zip(slip, spread(counted, weights), spread(upfront, weights), strict=True)
    return [
        FinancingNumbers(
            gross_financing=line.advance,
            days=line.tenor_days,
            commissions=Money(commissions, line.face.currency),
            held_back=Money(held_back, line.face.currency),
        )
        for line, commissions, held_back in shares
    ]
