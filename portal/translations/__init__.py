"""The product's texts: one catalogue per area and language, merged when the product is built.

``<locale>/<area>.po`` are written by hand; their message ids are the English texts of pages and
views. English needs no catalogue but for its plurals.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent


class Disagreement(Exception):
    """Two areas translate the same text differently."""

    def __init__(self, locale: str, text: str, areas: tuple[str, str]) -> None:
        first, second = areas
        super().__init__(f"{locale}: “{text}” is not the same in {first}.po and {second}.po")


def locales(directory: Path = HERE) -> Iterator[Path]:
    """The folder of each language that has catalogues."""
    return (folder for folder in sorted(directory.iterdir()) if any(folder.glob("*.po")))


def merge_areas(folder: Path) -> Catalog:
    """One catalogue of all the areas of a language.

    Raises:
        Disagreement: the same text is translated in two ways.
    """
    merged = Catalog(locale=folder.name, fuzzy=False)
    area_of: dict[object, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as lines:
            area = read_po(lines, locale=folder.name)
        for message in area:
            if not message.id or message.fuzzy or not message.string:
                continue
            known = merged.get(message.id)
            if known is not None and known.string != message.string:
                text = message.id if isinstance(message.id, str) else message.id[0]
                raise Disagreement(folder.name, text, (area_of[message.id], path.stem))
            merged.add(message.id, message.string)
            area_of[message.id] = path.stem
    return merged


def compile_catalogues(directory: Path = HERE) -> list[Path]:
    """Writes ``<locale>/LC_MESSAGES/messages.mo`` for each language; returns what was written."""
    written = []
    for folder in locales(directory):
        target = folder / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}")
        with partial.open("wb") as compiled:
            write_mo(compiled, merge_areas(folder))
        partial.replace(target)
        written.append(target)
    return written
