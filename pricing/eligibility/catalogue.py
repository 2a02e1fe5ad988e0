"""The words of every finding, in French and English, tied to the codes both ways by tests."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from pricing.eligibility.assessment import CHECKS
from pricing.eligibility.finding import Finding, Outcome, PlainValue, Unit
from pricing.wording import (
    LOCALES,
    NOTHING,
    amount_text,
    date_text,
    known_locale,
    placeholder_texts,
    rate_text,
)


@dataclass(frozen=True, slots=True)
class FindingText:
    """A finding in words. ``remedy`` is empty when nothing is to be done.

    ``value`` and ``threshold`` are written with their unit; "—" when there is none.
    """

    title: str
    message: str
    remedy: str
    value: str
    threshold: str


def describe(finding: Finding, locale: str = "fr") -> FindingText:
    """The finding in the reader's language (``fr`` or ``en``, any tag that starts so).

    Raises:
        KeyError: the catalogue has no such code; a test keeps that from happening.
    """
    language = known_locale(locale)
    words = texts()["findings"][finding.code][language]
    value = _measured(finding.value, finding, language)
    threshold = _measured(finding.threshold, finding, language)
    shown = placeholder_texts(finding.params, language, finding.currency)
    shown.update(value=value, threshold=threshold)
    template = words.get(str(finding.outcome)) or words["message"]
    remedy = texts()["remedies"][finding.remedy][language] if finding.remedy else ""
    return FindingText(
        title=words["title"],
        message=template.format_map(shown),
        remedy=remedy.format_map(shown),
        value=value,
        threshold=threshold,
    )


@cache
def texts() -> Mapping[str, Any]:
    """The catalogue: ``findings`` by code and language, ``remedies`` and ``values`` by word."""
    source = resources.files("pricing.eligibility").joinpath("catalogue.toml")
    return tomllib.loads(source.read_text("utf-8"))


def finding_codes_page() -> str:
    """``docs/finding-codes.md``: every code with its source and its words, as Markdown."""
    parts = [_PAGE_HEAD]
    for check in CHECKS:
        parts.append(f"## `{check.code}`\n\n{check.family} · {check.source}\n")
        for language in LOCALES:
            words = texts()["findings"][check.code][language]
            parts.append(f"**{words['title']}** ({language})\n")
            parts.extend(
                f"- *{key}*: {words[key]}"
                for key in ("ok", "message", "warning", "blocked", "refused")
                if key in words
            )
            parts.append("")
    parts.append("# Remedies\n\n| code | fr | en |\n|---|---|---|")
    parts.extend(
        f"| `{code}` | {words['fr']} | {words['en']} |"
        for code, words in texts()["remedies"].items()
    )
    return "\n".join(parts) + "\n"


_PAGE_HEAD = """# Finding codes

Written by `make docs` from `pricing/eligibility/`; change the code or its catalogue, not this page.

Every rule answers with one of four outcomes: *ok*; *warning* (the lender is told); *blocked*
(someone can lift it: the finding says who and how); *refused* (final for this product and lender).
"""


def _measured(value: PlainValue | None, finding: Finding, locale: str) -> str:
    if value is None:
        return NOTHING
    match finding.unit:
        case Unit.AMOUNT:
            return amount_text(int(value), locale, finding.currency)
        case Unit.DATE:
            return date_text(str(value), locale)
        case Unit.RATE:
            return rate_text(str(value), locale)
        case Unit.TEXT if value in texts()["values"]:
            word: str = texts()["values"][value][locale]
            return word
        case _:
            return str(value)


def outcome_label(outcome: Outcome, locale: str = "fr") -> str:
    """The outcome in one word."""
    return _OUTCOME_LABELS[outcome][LOCALES.index(known_locale(locale))]


_OUTCOME_LABELS: Mapping[Outcome, tuple[str, str]] = {
    Outcome.OK: ("conforme", "ok"),
    Outcome.WARNING: ("à signaler", "to tell"),
    Outcome.BLOCKED: ("bloqué", "blocked"),
    Outcome.REFUSED: ("refusé", "refused"),
}
