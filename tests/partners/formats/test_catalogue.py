"""Every code has a text in both languages, and every text has a code that emits it."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from partners import formats
from partners.formats import catalogue
from partners.formats.reading import to_json
from partners.vocabulary.invoices import FileFormat, FileRead, ReadRefusal, ReadWarning

SOURCES = list(Path(formats.__file__).parent.glob("*.py"))
ENTRIES = tomllib.loads(catalogue.CATALOGUE.read_text(encoding="utf-8"))


def emitted() -> set[str]:
    """Every literal of the package that has the form of a code."""
    found: set[str] = set()
    for source in SOURCES:
        found |= set(re.findall(r'"([a-z][a-z0-9_]{3,})"', source.read_text(encoding="utf-8")))
    return found


def test_every_text_belongs_to_a_code_that_some_reader_emits():
    known = catalogue.codes("warnings") | catalogue.codes("refusals")
    assert known - emitted() == set()


def test_every_code_emitted_has_its_text():
    calls = r'(ReadWarning|FileRefused|ReadRefusal|_BadRow|_unreadable|_unequal)\(\s*"([a-z_]+)"'
    for source in SOURCES:
        for name, code in re.findall(calls, source.read_text(encoding="utf-8")):
            warns = name in ("ReadWarning", "_unreadable", "_unequal")
            assert code in catalogue.codes("warnings" if warns else "refusals"), code


def test_a_code_is_a_warning_or_a_refusal_and_not_both():
    assert not catalogue.codes("warnings") & catalogue.codes("refusals")


@pytest.mark.parametrize("section", ["warnings", "refusals", "fields"])
def test_both_languages_say_the_same_with_the_same_values(section):
    for code, texts in ENTRIES[section].items():
        assert set(texts) == {"fr", "en"}, code
        values = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in texts.values()
        ]
        assert values[0] == values[1], code


def test_a_message_speaks_the_language_asked_and_french_otherwise():
    warning = ReadWarning("siren_invalid", {"party": "buyer", "value": "123"})
    assert catalogue.text_of(warning, "en").startswith("Buyer: SIREN 123")
    assert catalogue.text_of(warning).startswith("Acheteur : le SIREN 123")
    assert catalogue.text_of(warning, "de") == catalogue.text_of(warning, "fr")


def test_values_with_braces_do_not_break_a_message():
    refusal = ReadRefusal("xml_not_an_invoice", {"root": "{x}{0.__class__}"})
    shown = to_json(FileRead("a", FileFormat.XML, refusals=(refusal,)), "en")
    assert "{x}{0.__class__}" in shown["refusals"][0]["message"]
