"""Tables as CSV files that French and English spreadsheets open well, written while they are read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from flask import Response, stream_with_context

from portal.db import Viewer, end_streams
from portal.http.transactions import look_through, session
from portal.web.presentation import current_locale

RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r")
LINES_AT_ONCE = 200


def csv_response(
    filename: str, header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]]
) -> Response:
    """A download: UTF-8 with its mark, semicolons and decimal commas in French, commas and points in English.

    ``rows`` is called once the request's transaction has ended: what it reads through the request's session
    is read in a transaction of its own, through the same viewer's eyes. That one ends, and its connection goes
    back, when the last line has left or when the reader went away. A whole table is never in memory as long as
    ``rows`` streams its query (`portal.db.streamed`).

    A text that a spreadsheet would run as a formula is given as text. Amounts are given as `Amount`.
    """
    viewer: Viewer = session().info["viewer"]
    response = Response(stream_with_context(_lines(header, rows, viewer)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


class Amount(int):
    """Whole cents to be written as an amount."""


def _lines(
    header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]], viewer: Viewer
) -> Iterator[str]:
    look_through(viewer)
    french = current_locale() == "fr"
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";" if french else ",")
    lines.write("\N{BYTE ORDER MARK}")
    writer.writerow(header)
    try:
        for number, row in enumerate(rows(), start=1):
            writer.writerow([_written(value, french=french) for value in row])
            if number % LINES_AT_ONCE == 0:
                yield lines.getvalue()
                lines.seek(0)
                lines.truncate()
    finally:
        end_streams(session())
    yield lines.getvalue()


def _written(value: Any, *, french: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Amount):
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}{',' if french else '.'}{abs(value) % 100:02d}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(RISKY_STARTS) else text
