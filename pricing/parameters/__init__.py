"""Legal thresholds and reference rates: each value with its day, its source, and when we read it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any


class NoLegalValue(LookupError):
    """The law had no recorded value for this parameter on that day."""

    def __init__(self, name: str, day: date, first: date | None, known_until: date | None) -> None:
        self.name = name
        self.day = day
        if known_until is not None and day > known_until:
            why = f"it was last read as in force on {known_until}"
        else:
            why = f"the earliest one recorded takes effect on {first}"
        super().__init__(
            f"'{name}' has no value on {day}: {why}. "
            "Add the text that applies to pricing/parameters/ with its source."
        )


class UnsoundParameter(ValueError):
    """A parameter file is unsorted, or a value lacks its day, source or reading date."""


@dataclass(frozen=True, slots=True)
class LegalValue:
    """One value in force from ``since``; percents and euros are ``Decimal``, counts ``int``."""

    since: date
    value: Decimal | int
    source: str
    read_on: date

    @property
    def amount(self) -> Decimal:
        """The value as an exact decimal, whatever its unit."""
        return Decimal(self.value)

    @property
    def days(self) -> int:
        """The value as a whole number (days, years, a multiple)."""
        return int(self.value)


@dataclass(frozen=True, slots=True)
class LegalParameter:
    """One threshold or rate through time, newest value first.

    ``known_until`` is the last day for which the newest value may be used; ``None``
    means until a newer one is recorded.
    """

    name: str
    title: str
    unit: str
    history: tuple[LegalValue, ...]
    known_until: date | None = None

    def on(self, day: date) -> LegalValue:
        """The value in force on ``day``.

        Raises:
            NoLegalValue: ``day`` is before the first value, or after what was read.
        """
        if not self.covers(day):
            raise NoLegalValue(self.name, day, self.history[-1].since, self.known_until)
        return next(value for value in self.history if value.since <= day)

    def covers(self, day: date) -> bool:
        """Whether a value is recorded for ``day``."""
        until = self.known_until
        return self.history[-1].since <= day and (until is None or day <= until)


class LegalParameters(Mapping[str, LegalParameter]):
    """Every parameter by name, as read from the TOML files or from the operator's additions."""

    def __init__(self, parameters: Mapping[str, LegalParameter]) -> None:
        self._parameters = dict(parameters)

    def __getitem__(self, name: str) -> LegalParameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def with_value(
        self, name: str, value: LegalValue, known_until: date | None = None
    ) -> LegalParameters:
        """The same parameters with one newer value, as an operator records it.

        Raises:
            KeyError: no parameter has that name.
            UnsoundParameter: the value is not newer than the newest one recorded.
        """
        old = self[name]
        if value.since <= old.history[0].since:
            raise UnsoundParameter(
                f"'{name}' already has a value from {old.history[0].since}; a past value is "
                "never changed, only a newer one is added"
            )
        newer = replace(old, history=(value, *old.history), known_until=known_until)
        return LegalParameters({**self._parameters, name: newer})

    @property
    def version(self) -> str:
        """The newest reading date of any value: what a stored finding or quote quotes."""
        return max(v.read_on for p in self.values() for v in p.history).isoformat()


def read_parameters(*texts: str) -> LegalParameters:
    """The parameters written in TOML ``texts``.

    Raises:
        UnsoundParameter: a name given twice, a history that is empty or not newest
            first, or a value without ``since``, ``source`` or ``read_on``.
    """
    parameters: dict[str, LegalParameter] = {}
    for text in texts:
        for name, table in tomllib.loads(text, parse_float=Decimal).items():
            if name in parameters:
                raise UnsoundParameter(f"'{name}' is given twice")
            parameters[name] = _parameter(name, table)
    return LegalParameters(parameters)


@cache
def law() -> LegalParameters:
    """The parameters shipped with the product."""
    folder = resources.files(__name__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return read_parameters(*(folder.joinpath(name).read_text("utf-8") for name in names))


def _parameter(name: str, table: dict[str, Any]) -> LegalParameter:
    history = tuple(_value(name, row) for row in table.get("history", ()))
    if not history:
        raise UnsoundParameter(f"'{name}' has no value")
    for newer, older in pairwise(history):
        if newer.since <= older.since:
            raise UnsoundParameter(f"'{name}' is not sorted newest first at {older.since}")
    return LegalParameter(
        name=name,
        title=table["title"],
        unit=table["unit"],
        history=history,
        known_until=table.get("known_until"),
    )


def _value(name: str, row: dict[str, Any]) -> LegalValue:
    for key in ("since", "value", "source", "read_on"):
        if row.get(key) in (None, ""):
            raise UnsoundParameter(f"a value of '{name}' lacks '{key}'")
    return LegalValue(row["since"], row["value"], row["source"], row["read_on"])
