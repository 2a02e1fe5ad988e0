"""A book of receivables in columns: what was issued, credited and paid, and what is open on a day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

RECEIVABLE_COLUMNS = ("receivable", "debtor", "issued_on", "due_on", "payable_cents", "assigned")
MOVEMENT_COLUMNS = ("receivable", "on", "cents")
_DAY = "datetime64[s]"

ReceivableRow = tuple[str, str, date, date, int, bool]
MovementRow = tuple[str, date, int]


@dataclass(frozen=True, slots=True)
class Book:
    """Receivables of one assignor in one currency, with what lowered each of them.

    ``receivables``, one row per receivable, numbered from nought:

    ============= ============= ==================================================
    debtor        category      who owes it, a text
    issued_on     datetime64[s] day of the invoice
    due_on        datetime64[s] day it falls due
    payable_cents int64         whole cents, VAT included: face less what was prepaid
    assigned      bool          on a live deed on the day the book was read
    ============= ============= ==================================================

    ``credits`` and ``payments``, one row per credit note or allocated payment:

    ============= ============= ==================================================
    receivable    int64         row number in ``receivables``
    on            datetime64[s] day of the credit note, day the money was received
    cents         int64         whole cents, VAT included, of principal alone
    ============= ============= ==================================================

    Raises:
        TypeError: a column of cents does not hold whole numbers.
    """

    receivables: pd.DataFrame
    credits: pd.DataFrame
    payments: pd.DataFrame

    def __post_init__(self) -> None:
        columns = {
            "payable_cents": self.receivables["payable_cents"],
            "credits.cents": self.credits["cents"],
            "payments.cents": self.payments["cents"],
        }
        for name, column in columns.items():
            if column.dtype != "int64":
                raise TypeError(f"{name} must hold whole cents (int64), not {column.dtype}")


def book_from_rows(
    receivables: Iterable[ReceivableRow],
    credits: Iterable[MovementRow],
    payments: Iterable[MovementRow],
) -> Book:
    """The book of plain rows, in the order of ``RECEIVABLE_COLUMNS`` and ``MOVEMENT_COLUMNS``.

    Movements name the receivable by its key; those of a receivable that is not in the book
    are left out.
    """
    frame = _frame(receivables, RECEIVABLE_COLUMNS)
    keys = pd.Index(frame.pop("receivable"))
    dtypes = {"debtor": "category", "issued_on": _DAY, "due_on": _DAY}
    frame = _typed(frame, {**dtypes, "payable_cents": "int64", "assigned": "bool"})
    return Book(frame, _movements(credits, keys), _movements(payments, keys))


def open_cents(book: Book, on: date) -> pd.Series[int]:
    """What is owed on each receivable at the end of ``on``: int64, by row number.

    Nothing before the day of issue, and never under nought: what was paid too much on one
    receivable does not lower another.
    """
    left = book.receivables["payable_cents"] - credited_cents(book, on) - paid_cents(book, on)
    return left.clip(lower=0).where(book.receivables["issued_on"] <= pd.Timestamp(on), 0)


def credited_cents(book: Book, on: date) -> pd.Series[int]:
    """What credit notes had taken off each receivable by ``on``: int64, by row number."""
    return _by_receivable(book, book.credits, on)


def paid_cents(book: Book, on: date) -> pd.Series[int]:
    """What had been paid of each receivable by ``on``: int64, by row number."""
    return _by_receivable(book, book.payments, on)


def _by_receivable(book: Book, movements: pd.DataFrame, on: date) -> pd.Series[int]:
    known = movements[movements["on"] <= pd.Timestamp(on)]
    sums = known.groupby("receivable")["cents"].sum()
    return sums.reindex(book.receivables.index, fill_value=0)


def _movements(rows: Iterable[MovementRow], keys: pd.Index) -> pd.DataFrame:
    frame = _frame(rows, MOVEMENT_COLUMNS)
    frame["receivable"] = keys.get_indexer(pd.Index(frame["receivable"]))
    known = frame[frame["receivable"] >= 0].reset_index(drop=True)
    return _typed(known, {"receivable": "int64", "on": _DAY, "cents": "int64"})


def _frame(rows: Iterable[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame.from_records(list(rows), columns=list(columns))


def _typed(frame: pd.DataFrame, dtypes: dict[str, str]) -> pd.DataFrame:
    for name, dtype in dtypes.items():
        if len(frame) and dtype == "int64" and frame[name].dtype.kind == "f":
            raise TypeError(f"{name} must hold whole cents, not {frame[name].dtype}")
    return frame.astype(dtypes)
