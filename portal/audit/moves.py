"""Leaving the trace of a change of state."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject, StateMove


def trace_move(
    session: Session,
    subject: MoveSubject,
    subject_id: UUID,
    action: Enum,
    before: Enum,
    after: Enum,
    *,
    assignor_id: UUID | None,
    lender_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
    reason_code: str | None = None,
) -> StateMove:
    """Record who moved what from one state to another, when, and why."""
    move = StateMove(
        subject=subject,
        subject_id=subject_id,
        action=str(action.value),
        before=str(before.value),
        after=str(after.value),
        assignor_id=assignor_id,
        lender_id=lender_id,
        moved_by=by,
        happened_at=at,
        reason_code=reason_code,
    )
    session.add(move)
    return move
