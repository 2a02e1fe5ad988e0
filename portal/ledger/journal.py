"""Booking entries; the database refuses one that does not balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.ledger.models import Account, JournalEntry, Posting
from pricing.money import Money


class EntryUnbalanced(ValueError):
    """The lines of an entry do not sum to zero."""


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to make: debit positive, credit negative."""

    account: Account
    amount: Money
    receivable_id: UUID | None = None


def book(
    session: Session,
    *,
    kind: str,
    assignor_id: UUID,
    lender_id: UUID | None,
    deed_id: UUID | None,
    lines: Sequence[Line],
    value_date: date,
    narrative: str,
    idempotency_key: str,
    at: datetime,
) -> JournalEntry:
    """Book one entry; the same key again returns the entry already booked. Lines of zero are left out.

    Raises:
        EntryUnbalanced: the lines do not sum to zero, or mix currencies.
    """
    known = session.scalar(
        select(JournalEntry).where(JournalEntry.idempotency_key == idempotency_key)
    )
    if known is not None:
        return known
    _refuse_unbalanced(kind, lines)
    entry = JournalEntry(
        assignor_id=assignor_id,
        lender_id=lender_id,
        deed_id=deed_id,
        kind=kind,
        value_date=value_date,
        booked_at=at,
        narrative=narrative,
        idempotency_key=idempotency_key,
    )
    session.add(entry)
    session.flush()
    booked = [line for line in lines if line.amount.cents]
    session.add_all(
        Posting(
            entry_id=entry.id,
            assignor_id=assignor_id,
            lender_id=lender_id,
            deed_id=deed_id,
            line=position,
            account=line.account,
            receivable_id=line.receivable_id,
            amount_cents=line.amount.cents,
            currency=line.amount.currency,
        )
        for position, line in enumerate(booked, start=1)
    )
    session.flush()
    return entry


def balances(session: Session, deed_id: UUID) -> dict[Account, int]:
    """Each account's balance on one deed, in cents, debit positive; accounts at zero included."""
    rows = session.execute(
        select(Posting.account, func.sum(Posting.amount_cents))
        .where(Posting.deed_id == deed_id)
        .group_by(Posting.account)
    )
    found = {account: int(total) for account, total in rows}
    return {account: found.get(account, 0) for account in Account}


def _refuse_unbalanced(kind: str, lines: Sequence[Line]) -> None:
    currencies = {line.amount.currency for line in lines}
    residual = sum(line.amount.cents for line in lines)
    if len(currencies) != 1 or residual:
        raise EntryUnbalanced(f"entry '{kind}' is off by {residual} cents in {sorted(currencies)}")
