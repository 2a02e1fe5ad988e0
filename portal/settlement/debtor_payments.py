"""A debtor's payment as its account shows it: known once, whoever reported it first."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.funding.models import LenderEvent
from portal.payments.models import PaidTo
from portal.payments.recording import record_payment
from portal.receivables.models import Receivable
from portal.receivables.position import position_of
from portal.settlement.deal import Deal
from portal.settlement.ledger_lines import Debt
from portal.settlement.models import MovementKind
from pricing.late_payment import Imputation
from pricing.money import Money


def note_payment(
    session: Session,
    deal: Deal,
    debt: Debt,
    amount: Money,
    value_date: date,
    reference: str | None,
    event: LenderEvent,
    *,
    at: datetime,
) -> MovementKind:
    """Record on the debtor's account what the lender received; the kind of movement it is.

    What the debtor had already paid to the assignor, which collected for the lender, is
    the assignor passing it on: forwarded, and not paid a second time.
    """
    receivable = session.get_one(Receivable, debt.receivable_id)
    owed = position_of(session, debt.receivable_id).outstanding_cents
    fresh = min(owed, amount.cents)
    if not fresh:
        return MovementKind.FORWARDED
    record_payment(
        session,
        assignor_id=deal.deed.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: Money(fresh, amount.currency)},
        received_on=min(value_date, at.astimezone(PARIS).date()),
        amount=Money(fresh, amount.currency),
        dedupe_key=f"lender-event:{event.id}",
        by=event.sent_by,
        at=at,
        paid_to=PaidTo.ASSIGNEE,
        reference=reference,
        imputation=Imputation.PRINCIPAL_FIRST,
    )
    return MovementKind.DEBTOR_PAID
