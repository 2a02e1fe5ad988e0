"""What the post office tells us: one event of its contract in our words, a page of its feed, a proof."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from partners.exchange.reading import (
    UnreadableMessage,
    read_count,
    read_instant,
    read_objects,
    read_optional_text,
    read_text,
)
from partners.post.adapter import PostRefused, PostUnanswered
from partners.post.letters import LetterPost
from partners.post.office import PostOffice
from partners.post.sms import SmsPost
from partners.vocabulary.post import PostEvent, PostStatus

EVENTS_AT_ONCE = 200
STATUSES: Mapping[str, PostStatus] = MappingProxyType({**SmsPost.statuses, **LetterPost.statuses})


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """An event, and the words in which it was told."""

    event: PostEvent
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Some events after a position, and the position to ask from next; ``unreadable`` were passed over."""

    events: Sequence[ToldEvent]
    position: int
    unreadable: int


def read_event(told: Mapping[str, Any]) -> PostEvent:
    """One event of the contract in our words; an unknown status waits.

    Raises:
        UnreadableMessage: a field is not what the contract says.
    """
    if any("\0" in value for value in told.values() if isinstance(value, str)):
        raise UnreadableMessage("a text holds a zero")
    raw_status = read_text(told, "status")
    return PostEvent(
        event_id=read_text(told, "id"),
        key=read_text(told, "message"),
        reference=read_text(told, "reference"),
        status=STATUSES.get(raw_status, PostStatus.UNKNOWN),
        raw_status=raw_status,
        happened_at=read_instant(told, "occurred_at"),
        position=read_count(told, "position"),
        proof=read_optional_text(told, "proof"),
        detail=read_optional_text(told, "detail"),
    )


def read_feed(office: PostOffice, after: int) -> FeedPage:
    """The events after a position, those whose call never reached us included.

    Raises:
        PostUnreached, PostUnanswered, PostRefused: nothing was read.
    """
    answer = office.fetch(f"/events?after={after}&limit={EVENTS_AT_ONCE}")
    try:
        told = read_objects(answer, "events")
        position = read_count(answer, "position")
    except UnreadableMessage as error:
        raise PostUnanswered("the post office's events cannot be read") from error
    events = []
    for one in told:
        try:
            events.append(ToldEvent(read_event(one), one))
        except UnreadableMessage:
            continue
    return FeedPage(events, position or after, len(told) - len(events))


def fetch_proof(office: PostOffice, reference: str, proof: str) -> bytes:
    """The PDF that proves an event.

    Raises:
        PostUnreached, PostUnanswered: ask again later.
        PostRefused: there is none, or it is not a PDF.
    """
    content = office.download(f"/proofs/{quote(reference, safe='')}/{quote(proof, safe='')}")
    if not content.startswith(b"%PDF-"):
        raise PostRefused("the proof is not a PDF")
    return content
