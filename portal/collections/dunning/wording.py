"""The words of a reminder: proposed in both languages, rewritten by the assignor, checked before they are kept.

Variables are plain names between braces, and nothing else is understood: what a member writes can be read
and can be sent, never run. See ``docs/decisions/0018-reminders-are-worded-with-plain-variables.md``.
"""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.dunning.models import WordingVersion
from pricing.wording import known_locale

LOCALES = ("fr", "en")
SUBJECT_CHARS_MAX = 200
BODY_CHARS_MAX = 8_000
SMS = "reminder_sms"
NAMED = re.compile(r"\{([^{}\n]*)\}")
STRAY = re.compile(r"[{}]")

ONE_INVOICE = frozenset(
    {
        "contact", "debtor", "sender", "number", "issued_date", "due_date", "today", "days_late", "principal",
        "penalties", "indemnity", "amount", "deducted", "details", "recall", "payment", "signature",
    }
)  # fmt: skip
SEVERAL = frozenset(
    {
        "contact", "debtor", "sender", "today", "count", "amount", "statement", "recall", "payment", "signature",
    }
)  # fmt: skip
BLOCKS = frozenset({"payment", "signature", "statement", "details", "deducted", "recall"})
NEEDED = ("payment", "signature")
"""Whom to pay and who writes: a reminder without them misleads."""


class WordingRefused(ValueError):
    """The words cannot be kept; ``code`` says why and ``name`` names the variable."""

    def __init__(self, code: str, name: str = "") -> None:
        self.code, self.name = code, name
        super().__init__(f"{code}: {name}" if name else code)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body with their variables, as a member reads and edits them."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable becomes, as text and as HTML."""

    text: str
    html: Markup

    @classmethod
    def of(cls, text: str) -> "Value":
        return cls(text, Markup("<br>").join(escape(line) for line in text.split("\n")))


@dataclass(frozen=True, slots=True)
class Composed:
    """A message written out: nothing was stored or sent."""

    subject: str
    text: str
    html: str


def kinds() -> tuple[str, ...]:
    """Every kind of message that has words, from the mildest."""
    return tuple(_proposed())


def variables_of(kind: str) -> frozenset[str]:
    """The variables that the words of a kind may use."""
    if kind == SMS:
        return ONE_INVOICE - BLOCKS
    return SEVERAL if kind.startswith("reminder_statement") else ONE_INVOICE


def proposed_words(kind: str, locale: str) -> Words:
    """The words used until the assignor writes its own."""
    found = _proposed()[kind][known_locale(locale)]
    return Words(found["subject"], found["body"].strip())


def words_of_assignor(session: Session, assignor_id: UUID) -> dict[tuple[str, str], Words]:
    """The assignor's own words by kind and language, the newest of each; one query."""
    rows = session.scalars(
        select(WordingVersion)
        .where(WordingVersion.assignor_id == assignor_id)
        .ext(distinct_on(WordingVersion.kind, WordingVersion.locale))
        .order_by(WordingVersion.kind, WordingVersion.locale, WordingVersion.version.desc())
    )
    return {(row.kind, row.locale): Words(row.subject, row.body) for row in rows}


def check_words(kind: str, words: Words) -> None:
    """Refuse words that could not be sent as they are.

    Raises:
        WordingRefused: empty, too long, an unknown variable, a stray brace, or a needed variable left out.
    """
    if not words.subject.strip() or not words.body.strip():
        raise WordingRefused("empty")
    if len(words.subject) > SUBJECT_CHARS_MAX or len(words.body) > BODY_CHARS_MAX:
        raise WordingRefused("too_long")
    known = variables_of(kind)
    _refuse_unknown(words.subject, known - BLOCKS)
    _refuse_unknown(words.body, known)
    used = set(NAMED.findall(words.body))
    for name in NEEDED if kind != SMS else ():
        if name not in used:
            raise WordingRefused("needed", name)


def save_words(
    session: Session,
    assignor_id: UUID,
    kind: str,
    locale: str,
    words: Words,
    *,
    by: UUID | None,
    at: datetime,
) -> WordingVersion:
    """Keep a new version of the words; messages already written are not touched.

    Raises:
        WordingRefused: see `check_words`.
        KeyError: there is no such kind.
    """
    check_words(kind, words)
    proposed_words(kind, locale)
    highest = session.scalar(
        select(func.max(WordingVersion.version)).where(
            WordingVersion.assignor_id == assignor_id,
            WordingVersion.kind == kind,
            WordingVersion.locale == locale,
        )
    )
    version = WordingVersion(
        assignor_id=assignor_id,
        kind=kind,
        locale=locale,
        version=(highest or 0) + 1,
        subject=" ".join(words.subject.split()),
        body=words.body.replace("\r\n", "\n").strip(),
        written_at=at,
        written_by=by,
    )
    session.add(version)
    session.flush()
    facts = {"kind": kind, "locale": locale, "version": version.version}
    trail.record(
        session, assignor_id, "save_wording", "wording_version", version.id, facts, by=by, at=at
    )
    return version


def compose(words: Words, values: Mapping[str, Value]) -> Composed:
    """The words with their variables filled in, as text and as HTML; composing leaves no trace."""
    subject = _filled(words.subject, {name: value.text for name, value in values.items()})
    texts, htmls = [], []
    for block in words.body.replace("\r\n", "\n").split("\n\n"):
        text = _filled(block, {name: value.text for name, value in values.items()}).strip()
        if text:
            texts.append(text)
            htmls.append(_paragraph(block, values))
    return Composed(" ".join(subject.split()), "\n\n".join(texts) + "\n", _page(htmls))


def _filled(template: str, values: Mapping[str, str]) -> str:
    said = NAMED.sub(lambda found: values[found[1]], template)
    return re.sub(r" +([,.])", r"\1", said)


def _paragraph(block: str, values: Mapping[str, Value]) -> Markup:
    escaped = str(Markup("<br>").join(escape(line) for line in block.strip().split("\n")))
    said = _filled(escaped, {name: str(value.html) for name, value in values.items()})
    if "<table" in said:
        return Markup(said)  # noqa: S704 - every part was escaped above or where the value was made
    return Markup("<p>{}</p>").format(Markup(said))  # noqa: S704 - the same


def _page(blocks: Collection[Markup]) -> str:
    return (
        '<!doctype html><html><body style="font-family:Arial,sans-serif;font-size:15px;'
        f'line-height:1.5;color:#1d2733;max-width:640px">{Markup("").join(blocks)}</body></html>'
    )


def _refuse_unknown(text: str, known: frozenset[str]) -> None:
    for name in NAMED.findall(text):
        if name not in known:
            raise WordingRefused("unknown_variable", name)
    if STRAY.search(NAMED.sub("", text)):
        raise WordingRefused("stray_brace")


@cache
def _proposed() -> dict[str, dict[str, dict[str, str]]]:
    text = (
        resources.files("portal.collections.dunning").joinpath("wordings.toml").read_text("utf-8")
    )
    return tomllib.loads(text)
