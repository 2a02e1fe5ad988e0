"""Dates and amounts as people type them."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from flask import request

DIGITS_MAX = 20
CENTS_MAX = 10**15


def typed_day(name: str) -> tuple[date | None, dict[str, str]]:
    """A day of the form (``2026-12-31`` or ``31/12/2026``), and what was typed, to be shown again."""
    given = request.form.get(name, "").strip()
    french = re.fullmatch(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", given)
    iso = f"{french[3]}-{int(french[2]):02d}-{int(french[1]):02d}" if french else given
    try:
        return date.fromisoformat(iso), {name: given}
    except ValueError:
        return None, {name: given}


def typed_cents(text: str) -> int | None:
    """Whole cents of ``1 234,56`` or ``1234.56``; None for what is no amount."""
    bare = re.sub(r"[\s€\u202f\u00a0]", "", text).replace(",", ".")
    if not bare or len(bare) > DIGITS_MAX:
        return None
    try:
        cents = Decimal(bare) * 100
    except InvalidOperation:
        return None
    if not cents.is_finite() or abs(cents) > CENTS_MAX or cents != cents.to_integral_value():
        return None
    return int(cents)
