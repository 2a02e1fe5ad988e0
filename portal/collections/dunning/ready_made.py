"""The scenarios proposed to every assignor, with a plain description in French and English."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from portal.collections.dunning.models import Segment
from portal.collections.dunning.steps import Step
from pricing.wording import known_locale


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A proposed scenario: nothing of it runs before an assignor takes and activates it."""

    slug: str
    title: str
    about: str
    weekly_cap: int
    segments: tuple[Segment, ...]
    steps: tuple[Step, ...]


def ready_made(locale: str) -> Mapping[str, ReadyMade]:
    """Every proposed scenario by slug, its words in one language."""
    return _ready_made(known_locale(locale))


@cache
def _ready_made(locale: str) -> dict[str, ReadyMade]:
    text = (
        resources.files("portal.collections.dunning").joinpath("ready_made.toml").read_text("utf-8")
    )
    read = tomllib.loads(text)
    scripts = read.pop("scripts")[locale]
    return {slug: _one(slug, row, locale, scripts) for slug, row in read.items()}


def _one(slug: str, row: Mapping[str, Any], locale: str, scripts: Mapping[str, str]) -> ReadyMade:
    steps = (Step.from_row(step) for step in row["steps"])
    return ReadyMade(
        slug=slug,
        title=row[locale]["title"],
        about=row[locale]["about"],
        weekly_cap=row["weekly_cap"],
        segments=tuple(Segment(one) for one in row["segments"]),
        steps=tuple(
            replace(step, script=scripts[step.script]) if step.script else step for step in steps
        ),
    )
