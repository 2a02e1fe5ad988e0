"""Why a document was kept, refused or set aside: stored as codes, told in the reader's language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from partners.formats import catalogue
from partners.vocabulary.invoices import ReadRefusal, ReadWarning

READING_WARNING, READING_REFUSAL, IMPORT = "reading_warning", "reading_refusal", "import"


def reason(code: str, **params: str) -> dict[str, Any]:
    """A reason of our own (``catalogue.toml`` beside this file), as stored."""
    return {"origin": IMPORT, "code": code, "params": params}


def as_read(said: ReadWarning | ReadRefusal) -> dict[str, Any]:
    """A reader's warning or refusal, as stored."""
    origin = READING_WARNING if isinstance(said, ReadWarning) else READING_REFUSAL
    return {"origin": origin, "code": said.code, "params": dict(said.params)}


def text_of(stored: Mapping[str, Any], locale: str = "fr") -> str:
    """The sentence to show for a stored reason."""
    code, params = stored["code"], stored.get("params", {})
    match stored.get("origin"):
        case "reading_warning":
            return catalogue.text_of(ReadWarning(code, params), locale)
        case "reading_refusal":
            return catalogue.text_of(ReadRefusal(code, params), locale)
    template: str = texts()[code]["en" if locale.startswith("en") else "fr"]
    shown = dict(params)
    if "fields" in shown:
        shown["fields"] = ", ".join(
            catalogue.field_name(field, locale) for field in shown["fields"].split(",")
        )
    return template.format_map(shown)


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """Our own codes and their two texts."""
    source = resources.files("portal.receivables").joinpath("catalogue.toml")
    return tomllib.loads(source.read_text("utf-8"))
