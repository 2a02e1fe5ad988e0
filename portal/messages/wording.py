"""The words of every message, in French and English: one text file per kind and language, in ``templates/``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import BaseLoader, StrictUndefined, Template, TemplateNotFound
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from pricing.wording import amount_text, date_text, known_locale, rate_text

FOLDER = resources.files("portal.messages").joinpath("templates")
SUBJECT_MARK = "Subject: "


@dataclass(frozen=True, slots=True)
class Wording:
    """A message written out: nothing was stored or sent."""

    kind: str
    locale: str
    subject: str
    text: str
    html: str


class UnknownKind(LookupError):
    """No text was written for this kind of message."""


def compose(kind: str, locale: str, **values: Any) -> Wording:
    """The message of this kind in French or English; composing leaves no trace.

    Raises:
        UnknownKind: there is no such kind.
        jinja2.UndefinedError: a value that the text needs is missing.
    """
    language = known_locale(locale)
    written = _template(kind, language).render(**values)
    head, _, body = written.partition("\n")
    text = _tidy(body)
    return Wording(kind, language, head.removeprefix(SUBJECT_MARK).strip(), text, _html(text))


def kinds() -> list[str]:
    """Every kind of message that has a text."""
    return sorted(entry.name.removesuffix(".txt") for entry in FOLDER.joinpath("fr").iterdir())


class _Loader(BaseLoader):
    def get_source(
        self, _environment: Any, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        path = FOLDER.joinpath(template)
        if not path.is_file():
            raise TemplateNotFound(template)
        return path.read_text("utf-8"), None, lambda: True


@cache
def _environment(locale: str) -> SandboxedEnvironment:
    made = SandboxedEnvironment(
        loader=_Loader(), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def money(cents: int, currency: str = "EUR") -> str:
        return amount_text(cents, locale, currency)

    def day(value: date) -> str:
        return date_text(value.isoformat(), locale)

    def rate(fraction: Decimal) -> str:
        return rate_text(fraction, locale)

    made.filters.update(money=money, day=day, rate=rate)
    return made


@cache
def _template(kind: str, locale: str) -> Template:
    try:
        return _environment(locale).get_template(f"{locale}/{kind}.txt")
    except TemplateNotFound:
        raise UnknownKind(kind) from None


def _tidy(body: str) -> str:
    """No run of blank lines where a condition left nothing."""
    paragraphs = [block.strip("\n") for block in body.strip().split("\n\n") if block.strip()]
    return "\n\n".join(paragraphs) + "\n"


def _html(text: str) -> str:
    """The same words as simple HTML: a line that is only an address becomes a link."""
    blocks = [
        Markup("<br>").join(_line(line) for line in block.split("\n"))
        for block in text.strip().split("\n\n")
    ]
    body = Markup("").join(Markup("<p>{}</p>").format(block) for block in blocks)
    return (
        '<!doctype html><html><body style="font-family:Arial,sans-serif;font-size:15px;'
        f'line-height:1.5;color:#1d2733;max-width:640px">{body}</body></html>'
    )


def _line(line: str) -> Markup:
    bare = line.strip()
    if bare.startswith(("https://", "http://")) and " " not in bare:
        return Markup('<a href="{0}">{0}</a>').format(bare)
    return escape(line)
