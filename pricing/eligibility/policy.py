"""What one lender accepts: thresholds and appetite, stored as versioned plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

from pricing.money import Money


class UnsoundPolicy(ValueError):
    """A policy has an unknown, unreadable or impossible key; the message names it."""


class OverLimit(StrEnum):
    """What a lender does with the part of a receivable above its limit on the debtor."""

    COVER_PART = "cover_part"
    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class LenderPolicy:
    """Thresholds a lender sets for one product; the defaults are the market's usual ones.

    Amounts are per receivable; rates are fractions of one; ``None`` means no threshold.
    ``countries`` and ``currencies`` are ISO codes. ``concentration_max`` is one debtor's
    largest share of the assignor's book.
    """

    tenor_days_min: int = 10
    tenor_days_max: int = 120
    amount_min: Money | None = None
    amount_max: Money | None = None
    invoice_age_days_max: int | None = None
    concentration_max: Decimal | None = None
    over_limit: OverLimit = OverLimit.COVER_PART
    limit_required: bool = False
    countries: frozenset[str] = frozenset({"FR"})
    currencies: frozenset[str] = frozenset({"EUR"})
    public_debtors: bool = False
    delivery_proof_required: bool = True
    confirmation_required: bool = False
    structured_document_required: bool = False
    order_reference_required: bool = False
    progress_billing_accepted: bool = False
    overdue_rate_max: Decimal | None = None
    mean_days_late_max: int | None = None
    months_of_activity_min: int | None = None
    registration_extract_days_max: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.tenor_days_min <= self.tenor_days_max:
            raise UnsoundPolicy(
                f"'tenor_days_min' is {self.tenor_days_min} and 'tenor_days_max' is "
                f"{self.tenor_days_max}: the first is at least 1 and at most the second"
            )

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> LenderPolicy:
        """The policy written as plain values; keys left out keep their default.

        Amounts and rates are decimal texts, days whole numbers, countries lists of texts.

        Raises:
            UnsoundPolicy: a key is unknown or unreadable; the message names it.
        """
        unknown = sorted(set(mapping) - {f.name for f in fields(cls)})
        if unknown:
            raise UnsoundPolicy(f"unknown {', '.join(unknown)}")
        hints = _hints()
        return cls(**{name: _read(name, hints[name], value) for name, value in mapping.items()})

    def to_mapping(self) -> dict[str, Any]:
        """The plain values that ``from_mapping`` reads back to an equal policy."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}


@cache
def _hints() -> dict[str, Any]:
    return get_type_hints(LenderPolicy)


def _read(name: str, hint: Any, value: Any) -> Any:
    try:
        return _read_as(hint, value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise UnsoundPolicy(f"'{name}' cannot be read from {value!r}: {error}") from error


def _read_as(hint: Any, value: Any) -> Any:
    if value is None and hint in (Money | None, Decimal | None, int | None):
        return None
    if hint in (bool, int, int | None):
        expected = bool if hint is bool else int
        if type(value) is not expected:
            raise TypeError(f"expected {expected.__name__}")
        return value
    if hint == frozenset[str]:
        if isinstance(value, str):
            raise TypeError("expected a list of codes")
        return frozenset(value)
    if not isinstance(value, str):
        raise TypeError("expected text")
    if hint == Money | None:
        return Money.parse(value)
    return Decimal(value) if hint == Decimal | None else OverLimit(value)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Money):
        return str(value.euros)
    if isinstance(value, (Decimal, StrEnum)):
        return str(value)
    return value
