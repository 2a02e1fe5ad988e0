"""A fictional lender's offer: a real price, written in the words of the lender contract."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from partners.sandbox.lenders import SandboxLender
from pricing.calendar import next_business_day
from pricing.money import Money
from pricing.products.catalogue import price_batch
from pricing.products.quote import AssignedReceivable, Fee, Quote

_FOUR_PLACES = Decimal("0.0001")
OFFERS_END_AT = time(17, 0, tzinfo=UTC)

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


class CannotOffer(Exception):
    """The lender declines; `code` and the message say why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def offer_terms(lender: SandboxLender, dossier: Mapping[str, Any], on: date) -> dict[str, Any]:
    """The `terms` of an offer made on day `on`, priced by the lender's rate card.

    Raises:
        CannotOffer: no rate card, out of appetite, or a receivable no tariff can price.
    """
    _refuse_out_of_appetite(lender, dossier)
    recourse_asked = dossier.get("asked", {}).get("with_recourse")
    card = lender.card_for(dossier["product"], with_recourse=recourse_asked)
    if card is None:
        raise CannotOffer("product_not_offered", "Nous ne proposons pas ce produit.")
    value_date = next_business_day(on + timedelta(days=1))
    try:
        quote = price_batch(card.read_tariff(), _assigned(dossier), value_date)
    except ValueError as error:
        raise CannotOffer(
            "receivable_not_financeable", "Une créance est échue ou ne peut être financée."
        ) from error
    if quote.net_today.cents <= 0:
        raise CannotOffer("fees_over_advance", "Les frais dépasseraient l'avance.")
    annual_rate = getattr(card.read_tariff(), "annual_rate", None)
    valid_until = datetime.combine(on + timedelta(days=lender.offer_days), OFFERS_END_AT)
    return _terms(quote, valid_until) | {
        "annual_rate": None if annual_rate is None else str(annual_rate),
        "conditions": _conditions(quote),
        "rate_card": card.slug,
    }


def _refuse_out_of_appetite(lender: SandboxLender, dossier: Mapping[str, Any]) -> None:
    face, count = dossier["face_cents"], len(dossier["receivables"])
    appetite = lender.appetite
    if face > appetite.dossier_max.cents:
        raise CannotOffer("amount_over_limit", "Le montant dépasse notre limite par dossier.")
    if face < appetite.dossier_min.cents:
        raise CannotOffer("amount_under_minimum", "Le montant est inférieur à notre minimum.")
    if count > appetite.receivables_max:
        raise CannotOffer("too_many_receivables", "Le dossier contient trop de créances.")


def _assigned(dossier: Mapping[str, Any]) -> list[AssignedReceivable]:
    return [
        AssignedReceivable(
            number=receivable["number"],
            face=Money(receivable["face_cents"], receivable["currency"]),
            due_on=date.fromisoformat(receivable["due_on"]),
        )
        for receivable in dossier["receivables"]
    ]


def _terms(quote: Quote, valid_until: datetime) -> dict[str, Any]:
    teg = quote.teg
    return {
        "face_cents": quote.face.cents,
        "currency": quote.currency,
        "advance_cents": quote.advance.cents,
        "reserve_cents": quote.reserve.cents,
        "net_proceeds_cents": quote.net_today.cents,
        "advance_rate": str(quote.advance.share_of(quote.face).quantize(_FOUR_PLACES)),
        "fees": _fee_lines(quote.fees),
        "teg": None
        if teg is None
        else {
            "rate": f"{teg.rate:.6f}",
            "period_rate": f"{teg.period_rate:.8f}",
            "period_days": f"{teg.period_days:.2f}",
            "method": teg.method,
        },
        "with_recourse": quote.recourse,
        "debtor_notice": quote.debtor_notified,
        "valid_until": valid_until.isoformat(),
        "value_date": quote.value_date.isoformat(),
        "expected_repayment_on": quote.due_on.isoformat(),
    }


def _fee_lines(fees: tuple[Fee, ...]) -> list[dict[str, Any]]:
    """One line per kind of fee, in the order of the quote."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for fee in fees:
        line = lines.setdefault(
            (fee.code, fee.timing.value),
            {
                "code": fee.code,
                "label": FEE_LABELS.get(fee.code, fee.code.replace("_", " ").capitalize()),
                "taken": fee.timing.value,
                "amount_cents": 0,
                "vat_cents": 0,
            },
        )
        line["amount_cents"] += fee.amount.cents
        line["vat_cents"] += fee.vat.cents
    return [line for line in lines.values() if line["amount_cents"]]


def _conditions(quote: Quote) -> list[str]:
    conditions = ["Exemplaire signé de l'acte reçu avant la date de valeur."]
    if quote.debtor_notified:
        conditions.append("Le débiteur est notifié de la cession.")
    if quote.recourse:
        conditions.append("Le cédant reste garant du paiement.")
    return conditions
