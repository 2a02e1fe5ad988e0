"""Lists of invoices in CSV or Excel: every good row kept, every bad one reported with its remedy."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from partners.formats import delimited, headings, workbook
from partners.formats.documents import read_document
from partners.formats.refusing import FileRefused
from partners.formats.stated import StatedInvoice, StatedParty
from partners.formats.values import (
    AmbiguousAmount,
    decimal_mark_of,
    is_day_first,
    typed_amount,
    typed_date,
    unaccented,
)
from partners.vocabulary.invoices import (
    FileFormat,
    FileRead,
    InvoiceRead,
    ReadRefusal,
    ReadWarning,
)

ROWS_MAX = 10_000
ROW_REFUSALS_MAX = 1_000

AMOUNT_FIELDS = ("net", "vat", "gross", "prepaid", "payable")
DATE_FIELDS = {"issued_on": "issued", "due_on": "due", "delivered_on": "delivered"}
CREDIT_NOTE_WORDS = frozenset({"avoir", "credit", "av", "nc", "cn", "381", "refund"})
DEPOSIT_WORDS = frozenset({"acompte", "arrhes", "deposit", "386"})
DEPOSIT_TYPE = "386"


@dataclass(frozen=True, slots=True)
class _Table:
    """What the whole file says about how its cells are to be read."""

    columns: Mapping[int, str]
    titles: Mapping[str, str]
    width: int
    decimal_mark: str | None
    day_first: bool


class _BadRow(Exception):
    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def read_table(
    content: bytes, name: str, *, is_workbook: bool, chosen: Mapping[str, str] | None = None
) -> FileRead:
    """The invoices of a table, one per row.

    Args:
        chosen: the sender's own mapping, heading → field of ``headings.SYNONYMS``.

    Raises:
        FileRefused: no row of headings, or nothing under it.
    """
    rows = _source(content, is_workbook, chosen)
    at, columns = headings.heading_row(rows, chosen)
    _refuse_unusable(rows, at, columns)
    body = [(number, row) for number, row in enumerate(rows, 1) if number > at + 1]
    body = [(number, row) for number, row in body if any(cell.strip() for cell in row)]
    if not body:
        raise FileRefused("no_rows")
    table = _table(rows[at], columns, body[:ROWS_MAX])
    documents, refusals = _read_rows(table, body[:ROWS_MAX])
    if len(body) > ROWS_MAX:
        first = {"limit": str(ROWS_MAX), "row": str(body[ROWS_MAX][0])}
        refusals.append(ReadRefusal("too_many_rows", first))
    return FileRead(
        name,
        FileFormat.XLSX if is_workbook else FileFormat.CSV,
        documents=tuple(_marked_duplicates(documents)),
        refusals=tuple(refusals),
    )


def _source(content: bytes, is_workbook: bool, chosen: Mapping[str, str] | None) -> list[list[str]]:
    # One row more than is read tells that there are too many; headings may come late.
    limit = ROWS_MAX + headings.HEADING_ROW_MAX + 1
    if is_workbook:
        return workbook.rows_of(content, limit, chosen)
    return delimited.rows_of(content, limit, chosen)


def _refuse_unusable(rows: list[list[str]], at: int, columns: Mapping[int, str]) -> None:
    if not headings.are_enough(columns.values()):
        raise FileRefused("headings_not_found", needed=_needed_names())
    if len(rows[at]) > headings.COLUMNS_MAX:
        raise FileRefused("too_many_columns", limit=str(headings.COLUMNS_MAX))


def _needed_names() -> str:
    names = (headings.SYNONYMS[field][0] for field in (*headings.NEEDED, "gross"))
    return ", ".join(f"« {name} »" for name in names)


def _table(
    titles: list[str], columns: Mapping[int, str], body: list[tuple[int, list[str]]]
) -> _Table:
    amounts = [column for column, field in columns.items() if field in AMOUNT_FIELDS]
    dates = [column for column, field in columns.items() if field in DATE_FIELDS]
    return _Table(
        columns=columns,
        titles={field: titles[column].strip() for column, field in columns.items()},
        width=len(titles),
        decimal_mark=decimal_mark_of(_cells(body, amounts)),
        day_first=is_day_first(_cells(body, dates)),
    )


def _cells(body: list[tuple[int, list[str]]], columns: list[int]) -> Iterator[str]:
    return (row[column] for _, row in body for column in columns if column < len(row))


def _read_rows(
    table: _Table, body: list[tuple[int, list[str]]]
) -> tuple[list[InvoiceRead], list[ReadRefusal]]:
    documents: list[InvoiceRead] = []
    refusals: list[ReadRefusal] = []
    for number, row in body:
        if _is_total(table, row):
            continue
        try:
            documents.append(_read_row(table, number, row))
        except _BadRow as bad:
            refusals.append(ReadRefusal(bad.code, {"row": str(number), **bad.params}))
    return documents, refusals[:ROW_REFUSALS_MAX]


def _is_total(table: _Table, row: list[str]) -> bool:
    """A closing line of totals is no invoice: it has no number of its own."""
    values = _values(table, row)
    number = unaccented(values.get("number", ""))
    first = unaccented(next((cell for cell in row if cell.strip()), ""))
    words = ("total", "totaux", "sous-total", "somme", "grand total")
    return (not number or number.startswith(words)) and first.startswith(words)


def _values(table: _Table, row: list[str]) -> dict[str, str]:
    """Field → trimmed text, blank cells left out."""
    return {
        field: row[column].strip()
        for column, field in table.columns.items()
        if column < len(row) and row[column].strip()
    }


def _read_row(table: _Table, number: int, row: list[str]) -> InvoiceRead:
    if any(cell.strip() for cell in row[table.width :]):
        raise _BadRow("row_too_long")
    values = _values(table, row)
    for needed in ("number", "issued_on"):
        if needed not in values:
            raise _BadRow("row_value_missing", field=needed)
    stated = _stated(table, values)
    stated.row = number
    assumed = _complete(stated)
    invoice = read_document(stated)
    return replace(invoice, warnings=(*invoice.warnings, *assumed))


def _stated(table: _Table, values: Mapping[str, str]) -> StatedInvoice:
    dates = {DATE_FIELDS[f]: _date(table, f, values[f]) for f in DATE_FIELDS if f in values}
    due = dates.pop("due", None)
    kind = _words(values.get("kind", ""))
    return StatedInvoice(
        syntax_credit_note=bool(kind & CREDIT_NOTE_WORDS),
        type_code=DEPOSIT_TYPE if kind & DEPOSIT_WORDS else None,
        # A spreadsheet that took the number for a quantity: 1930571429.0.
        number=re.sub(r"^(\d+)\.0$", r"\1", values["number"]),
        currency=values.get("currency", "").upper() or None,
        amounts={f: _amount(table, f, values[f]) for f in AMOUNT_FIELDS if f in values},
        dates={name: day.isoformat() for name, day in dates.items()},
        due_dates=[due.isoformat()] if due else [],
        seller=_party("seller", values),
        buyer=_party("buyer", values),
        payee=StatedParty(name=values["payee_name"]) if "payee_name" in values else None,
        ibans=[values["iban"]] if "iban" in values else [],
        terms=values.get("terms"),
        order_reference=values.get("order_reference"),
        contract_reference=values.get("contract_reference"),
        delivery_reference=values.get("delivery_reference"),
        preceding=values.get("preceding"),
        notes=[(None, values["note"])] if "note" in values else [],
    )


def _party(role: str, values: Mapping[str, str]) -> StatedParty:
    given = {
        key.removeprefix(f"{role}_"): value
        for key, value in values.items()
        if key.startswith(f"{role}_")
    }
    siren, siret = given.get("siren"), given.get("siret")
    return StatedParty(
        name=given.get("name"),
        legal_id=siren or siret,
        legal_scheme="0002" if siren else "0009" if siret else None,
        ids=[("0009", siret)] if siret else [],
        vat_id=given.get("vat"),
        country=given.get("country"),
        street=[given["street"]] if "street" in given else [],
        postcode=given.get("postcode"),
        city=given.get("city"),
        email=given.get("email"),
    )


def _amount(table: _Table, field: str, text: str) -> str:
    where = {"column": table.titles[field], "value": text[:60]}
    try:
        return format(typed_amount(text, table.decimal_mark), "f")
    except AmbiguousAmount as error:
        raise _BadRow("row_amount_ambiguous", **where) from error
    except ValueError as error:
        raise _BadRow("row_amount_unreadable", **where) from error


def _date(table: _Table, field: str, text: str) -> date:
    try:
        return typed_date(text, day_first=table.day_first)
    except ValueError as error:
        where = {"column": table.titles[field], "value": text[:60]}
        raise _BadRow("row_date_unreadable", **where) from error


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", unaccented(text)))


def _complete(stated: StatedInvoice) -> list[ReadWarning]:
    """Fill what a list leaves implied, saying so: the total, what is left to pay, the euro."""
    assumed = []
    amounts = {name: Decimal(text) for name, text in stated.amounts.items() if text}
    if "gross" not in amounts and {"net", "vat"} <= amounts.keys():
        amounts["gross"] = amounts["net"] + amounts["vat"]
        stated.amounts["gross"] = str(amounts["gross"])
        assumed.append(ReadWarning("gross_assumed", {"gross": str(amounts["gross"])}))
    if "payable" not in amounts and "gross" in amounts:
        payable = str(amounts["gross"] - amounts.get("prepaid", Decimal(0)))
        stated.amounts["payable"] = payable
        assumed.append(ReadWarning("payable_assumed", {"payable": payable}))
    if stated.currency is None:
        stated.currency = "EUR"
        assumed.append(ReadWarning("currency_assumed"))
    return assumed


def _marked_duplicates(documents: list[InvoiceRead]) -> Iterator[InvoiceRead]:
    """Each document, with a warning when its number came before: same content, or another."""
    seen: dict[tuple[str, str], InvoiceRead] = {}
    for document in documents:
        key = (document.seller.name or "", (document.number or "").casefold())
        earlier = seen.setdefault(key, document)
        if earlier is document:
            yield document
            continue
        same = replace(earlier, row=document.row, warnings=document.warnings) == document
        params = {"number": document.number or "", "row": str(earlier.row)}
        remark = ReadWarning("duplicate_number" if same else "same_number_differs", params)
        yield replace(document, warnings=(*document.warnings, remark))
