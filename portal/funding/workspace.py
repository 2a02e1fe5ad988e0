"""What a lender says on the portal's own pages: the same events as by webhook, in the same words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.funding.events import WORKSPACE, store_event
from portal.funding.models import LenderEvent, Submission


def say(
    session: Session,
    submission: Submission,
    status: str,
    told: Mapping[str, Any],
    *,
    token: str,
    by: UUID,
    at: datetime,
) -> LenderEvent:
    """Store what the lender's member says; the same form sent twice says it once.

    It is applied afterwards, as any event: `portal.settlement.lender_events.apply_event`.
    """
    key = f"workspace:{token}"
    body = {
        "id": key,
        "dossier": str(submission.id),
        "reference": submission.partner_reference or f"W-{submission.id.hex[:8].upper()}",
        "status": status,
        "sequence": _next_place(session, submission),
        "occurred_at": at.isoformat(),
        **told,
    }
    event, is_new = store_event(
        session, submission, event_key=key, origin=WORKSPACE, body=body, sent_by=by, at=at
    )
    if is_new:
        trail.record(
            session,
            submission.lender_id,
            "lender_answered",
            "submission",
            submission.id,
            {"event": event.id},
            by=by,
            at=at,
        )
    return event


def _next_place(session: Session, submission: Submission) -> int:
    latest = session.scalar(
        select(func.max(LenderEvent.body["sequence"].as_integer())).where(
            LenderEvent.submission_id == submission.id
        )
    )
    return (latest or 0) + 1
