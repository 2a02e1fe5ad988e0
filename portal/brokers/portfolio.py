"""Where each of a broker's clients stands, in one query."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Uuid,
    case,
    cast,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import Session

from portal.brokers.lookup import OPEN_STATES, in_time
from portal.brokers.models import Mandate, MandateState
from portal.identity.models import Organisation

POSITION = table(
    "receivable_position",
    column("assignor_id", Uuid()),
    column("due_on", Date()),
    column("outstanding_cents", BigInteger()),
    column("deed_id", Uuid()),
)


@dataclass(frozen=True, slots=True)
class ClientPosition:
    """One client, its mandate, and what is owed to it in whole cents of euro."""

    mandate: Mandate
    client: Organisation
    open_count: int
    outstanding_cents: int
    overdue_cents: int
    financed_cents: int

    @property
    def is_live(self) -> bool:
        return self.mandate.state is MandateState.LIVE


def clients_of(session: Session, broker_id: UUID, *, on: date) -> list[ClientPosition]:
    """Every asked or live mandate with the client's position on that day, the largest debt first."""
    owed = POSITION.c.outstanding_cents
    sums = (
        select(
            POSITION.c.assignor_id,
            func.count(case((owed > 0, 1))).label("open_count"),
            _total(owed).label("outstanding"),
            _total(case((POSITION.c.due_on < on, owed))).label("overdue"),
            _total(case((POSITION.c.deed_id.is_not(None), owed))).label("financed"),
        )
        .group_by(POSITION.c.assignor_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Mandate,
            Organisation,
            func.coalesce(sums.c.open_count, 0),
            func.coalesce(sums.c.outstanding, 0),
            func.coalesce(sums.c.overdue, 0),
            func.coalesce(sums.c.financed, 0),
        )
        .join(Organisation, Organisation.id == Mandate.assignor_id)
        .outerjoin(sums, sums.c.assignor_id == Mandate.assignor_id)
        .where(Mandate.broker_id == broker_id, Mandate.state.in_(OPEN_STATES), in_time(on))
        .order_by(func.coalesce(sums.c.outstanding, 0).desc(), Organisation.legal_name)
    )
    return [ClientPosition(*row) for row in rows]


def _total(amounts: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(func.coalesce(func.sum(amounts), 0), BigInteger)
