"""A debtor's payment as its account shows it: known once, whoever reported it first."""

from datetime import date, datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.funding.models import LenderEvent
from portal.payments.models import PaidTo
from portal.payments.recording import PaidTwice, record_payment
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
    the assignor passing it on: forwarded, and not paid a second time. Money received is a fact:
    what the account cannot take, because the day it is booked on changes what was owed, stays
    unallocated on the payment.
    """
    receivable = session.scalars(
        select(Receivable).where(Receivable.id == debt.receivable_id).with_for_update(of=Receivable)
    ).one()
    owed = position_of(session, debt.receivable_id).outstanding_cents
    fresh = Money(min(owed, amount.cents), amount.currency)
    if not fresh:
        return MovementKind.FORWARDED
    record = partial(
        record_payment,
        session,
        assignor_id=deal.deed.assignor_id,
        debtor_id=receivable.debtor_id,
        received_on=min(value_date, at.astimezone(PARIS).date()),
        amount=fresh,
        dedupe_key=f"lender-event:{event.id}",
        by=event.sent_by,
        at=at,
        paid_to=PaidTo.ASSIGNEE,
        reference=reference,
        imputation=Imputation.PRINCIPAL_FIRST,
    )
    try:
        record(amounts={receivable.id: fresh})
    except PaidTwice as too_much:
        # An earlier day shrinks the penalties that later payments settled: what that frees is owed by nobody.
        record(amounts={receivable.id: too_much.owed} if too_much.owed else {})
    return MovementKind.DEBTOR_PAID
