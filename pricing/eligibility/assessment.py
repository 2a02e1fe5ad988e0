"""Every rule, in the order they are shown, and the one function that runs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pricing.eligibility import (
    amount,
    assignability,
    concentration,
    debtor,
    evidence,
    insolvency,
    term,
)
from pricing.eligibility.finding import Assessment, Finding
from pricing.eligibility.policy import LenderPolicy
from pricing.eligibility.question import Check, Question, Rule
from pricing.facts import AssignorFacts, ReceivableFacts
from pricing.parameters import LegalParameters
from pricing.products.quote import Product

FAMILIES = (debtor, term, assignability, evidence, concentration, insolvency, amount)

RULES: tuple[Rule, ...] = (
    *debtor.RULES,
    *term.RULES,
    *assignability.RULES,
    *evidence.RULES,
    *concentration.RULES,
    *insolvency.RULES,
    *amount.RULES,
)

CHECKS: tuple[Check, ...] = tuple(
    value for family in FAMILIES for value in vars(family).values() if isinstance(value, Check)
)


def assess(
    product: Product,
    receivable: ReceivableFacts,
    assignor: AssignorFacts,
    policy: LenderPolicy,
    on: date,
    law: LegalParameters,
) -> Assessment:
    """Run every rule, so that the assignor learns of all obstacles at once.

    Rules that do not apply (a threshold the lender does not set, a fact the product
    does not need) leave no finding; those that pass leave an ``ok`` one, with the value
    read and the threshold.

    Raises:
        NoLegalValue: a legal threshold has no recorded value on the day it is needed.
    """
    asked = Question(product, receivable, assignor, policy, on, law)
    currency = receivable.face.currency
    answers = (rule(asked) for rule in RULES)
    findings = tuple(_in_currency(answer, currency) for answer in answers if answer is not None)
    return Assessment(findings=findings, eligible=concentration.within_limits(asked))


def _in_currency(finding: Finding, currency: str) -> Finding:
    return finding if finding.currency == currency else replace(finding, currency=currency)
