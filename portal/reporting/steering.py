"""The figures an assignor steers its receivables by, as of any day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor
from portal.reporting.book import count_in_other_currencies, read_book
from pricing.portfolio.aged_balance import AgedBalance
from pricing.portfolio.trend import (
    CashForecast,
    DebtorFigures,
    MonthFigures,
    aged_book,
    concentration_index,
    debtor_figures,
    expected_cash,
    monthly_trend,
)

MONTHS = 12
WEEKS = 13


@dataclass(frozen=True, slots=True)
class DebtorLine:
    """One debtor by name, with what it weighs."""

    id: UUID
    name: str
    siren: str | None
    figures: DebtorFigures


@dataclass(frozen=True, slots=True)
class Steering:
    """One assignor's book at the end of ``on``, in one currency; whole cents, VAT included.

    ``months`` oldest first, the last one up to ``on``; ``debtors`` those who owe most first;
    ``left_out`` counts the receivables in other currencies, which none of the figures hold.
    """

    on: date
    currency: str
    aged: AgedBalance
    months: tuple[MonthFigures, ...]
    debtors: tuple[DebtorLine, ...]
    concentration_index: Decimal
    cash: CashForecast
    left_out: int

    @property
    def this_month(self) -> MonthFigures:
        """The month of ``on``, up to that day."""
        return self.months[-1]


def steering_of(
    session: Session,
    assignor_id: UUID,
    *,
    on: date,
    months: int = MONTHS,
    weeks: int = WEEKS,
    currency: str = "EUR",
) -> Steering:
    """Everything at once, in five queries whatever the size of the book."""
    book = read_book(session, assignor_id, on=on, currency=currency)
    debtors = debtor_figures(book, on, months)
    return Steering(
        on=on,
        currency=currency,
        aged=aged_book(book, on, currency),
        months=monthly_trend(book, on, months),
        debtors=_named(session, assignor_id, debtors),
        concentration_index=concentration_index(debtors),
        cash=expected_cash(book, on, weeks),
        left_out=count_in_other_currencies(session, assignor_id, currency=currency),
    )


def _named(
    session: Session, assignor_id: UUID, figures: tuple[DebtorFigures, ...]
) -> tuple[DebtorLine, ...]:
    found = session.execute(
        select(Debtor.id, Debtor.name, Debtor.siren).where(Debtor.assignor_id == assignor_id)
    )
    names = {str(debtor_id): (debtor_id, name, siren) for debtor_id, name, siren in found}
    return tuple(DebtorLine(*names[one.debtor], one) for one in figures)
