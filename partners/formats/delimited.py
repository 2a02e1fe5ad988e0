"""Text tables: the encoding and the separator are found, never asked."""

import csv
import io
from collections.abc import Mapping, Sequence

from partners.formats import headings
from partners.formats.refusing import FileRefused

SEPARATORS = ";,\t|"


def rows_of(content: bytes, limit: int, chosen: Mapping[str, str] | None = None) -> list[list[str]]:
    """The cells of the first ``limit`` rows, as text.

    Raises:
        FileRefused: not text, or not a table.
    """
    text = decoded(content)
    separator = max(SEPARATORS, key=lambda mark: _score(text, mark, chosen))
    return _parse(text, separator, limit)


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 by their marks, then UTF-8, then the encodings of Windows and ISO."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _text(content, "utf-16")
    try:
        return _without_controls(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    text = _text(content, "cp1252")
    # The euro sign of ISO 8859-15 is the currency sign of Windows-1252, which nobody writes.
    return _text(content, "iso-8859-15") if "¤" in text else text


def _text(content: bytes, encoding: str) -> str:
    try:
        return _without_controls(content.decode(encoding))
    except UnicodeDecodeError as error:
        raise FileRefused("encoding_unknown") from error


def _without_controls(text: str) -> str:
    if any(ord(c) < 32 and c not in "\t\r\n\f" for c in text[:10_000]) or "\0" in text:
        raise FileRefused("unknown_format")
    return text


def _score(text: str, separator: str, chosen: Mapping[str, str] | None) -> tuple[int, int]:
    """How many headings a separator reveals; then how often it occurs."""
    sample = text[:100_000]
    try:
        rows: Sequence[Sequence[str]] = _parse(sample, separator, headings.HEADING_ROW_MAX)
    except FileRefused:
        return (-1, 0)
    _, columns = headings.heading_row(rows, chosen)
    return len(columns), sample.count(separator)


def _parse(text: str, separator: str, limit: int) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            rows.append(row)
            if len(rows) >= limit:
                break
    except csv.Error as error:
        raise FileRefused("unknown_format") from error
    return rows
