"""Why a claim on the legal road gets no reminder of ours: with an agency, or written off."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.reasons import Suppression
from portal.payments.legal_standing import LEGAL_STANDING


def held_on_the_legal_road(
    session: Session,
    assignor_id: UUID,
    receivable_ids: Collection[UUID],
    today: date,  # noqa: ARG001 - as every block
) -> dict[UUID, Suppression]:
    """The claims that rest, each with its reason, in one query."""
    standing = LEGAL_STANDING.c
    rows = session.execute(
        select(standing.receivable_id, standing.written_off_at).where(
            standing.assignor_id == assignor_id,
            standing.receivable_id.in_(receivable_ids),
            standing.written_off_at.is_not(None) | standing.handed_over_on.is_not(None),
        )
    )
    return {one: Suppression.WRITTEN_OFF if lost else Suppression.HANDED_OVER for one, lost in rows}
