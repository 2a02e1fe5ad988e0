"""What a deed says, as plain texts for the typesetter; and which mandatory mention is missing."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.funding.models import FundingLine, FundingRequest, Offer
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from pricing.products.quote import Product
from pricing.wording import amount_text, date_text, rate_text

TEMPLATES: Mapping[Product, str] = {
    Product.DAILLY: "dailly",
    Product.FACTORING: "subrogation",
    Product.ADVANCE: "advance",
    Product.DISCOUNT: "discount",
}

TITLES: Mapping[Product, str] = {
    Product.DAILLY: "Acte de cession de créances professionnelles",
    Product.FACTORING: "Quittance subrogative",
    Product.ADVANCE: "Convention d'avance sur factures",
    Product.DISCOUNT: "Bordereau de remise à l'escompte",
}

ARTICLES: Mapping[str, str] = {
    "R314-2": "art. R. 314-2 du Code de la consommation",
    "R314-6": "art. R. 314-6 du Code de la consommation",
    "R314-8": "art. R. 314-8 du Code de la consommation",
}

TRANSMISSION = (
    "transmission électronique authentifiée au cessionnaire, acte scellé par empreinte SHA-256"
)


class DeedIncomplete(Exception):
    """A mention the law requires is missing; ``missing`` lists the codes. No such deed is issued."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"mentions missing: {', '.join(missing)}")


def deed_facts(session: Session, deed: Deed) -> dict[str, Any]:
    """Everything a deed states: parties, receivables, money, rate. It holds no date of the deed."""
    request = session.get_one(FundingRequest, deed.request_id)
    offer = session.get_one(Offer, deed.offer_id)
    lines = offer.submission.lines
    assignor = session.get_one(Organisation, deed.assignor_id)
    lender = session.get_one(Organisation, deed.lender_id)
    profile = session.get_one(LenderProfile, deed.lender_id)
    return {
        "product": deed.product.value,
        "title": TITLES[deed.product],
        "reference": deed.reference,
        "contract": request.reference,
        "assignor": _party(assignor, assignor.legal_form or ""),
        "lender": _party(lender, profile.regulatory_status),
        "lines": [line_facts(line, request.currency, assignor) for line in lines],
        "count": len(lines),
        "total": _amount(sum(line.eligible_cents for line in lines), request.currency),
        "transmission": TRANSMISSION,
        "money": _money_lines(offer),
        "recourse": offer.recourse,
        "debtor_notice": offer.debtor_notice,
        "repaid": _day(offer.repaid_on),
        **_rate_facts(offer),
    }


def line_facts(line: FundingLine, currency: str, assignor: Organisation) -> dict[str, str]:
    """One receivable as every act designates it."""
    receivable = line.receivable
    due_on = receivable.due_on or receivable.issued_on
    return {
        "number": receivable.number,
        "debtor": receivable.debtor.name,
        "siren": receivable.debtor.siren or receivable.debtor.vat_id or "",
        "place": _place_of_payment(line, assignor),
        "issued": _day(receivable.issued_on),
        "due": _day(due_on),
        "amount": _amount(line.eligible_cents, currency),
    }


def missing_mentions(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The mandatory mentions a deed lacks, by code; empty when it may be issued.

    Source: C. mon. fin. art. L313-23 (title, statute, assignee, designation of the claims)
    for a Dailly deed; C. civ. art. 1346-1 for a subrogation; the parties, the claims and
    the amounts for every product.
    """
    missing = [] if facts["title"] == TITLES[Product(facts["product"])] else ["title"]
    missing += [f"{side}_name" for side in ("assignor", "lender") if not facts[side]["name"]]
    if not facts["lines"] or facts["count"] != len(facts["lines"]):
        missing.append("claims")
    named = ("number", "debtor", "due", "amount")
    required = (*named, "place") if facts["product"] == Product.DAILLY else named
    missing += [
        f"line_{line['number'] or position}_{name}"
        for position, line in enumerate(facts["lines"], start=1)
        for name in required
        if not line[name]
    ]
    if facts["product"] == Product.DAILLY and not facts["transmission"]:
        missing.append("transmission")
    if not facts["total"]:
        missing.append("total")
    return tuple(missing)


def _party(organisation: Organisation, status: str) -> dict[str, str]:
    address = " ".join(
        part
        for part in (organisation.address_line, organisation.postal_code, organisation.city)
        if part
    )
    return {
        "name": organisation.legal_name,
        "siren": organisation.siren or "",
        "address": address,
        "status": status,
    }


def _place_of_payment(line: FundingLine, assignor: Organisation) -> str:
    """The account the debtor pays to; without one, the debtor's domicile (C. civ. art. 1342-6)."""
    iban = line.receivable.iban or assignor.iban
    if iban:
        return f"Virement au compte {iban}"
    return f"Domicile du débiteur {line.receivable.debtor.address or ''}".strip()


def _money_lines(offer: Offer) -> list[dict[str, str]]:
    currency = offer.currency
    upfront = [fee for fee in offer.fees if fee["taken"] == "upfront"]
    later = [fee for fee in offer.fees if fee["taken"] == "at_end"]
    lines = [
        ("Montant des créances", offer.face_cents),
        ("Avance", offer.advance_cents),
        *((f"– {fee['label']}{_vat(fee, currency)}", -_with_vat(fee)) for fee in upfront),
        ("Net versé au cédant", offer.net_proceeds_cents),
        ("Retenue de garantie, restituée après paiement par le débiteur", offer.reserve_cents),
        *((f"À déduire au dénouement : {fee['label']}", -_with_vat(fee)) for fee in later),
    ]
    return [{"label": label, "amount": _amount(cents, currency)} for label, cents in lines]


def _with_vat(fee: Mapping[str, Any]) -> int:
    return int(fee["amount_cents"]) + int(fee["vat_cents"])


def _vat(fee: Mapping[str, Any], currency: str) -> str:
    return f" (dont TVA {_amount(fee['vat_cents'], currency)})" if fee["vat_cents"] else ""


def _rate_facts(offer: Offer) -> dict[str, str]:
    if offer.teg is None or offer.period_rate is None:
        return {"teg": "", "teg_article": "", "period_rate": "", "period_days": ""}
    return {
        "teg": rate_text(offer.teg, "fr"),
        "teg_article": ARTICLES.get(offer.teg_article or "", offer.teg_article or ""),
        "period_rate": rate_text(Decimal(offer.period_rate), "fr", 4),
        "period_days": str(offer.period_days),
    }


def _amount(cents: int, currency: str) -> str:
    return amount_text(cents, "fr", currency).replace("-", "\N{MINUS SIGN}")


def _day(day: date) -> str:
    return date_text(day.isoformat(), "fr")
