"""The text of every warning and refusal, French and English (``catalogue.toml``)."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from partners.vocabulary.invoices import ReadRefusal, ReadWarning

CATALOGUE = Path(__file__).with_name("catalogue.toml")
LANGUAGES = ("fr", "en")


@cache
def _entries() -> dict[str, Any]:
    return tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))


def codes(section: str) -> frozenset[str]:
    """Every code of ``warnings`` or ``refusals``."""
    return frozenset(_entries()[section])


def field_name(field: str, lang: str) -> str:
    """The user's word for a field of a document; the field itself when it has none."""
    label: str = _entries()["fields"].get(field, {}).get(lang, field)
    return label


def text_of(said: ReadWarning | ReadRefusal, lang: str = "fr") -> str:
    """The sentence to show, in French unless ``lang`` is ``en``."""
    language = lang if lang in LANGUAGES else "fr"
    section = "warnings" if isinstance(said, ReadWarning) else "refusals"
    template: str = _entries()[section][said.code][language]
    params = {key: _in_words(key, value, language) for key, value in said.params.items()}
    return template.format_map(params)


def _in_words(key: str, value: str, lang: str) -> str:
    if key in ("field", "party"):
        return field_name(value, lang)
    if key == "fields":
        return ", ".join(field_name(field, lang) for field in value.split(","))
    return value


def reading_codes_page() -> str:
    """Every warning and refusal a reader can give, as a page of docs/."""
    sections = {
        "warnings": "Warnings: the document is read",
        "refusals": "Refusals: the file is not",
    }
    lines = [
        "# Codes of the invoice readers",
        "",
        "What `portal read` and the import can say of a file. Drawn by `make docs`.",
    ]
    for section, title in sections.items():
        lines += ["", f"## {title}", "", "| code | French | English |", "|---|---|---|"]
        lines += [
            f"| `{code}` | {text['fr']} | {text['en']} |"
            for code, text in sorted(_entries()[section].items())
        ]
    return "\n".join(lines) + "\n"
