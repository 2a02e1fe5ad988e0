"""Small words that lists of invoices and debtors share."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask import Flask, request
from flask_babel import gettext, ngettext
from markupsafe import Markup

from portal.web.navigation import address_of


def register(app: Flask) -> None:
    """Give the templates the functions of this module."""
    app.jinja_env.globals.update(
        address_of=address_of,
        label_options=label_options,
        link_to=link_to,
        pay_habit=pay_habit,
        query_arguments=query_arguments,
        status_options=status_options,
    )


def link_to(url: str | None, text: str) -> Markup | str:
    """A link, or the bare text where there is no such page."""
    return Markup('<a href="{}">{}</a>').format(url, text) if url else text


def pay_habit(mean_days_late: Decimal | int | None) -> str:
    """How late a debtor pays on average, in words; a dash when it has paid nothing yet."""
    if mean_days_late is None:
        return "–"
    days = round(mean_days_late)
    if days > 0:
        return str(ngettext("%(num)d day late", "%(num)d days late", days))
    if days < 0:
        return str(ngettext("%(num)d day early", "%(num)d days early", -days))
    return str(gettext("on the day"))


def query_arguments() -> dict[str, Any]:
    """The filters of this list, to be kept in another address of the same list."""
    return {name: given for name, given in request.args.items() if name != "page" and given}


def status_options(words: Mapping[Any, Iterable[str]]) -> list[tuple[str, str]]:
    """The statuses, for a select."""
    return [(status.value, str(next(iter(told)))) for status, told in words.items()]


def label_options(labels: Mapping[StrEnum, str]) -> list[tuple[str, str]]:
    """Values and their labels, for a select."""
    return [(one.value, str(label)) for one, label in labels.items()]
