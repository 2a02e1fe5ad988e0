"""Plain values as a reader writes them, in French or English: dates, amounts, percentages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

LOCALES = ("fr", "en")
NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}
NOTHING = "—"


def amount_text(cents: int, locale: str, currency: str = "EUR") -> str:
    """``123456`` as « 1 234,56 € » in French, "€1,234.56" in English."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    symbol = SYMBOLS.get(currency, currency)
    grouped = f"{units:,}"
    if locale == "fr":
        grouped = grouped.replace(",", NARROW_SPACE)
        return f"{sign}{grouped},{rest:02d}{NO_BREAK_SPACE}{symbol}"
    space = NO_BREAK_SPACE if symbol == currency else ""
    return f"{sign}{symbol}{space}{grouped}.{rest:02d}"


def date_text(iso: str, locale: str) -> str:
    """``2026-03-01`` as « 01/03/2026 » in French, "1 Mar 2026" in English."""
    day = date.fromisoformat(iso)
    return f"{day:%d/%m/%Y}" if locale == "fr" else f"{day.day} {day:%b %Y}"


def rate_text(rate: str | Decimal, locale: str, decimals: int = 2) -> str:
    """A fraction of one as a percentage: ``0.045`` as « 4,50 % » or "4.50%"."""
    step = Decimal(1).scaleb(-decimals)
    percent = f"{(Decimal(rate) * 100).quantize(step, ROUND_HALF_UP):,}"
    if locale == "fr":
        french = percent.replace(",", NARROW_SPACE).replace(".", ",")
        return f"{french}{NO_BREAK_SPACE}%"
    return f"{percent}%"


def exact_rate_text(rate: str | Decimal, locale: str) -> str:
    """A tariff's rate as a percentage with the two to four decimals it needs: « 0,035 % »."""
    percent = Decimal(rate) * 100
    needed = -int(percent.normalize().as_tuple().exponent)
    return rate_text(rate, locale, decimals=min(4, max(2, needed)))


def placeholder_text(name: str, value: str | int, locale: str, currency: str = "EUR") -> str:
    """A placeholder written by the end of its name: ``_on``, ``_cents``, ``_rate``, else as is."""
    if name.endswith("_cents"):
        return amount_text(int(value), locale, currency)
    if name.endswith("_on"):
        return date_text(str(value), locale)
    if name.endswith("_rate"):
        return exact_rate_text(str(value), locale)
    return str(value)


def placeholder_texts(
    params: Mapping[str, str | int], locale: str, currency: str = "EUR"
) -> dict[str, str]:
    """Every placeholder of a text, written for the reader."""
    return {name: placeholder_text(name, value, locale, currency) for name, value in params.items()}


def known_locale(locale: str) -> str:
    """``fr`` or ``en`` from any tag such as ``fr_FR``; French for a language we lack."""
    language = locale.replace("-", "_").split("_")[0].lower()
    return language if language in LOCALES else "fr"
