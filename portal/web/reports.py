"""The figures an assignor steers by: ages, months, weeks to come and debtors, as of any day."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import Blueprint, abort, render_template, request
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import current_assignor_id
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.reporting.steering import DebtorLine, Steering, steering_of
from portal.web.csv_export import Amount, csv_response
from portal.web.paging import Page, asked_page
from portal.web.presentation import current_locale
from pricing.portfolio.aged_balance import Bucket
from pricing.portfolio.dso import CountBack
from pricing.portfolio.trend import Expected

pages = Blueprint("reports", __name__, url_prefix="/reports")

EARLIEST = date(2000, 1, 1)
DEBTORS_PER_PAGE = 20
DEFAULT_SORT = "-outstanding"
BUCKET_LABELS: Mapping[Bucket, str] = {
    Bucket.NOT_DUE: lazy_gettext("Not due"),
    Bucket.DAYS_1_30: lazy_gettext("1–30 days late"),
    Bucket.DAYS_31_60: lazy_gettext("31–60"),
    Bucket.DAYS_61_90: lazy_gettext("61–90"),
    Bucket.OVER_90: lazy_gettext("Over 90"),
}
SORTS: Mapping[str, Callable[[DebtorLine], Any]] = {
    "name": lambda line: line.name.casefold(),
    "invoiced": lambda line: line.figures.invoiced_cents,
    "outstanding": lambda line: line.figures.outstanding_cents,
    "overdue": lambda line: line.figures.overdue_cents,
    "late": lambda line: line.figures.mean_days_late,
}


class DayRefused(ValueError):
    """The day asked for is no day, has not come yet, or is too far back."""


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str | tuple[str, int]:
    """Every figure as of one day; a day that cannot be read is said, and today's shown meanwhile."""
    try:
        return _page(_asked_day(), {})
    except DayRefused:
        error = gettext("Choose a day from 1 January 2000 to today, such as 2026-03-31.")
        return _page(clock().day(), {"on": error}), 422


@pages.get("/<any(ages, months, weeks, debtors):name>.csv")
@allow(Action.SEE_RECEIVABLES)
def export(name: str) -> Response:
    """One of the tables, whole, as a spreadsheet."""
    try:
        on = _asked_day()
    except DayRefused:
        abort(400)
    header, rows = _TABLES[name](steering_of(session(), current_assignor_id(), on=on))
    return csv_response(f"{name}-{on.isoformat()}", header, lambda: rows)


def _page(on: date, errors: Mapping[str, str]) -> str:
    found = steering_of(session(), current_assignor_id(), on=on)
    return render_template(
        "reports/index.html",
        found=found,
        today=clock().day(),
        typed=request.args.get("on", on.isoformat()),
        errors=errors,
        bucket_labels=BUCKET_LABELS,
        ages=_ages_lines(found),
        thirteen_weeks=_whole_period(found),
        ages_chart=_ages_chart(found),
        flow_chart=_flow_chart(found),
        delays_chart=_delays_chart(found),
        weeks_chart=_weeks_chart(found),
        page=_debtors_page(found),
        count_back=_count_back_text(found.this_month.count_back),
    )


def _asked_day() -> date:
    """The day of the address, today when there is none.

    Raises:
        DayRefused: it is no day from `EARLIEST` to today.
    """
    given, today = request.args.get("on", "").strip(), clock().day()
    try:
        day = date.fromisoformat(given) if given else today
    except ValueError:
        raise DayRefused(given) from None
    if not EARLIEST <= day <= today:
        raise DayRefused(given)
    return day


def _debtors_page(found: Steering) -> Page:
    rows = _sorted(found)
    last = max(-(-len(rows) // DEBTORS_PER_PAGE), 1)
    number = min(asked_page(), last)
    start = (number - 1) * DEBTORS_PER_PAGE
    shown = rows[start : start + DEBTORS_PER_PAGE]
    return Page(number, last, len(rows), DEBTORS_PER_PAGE, shown)


def _sorted(found: Steering) -> list[DebtorLine]:
    """The debtors in the order of the address; those without the figure come last."""
    asked = request.args.get("sort", DEFAULT_SORT)
    asked = asked if asked.removeprefix("-") in SORTS else DEFAULT_SORT
    key = SORTS[asked.removeprefix("-")]
    known = [line for line in found.debtors if key(line) is not None]
    unknown = [line for line in found.debtors if key(line) is None]
    return sorted(known, key=key, reverse=asked.startswith("-")) + unknown


def _ages_lines(found: Steering) -> list[tuple[str, int]]:
    """What is owed, bucket by bucket, the total last."""
    lines = [(str(BUCKET_LABELS[one]), amount.cents) for one, amount in found.aged.buckets.items()]
    return [*lines, (gettext("Total"), found.aged.total.cents)]


def _whole_period(found: Steering) -> Expected:
    weeks = [cash for _, cash in found.cash.weeks]
    return Expected(sum(one.free_cents for one in weeks), sum(one.assigned_cents for one in weeks))


def _count_back_text(counted: CountBack) -> str:
    days = round(counted.days)
    if counted.incomplete:
        return str(gettext("%(days)s days or more", days=days))
    return str(gettext("%(days)s days", days=days))


def _month_text(first_on: date) -> str:
    return format_date(first_on, "MMM yy", locale=current_locale())


def _week_text(monday: date) -> str:
    return format_date(monday, "d MMM", locale=current_locale())


def _ages_chart(found: Steering) -> dict[str, Any]:
    amounts = [amount.cents for amount in found.aged.buckets.values()]
    labels = [str(BUCKET_LABELS[bucket]) for bucket in Bucket]
    tones = [f"age-{index}" for index in range(len(amounts))]
    series = [{"name": gettext("Outstanding"), "values": amounts, "tones": tones}]
    return {"labels": labels, "series": series, "unit": "money", "currency": found.currency}


def _flow_chart(found: Steering) -> dict[str, Any]:
    months = found.months
    return {
        "labels": [_month_text(one.first_on) for one in months],
        "series": [
            {"name": gettext("Invoiced"), "values": [one.invoiced_cents for one in months]},
            {"name": gettext("Collected"), "values": [one.collected_cents for one in months]},
        ],
        "unit": "money",
        "currency": found.currency,
    }


def _delays_chart(found: Steering) -> dict[str, Any]:
    months = found.months
    counted = [None if one.count_back.incomplete else one.count_back.days for one in months]
    return {
        "labels": [_month_text(one.first_on) for one in months],
        "series": [
            {"name": gettext("DSO, counted back"), "values": _whole(counted)},
            {"name": gettext("DSO, simple"), "values": _whole([one.dso_days for one in months])},
            {"name": gettext("Days late"), "values": _whole([one.days_late for one in months])},
        ],
        "unit": "days",
    }


def _weeks_chart(found: Steering) -> dict[str, Any]:
    weeks = found.cash.weeks
    return {
        "labels": [_week_text(monday) for monday, _ in weeks],
        "series": [
            {
                "name": gettext("Yours"),
                "values": [cash.free_cents for _, cash in weeks],
                "tone": "accent",
            },
            {
                "name": gettext("On assigned invoices"),
                "values": [cash.assigned_cents for _, cash in weeks],
                "tone": "neutral",
            },
        ],
        "unit": "money",
        "currency": found.currency,
    }


def _whole(days: list[Decimal | None]) -> list[int | None]:
    return [None if one is None else round(one) for one in days]


Table = tuple[list[str], list[list[Any]]]


def _ages_table(found: Steering) -> Table:
    header = [gettext("Age"), gettext("Outstanding")]
    return header, [
        [str(BUCKET_LABELS[bucket]), Amount(amount.cents)]
        for bucket, amount in found.aged.buckets.items()
    ]


def _months_table(found: Steering) -> Table:
    header = [
        gettext("First day"),
        gettext("Last day"),
        gettext("Invoiced"),
        gettext("Credit notes"),
        gettext("Collected"),
        gettext("Outstanding"),
        gettext("Overdue"),
        gettext("DSO, counted back"),
        gettext("At least"),
        gettext("DSO, simple"),
        gettext("Days late"),
    ]
    return header, [
        [
            one.first_on,
            one.last_on,
            Amount(one.invoiced_cents),
            Amount(one.credited_cents),
            Amount(one.collected_cents),
            Amount(one.outstanding_cents),
            Amount(one.overdue_cents),
            _hundredths(one.count_back.days),
            gettext("yes") if one.count_back.incomplete else "",
            _hundredths(one.dso_days),
            _hundredths(one.days_late),
        ]
        for one in found.months
    ]


def _weeks_table(found: Steering) -> Table:
    header = [gettext("Week of"), gettext("Yours"), gettext("On assigned invoices")]
    cash = [*found.cash.weeks]
    rows = [[monday, Amount(one.free_cents), Amount(one.assigned_cents)] for monday, one in cash]
    for label, one in (
        (gettext("Later than usual already"), found.cash.overdue_beyond_habit),
        (gettext("After these weeks"), found.cash.later),
    ):
        rows.append([label, Amount(one.free_cents), Amount(one.assigned_cents)])
    return header, rows


def _debtors_table(found: Steering) -> Table:
    header = [
        gettext("Debtor"),
        gettext("SIREN"),
        gettext("Invoiced"),
        gettext("Outstanding"),
        gettext("Overdue"),
        gettext("Mean days late"),
        gettext("Share of what is owed (percent)"),
    ]
    return header, [
        [
            line.name,
            line.siren,
            Amount(line.figures.invoiced_cents),
            Amount(line.figures.outstanding_cents),
            Amount(line.figures.overdue_cents),
            _hundredths(line.figures.mean_days_late),
            _hundredths(line.figures.share_rate * 100),
        ]
        for line in _sorted(found)
    ]


def _hundredths(number: Decimal | None) -> Amount | None:
    """Two decimals, in the reader's notation: the file writes hundredths as it writes cents."""
    return None if number is None else Amount(round(number * 100))


_TABLES: Mapping[str, Callable[[Steering], Table]] = {
    "ages": _ages_table,
    "months": _months_table,
    "weeks": _weeks_table,
    "debtors": _debtors_table,
}
