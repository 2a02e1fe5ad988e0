"""How a book goes: month after month, debtor by debtor, and the cash to expect week by week."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from pricing.money import Money
from pricing.portfolio.aged_balance import AgedBalance, OpenReceivable, aged_balance
from pricing.portfolio.book import Book, open_cents, paid_cents
from pricing.portfolio.dso import CountBack, dso_count_back, dso_days

SALES_MONTHS = 3
NOT_YET = 9999 * 12 + 11
"""The month number of what lies after the day that is looked at."""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """One month of the book, or its part up to the day it is read; whole cents, VAT included.

    ``invoiced_cents`` are the invoices issued, ``credited_cents`` the credit notes and
    ``collected_cents`` the payments dated in the month. ``outstanding_cents`` and
    ``overdue_cents`` are those of the end of ``last_on``. ``dso_days`` is the simple one, over
    three months; ``days_late`` weighs each payment of the month by its amount and never counts
    an early one under nought. Both are ``None`` without sales or payments.
    """

    first_on: date
    last_on: date
    invoiced_cents: int
    credited_cents: int
    collected_cents: int
    outstanding_cents: int
    overdue_cents: int
    count_back: CountBack
    dso_days: Decimal | None
    days_late: Decimal | None


@dataclass(frozen=True, slots=True)
class DebtorFigures:
    """What one debtor weighs in the book; whole cents, VAT included.

    ``mean_days_late`` is the plain mean over receivables settled by payment, from due date to
    last payment, negative when early, ``None`` before the first. ``share_rate`` is its part of
    everything owed, a fraction of one.
    """

    debtor: str
    invoiced_cents: int
    outstanding_cents: int
    overdue_cents: int
    mean_days_late: Decimal | None
    share_rate: Decimal


@dataclass(frozen=True, slots=True)
class Expected:
    """Cash to come: on receivables the assignor still holds, and on those it assigned."""

    free_cents: int = 0
    assigned_cents: int = 0

    @property
    def total_cents(self) -> int:
        """With what is assigned."""
        return self.free_cents + self.assigned_cents


@dataclass(frozen=True, slots=True)
class CashForecast:
    """Everything owed on a day, by the week it should come in.

    ``weeks`` are (Monday, cash), the current week first. ``overdue_beyond_habit`` should
    already have been paid, given the debtor's mean delay: no week is promised for it.
    ``later`` comes after the last week. The three add up to what is owed.
    """

    weeks: tuple[tuple[date, Expected], ...]
    overdue_beyond_habit: Expected
    later: Expected


def aged_book(book: Book, on: date, currency: str = "EUR") -> AgedBalance:
    """The aged balance of the book at the end of ``on``."""
    dated = book.receivables[["issued_on", "due_on"]].assign(cents=open_cents(book, on))
    owed = dated[dated["cents"] > 0].groupby(["issued_on", "due_on"], as_index=False).sum()
    rows = owed.itertuples(index=False, name=None)
    return aged_balance(
        (
            OpenReceivable(issued.date(), due.date(), Money(int(cents), currency))
            for issued, due, cents in rows
        ),
        on,
        currency,
    )


def monthly_trend(book: Book, on: date, months: int = 12) -> tuple[MonthFigures, ...]:
    """The last ``months`` months, oldest first; the last one ends on ``on``.

    What is known today is replayed on each day: a payment recorded late but dated in March
    lowers what was owed at the end of March. Sales, for both DSO, are the invoices of a month
    less the credit notes they had received by the day that is looked at; they are VAT included,
    as what is owed is.

    Source: reference formulas of DSO (simple and count-back) and days late: see
    `pricing.portfolio.dso`.
    """
    ends = {
        number: min(_last_day(number), on)
        for number in range(_month(on) - months + 1, _month(on) + 1)
    }
    issued_on, payable = book.receivables["issued_on"], book.receivables["payable_cents"]
    issued = _months(issued_on).where(issued_on <= pd.Timestamp(on), NOT_YET)
    begun = pd.DataFrame({number: issued <= number for number in ends})
    sold = (-_taken_off(book, book.credits, ends)).add(payable, axis=0).clip(lower=0)
    sold = sold.where(begun, 0)
    owed = (sold - _taken_off(book, book.payments, ends)).clip(lower=0)
    late = _days_late_by_month(book, on)
    flows = _Flows(
        invoiced=_by_month(book.receivables, "issued_on", "payable_cents", on),
        credited=_by_month(book.credits, "on", "cents", on),
        collected=_by_month(book.payments, "on", "cents", on),
    )
    sales = sold.groupby(issued).sum()
    return tuple(
        _month_figures(number, ends[number], owed[number], sales[number], book, flows, late)
        for number in ends
    )


def _taken_off(book: Book, movements: pd.DataFrame, ends: dict[int, date]) -> pd.DataFrame:
    """What movements had taken off each receivable by the end of each month: int64.

    One row per receivable, one column per month number.
    """
    known = movements[movements["on"] <= pd.Timestamp(max(ends.values()))]
    month = _months(known["on"]).clip(lower=min(ends)).rename("month")
    sums = known.groupby(["receivable", month])["cents"].sum().unstack(fill_value=0)
    every = sums.reindex(index=book.receivables.index, columns=list(ends), fill_value=0)
    return every.cumsum(axis=1)


@dataclass(frozen=True, slots=True)
class _Flows:
    """Whole cents by month number."""

    invoiced: dict[int, int]
    credited: dict[int, int]
    collected: dict[int, int]


def _month_figures(
    number: int,
    last_on: date,
    owed: pd.Series[int],
    sales: pd.Series[int],
    book: Book,
    flows: _Flows,
    late: dict[int, Decimal],
) -> MonthFigures:
    outstanding = int(owed.sum())
    sold = _every_month(sales, number)
    return MonthFigures(
        first_on=_first_day(number),
        last_on=last_on,
        invoiced_cents=flows.invoiced.get(number, 0),
        credited_cents=flows.credited.get(number, 0),
        collected_cents=flows.collected.get(number, 0),
        outstanding_cents=outstanding,
        overdue_cents=int(owed[book.receivables["due_on"] < pd.Timestamp(last_on)].sum()),
        count_back=dso_count_back(Money(outstanding), sold, until=last_on),
        dso_days=_simple_dso(outstanding, sold, last_on),
        days_late=late.get(number),
    )


def _by_month(frame: pd.DataFrame, day: str, cents: str, on: date) -> dict[int, int]:
    known = frame[frame[day] <= pd.Timestamp(on)]
    sums = known.groupby(_months(known[day]))[cents].sum()
    return {int(number): int(total) for number, total in zip(sums.index, sums, strict=True)}


def _every_month(sales: pd.Series[int], last: int) -> dict[date, Money]:
    """Sales of every month from the first invoice to ``last``, even those without any."""
    sold = {int(month): int(cents) for month, cents in zip(sales.index, sales, strict=True)}
    every = range(min(sold, default=NOT_YET), last + 1)
    return {_first_day(month): Money(sold.get(month, 0)) for month in every}


def _simple_dso(outstanding_cents: int, sales: dict[date, Money], last_on: date) -> Decimal | None:
    first_on = _first_day(_month(last_on) - SALES_MONTHS + 1)
    period = sum(sold.cents for month, sold in sales.items() if month >= first_on)
    return dso_days(Money(outstanding_cents), Money(period), (last_on - first_on).days + 1)


def _days_late_by_month(book: Book, on: date) -> dict[int, Decimal]:
    paid = book.payments[book.payments["on"] <= pd.Timestamp(on)]
    due_on = book.receivables["due_on"].reindex(paid["receivable"]).set_axis(paid.index)
    late = (paid["on"] - due_on).dt.days.clip(lower=0)
    weighed = paid.assign(waited=paid["cents"] * late)[["cents", "waited"]]
    rows = weighed.groupby(_months(paid["on"])).sum().itertuples(name=None)
    return {number: Decimal(int(waited)) / int(cents) for number, cents, waited in rows if cents}


def debtor_figures(book: Book, on: date, months: int = 12) -> tuple[DebtorFigures, ...]:
    """Each debtor invoiced by ``on``, who owes most first.

    What was invoiced covers the same ``months`` as `monthly_trend`, so that both add up.
    """
    first_on = pd.Timestamp(_first_day(_month(on) - months + 1))
    receivables, owed = book.receivables, open_cents(book, on)
    issued_on = receivables["issued_on"]
    table = pd.DataFrame(
        {
            "debtor": receivables["debtor"],
            "invoiced": receivables["payable_cents"].where(issued_on >= first_on, 0),
            "owed": owed,
            "overdue": owed.where(receivables["due_on"] < pd.Timestamp(on), 0),
        }
    )[issued_on <= pd.Timestamp(on)]
    sums = table.groupby("debtor").sum().sort_values("owed", ascending=False, kind="stable")
    whole, habits = Money(int(owed.sum())), _habits(_delays(book, on, owed))
    return tuple(
        DebtorFigures(
            debtor=debtor,
            invoiced_cents=int(invoiced),
            outstanding_cents=int(owes),
            overdue_cents=int(overdue),
            mean_days_late=habits.get(debtor),
            share_rate=Money(int(owes)).share_of(whole),
        )
        for debtor, invoiced, owes, overdue in sums.itertuples(name=None)
    )


def concentration_index(debtors: tuple[DebtorFigures, ...]) -> Decimal:
    """Herfindahl-Hirschman index of what is owed: sum of squared percentages, 0 to 10,000."""
    owed = [one.outstanding_cents for one in debtors]
    whole = sum(owed)
    return Decimal(sum(cents**2 for cents in owed) * 10_000) / whole**2 if whole else Decimal(0)


def _delays(book: Book, on: date, owed: pd.Series[int]) -> pd.DataFrame:
    """Days from due date to last payment (``days``, int64) of each receivable settled by payment."""
    paid = book.payments[book.payments["on"] <= pd.Timestamp(on)]
    last_on = paid.groupby("receivable")["on"].max()
    settled = (paid_cents(book, on) > 0) & (owed == 0)
    settled &= book.receivables["issued_on"] <= pd.Timestamp(on)
    frame = book.receivables.loc[settled, ["debtor", "due_on"]]
    return frame.assign(days=(last_on.reindex(frame.index) - frame["due_on"]).dt.days)


def _habits(delays: pd.DataFrame) -> dict[str, Decimal]:
    days = delays.groupby("debtor")["days"].agg(["sum", "count"])
    rows = days.itertuples(name=None)
    return {debtor: Decimal(int(total)) / int(count) for debtor, total, count in rows}


def expected_cash(book: Book, on: date, weeks: int = 13) -> CashForecast:
    """Everything owed at the end of ``on``, on its due date plus its debtor's mean delay.

    The mean is that of `DebtorFigures`, in whole days, half up; a debtor that has settled
    nothing yet is given the mean of all, and a book where nothing was settled has no delay.
    """
    cents = open_cents(book, on)
    owed = book.receivables[["debtor", "due_on", "assigned"]].assign(cents=cents)[cents > 0]
    delays = _delays(book, on, cents)
    habits = {debtor: _whole(mean) for debtor, mean in _habits(delays).items()}
    usual = _mean_delay(delays["days"])
    delay = owed["debtor"].map(lambda debtor: habits.get(debtor, usual)).astype("int64")
    day = owed["due_on"] + pd.to_timedelta(delay, unit="D")
    monday = on - timedelta(days=on.weekday())
    week = ((day - pd.Timestamp(monday)).dt.days // 7).clip(upper=weeks)
    week = week.where(day >= pd.Timestamp(on), -1)
    sums = owed.groupby([week.rename("week"), "assigned"])["cents"].sum().to_dict()

    def cash(number: int) -> Expected:
        return Expected(int(sums.get((number, False), 0)), int(sums.get((number, True), 0)))

    return CashForecast(
        weeks=tuple((monday + timedelta(weeks=n), cash(n)) for n in range(weeks)),
        overdue_beyond_habit=cash(-1),
        later=cash(weeks),
    )


def _mean_delay(days: pd.Series[int]) -> int:
    return _whole(Decimal(int(days.sum())) / len(days)) if len(days) else 0


def _whole(days: Decimal) -> int:
    return int(days.quantize(Decimal(1), ROUND_HALF_UP))


def _months(days: pd.Series[pd.Timestamp]) -> pd.Series[int]:
    return days.dt.year * 12 + days.dt.month - 1


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_day(month: int) -> date:
    first_on = _first_day(month)
    return first_on.replace(day=monthrange(first_on.year, first_on.month)[1])
