"""The offer a lender writes: prefilled by its rate card, read back as typed, recomputed at each change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from partners.vocabulary.lending import FeeLine, FeeTaken, ProposedTerms
from portal.funding.models import Submission
from portal.funding.offer_rates import OfferRates, rates_of
from portal.funding.offers import offered_lines
from portal.lenders.models import RateCard
from portal.lenders.rate_cards import release_days_of, tariff_of
from portal.web.typed import typed_cents
from pricing.calendar import next_business_day
from pricing.money import Money
from pricing.products.catalogue import price_batch
from pricing.products.quote import AssignedReceivable, Fee, FeeTiming

PARIS = ZoneInfo("Europe/Paris")
OFFERS_END_AT = time(18, 0)
DAYS_OPEN = 5

FEE_LABELS: Mapping[str, str] = {
    "discount_fee": "Intérêts précomptés",
    "late_interest": "Intérêts de retard de paiement",
    "commission": "Commission de service",
    "slip_fee": "Frais de bordereau",
    "receivable_fee": "Frais par créance",
    "financing_commission": "Commission de financement",
    "service_commission": "Commission d'affacturage",
    "credit_insurance": "Garantie contre l'insolvabilité",
    "advance_fee": "Prix de l'avance",
    "service_fee": "Frais de service",
    "bill_interest": "Agios",
    "endorsement_commission": "Commission d'endos",
    "bill_fee": "Frais par effet",
}
"""Fee names as the assignor will read them in the deed: French, the language of the contract."""


@dataclass(frozen=True, slots=True)
class Priced:
    """An offer as it stands in the form: its terms, its rates, or what to correct."""

    terms: ProposedTerms | None
    rates: OfferRates | None
    errors: Mapping[str, str]


def prefilled(submission: Submission, card: RateCard, on: date) -> dict[str, str]:
    """The form as the lender's own rate card fills it; amounts of zero where it has no price."""
    value_date = next_business_day(on + timedelta(days=1))
    typed = {
        "advance": "0",
        "value_date": value_date.isoformat(),
        "valid_until": (on + timedelta(days=DAYS_OPEN)).isoformat(),
        "conditions": "",
    }
    slip = [
        AssignedReceivable(line.number, Money(line.face_cents, "EUR"), line.due_on)
        for line in offered_lines(submission)
    ]
    try:
        quote = price_batch(tariff_of(card), slip, value_date)
    except ValueError:
        return typed
    typed["advance"] = str(quote.advance.euros)
    for code, fee in _summed(quote.fees).items():
        typed[f"fee_{code}"] = str(Money(fee.amount_cents).euros)
        typed[f"vat_{code}"] = str(Money(fee.vat_cents).euros)
        typed[f"taken_{code}"] = fee.taken.value
    typed |= {"recourse": "1"} if quote.recourse else {}
    typed |= {"debtor_notice": "1"} if quote.debtor_notified else {}
    return typed


def fee_rows(typed: Mapping[str, str]) -> list[dict[str, str]]:
    """The fee lines of the form, in the order they were written."""
    codes = [name.removeprefix("fee_") for name in typed if name.startswith("fee_")]
    return [
        {
            "code": code,
            "label": FEE_LABELS.get(code, code.replace("_", " ").capitalize()),
            "amount": typed[f"fee_{code}"],
            "vat": typed.get(f"vat_{code}", "0"),
            "taken": typed.get(f"taken_{code}", FeeTaken.UPFRONT.value),
        }
        for code in codes
        if code.isidentifier()
    ]


def priced(
    submission: Submission, card: RateCard, typed: Mapping[str, str], now: datetime
) -> Priced:
    """The offer as typed, with its net, its cost and its rates; or what is wrong, field by field."""
    request = submission.request
    errors: dict[str, str] = {}
    advance = _cents("advance", typed.get("advance", ""), errors)
    fees = _fees(typed, errors)
    value_date = _day("value_date", typed, errors)
    until = _day("valid_until", typed, errors)
    if not errors:
        errors |= _incoherent(advance, submission.face_cents, value_date, until, now)
    if errors or value_date is None or until is None:
        return Priced(None, None, errors)
    taken = sum(fee.total_cents for fee in fees if fee.taken is FeeTaken.UPFRONT)
    if taken >= advance:
        message = gettext("The fees of the first day exceed the advance.")
        return Priced(None, None, {"advance": message})
    terms = ProposedTerms(
        face_cents=submission.face_cents,
        advance_cents=advance,
        reserve_cents=submission.face_cents - advance,
        net_proceeds_cents=advance - taken,
        valid_until=datetime.combine(until, OFFERS_END_AT, PARIS),
        value_date=value_date,
        fees=fees,
        with_recourse=bool(typed.get("recourse")),
        debtor_notice=bool(typed.get("debtor_notice")),
        conditions=_conditions(typed),
        currency=request.currency,
    )
    rates = rates_of(
        submission.product, terms, offered_lines(submission), release_days=release_days_of(card)
    )
    return Priced(terms, rates, {})


def contract_terms(terms: ProposedTerms) -> dict[str, Any]:
    """The terms in the words of the lender contract."""
    return {
        "face_cents": terms.face_cents,
        "currency": terms.currency,
        "advance_cents": terms.advance_cents,
        "reserve_cents": terms.reserve_cents,
        "net_proceeds_cents": terms.net_proceeds_cents,
        "valid_until": terms.valid_until.isoformat(),
        "value_date": terms.value_date.isoformat(),
        "fees": [
            {
                "code": fee.code,
                "label": fee.label,
                "amount_cents": fee.amount_cents,
                "vat_cents": fee.vat_cents,
                "taken": fee.taken.value,
            }
            for fee in terms.fees
        ],
        "with_recourse": terms.with_recourse,
        "debtor_notice": terms.debtor_notice,
        "conditions": list(terms.conditions),
    }


def _summed(fees: Sequence[Fee]) -> dict[str, FeeLine]:
    summed: dict[str, FeeLine] = {}
    for fee in fees:
        before = summed.get(fee.code, FeeLine(fee.code, fee.code, 0))
        summed[fee.code] = FeeLine(
            fee.code,
            FEE_LABELS.get(fee.code, fee.code),
            before.amount_cents + fee.amount.cents,
            before.vat_cents + fee.vat.cents,
            FeeTaken.UPFRONT if fee.timing is FeeTiming.UPFRONT else FeeTaken.AT_END,
        )
    return summed


def _fees(typed: Mapping[str, str], errors: dict[str, str]) -> tuple[FeeLine, ...]:
    lines = []
    for row in fee_rows(typed):
        amount = _cents(f"fee_{row['code']}", row["amount"], errors)
        vat = _cents(f"vat_{row['code']}", row["vat"], errors)
        at_end = row["taken"] == FeeTaken.AT_END.value
        taken = FeeTaken.AT_END if at_end else FeeTaken.UPFRONT
        if amount:
            lines.append(FeeLine(row["code"], row["label"], amount, vat, taken))
    return tuple(lines)


def _cents(name: str, text: str, errors: dict[str, str]) -> int:
    cents = typed_cents(text or "0")
    if cents is None or cents < 0:
        errors[name] = gettext("Write an amount such as 1234.56.")
        return 0
    return cents


def _day(name: str, typed: Mapping[str, str], errors: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(typed.get(name, "").strip())
    except ValueError:
        errors[name] = gettext("Write the date as 2026-12-31.")
        return None


def _incoherent(
    advance: int, face: int, value_date: date | None, until: date | None, now: datetime
) -> dict[str, str]:
    today, errors = now.astimezone(PARIS).date(), {}
    if not 0 < advance <= face:
        errors["advance"] = gettext("The advance is above zero and at most the receivables.")
    if value_date is not None and value_date < today:
        errors["value_date"] = gettext("The value date has passed.")
    if until is not None and datetime.combine(until, OFFERS_END_AT, PARIS) <= now:
        errors["valid_until"] = gettext("The offer would be over already: choose a later day.")
    return errors


def _conditions(typed: Mapping[str, str]) -> tuple[str, ...]:
    lines = typed.get("conditions", "").splitlines()
    return tuple(line.strip()[:500] for line in lines if line.strip())
