"""Facts that are valid by default: a test names only what it is about."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pricing.eligibility import LenderPolicy
from pricing.eligibility.question import Question
from pricing.facts import AssignorFacts, DebtorFacts, DocumentKind, ReceivableFacts
from pricing.money import Money
from pricing.parameters import law
from pricing.products.catalogue import Tariff, tariff_from_mapping
from pricing.products.quote import AssignedReceivable, Product

TODAY = date(2026, 11, 23)
LAW = law()


def euros(text: str) -> Money:
    return Money.parse(text)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def a_debtor(**changes: Any) -> DebtorFacts:
    return replace(DebtorFacts(siren="100000009"), **changes)


def an_assignor(**changes: Any) -> AssignorFacts:
    return replace(AssignorFacts(siren="100000017"), **changes)


def a_receivable(**changes: Any) -> ReceivableFacts:
    sound = ReceivableFacts(
        number="F-2026-001",
        face=euros("10000.00"),
        issued_on=in_days(-5),
        due_on=in_days(40),
        debtor=a_debtor(),
        delivered_on=in_days(-6),
        document=DocumentKind.STRUCTURED,
        has_delivery_proof=True,
    )
    return replace(sound, **changes)


def a_question(
    *,
    product: Product = Product.DAILLY,
    debtor: dict[str, Any] | None = None,
    assignor: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    **receivable: Any,
) -> Question:
    facts = a_receivable(debtor=a_debtor(**(debtor or {})), **receivable)
    return Question(
        product=product,
        receivable=facts,
        assignor=an_assignor(**(assignor or {})),
        policy=LenderPolicy.from_mapping(policy or {}),
        on=TODAY,
        law=LAW,
    )


def due_in(days: int, face: str = "10000.00", number: str = "F1") -> AssignedReceivable:
    return AssignedReceivable(number, euros(face), in_days(days))


TARIFFS: dict[Product, dict[str, Any]] = {
    Product.DAILLY: {
        "advance_rate": "0.80",
        "index_rate": "0.025",
        "margin_rate": "0.02",
        "fee_per_slip": "15.00",
        "fee_per_receivable": "5.00",
    },
    Product.FACTORING: {
        "reserve_rate": "0.10",
        "service_rate": "0.01",
        "index_rate": "0.025",
        "margin_rate": "0.015",
        "vat_rate": "0.20",
        "recourse": True,
    },
    Product.ADVANCE: {
        "advance_rate": "1",
        "charging": "FLAT_PER_DAY",
        "fee_rate": "0.00035",
        "fee_timing": "upfront",
    },
    Product.DISCOUNT: {
        "index_rate": "0.03",
        "margin_rate": "0.025",
        "endorsement_rate": "0.006",
        "fee_per_bill": "5.00",
        "bank_days": 2,
    },
}


def a_tariff(product: Product, **changes: Any) -> Tariff:
    return tariff_from_mapping(product, {**TARIFFS[product], **changes})
