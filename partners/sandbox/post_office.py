"""The fictional post office: takes letters and texts once per key, carries them, says what becomes of them.

What happens is told by the addressee's name or address lines (`sandbox:refused`), or by a telephone number's end.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import RLock
from typing import Any

MAGIC_MARK = "sandbox:"
PHONE_ENDINGS = {"0001": "failed", "0002": "lost", "0003": "unavailable"}


class Service(StrEnum):
    """What the post office carries, in the contract's words."""

    SMS = "sms"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    REGISTERED_EMAIL = "registered_email"


class Course(StrEnum):
    """What becomes of a sending; a few courses are faults of the line instead."""

    USUAL = "usual"
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    RETURNED = "returned"
    FAILED = "failed"
    LOST = "lost"
    REVERSED = "reversed"
    TWICE = "twice"
    UNKNOWN_WORD = "unknown_word"
    UNAVAILABLE = "unavailable"
    REJECTED = "rejected"
    HANG = "hang"


SILENT = frozenset({Course.LOST})
"""Carried as usual, and never called back: only the feed tells."""

_USUAL: dict[Service, tuple[str, ...]] = {
    Service.SMS: ("delivered",),
    Service.LETTER: ("deposited",),
    Service.REGISTERED_LETTER: ("deposited", "presented", "received"),
    Service.REGISTERED_EMAIL: ("deposited", "presented", "received"),
}
_OTHERWISE: dict[Course, tuple[str, ...]] = {
    Course.REFUSED: ("deposited", "presented", "refused"),
    Course.UNCLAIMED: ("deposited", "presented", "unclaimed", "returned"),
    Course.RETURNED: ("deposited", "returned"),
    Course.FAILED: ("failed",),
    Course.UNKNOWN_WORD: ("deposited", "sorted_in_transit"),
}
_PREFIXES = {
    Service.SMS: "SM",
    Service.LETTER: "LS",
    Service.REGISTERED_LETTER: "RA",
    Service.REGISTERED_EMAIL: "RE",
}
PROVEN = frozenset({"deposited", "presented", "received", "refused", "unclaimed", "returned"})
"""Words that come with a PDF, for anything but a simple letter's return."""

Event = dict[str, Any]


class KeyReused(Exception):
    """The same key came with another content."""


@dataclass(slots=True)
class Carried:
    """One letter or text in the post office's hands; ``calls`` counts how often it was handed over."""

    key: str
    reference: str
    service: Service
    course: Course
    callback_url: str
    to_name: str
    digest: str
    events: list[Event] = field(default_factory=list)


class PostOffice:
    """Everything that was handed over, and everything that was said of it. Safe from several threads."""

    def __init__(self, first_position: int = 0) -> None:
        """``first_position`` keeps positions growing from one life of the office to the next."""
        self.lock = RLock()
        self.first_position = first_position
        self.carried: dict[str, Carried] = {}
        self.feed: list[Event] = []
        self.calls: dict[str, int] = {}

    def count_call(self, key: str) -> int:
        """How often this key was presented, this time included."""
        with self.lock:
            self.calls[key] = self.calls.get(key, 0) + 1
            return self.calls[key]

    def take(self, key: str, service: Service, body: Mapping[str, Any]) -> tuple[Carried, bool]:
        """The sending under this key, and whether it is new.

        Raises:
            KeyReused: the key came before with another content.
        """
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()
        with self.lock:
            known = self.carried.get(key)
            if known is not None:
                if known.digest != digest:
                    raise KeyReused("this key came before with another content")
                return known, False
            taken = Carried(
                key=key,
                reference=f"{_PREFIXES[service]}-{hashlib.sha256(key.encode()).hexdigest()[:10]}",
                service=service,
                course=course_of(service, body),
                callback_url=str(body.get("callback_url") or ""),
                to_name=_name(body),
                digest=digest,
            )
            self.carried[key] = taken
            return taken, True

    def say(self, sending: Carried, word: str, at: datetime) -> Event:
        """Write down one thing that happened to a sending."""
        with self.lock:
            position = self.first_position + len(self.feed) + 1
            is_proven = word in PROVEN and sending.service not in (Service.SMS, Service.LETTER)
            is_deposit = word == "deposited" and sending.service is Service.LETTER
            event = {
                "id": f"post-{sending.reference}-{len(sending.events) + 1}",
                "position": position,
                "message": sending.key,
                "reference": sending.reference,
                "status": word,
                "occurred_at": at.isoformat(),
                "proof": word if is_proven or is_deposit else None,
            }
            sending.events.append(event)
            self.feed.append(event)
            return event

    def after(self, position: int, limit: int) -> list[Event]:
        """The events that follow a position, oldest first."""
        with self.lock:
            start = max(position - self.first_position, 0)
            return self.feed[start : start + limit]

    def find(self, reference: str) -> Carried | None:
        """The sending with this reference."""
        with self.lock:
            return next((one for one in self.carried.values() if one.reference == reference), None)

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.carried.clear()
            self.feed.clear()
            self.calls.clear()


def words_of(sending: Carried) -> tuple[str, ...]:
    """What will be said of a sending, in the order in which it happens."""
    return _OTHERWISE.get(sending.course, _USUAL[sending.service])


def course_of(service: Service, body: Mapping[str, Any]) -> Course:
    """The course that the addressee asks for."""
    if service is Service.SMS:
        return Course(PHONE_ENDINGS.get(str(body.get("to", ""))[-4:], "usual"))
    written = repr(body.get("to", {})).lower()
    asked = written.partition(MAGIC_MARK)[2]
    for course in Course:
        if asked.startswith(course.value):
            return course
    return Course.USUAL


def _name(body: Mapping[str, Any]) -> str:
    to = body.get("to")
    return str(to.get("name", "")) if isinstance(to, Mapping) else str(to)
