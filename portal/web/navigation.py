"""What stands around a page: the menu of the organisation's kind, the switchers, the account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user

from portal.db import DOOR
from portal.http.caller import Caller, current_caller
from portal.http.transactions import clock, look_through, session
from portal.identity import lookup
from portal.identity.models import Organisation, OrganisationKind
from portal.identity.permissions import Action
from portal.web.menu_badges import Badge, badges_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; it shows when its page exists and the caller may open it."""

    endpoint: str
    label: str
    icon: str
    action: Action | None = None
    section: str = ""


KIND_LABELS: Mapping[OrganisationKind, str] = {
    OrganisationKind.ASSIGNOR: lazy_gettext("Company"),
    OrganisationKind.LENDER: lazy_gettext("Lender"),
    OrganisationKind.BROKER: lazy_gettext("Broker"),
    OrganisationKind.OPERATOR: lazy_gettext("Operator"),
}

_ORGANISATION = lazy_gettext("Organisation")
_RECEIVABLES = (
    Entry("receivables.index", lazy_gettext("Invoices"), "file-invoice", Action.SEE_RECEIVABLES),
    Entry("funding.index", lazy_gettext("Funding"), "cash", Action.SEE_RECEIVABLES),
    Entry(
        "collections.index",
        lazy_gettext("To chase"),
        "clock-exclamation",
        Action.SEE_RECEIVABLES,
    ),
    Entry("replies.index", lazy_gettext("Replies"), "inbox", Action.SEE_RECEIVABLES),
    Entry("legal.index", lazy_gettext("Legal"), "gavel", Action.SEE_RECEIVABLES),
    Entry("payments.index", lazy_gettext("Payments"), "transfer", Action.SEE_RECEIVABLES),
    Entry("debtors.index", lazy_gettext("Debtors"), "users", Action.SEE_RECEIVABLES),
    Entry("reports.index", lazy_gettext("Reports"), "chart-bar", Action.SEE_RECEIVABLES),
)
_EVERYBODY = (
    Entry("members.index", lazy_gettext("Members"), "user-plus", Action.SEE_MEMBERS, _ORGANISATION),
    Entry("settings.show", lazy_gettext("Settings"), "settings", Action.MANAGE_SETTINGS),
)

MENUS: Mapping[OrganisationKind, tuple[Entry, ...]] = {
    OrganisationKind.ASSIGNOR: (
        Entry("home.index", lazy_gettext("Home"), "home", Action.SEE_RECEIVABLES),
        *_RECEIVABLES,
        Entry("messages.index", lazy_gettext("Messages"), "mail", Action.SEE_MESSAGES),
        Entry("brokers.mandates", lazy_gettext("Brokers"), "briefcase", Action.SEE_RECEIVABLES),
        *_EVERYBODY,
    ),
    OrganisationKind.LENDER: (
        Entry("deals.index", lazy_gettext("Queue"), "inbox", Action.SEE_DEALS),
        Entry("portfolio.index", lazy_gettext("Portfolio"), "chart-bar", Action.SEE_DEALS),
        Entry("rate_cards.index", lazy_gettext("Rate cards"), "percentage", Action.SEE_DEALS),
        Entry("messages.index", lazy_gettext("Messages"), "mail", Action.SEE_MESSAGES),
        *_EVERYBODY,
    ),
    OrganisationKind.BROKER: (
        Entry("brokers.clients", lazy_gettext("Clients"), "users-group", Action.SEE_CLIENTS),
        Entry("brokers.pipeline", lazy_gettext("Pipeline"), "timeline", Action.SEE_CLIENTS),
        Entry("messages.index", lazy_gettext("Messages"), "mail", Action.SEE_MESSAGES),
        *_EVERYBODY,
    ),
    OrganisationKind.OPERATOR: (
        Entry("operator.organisations", lazy_gettext("Organisations"), "building", Action.OPERATE),
        Entry("operator.lenders", lazy_gettext("Lenders"), "building-bank", Action.OPERATE),
        Entry("to_review.index", lazy_gettext("To review"), "alert-triangle", Action.OPERATE),
        Entry("operator.jobs", lazy_gettext("Jobs"), "clock", Action.OPERATE),
        Entry("operator.messages", lazy_gettext("Messages"), "mail", Action.SEE_MESSAGES),
        Entry("operator.audit", lazy_gettext("Audit"), "shield-check", Action.SEE_AUDIT),
        Entry("operator.calendar", lazy_gettext("Calendar"), "calendar-event", Action.OPERATE),
        *_EVERYBODY,
    ),
}

DEBTORS = "debtor_page"
"""The pages that have no menu, whoever opens them."""

CLIENT_MENU = (
    Entry("home.index", lazy_gettext("Home"), "home", Action.SEE_RECEIVABLES),
    *_RECEIVABLES,
)


def register(app: Flask) -> None:
    """Give every page what the layouts read (see templates/_macros/README.md)."""
    app.context_processor(_surroundings)


def address_of(endpoint: str, **values: Any) -> str | None:
    """The address of a page, or None where this installation has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def home_of(caller: Caller) -> str:
    """Where a member's work starts: the first page of the menu they may open."""
    entries = _menu(caller, {})
    return str(entries[0]["url"]) if entries else url_for("account.show")


def _surroundings() -> dict[str, Any]:
    if "surroundings" not in g:
        g.surroundings = {"urls": _urls(), "navigation": [], "organisations": []}
        if "failed" not in g and request.blueprint != DEBTORS:
            with _own_eyes():
                g.surroundings |= _of_the_member()
    found: dict[str, Any] = g.surroundings
    return found


@contextmanager
def _own_eyes() -> Iterator[None]:
    """See as the caller while the frame is gathered, then as the page did: a signed link has eyes of its own."""
    before = session().info["viewer"]
    caller = current_caller()
    if caller is not None and before != caller.viewer:
        look_through(caller.viewer)
    yield
    if before not in (DOOR, session().info["viewer"]):
        look_through(before)


def _of_the_member() -> dict[str, Any]:
    caller = current_caller()
    if caller is None:
        return {"account": _account()}
    return {
        "navigation": _menu(caller, badges_of(session(), caller, at=clock().instant())),
        "organisation": _described(caller.organisation),
        "organisations": [
            _described(one) for one in lookup.organisations_of(session(), caller.member_id)
        ],
        "client": _client(caller),
        "account": _account(),
    }


def _urls() -> dict[str, str | None]:
    return {
        "home": address_of("landing.index") or "/",
        "workspace": address_of("switching.workspace"),
        "sign_in": url_for("security.login"),
        "sign_out": url_for("security.logout"),
        "language": url_for("switching.language"),
        "switch_organisation": url_for("switching.organisation"),
        "leave_client": address_of("brokers.leave_client"),
        "legal": address_of("legal.status"),
        "privacy": address_of("legal.privacy"),
        "accessibility": address_of("legal.accessibility"),
    }


def _menu(caller: Caller, badges: Mapping[str, Badge]) -> list[dict[str, Any]]:
    if caller.client_id is not None:
        return _section(caller, CLIENT_MENU, badges, gettext("Client")) + _section(
            caller, MENUS[caller.kind], badges, gettext("Brokerage")
        )
    return _section(caller, MENUS[caller.kind], badges)


def _section(
    caller: Caller, entries: tuple[Entry, ...], badges: Mapping[str, Badge], title: str = ""
) -> list[dict[str, Any]]:
    shown = [
        {
            "label": str(entry.label),
            "url": url_for(entry.endpoint),
            "icon": entry.icon,
            "active": _is_here(entry.endpoint),
            "section": str(entry.section),
            **_badge(badges.get(entry.endpoint)),
        }
        for entry in entries
        if entry.endpoint in current_app.view_functions
        and (entry.action is None or caller.may(entry.action))
    ]
    if shown and title:
        shown[0]["section"] = title
    return shown


def _badge(waiting: Badge | None) -> dict[str, Any]:
    return {"badge": waiting.count, "badge_text": waiting.text} if waiting else {}


def _is_here(endpoint: str) -> bool:
    here = request.endpoint or ""
    area, _, page = endpoint.partition(".")
    if not here.startswith(f"{area}."):
        return False
    return page == "index" or here == endpoint or here.startswith(f"{area}.{page.rstrip('s')}_")


def _described(organisation: Organisation) -> dict[str, str]:
    return {
        "id": str(organisation.id),
        "name": organisation.legal_name,
        "kind_label": str(KIND_LABELS[organisation.kind]),
    }


def _client(caller: Caller) -> dict[str, str] | None:
    if caller.client_id is None:
        return None
    client = session().get(Organisation, caller.client_id)
    return _described(client) if client else None


def _account() -> dict[str, Any] | None:
    if "failed" in g or not current_user.is_authenticated:
        return None
    links = [("account.show", gettext("My account"), "user"), *_switches()]
    return {
        "name": current_user.name or current_user.email,
        "email": current_user.email,
        "links": [
            {"label": label, "url": url_for(endpoint), "icon": icon}
            for endpoint, label, icon in links
            if endpoint in current_app.view_functions
        ],
    }


def _switches() -> list[tuple[str, str, str]]:
    return [("security.change_password", gettext("Password"), "lock")]
