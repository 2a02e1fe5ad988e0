"""Why a plan, a word in a dispute or an answer to a reply was not recorded, in French and English."""

import tomllib
from functools import cache
from importlib import resources

from pricing.wording import known_locale


class AnswerRefused(ValueError):
    """What was asked does not fit the facts; ``code`` says why, ``name`` which field of the form it is about."""

    def __init__(self, code: str, name: str = "form") -> None:
        self.code, self.name = code, name
        super().__init__(code)


def refusal_words(code: str, locale: str) -> str:
    """The sentence shown for a refusal."""
    return _catalogue()[code][known_locale(locale)]


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files("portal.collections.answers").joinpath("refusals.toml")
    return tomllib.loads(text.read_text("utf-8"))
