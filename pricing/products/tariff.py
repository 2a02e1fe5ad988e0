"""Reading a tariff from plain data, and writing it back to be frozen with a quote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

from pricing.money import Money

T = TypeVar("T")


class UnsoundTariff(ValueError):
    """A tariff has a missing, unknown or unreadable key; the message names it."""


def read_tariff(kind: type[T], mapping: Mapping[str, Any]) -> T:
    """A ``kind`` built from texts, whole numbers and booleans.

    Amounts and rates are decimal texts (``"15.00"``, ``"0.045"``); keys whose field
    has a default may be left out.

    Raises:
        UnsoundTariff: a key is missing, unknown or unreadable; every one is named.
    """
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(mapping) - set(known))
    missing = [n for n, f in known.items() if n not in mapping and _is_required(f)]
    if unknown or missing:
        raise UnsoundTariff(_complaint(kind.__name__, missing, unknown))
    hints = get_type_hints(kind)
    return kind(**{name: _read(name, hints[name], value) for name, value in mapping.items()})


def write_tariff(tariff: Any) -> dict[str, str | int | bool]:
    """The plain values that ``read_tariff`` reads back to an equal tariff."""
    return {f.name: _plain(getattr(tariff, f.name)) for f in fields(tariff)}


def refuse_outside(name: str, rate: Decimal, low: Decimal, high: Decimal) -> None:
    """Stop a rate typed in percent, or negative, before it prices anything."""
    if not low <= rate <= high:
        raise UnsoundTariff(f"'{name}' is {rate}: a fraction of one between {low} and {high}")


def _is_required(f: Field[Any]) -> bool:
    return f.default is MISSING and f.default_factory is MISSING


def _complaint(kind: str, missing: list[str], unknown: list[str]) -> str:
    parts = [f"missing {', '.join(missing)}"] if missing else []
    parts += [f"unknown {', '.join(unknown)}"] if unknown else []
    return f"{kind}: {'; '.join(parts)}"


def _read(name: str, hint: Any, value: Any) -> Any:
    try:
        return _read_as(hint, value)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise UnsoundTariff(f"'{name}' cannot be read from {value!r}: {error}") from error


def _read_as(hint: Any, value: Any) -> Any:
    if hint is bool or hint is int:
        if type(value) is not hint:
            raise TypeError(f"expected {hint.__name__}")
        return value
    if not isinstance(value, str):
        raise TypeError("expected text")
    if hint is Money:
        return Money.parse(value)
    if hint is Decimal:
        rate = Decimal(value)
        if not rate.is_finite():
            raise ValueError("not a finite number")
        return rate
    return hint(value)


def _plain(value: Any) -> str | int | bool:
    if isinstance(value, Money):
        return str(value.euros)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, StrEnum):
        return str(value.value)
    plain: str | int | bool = value
    return plain
