"""What became of a message: deposited, presented, received… with the proofs kept as documents.

For whoever sends reminders or formal notices:

- ``tracking_of(session, message_ids) -> dict[UUID, Tracking]``: one `Tracking` per message that something was
  said of; ``deposited_on``, ``presented_on``, ``received_on`` are days in Paris, each None until the post said so.
- ``history_of(session, message_id) -> list[Said]``: everything that was said, in the order in which it happened.
- ``record_event(session, message, event, *, at) -> bool``: used by the post's webhook, by polling and by bounces.

Viewers see the rows of their own tenant only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from partners.vocabulary.post import FINAL, PostEvent, PostStatus
from portal.clock import PARIS
from portal.jobs.queue import Job, enqueue
from portal.messages.models import Message, MessageEvent, MessageProof

_SAYS_NOTHING_NEW = frozenset({PostStatus.HANDED_OVER, PostStatus.UNKNOWN, PostStatus.DELAYED})
"""Never the last word when there is another: the first is told by our own clock, not the post's."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that proves what became of a message."""

    status: PostStatus
    document_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said of a message, and its proof once it is kept."""

    event: MessageEvent
    proof_document_id: UUID | None


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where a message stands after everything that was said of it, in any order.

    ``status`` is the last thing that happened; ``ended_on`` is set with a final status. ``presented_on`` is
    what the post said and nothing deduced: a letter may be received without having been said presented.
    """

    status: PostStatus
    deposited_on: date | None
    presented_on: date | None
    received_on: date | None
    ended_on: date | None
    proofs: tuple[Proof, ...]


def tracking_of(session: Session, message_ids: Iterable[UUID]) -> dict[UUID, Tracking]:
    """Where these messages stand; none for a message of which nothing was said. One query."""
    rows = session.execute(
        select(MessageEvent, MessageProof.document_id, MessageProof.sha256)
        .outerjoin(MessageProof, MessageProof.event_id == MessageEvent.id)
        .where(MessageEvent.message_id.in_(list(message_ids)))
        .order_by(MessageEvent.happened_at, MessageEvent.heard_at)
    ).all()
    said: dict[UUID, list[MessageEvent]] = {}
    proofs: dict[UUID, list[Proof]] = {}
    for event, document_id, sha256 in rows:
        said.setdefault(event.message_id, []).append(event)
        if document_id is not None:
            kept = Proof(event.status, document_id, sha256)
            proofs.setdefault(event.message_id, []).append(kept)
    return {one: _tracking(events, proofs.get(one, [])) for one, events in said.items()}


def history_of(session: Session, message_id: UUID) -> list[Said]:
    """Everything said of one message, in the order in which it happened."""
    rows = session.execute(
        select(MessageEvent, MessageProof.document_id)
        .outerjoin(MessageProof, MessageProof.event_id == MessageEvent.id)
        .where(MessageEvent.message_id == message_id)
        .order_by(MessageEvent.happened_at, MessageEvent.heard_at)
    ).all()
    return [Said(event, document_id) for event, document_id in rows]


def record_event(
    session: Session,
    message: Message,
    event: PostEvent,
    *,
    at: datetime,
    told: Mapping[str, Any] | None = None,
) -> bool:
    """Keep one thing said of a message; False when it was said before. Its proof is fetched by a job."""
    kept = session.scalar(
        insert(MessageEvent)
        .values(
            message_id=message.id,
            organisation_id=message.organisation_id,
            event_key=event.event_id,
            status=event.status,
            raw_status=event.raw_status,
            happened_at=event.happened_at,
            heard_at=at,
            detail=event.detail,
            proof_reference=event.proof,
            told=dict(told) if told is not None else None,
        )
        .on_conflict_do_nothing(index_elements=["event_key"])
        .returning(MessageEvent.id)
    )
    if kept is None:
        return False
    if event.proof is not None and message.organisation_id is not None:
        enqueue(session, Job.FETCH_PROOF, event_id=kept, one_at_a_time=f"proof:{kept}")
    return True


def _tracking(events: list[MessageEvent], proofs: list[Proof]) -> Tracking:
    telling = [event for event in events if event.status not in _SAYS_NOTHING_NEW]
    last = (telling or events)[-1]
    return Tracking(
        status=last.status,
        deposited_on=_first_day(events, PostStatus.DEPOSITED),
        presented_on=_first_day(events, PostStatus.PRESENTED),
        received_on=_first_day(events, PostStatus.RECEIVED),
        ended_on=_paris_day(last.happened_at) if last.status in FINAL else None,
        proofs=tuple(proofs),
    )


def _first_day(events: list[MessageEvent], status: PostStatus) -> date | None:
    return next((_paris_day(one.happened_at) for one in events if one.status is status), None)


def _paris_day(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()
