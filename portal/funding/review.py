"""Messages of lenders that could not be applied, for the operator: who, of what, why, never what they say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Select, Text, Uuid, column, func, or_, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.funding.models import LenderEvent
from portal.funding.outcomes import Verdict

NOTE_LENGTH_MAX = 500
TOLD = (
    column("event_id", Uuid()),
    column("lender_name", Text()),
    column("request_reference", Text()),
    column("kind", Text()),
    column("outcome", Text()),
    column("received_at", DateTime(timezone=True)),
)


class EventNotToReview(LookupError):
    """No such message, or it is neither refused nor waiting: there is nothing to settle."""


class NoteMissing(ValueError):
    """A message is examined with a few words on what was found."""


def events_to_review(
    verdict: Verdict | None = None,
) -> Select[UUID, str, str, str | None, str, datetime]:
    """Refused or waiting events nobody has examined, the latest first; no row for whoever is no operator.

    Columns: ``event_id``, ``lender_name``, ``request_reference``, ``kind`` (the lender's word for what it
    tells, None when it is no plain word), ``outcome`` (``verdict:code``) and ``received_at``.
    """
    told = func.events_to_review().table_valued(*TOLD).c
    query = select(
        told.event_id,
        told.lender_name,
        told.request_reference,
        told.kind,
        told.outcome,
        told.received_at,
    ).order_by(told.received_at.desc(), told.event_id)
    return query if verdict is None else query.where(told.outcome.startswith(verdict.value))


def events_examined() -> Select[UUID, str, str, str | None, str, datetime, datetime, str]:
    """Those an operator has examined, the latest first: the same columns, ``examined_at`` and ``examination``."""
    when, note = column("examined_at", DateTime(timezone=True)), column("examination", Text())
    told = func.events_examined().table_valued(*TOLD, when, note).c
    return select(
        told.event_id,
        told.lender_name,
        told.request_reference,
        told.kind,
        told.outcome,
        told.received_at,
        told.examined_at,
        told.examination,
    ).order_by(told.examined_at.desc(), told.event_id)


def event_to_settle(session: Session, event_id: UUID) -> LenderEvent:
    """One refused or waiting event, held until the transaction ends. The session must look as the system.

    Raises:
        EventNotToReview: there is none of this id.
    """
    found = session.scalar(
        select(LenderEvent)
        .where(
            LenderEvent.id == event_id,
            or_(
                LenderEvent.outcome.startswith(Verdict.REFUSED.value),
                LenderEvent.outcome.startswith(Verdict.WAITS.value),
            ),
        )
        .with_for_update()
    )
    if found is None:
        raise EventNotToReview
    return found


def mark_examined(
    session: Session, event_id: UUID, note: str, *, by: UUID | None, at: datetime
) -> None:
    """Take a message off the list with what was found; one that waits is still applied when it can be.

    Raises:
        NoteMissing: nothing was written.
        EventNotToReview: see `event_to_settle`.
    """
    written = note.strip()[:NOTE_LENGTH_MAX]
    if not written:
        raise NoteMissing
    event = event_to_settle(session, event_id)
    event.examined_at, event.examined_by, event.examination = at, by, written
    trail.record(
        session,
        event.lender_id,
        "lender_event_examined",
        "lender_event",
        event.id,
        {"outcome": event.outcome},
        by=by,
        at=at,
    )
