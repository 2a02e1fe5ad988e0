"""How debtors have paid one lender: every receivable it financed on them, whichever company assigned it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.debtors.models import Debtor
from portal.funding.models import FundingRequest
from portal.funding.states import RequestState
from portal.receivables.models import Receivable
from portal.settlement.deal import PAYMENTS
from portal.settlement.models import Movement

FINANCED = (RequestState.DISBURSED, RequestState.RECOURSED, RequestState.SETTLED)


@dataclass(frozen=True, slots=True)
class DebtorRecord:
    """One debtor's record with one lender: receivables financed, paid in full, and late today.

    ``mean_days_late`` is the mean, over those paid, from due date to last payment; negative when paid early.
    """

    financed: int
    paid: int
    late: int
    mean_days_late: int | None


def debtor_records(
    session: Session, lender_id: UUID, sirens: Collection[str], *, today: date
) -> dict[str, DebtorRecord]:
    """The record of each of these debtors, by SIREN, in one query; absent when never financed."""
    paid = (
        select(
            Movement.deed_id,
            Movement.receivable_id,
            func.sum(Movement.amount_cents).label("cents"),
            func.max(Movement.value_date).label("last_on"),
        )
        .where(Movement.lender_id == lender_id, Movement.kind.in_(PAYMENTS))
        .group_by(Movement.deed_id, Movement.receivable_id)
        .subquery()
    )
    whole = paid.c.cents >= Assignment.face_cents
    unpaid_late = func.coalesce(paid.c.cents, 0) < Assignment.face_cents
    rows = session.execute(
        select(
            Debtor.siren,
            func.count(),
            func.count().filter(whole),
            func.count().filter(unpaid_late, Receivable.due_on < today),
            func.avg(paid.c.last_on - Receivable.due_on).filter(whole),
        )
        .select_from(Assignment)
        .join(Deed, Deed.id == Assignment.deed_id)
        .join(FundingRequest, FundingRequest.id == Deed.request_id)
        .join(Receivable, Receivable.id == Assignment.receivable_id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .outerjoin(
            paid,
            (paid.c.deed_id == Deed.id) & (paid.c.receivable_id == Assignment.receivable_id),
        )
        .where(
            Assignment.lender_id == lender_id,
            FundingRequest.state.in_(FINANCED),
            Debtor.siren.in_(sirens),
        )
        .group_by(Debtor.siren)
    )
    return {row[0]: _record(*row[1:]) for row in rows}


def _record(financed: int, paid: int, late: int, mean: Any) -> DebtorRecord:
    return DebtorRecord(financed, paid, late, round(mean) if mean is not None else None)
