"""What a rule answers: a finding, with the value it read and the threshold it compared to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pricing.money import Money

PlainValue = str | int


class Outcome(StrEnum):
    """How a rule ends, from best to worst.

    ``BLOCKED`` can be lifted: the finding says by whom and how. ``REFUSED`` is final
    for this product and this lender.
    """

    OK = "ok"
    WARNING = "warning"
    BLOCKED = "blocked"
    REFUSED = "refused"


SEVERITY: Mapping[Outcome, int] = {outcome: rank for rank, outcome in enumerate(Outcome)}


class Family(StrEnum):
    """What a rule is about."""

    DEBTOR = "debtor"
    TERM = "term"
    ASSIGNABILITY = "assignability"
    EVIDENCE = "evidence"
    CONCENTRATION = "concentration"
    INSOLVENCY = "insolvency"
    AMOUNT = "amount"


class Party(StrEnum):
    """Who can lift a blocked finding."""

    ASSIGNOR = "assignor"
    DEBTOR = "debtor"
    LENDER = "lender"


class Unit(StrEnum):
    """How the value read and the threshold are written for a reader."""

    AMOUNT = "amount"
    DAYS = "days"
    DATE = "date"
    RATE = "rate"
    MONTHS = "months"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found, in plain values that travel as JSON.

    ``value`` and ``threshold`` are in ``unit``: whole cents for amounts, ISO text for
    dates, decimal text for rates (fractions of one), whole numbers for days.
    ``params`` are further placeholders of the text; the end of a name tells how it is
    written (``_on`` date, ``_cents`` amount, ``_rate`` percent, ``_days`` number).
    ``fixable_by`` and ``remedy`` are set when the outcome is blocked, sometimes when
    it is a warning; ``remedy`` is a code of the remedy catalogue.
    """

    code: str
    family: Family
    outcome: Outcome
    value: PlainValue | None
    threshold: PlainValue | None
    unit: Unit
    source: str
    params: Mapping[str, PlainValue] = field(default_factory=dict)
    fixable_by: Party | None = None
    remedy: str | None = None
    currency: str = "EUR"

    def with_params(self, **params: PlainValue) -> Finding:
        """The same finding with more placeholders for its text."""
        return replace(self, params={**self.params, **params})

    def to_mapping(self) -> dict[str, Any]:
        """The finding as JSON-safe values, to be stored."""
        return {
            "code": self.code,
            "family": str(self.family),
            "outcome": str(self.outcome),
            "value": self.value,
            "threshold": self.threshold,
            "unit": str(self.unit),
            "source": self.source,
            "params": dict(self.params),
            "fixable_by": str(self.fixable_by) if self.fixable_by else None,
            "remedy": self.remedy,
            "currency": self.currency,
        }

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any]) -> Finding:
        """The finding that ``to_mapping`` stored."""
        party = stored["fixable_by"]
        return cls(
            **{
                **stored,
                "family": Family(stored["family"]),
                "outcome": Outcome(stored["outcome"]),
                "unit": Unit(stored["unit"]),
                "fixable_by": Party(party) if party else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """Every rule's finding for one receivable, one product, one lender's policy, one day.

    ``status`` is the worst outcome; a receivable may be sent to the lender when it is
    ``ok`` or ``warning``. ``eligible`` is what may be financed under the policy, never
    negative; it stays informative when something blocks.
    """

    findings: tuple[Finding, ...]
    eligible: Money

    @property
    def status(self) -> Outcome:
        """The worst outcome of all the findings."""
        outcomes = (finding.outcome for finding in self.findings)
        return max(outcomes, key=SEVERITY.__getitem__, default=Outcome.OK)

    @property
    def is_eligible(self) -> bool:
        """Nothing blocks and nothing refuses."""
        return self.status in (Outcome.OK, Outcome.WARNING)

    def of(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """The findings with one of ``outcomes``, in the order of the rules."""
        return tuple(finding for finding in self.findings if finding.outcome in outcomes)
