"""The statement of one deal: each movement of money, what it is made of, and what is left."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.assignments.models import Deed
from portal.ledger.models import Account, JournalEntry
from portal.receivables.models import Receivable
from portal.settlement.deal import standing
from portal.settlement.ledger_lines import POSITIONS

ASSIGNOR_CASH_KINDS = ("disbursed", "reserve_released", "recourse_paid", "charges_paid")


@dataclass(frozen=True, slots=True)
class StatementPart:
    """One posting of a movement, debit positive."""

    account: Account
    amount_cents: int
    invoice_number: str | None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry: its kind, what the assignor received (negative: paid), and the postings behind it."""

    kind: str
    value_date: date
    booked_at: datetime
    assignor_cents: int
    currency: str
    parts: tuple[StatementPart, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything booked on a deed, oldest first, and what each position stands at."""

    lines: tuple[StatementLine, ...]
    positions: dict[Account, int]

    @property
    def is_over(self) -> bool:
        """Nothing is left on any side."""
        return bool(self.lines) and not any(self.positions.values())

    @property
    def assignor_cents(self) -> int:
        """What the assignor received in all, less what it paid back."""
        return sum(line.assignor_cents for line in self.lines)

    @property
    def fees_cents(self) -> int:
        """Fees charged so far, before VAT."""
        return -self._flow(Account.FEES)

    @property
    def vat_cents(self) -> int:
        return -self._flow(Account.VAT_ON_FEES)

    def _flow(self, account: Account) -> int:
        return sum(
            part.amount_cents
            for line in self.lines
            for part in line.parts
            if part.account is account
        )


def statement_of(session: Session, deed: Deed) -> Statement:
    """The statement of a deed for whoever may see it: its assignor and its lender."""
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.deed_id == deed.id)
        .options(selectinload(JournalEntry.postings))
        .order_by(JournalEntry.booked_at, JournalEntry.value_date, JournalEntry.id)
    ).all()
    numbers = _numbers(session, entries)
    accounts = standing(session, deed)
    return Statement(
        tuple(_line(entry, numbers) for entry in entries),
        {account: accounts[account] for account in POSITIONS},
    )


def _line(entry: JournalEntry, numbers: dict[UUID | None, str]) -> StatementLine:
    lender_cash = sum(
        posting.amount_cents for posting in entry.postings if posting.account is Account.LENDER_CASH
    )
    return StatementLine(
        kind=entry.kind,
        value_date=entry.value_date,
        booked_at=entry.booked_at,
        assignor_cents=-lender_cash if entry.kind in ASSIGNOR_CASH_KINDS else 0,
        currency=entry.postings[0].currency,
        parts=tuple(
            StatementPart(posting.account, posting.amount_cents, numbers[posting.receivable_id])
            for posting in entry.postings
        ),
    )


def _numbers(session: Session, entries: Sequence[JournalEntry]) -> dict[UUID | None, str]:
    wanted = {posting.receivable_id for entry in entries for posting in entry.postings} - {None}
    rows = session.execute(
        select(Receivable.id, Receivable.number).where(Receivable.id.in_(wanted))
    )
    found: dict[UUID | None, str] = defaultdict(str)
    found.update((row.id, row.number) for row in rows)
    return found
