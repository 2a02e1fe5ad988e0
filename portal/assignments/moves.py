"""The one way a deed's state changes; every move leaves its trace."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.assignments.states import DEED_TRANSITIONS, DeedAction
from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.states import next_state


def move_deed(
    session: Session,
    deed: Deed,
    action: DeedAction,
    *,
    by: UUID | None,
    at: datetime,
    reason_code: str | None = None,
) -> None:
    """Move a deed, or raise `IllegalTransition`."""
    before = deed.state
    deed.state = next_state(DEED_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.DEED,
        deed.id,
        action,
        before,
        deed.state,
        assignor_id=deed.assignor_id,
        lender_id=deed.lender_id,
        by=by,
        at=at,
        reason_code=reason_code,
    )
