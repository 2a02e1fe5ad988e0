"""Every text a page or a view can say exists in French, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from babel.support import Translations

import portal
from portal import translations
from portal.translations import Disagreement, compile_catalogues, merge_areas

PORTAL = Path(portal.__file__).parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


def _texts_said() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    methods = [("web/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    found = extract_from_dir(
        PORTAL, methods, keywords=KEYWORDS, directory_filter=lambda folder: True
    )
    for file, _line, text, _comments, _context in found:
        yield file, text


def _areas(locale: str) -> Iterator[tuple[str, Catalog]]:
    for path in sorted((translations.HERE / locale).glob("*.po")):
        with path.open("rb") as lines:
            yield path.stem, read_po(lines, locale=locale)


def test_every_text_of_the_pages_is_said_in_french() -> None:
    french = merge_areas(translations.HERE / "fr")

    missing = sorted({f"{file}: {text}" for file, text in _texts_said() if text not in french})

    assert missing == []


def test_no_french_text_is_left_unsure_or_empty() -> None:
    doubtful = [
        f"{area}: {message.id}"
        for area, catalogue in _areas("fr")
        for message in catalogue
        if message.id and (message.fuzzy or not all(_forms(message.string)))
    ]

    assert doubtful == []


def test_a_translation_keeps_the_places_where_values_go() -> None:
    wrong = [
        f"{area}: {message.id}: {problem}"
        for area, catalogue in _areas("fr")
        for message in catalogue
        for problem in message.check(catalogue)
    ]

    assert wrong == []


def _forms(string: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def _write_area(folder: Path, area: str, french: str) -> None:
    folder.mkdir(exist_ok=True)
    text = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    text += f'msgid "Offer"\nmsgstr "{french}"\n'
    (folder / f"{area}.po").write_text(text, encoding="utf-8")


def test_two_areas_may_not_translate_one_text_in_two_ways(tmp_path: Path) -> None:
    _write_area(tmp_path / "fr", "funding", "Offre")
    _write_area(tmp_path / "fr", "lenders", "Proposition")

    with pytest.raises(
        Disagreement, match=r"“Offer” is not the same in funding\.po and lenders\.po"
    ):
        compile_catalogues(tmp_path)


def test_the_areas_of_a_language_are_compiled_into_one_catalogue(tmp_path: Path) -> None:
    _write_area(tmp_path / "fr", "funding", "Offre")
    _write_area(tmp_path / "fr", "lenders", "Offre")

    [compiled] = compile_catalogues(tmp_path)

    with compiled.open("rb") as bytes_read:
        assert Translations(bytes_read).gettext("Offer") == "Offre"
