"""Excel workbooks: checked as an archive before anything is inflated, then read as text."""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from partners.formats import headings
from partners.formats.refusing import FileRefused
from partners.formats.sniffing import ANTIVIRUS_TEST
from partners.formats.xml import has_document_type

INFLATED_BYTES_MAX = 40 * 1024 * 1024
TEXTS_BYTES_MAX = 12 * 1024 * 1024
PARTS_MAX = 500
SHEETS_MAX = 10
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)
# Floating-point noise of a formula, not a fraction of a cent somebody wrote.
CELL_PRECISION = Decimal("0.000001")


def rows_of(content: bytes, limit: int, chosen: Mapping[str, str] | None = None) -> list[list[str]]:
    """The cells, as text, of the first sheet with headings we know (else of the first one).

    Raises:
        FileRefused: not a workbook, with macros, or inflating beyond the limits.
    """
    check_archive(content)
    # Imported late: it costs a second that other formats must not pay.
    import openpyxl

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False
        )
        first: list[list[str]] = []
        for sheet in book.worksheets[:SHEETS_MAX]:
            rows = list(_rows(sheet, limit))
            first = first or rows
            if headings.are_enough(headings.heading_row(rows, chosen)[1].values()):
                return rows
        return first
    except FileRefused:
        raise
    except Exception as error:  # openpyxl raises whatever its parser stumbles on
        raise FileRefused("workbook_damaged") from error


def check_archive(content: bytes) -> None:
    """Refuse bombs, macros, entities and archives that are no workbook, by their directory."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise FileRefused("archive")
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise FileRefused("workbook_with_macros")
            _refuse_bomb(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _refuse_hostile_part(archive.read(part))
    except DAMAGED as error:
        raise FileRefused("workbook_damaged") from error


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    texts = sum(part.file_size for part in parts if "sharedstrings" in part.filename.lower())
    total = sum(part.file_size for part in parts)
    if total > INFLATED_BYTES_MAX or texts > TEXTS_BYTES_MAX or len(parts) > PARTS_MAX:
        raise FileRefused("workbook_too_large", limit_mb=str(INFLATED_BYTES_MAX // 2**20))


def _refuse_hostile_part(part: bytes) -> None:
    if has_document_type(part):
        raise FileRefused("xml_dtd")
    if ANTIVIRUS_TEST in part:
        raise FileRefused("virus_signature")


def _rows(sheet: Any, limit: int) -> Iterator[list[str]]:
    for count, row in enumerate(sheet.iter_rows(values_only=True)):
        if count >= limit:
            return
        yield [cell_text(cell) for cell in row[: headings.COLUMNS_MAX + 1]]


def cell_text(cell: Any) -> str:
    """A cell as exact text: ISO dates, decimals without binary noise, whole numbers bare."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        exact = Decimal(repr(cell))
        if exact.is_finite() and abs(exact) < Decimal(10) ** 15:
            return format(exact.quantize(CELL_PRECISION).normalize(), "f")
    return str(cell).replace("\0", "")
