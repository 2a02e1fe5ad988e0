"""One deal under way: its deed and offer, what its debtors still owe, and where its ledger stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.funding.models import FundingRequest, LenderEvent, Offer
from portal.funding.offers import fees_taken
from portal.ledger.journal import Line, balances, book
from portal.ledger.models import Account
from portal.receivables.models import Receivable
from portal.settlement.ledger_lines import Charges, Debt
from portal.settlement.models import Movement, MovementKind
from pricing.money import Money

PAYMENTS = (MovementKind.DEBTOR_PAID, MovementKind.FORWARDED)


@dataclass(frozen=True, slots=True)
class Deal:
    """What a movement is booked against; rows of one transaction."""

    request: FundingRequest
    deed: Deed
    offer: Offer

    @property
    def currency(self) -> str:
        return self.offer.currency

    @property
    def upfront(self) -> Charges:
        """Fees taken from the advance on the first day."""
        return Charges(*fees_taken(self.offer, "upfront"))

    @property
    def at_end(self) -> Charges:
        """Fees taken from the reserve when the debtors have paid."""
        return Charges(*fees_taken(self.offer, "at_end"))


def deal_of(session: Session, submission_id: UUID) -> Deal | None:
    """The deal of a submission whose offer was accepted; None while there is none."""
    row = session.execute(
        select(FundingRequest, Deed, Offer)
        .join(Deed, Deed.request_id == FundingRequest.id)
        .join(Offer, Offer.id == Deed.offer_id)
        .where(Offer.submission_id == submission_id, Deed.released_at.is_(None))
    ).first()
    return Deal(*row) if row else None


def live_debts(session: Session, deed: Deed) -> list[Debt]:
    """What each receivable still on the deed was assigned for, and has brought in."""
    paid = (
        select(Movement.receivable_id, func.sum(Movement.amount_cents).label("cents"))
        .where(Movement.deed_id == deed.id, Movement.kind.in_(PAYMENTS))
        .group_by(Movement.receivable_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Assignment.receivable_id,
            Assignment.face_cents,
            Assignment.advance_cents,
            func.coalesce(paid.c.cents, 0),
        )
        .outerjoin(paid, paid.c.receivable_id == Assignment.receivable_id)
        .where(Assignment.deed_id == deed.id, Assignment.released_at.is_(None))
        .order_by(Assignment.position)
    )
    return [Debt(rid, face, advance, int(cents)) for rid, face, advance, cents in rows]


def debt_named(session: Session, debts: Sequence[Debt], number: str | None) -> Debt | None:
    """The debt of that invoice number; the only one when the lender gives none."""
    if number is None:
        return debts[0] if len(debts) == 1 else None
    ids = [debt.receivable_id for debt in debts]
    found = session.scalar(
        select(Receivable.id).where(Receivable.id.in_(ids), Receivable.number == number)
    )
    return next((debt for debt in debts if debt.receivable_id == found), None)


def standing(session: Session, deed: Deed) -> dict[Account, int]:
    """Each account of the deal in cents, debit positive."""
    return balances(session, deed.id)


def move_money(
    session: Session,
    deal: Deal,
    kind: MovementKind,
    lines: Sequence[Line],
    *,
    event: LenderEvent,
    amount: Money,
    value_date: date,
    reference: str | None,
    at: datetime,
    receivable_id: UUID | None = None,
) -> Movement:
    """Book one movement the lender reports, with its journal entry; the same event again books nothing."""
    known = session.scalar(select(Movement).where(Movement.lender_event_id == event.id))
    if known is not None:
        return known
    entry = book(
        session,
        kind=kind.value,
        assignor_id=deal.deed.assignor_id,
        lender_id=deal.deed.lender_id,
        deed_id=deal.deed.id,
        lines=lines,
        value_date=value_date,
        narrative=f"{kind.value} {deal.deed.reference}",
        idempotency_key=f"lender-event:{event.id}",
        at=at,
    )
    movement = Movement(
        deed_id=deal.deed.id,
        assignor_id=deal.deed.assignor_id,
        lender_id=deal.deed.lender_id,
        receivable_id=receivable_id,
        kind=kind,
        amount_cents=amount.cents,
        currency=amount.currency,
        value_date=value_date,
        partner_reference=reference,
        journal_entry_id=entry.id,
        lender_event_id=event.id,
        recorded_at=at,
    )
    session.add(movement)
    session.flush()
    return movement


def book_consequence(
    session: Session,
    deal: Deal,
    kind: str,
    lines: Sequence[Line],
    *,
    value_date: date,
    at: datetime,
) -> None:
    """Book, once per deal and kind, what follows from its movements without being one itself."""
    if not any(line.amount.cents for line in lines):
        return
    book(
        session,
        kind=kind,
        assignor_id=deal.deed.assignor_id,
        lender_id=deal.deed.lender_id,
        deed_id=deal.deed.id,
        lines=lines,
        value_date=value_date,
        narrative=f"{kind} {deal.deed.reference}",
        idempotency_key=f"{kind}:{deal.deed.id}",
        at=at,
    )
