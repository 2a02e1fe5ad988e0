"""Tables as CSV files that French and English spreadsheets open well."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import Response

from portal.web.presentation import current_locale

RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_response(filename: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A download: UTF-8 with its mark, semicolons and decimal commas in French, commas and points in English.

    A text that a spreadsheet would run as a formula is given as text. Amounts are given as `Amount`.
    """
    french = current_locale() == "fr"
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";" if french else ",")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_written(value) for value in row])
    response = Response("\N{BYTE ORDER MARK}" + lines.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


class Amount(int):
    """Whole cents to be written as an amount."""


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Amount):
        point = "," if current_locale() == "fr" else "."
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}{point}{abs(value) % 100:02d}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(RISKY_STARTS) else text
