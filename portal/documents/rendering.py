"""Legal documents set in type: PDF/A from a template and plain facts; the same facts give the same bytes."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst

TEMPLATES = Path(__file__).parent / "templates"
STANDARD: Literal["a-3b"] = "a-3b"


class DocumentNotRendered(Exception):
    """A template could not be set in type: the message names it and the cause."""


def render(
    template: str, facts: Mapping[str, Any], *, made_at: datetime, folder: Path = TEMPLATES
) -> bytes:
    """The PDF/A-3b made of a template of ``folder`` and its facts; no side effect.

    ``made_at`` is written in the file's own properties, never in the text.

    Raises:
        DocumentNotRendered: the template or the facts are wrong.
    """
    try:
        return typst.compile(
            str(folder / f"{template}.typ"),
            root=str(folder),
            format="pdf",
            pdf_standards=STANDARD,
            ignore_system_fonts=True,
            sys_inputs={"facts": json.dumps(facts, ensure_ascii=False, sort_keys=True)},
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise DocumentNotRendered(f"{template}: {error}") from error
