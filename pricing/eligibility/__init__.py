"""Whether a receivable may be financed: one rule, one function, one reason, one article.

``assess`` runs them all, so that the assignor sees every obstacle at once.
"""

from pricing.eligibility.assessment import RULES, assess
from pricing.eligibility.finding import (
    Assessment,
    Family,
    Finding,
    Outcome,
    Party,
    Unit,
)
from pricing.eligibility.policy import LenderPolicy, OverLimit, UnsoundPolicy

__all__ = [
    "RULES",
    "Assessment",
    "Family",
    "Finding",
    "LenderPolicy",
    "Outcome",
    "OverLimit",
    "Party",
    "Unit",
    "UnsoundPolicy",
    "assess",
]
