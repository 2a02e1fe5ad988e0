"""What debtors owe against the limit their creditor set: when to stop selling on credit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor
from portal.receivables.position import positions_of, still_owed

CLOSE_TO_LIMIT = 90
"""The percentage of the limit from which the next invoice is likely to pass it."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One debtor against its limit; whole cents."""

    debtor_id: UUID
    name: str
    limit_cents: int
    owed_cents: int

    @property
    def over_cents(self) -> int:
        """By how much the limit is passed; nought within it."""
        return max(self.owed_cents - self.limit_cents, 0)

    @property
    def left_cents(self) -> int:
        """What may still be sold on credit."""
        return max(self.limit_cents - self.owed_cents, 0)

    @property
    def is_close(self) -> bool:
        """Whether little is left, without the limit being passed."""
        near = self.owed_cents * 100 >= self.limit_cents * CLOSE_TO_LIMIT
        return near and not self.over_cents


def exposures(
    session: Session,
    assignor_id: UUID,
    *,
    today: date,
    debtor_ids: Collection[UUID] | None = None,
    over_only: bool = False,
) -> list[Exposure]:
    """Debtors that have a limit, those that pass it by most first; one query."""
    position = positions_of(assignor_id, today)
    row = position.c
    owed = func.coalesce(func.sum(row.outstanding_cents).filter(still_owed(row)), 0)
    over = owed - Debtor.credit_limit_cents
    query = (
        select(Debtor.id, Debtor.name, Debtor.credit_limit_cents, owed)
        .outerjoin(position, row.debtor_id == Debtor.id)
        .where(Debtor.assignor_id == assignor_id, Debtor.credit_limit_cents.is_not(None))
        .group_by(Debtor.id)
        .order_by(over.desc(), Debtor.id)
    )
    if debtor_ids is not None:
        query = query.where(Debtor.id.in_(debtor_ids))
    if over_only:
        query = query.having(over > 0)
    return [
        Exposure(one, name, int(limit or 0), int(cents))
        for one, name, limit, cents in session.execute(query)
    ]
