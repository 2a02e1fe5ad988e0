"""The page about importing says what the code does."""

import re
from pathlib import Path

from partners.formats import headings, reading, spreadsheet, template, workbook

PAGE = Path(__file__).parents[3] / "docs" / "import-template.md"


def test_the_page_lists_the_template_column_by_column():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| `(\w+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == list(
        zip(template.titles("fr"), template.titles("en"), template.FIELDS, strict=True)
    )


def test_the_page_states_the_limits_in_force():
    text = PAGE.read_text("utf-8")
    inflated = workbook.INFLATED_BYTES_MAX // 2**20
    assert f"{spreadsheet.ROWS_MAX:,} rows, {headings.COLUMNS_MAX} columns" in text
    assert f"{reading.FILE_BYTES_MAX // 2**20} MB; a workbook may hold {inflated} MB" in text
    assert f"first {headings.HEADING_ROW_MAX} rows" in text
