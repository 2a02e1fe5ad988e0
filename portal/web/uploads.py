"""Files sent by a browser, one by one or several at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import SEEK_END
from itertools import accumulate

from flask import request
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from portal.config import Settings
from portal.receivables.importing import ReceivedFile
from portal.receivables.models import ImportOutcome, ImportRow
from portal.receivables.reasons import text_of
from portal.web.presentation import current_locale

DROP_BYTES_MAX = 100_000_000
"""What one drop may hold in memory; the files after it are asked for in another drop."""

ACCEPTED = ".pdf,.xml,.csv,.xlsx,.txt,.tsv"


@dataclass(frozen=True, slots=True)
class Sent:
    """The files that could be taken, already read, and what to say of the others."""

    files: tuple[ReceivedFile, ...]
    refusals: tuple[str, ...]


def sent_files(field: str, settings: Settings) -> Sent:
    """Read what was sent, within the limits; nothing is written, so no transaction is needed."""
    given = [one for one in request.files.getlist(field) if one.filename]
    kept, refusals = _first_of(given[: settings.upload_max_files], DROP_BYTES_MAX), []
    if len(given) > len(kept):
        refusals.append(
            gettext(
                "Only the first %(count)d files were read: send the others in another drop.",
                count=len(kept),
            )
        )
    received = []
    for one in kept:
        content = _content(one, settings.upload_max_bytes)
        if content is None:
            refusals.append(
                gettext(
                    "%(name)s is larger than %(size)d MB: send a smaller file.",
                    name=one.filename,
                    size=settings.upload_max_bytes // 1_000_000,
                )
            )
        else:
            received.append(ReceivedFile.parse(one.filename or "", content))
    return Sent(tuple(received), tuple(refusals))


def _first_of(given: list[FileStorage], limit: int) -> list[FileStorage]:
    """As many of the files as fit together, in the order sent; always the first."""
    held = list(accumulate(_size(one) for one in given))
    return [one for one, so_far in zip(given, held, strict=True) if so_far <= limit] or given[:1]


def _size(sent: FileStorage) -> int:
    size = sent.stream.seek(0, SEEK_END)
    sent.stream.seek(0)
    return size


def wants_json() -> bool:
    """Whether a script asks, and not a reader."""
    accepts = request.accept_mimetypes
    return bool(accepts["application/json"] > accepts["text/html"])


def told(rows: Iterable[ImportRow], refusals: Iterable[str] = ()) -> dict[str, object]:
    """The answer to a script that sent one file: what became of it, in one sentence."""
    listed = list(rows)
    taken = [row for row in listed if row.outcome is ImportOutcome.CREATED]
    known = [row for row in listed if row.outcome is ImportOutcome.UNCHANGED]
    set_aside = [row for row in listed if row.outcome is ImportOutcome.CONFLICT]
    refused = [row for row in listed if row.outcome is ImportOutcome.REJECTED]
    words = list(refusals)
    if len(listed) == 1 and refused:
        words.append(first_reason(refused[0]))
        return {"ok": False, "message": " ".join(words)}
    if taken:
        words.append(_count_taken(taken))
    if known:
        words.append(gettext("%(count)d already known.", count=len(known)))
    if set_aside:
        words.append(gettext("%(count)d to compare with what you have.", count=len(set_aside)))
    if refused:
        words.append(gettext("%(count)d not taken: see why on the next page.", count=len(refused)))
    return {"ok": bool(taken or known or set_aside), "message": " ".join(words)}


def first_reason(row: ImportRow) -> str:
    """The first reason of a row, in the reader's language."""
    return text_of(row.reasons[0], current_locale()) if row.reasons else ""


def _count_taken(taken: list[ImportRow]) -> str:
    if len(taken) == 1 and taken[0].number:
        one: str = gettext("Invoice %(number)s read.", number=taken[0].number)
        return one
    several: str = gettext("%(count)d documents read.", count=len(taken))
    return several


def _content(sent: FileStorage, limit: int) -> bytes | None:
    content = sent.stream.read(limit + 1)
    return None if len(content) > limit else content
