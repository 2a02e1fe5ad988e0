"""How values are written on pages: amounts, days and rates in the reader's language."""

import json
import os
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, has_request_context, request, url_for
from markupsafe import Markup

from portal.http.locale import DEFAULT, chosen_locale

PARIS = ZoneInfo("Europe/Paris")
DIST = Path(__file__).parent / "static" / "dist"
DASH = "–"


def _readable(number: str) -> str:
    # The pages' typeface has no U+202F: another face's would stand too thin to part thousands.
    return number.replace("\u202f", "\N{NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def money_text(cents: int | None, currency: str = "EUR", *, locale: str) -> str:
    """``1000000`` → ``10 000,00 €`` (fr), ``€10,000.00`` (en); a dash where there is no amount."""
    if cents is None:
        return DASH
    return _money_written(int(cents), currency, locale)


@lru_cache(maxsize=4096)
def _money_written(cents: int, currency: str, locale: str) -> str:
    written: str = format_currency(Decimal(cents).scaleb(-2), currency, locale=locale)
    return _readable(written)


@lru_cache(maxsize=1024)
def day_text(day: date | None, *, locale: str) -> str:
    """``23 nov. 2026`` (fr), ``23 Nov 2026`` (en)."""
    if day is None:
        return DASH
    return format_date(day, "d MMM y", locale=locale)


@lru_cache(maxsize=1024)
def short_day_text(day: date, *, locale: str) -> str:
    """A day of this season, for the foot of a chart: ``23 nov.`` (fr), ``23 Nov`` (en)."""
    return str(format_date(day, "d MMM", locale=locale))


def iban_text(iban: str | None) -> str:
    """An account's number by groups of four, as on paper; nothing where there is none."""
    compact = (iban or "").replace(" ", "")
    return " ".join(compact[at : at + 4] for at in range(0, len(compact), 4))


def instant_text(instant: datetime | None, *, locale: str) -> str:
    """Paris wall-clock time of an aware instant: ``23 nov. 2026, 14:05``."""
    if instant is None:
        return DASH
    return format_datetime(instant, "d MMM y, HH:mm", tzinfo=PARIS, locale=locale)


def percent_text(fraction: Decimal | None, digits: int = 2, *, locale: str) -> str:
    """A fraction of one as a percentage: ``0.0345`` → ``3,45 %`` (fr), ``3.45%`` (en)."""
    if fraction is None:
        return DASH
    places = "0" * digits
    number = format_decimal(fraction * 100, f"#,##0.{places}" if digits else "#,##0", locale=locale)
    space = "\N{NO-BREAK SPACE}" if locale.startswith("fr") else ""
    return _readable(f"{number}{space}%")


def current_locale() -> str:
    """The reader's language, ``fr`` unless they chose otherwise."""
    return chosen_locale() if has_request_context() else DEFAULT


def _localised(write: Callable[..., str]) -> Callable[..., str]:
    def written(*arguments: Any) -> str:
        return write(*arguments, locale=current_locale())

    return written


class BundleMissing(RuntimeError):
    """The front-end bundle, or something in it, has not been built."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not in {DIST}: run `npm ci && npm run build`")


@lru_cache(maxsize=4)
def _bundled(file: str, _changed_at: int) -> dict[str, str]:
    names: dict[str, str] = json.loads((DIST / file).read_text(encoding="utf-8"))
    return names


def _bundle(file: str) -> dict[str, str]:
    try:
        return _bundled(file, os.stat(f"{DIST}/{file}").st_mtime_ns)  # noqa: PTH116 (for each icon)
    except FileNotFoundError:
        raise BundleMissing(file) from None


def asset(name: str) -> str:
    """Address of a bundled file by its plain name (``app.js``, ``app.css``, ``favicon.svg``)."""
    manifest = _bundle("manifest.json")
    if name not in manifest:
        raise BundleMissing(name)
    return url_for("static", filename=f"dist/{manifest[name]}")


def icon(name: str, label: str = "") -> Markup:
    """A Tabler outline icon, decorative unless it has a ``label``."""
    shapes = _bundle("icons.json").get(name)
    if shapes is None:
        raise BundleMissing(f"the icon “{name}”")
    return _drawn(name, shapes, label)


@lru_cache(maxsize=512)
def _drawn(name: str, shapes: str, label: str) -> Markup:
    meaning = (
        Markup('role="img" aria-label="{}"').format(label)
        if label
        else Markup('aria-hidden="true"')
    )
    return Markup(
        '<svg class="icon icon-{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>'
    ).format(name, meaning, Markup(shapes))  # noqa: S704 (shapes come from our own bundle)


def query_url(**changes: object) -> str:
    """This page's address with some of its query changed; a ``None`` takes the key away."""
    arguments = request.args.to_dict(flat=False)
    for key, value in changes.items():
        arguments[key] = [] if value is None else [str(value)]
    query = urlencode(arguments, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def sort_state(key: str, default: str = "") -> str:
    """How the list is sorted by ``key`` now: ``ascending``, ``descending`` or ``none``."""
    current = request.args.get("sort", default)
    if current.removeprefix("-") != key:
        return "none"
    return "descending" if current.startswith("-") else "ascending"


def register(app: Flask) -> None:
    """Give the templates of ``app`` the filters and functions of this module."""
    app.jinja_env.filters.update(
        format_money=_localised(money_text),
        format_day=_localised(day_text),
        format_instant=_localised(instant_text),
        iban=iban_text,
        percent=_localised(percent_text),
    )
    app.jinja_env.globals.update(
        asset=asset,
        current_locale=current_locale,
        icon=icon,
        query_url=query_url,
        sort_state=sort_state,
    )
