"""What an intermediary tells before anything is submitted: who it is, who pays it, whom it is tied to."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from portal.config import Settings


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The statement shown, in two languages; ``version`` is the digest of its exact words.

    Source: C. mon. fin. art. L519-4-1, R519-20 and L519-6 (nothing is due before the funds are paid).
    """

    version: str
    french: tuple[tuple[str, str], ...]
    english: tuple[tuple[str, str], ...]

    def lines(self, locale: str) -> tuple[tuple[str, str], ...]:
        """(heading, sentence) pairs for the reader; the French ones are those that bind."""
        return self.english if locale == "en" else self.french


def disclosure_of(settings: Settings) -> Disclosure:
    """The statement as this installation makes it today."""
    named = {"name": settings.intermediary_name, "orias": settings.intermediary_orias}
    facts = {
        "fr": named
        | {
            "status": settings.intermediary_status,
            "remuneration": settings.intermediary_remuneration,
            "links": settings.intermediary_links,
            "complaints": settings.intermediary_complaints,
        },
        "en": named
        | {
            "status": settings.intermediary_status_en,
            "remuneration": settings.intermediary_remuneration_en,
            "links": settings.intermediary_links_en,
            "complaints": settings.intermediary_complaints_en,
        },
    }
    french, english = (
        tuple(
            (part[f"heading_{locale}"], part[locale].format(**facts[locale])) for part in _parts()
        )
        for locale in ("fr", "en")
    )
    exact = json.dumps(french, ensure_ascii=False).encode()
    return Disclosure(hashlib.sha256(exact).hexdigest(), french, english)


@cache
def _parts() -> list[dict[str, str]]:
    source = files("portal.funding").joinpath("disclosure.toml").read_text(encoding="utf-8")
    parts: list[dict[str, str]] = tomllib.loads(source)["part"]
    return parts
