"""What a rule is asked, and the two words it answers with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pricing.eligibility.finding import Family, Finding, Outcome, Party, PlainValue, Unit
from pricing.eligibility.policy import LenderPolicy
from pricing.facts import AssignorFacts, DebtorFacts, ReceivableFacts
from pricing.money import Money
from pricing.parameters import LegalParameters
from pricing.products.quote import Product

POLICY = "Politique du financeur"


@dataclass(frozen=True, slots=True)
class Question:
    """May this receivable be financed by this product, under this policy, on this day?"""

    product: Product
    receivable: ReceivableFacts
    assignor: AssignorFacts
    policy: LenderPolicy
    on: date
    law: LegalParameters

    @property
    def debtor(self) -> DebtorFacts:
        """Who owes the receivable."""
        return self.receivable.debtor

    @property
    def net(self) -> Money:
        """The part of the receivable that may be financed before any lender's limit."""
        return self.receivable.net_eligible


Rule = Callable[[Question], Finding | None]


@dataclass(frozen=True, slots=True)
class Check:
    """A rule's identity: its code, family, unit and source; makes its findings."""

    code: str
    family: Family
    unit: Unit
    source: str

    def ok(
        self,
        value: PlainValue | None,
        threshold: PlainValue | None = None,
        **params: PlainValue,
    ) -> Finding:
        """The rule passes."""
        return self._finding(Outcome.OK, value, threshold, params)

    def warning(
        self,
        value: PlainValue | None,
        threshold: PlainValue | None = None,
        *,
        by: Party | None = None,
        remedy: str | None = None,
        source: str | None = None,
        **params: PlainValue,
    ) -> Finding:
        """The lender must be told; nothing stops."""
        return self._finding(Outcome.WARNING, value, threshold, params, by, remedy, source)

    def blocked(
        self,
        value: PlainValue | None,
        threshold: PlainValue | None = None,
        *,
        by: Party,
        remedy: str,
        source: str | None = None,
        **params: PlainValue,
    ) -> Finding:
        """It stops here until ``by`` does what ``remedy`` says."""
        return self._finding(Outcome.BLOCKED, value, threshold, params, by, remedy, source)

    def refused(
        self,
        value: PlainValue | None,
        threshold: PlainValue | None = None,
        **params: PlainValue,
    ) -> Finding:
        """Final for this product and this lender."""
        return self._finding(Outcome.REFUSED, value, threshold, params)

    def _finding(
        self,
        outcome: Outcome,
        value: PlainValue | None,
        threshold: PlainValue | None,
        params: dict[str, PlainValue],
        by: Party | None = None,
        remedy: str | None = None,
        source: str | None = None,
    ) -> Finding:
        return Finding(
            code=self.code,
            family=self.family,
            outcome=outcome,
            value=value,
            threshold=threshold,
            unit=self.unit,
            source=source or self.source,
            params=params,
            fixable_by=by,
            remedy=remedy,
        )
