"""What the post says, in our words: channels, addresses, what is handed over, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

ADDRESS_LINES_MAX = 4


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"
    REGISTERED_LETTER = "registered_letter"
    REGISTERED_EMAIL = "registered_email"


PAPER = frozenset({Channel.LETTER, Channel.REGISTERED_LETTER})
"""Printed, and carried to a postal address."""
WITH_FILES_ONLY = PAPER | {Channel.REGISTERED_EMAIL}
"""What is sent is a PDF; the text beside it is for the sender's own file."""
BY_POST_OFFICE = WITH_FILES_ONLY | {Channel.SMS}
"""Handed over to the post office, which repeats nothing sent twice under one key."""


class PostStatus(StrEnum):
    """What became of a message once it left us.

    ``RECEIVED``: handed to the addressee against a signature. ``UNCLAIMED``: kept at the post
    office and never fetched. ``DELIVERED``, ``FAILED``: text messages. ``BOUNCED``, ``DELAYED``,
    ``COMPLAINED``: e-mail. ``UNKNOWN``: a word we do not know; it waits and decides nothing.
    """

    HANDED_OVER = "handed_over"
    DEPOSITED = "deposited"
    PRESENTED = "presented"
    RECEIVED = "received"
    REFUSED = "refused"
    UNCLAIMED = "unclaimed"
    RETURNED = "returned"
    DELIVERED = "delivered"
    FAILED = "failed"
    DELAYED = "delayed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNKNOWN = "unknown"


FINAL = frozenset(
    {
        PostStatus.RECEIVED,
        PostStatus.REFUSED,
        PostStatus.UNCLAIMED,
        PostStatus.RETURNED,
        PostStatus.DELIVERED,
        PostStatus.FAILED,
        PostStatus.BOUNCED,
    }
)
"""After these, nothing more is expected; what comes all the same is kept."""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where a letter goes: street lines (without the name), postcode, town, ISO country."""

    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str = "FR"

    def as_json(self) -> dict[str, Any]:
        """The address as stored and as sent."""
        return {
            "lines": list(self.lines),
            "postcode": self.postcode,
            "city": self.city,
            "country": self.country,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PostalAddress":
        """The address back from `as_json`."""
        return cls(
            lines=tuple(str(line) for line in stored["lines"]),
            postcode=str(stored["postcode"]),
            city=str(stored["city"]),
            country=str(stored["country"]),
        )

    @property
    def one_line(self) -> str:
        """The address as read in a list."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        country = "" if self.country == "FR" else self.country
        return ", ".join(part for part in (*self.lines, town, country) if part)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file carried with a message."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A paper or electronic letter: PDF files, in the order they are read.

    ``key`` stays the same however often it is sent. ``to`` is a postal address on paper;
    an electronic registered letter has ``to_email`` instead.
    """

    key: str
    channel: Channel
    to_name: str
    from_name: str
    files: tuple[Attachment, ...]
    to: PostalAddress | None = None
    to_email: str | None = None
    sender: PostalAddress | None = None


@dataclass(frozen=True, slots=True)
class TextMessage:
    """An SMS; ``to_phone`` is in international form, ``from_name`` is shown as its sender."""

    key: str
    to_phone: str
    from_name: str
    text: str


@dataclass(frozen=True, slots=True)
class PostEvent:
    """One thing the post says of one message.

    Attributes:
        event_id: unique for the post office; the same event may be said several times.
        key: the message, by the key it was sent under.
        position: its rank among all events of the post office, for reading those that were missed.
        proof: name under which a document proving it can be fetched, if there is one.
    """

    event_id: str
    key: str
    reference: str
    status: PostStatus
    raw_status: str
    happened_at: datetime
    position: int | None = None
    proof: str | None = None
    detail: str | None = None
