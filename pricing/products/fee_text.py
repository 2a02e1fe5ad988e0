"""The words of every fee line: its label, and the calculation that gave it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pricing.products.quote import Fee
from pricing.wording import known_locale, placeholder_texts


@dataclass(frozen=True, slots=True)
class FeeText:
    """A fee in words: what it is called, and how its amount was computed."""

    label: str
    explanation: str


def describe_fee(fee: Fee, locale: str = "fr") -> FeeText:
    """The fee in the reader's language (``fr`` or ``en``).

    Raises:
        KeyError: the catalogue has no such fee; a test keeps that from happening.
    """
    language = known_locale(locale)
    words = fee_texts()[fee.code][language]
    shown = placeholder_texts(fee.params, language, fee.amount.currency)
    template = words.get(fee.params.get("charging"), words["explanation"])
    extras = fee_texts()["words"]
    if fee.params.get("floor_cents"):
        template += extras["floor"][language]
    if fee.vat:
        template += extras["vat"][language]
    return FeeText(words["label"], template.format_map(shown))


@cache
def fee_texts() -> Mapping[str, Any]:
    """The catalogue by fee code and language; ``words`` holds the common endings."""
    source = resources.files("pricing.products").joinpath("fees.toml")
    return tomllib.loads(source.read_text("utf-8"))
