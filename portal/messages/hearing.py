"""What the post office says of letters and texts: its calls, its feed for those that were lost, its proofs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached
from partners.post.events import FeedPage, fetch_proof, read_event, read_feed
from partners.vocabulary.post import BY_POST_OFFICE, PostEvent
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.jobs.queue import Job, enqueue
from portal.messages.carrying import PostProcess, open_post_office
from portal.messages.models import Message, MessageEvent, MessageProof
from portal.messages.reading_position import move_position, position_of
from portal.messages.tracking import record_event

logger = structlog.get_logger()

PAGES_MAX = 50
PROOFS_AT_ONCE = 100
PROOF_WANTED_FOR = timedelta(days=60)


class NoSuchMessage(LookupError):
    """We handed no such letter or text over."""


def hear_event(session: Session, told: Mapping[str, Any], *, at: datetime) -> bool:
    """Keep what the post office says of a message, in any order; False when it was known.

    Raises:
        UnreadableMessage: a field is not what the contract says.
        NoSuchMessage: we handed no such message over.
    """
    event = read_event(told)
    message = _message_of(session, event)
    if message is None:
        raise NoSuchMessage(event.key)
    return record_event(session, message, event, at=at, told=_without_decimals(told))


def run_poll_post(process: PostProcess) -> None:
    """Read the events whose call never reached us, and ask again for proofs still missing."""
    settings = process.settings
    if not settings.post_url:
        return
    source = f"post:{settings.post_url}"
    with open_post_office(settings) as office:
        for _ in range(PAGES_MAX):
            with process.transaction() as session:
                after = position_of(session, source)
            try:
                page = read_feed(office, after)
            except (PostUnreached, PostUnanswered, PostRefused) as error:
                logger.warning("post office not read", cause=type(error).__name__)
                break
            _keep_page(process, page, source)
            if page.position <= after:
                break
    _ask_for_missing_proofs(process)


def run_fetch_proof(process: PostProcess, *, event_id: str) -> None:
    """Keep the document that proves an event; harmless when it is kept already.

    Raises:
        PostUnreached, PostUnanswered: the queue runs it again later.
    """
    known = UUID(event_id)
    with process.transaction() as session:
        wanted = _wanted_proof(session, known)
    if wanted is None or not process.settings.post_url:
        return
    reference, proof, _ = wanted
    try:
        with open_post_office(process.settings) as office:
            content = fetch_proof(office, reference, proof)
    except PostRefused as error:
        logger.warning("proof refused", event_id=event_id, cause=str(error)[:100])
        return
    with process.transaction() as session:
        _keep_proof(session, process, known, content)


def _keep_page(process: PostProcess, page: FeedPage, source: str) -> None:
    with process.transaction() as session:
        at = process.clock(session).instant()
        for one in page.events:
            message = _message_of(session, one.event)
            if message is not None:
                record_event(session, message, one.event, at=at, told=_without_decimals(one.told))
        if page.unreadable:
            logger.warning("events of the post office unreadable", count=page.unreadable)
        move_position(session, source, page.position)


def _message_of(session: Session, event: PostEvent) -> Message | None:
    try:
        message_id = UUID(event.key)
    except ValueError:
        return None
    return session.scalar(
        select(Message).where(Message.id == message_id, Message.channel.in_(BY_POST_OFFICE))
    )


def _wanted_proof(session: Session, event_id: UUID) -> tuple[str, str, UUID] | None:
    """The post office's reference, the proof's name and the owner; None when nothing is to be fetched."""
    event = session.get(MessageEvent, event_id)
    if event is None or event.proof_reference is None or event.organisation_id is None:
        return None
    if session.scalar(select(MessageProof.id).where(MessageProof.event_id == event_id)):
        return None
    reference = str((event.told or {}).get("reference", ""))
    return reference, event.proof_reference, event.organisation_id


def _keep_proof(session: Session, process: PostProcess, event_id: UUID, content: bytes) -> None:
    wanted, event = _wanted_proof(session, event_id), session.get(MessageEvent, event_id)
    if wanted is None or event is None:
        return
    reference, _, owner_id = wanted
    at = process.clock(session).instant()
    document = keep(
        session,
        process.documents,
        owner_id=owner_id,
        kind=DocumentKind.EVIDENCE,
        filename=f"preuve-{event.status.value}-{reference}.pdf",
        media_type="application/pdf",
        content=content,
        by=None,
        at=at,
    )
    session.execute(
        insert(MessageProof)
        .values(
            event_id=event_id,
            message_id=event.message_id,
            organisation_id=owner_id,
            document_id=document.id,
            sha256=document.sha256,
            kept_at=at,
        )
        .on_conflict_do_nothing(index_elements=["event_id"])
    )


def _ask_for_missing_proofs(process: PostProcess) -> None:
    with process.transaction() as session:
        since = process.clock(session).instant() - PROOF_WANTED_FOR
        missing = session.scalars(
            select(MessageEvent.id)
            .where(
                MessageEvent.proof_reference.is_not(None),
                MessageEvent.organisation_id.is_not(None),
                MessageEvent.heard_at > since,
                ~exists().where(MessageProof.event_id == MessageEvent.id),
            )
            .order_by(MessageEvent.heard_at)
            .limit(PROOFS_AT_ONCE)
        ).all()
        for event_id in missing:
            enqueue(session, Job.FETCH_PROOF, event_id=event_id, one_at_a_time=f"proof:{event_id}")


def _without_decimals(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, in the contract's own fields: texts and whole numbers."""
    return {name: value for name, value in told.items() if isinstance(value, str | int | None)}
