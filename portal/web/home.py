"""The assignor's first page: the cash there is to raise, what is late, what comes in, what to do."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from portal.assignments.models import Deed
from portal.assignments.states import DeedState
from portal.funding.models import FundingRequest, Offer
from portal.funding.states import OfferState, RequestState
from portal.http.access import allow
from portal.http.caller import current_assignor_id
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.quotes.lookup import raisable
from portal.quotes.refreshing import refresh_quotes
from portal.receivables.importing import ask_for_quotes
from portal.receivables.overview import (
    Book,
    book_of,
    coming_in,
    due_days_of,
    most_overdue,
    waiting_for_assignor,
)
from portal.receivables.position import days_past_due
from portal.web.latest_events import latest_events
from portal.web.navigation import address_of
from portal.web.presentation import current_locale, short_day_text
from portal.web.product_words import PRODUCT_LABELS

pages = Blueprint("home", __name__, url_prefix="/home")

QUOTED_AT_ONCE = 10
EVENTS_SHOWN = 5
WEEKS_SHOWN = 8


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """Everything an owner wants to know with the first coffee."""
    owner, today = current_assignor_id(), clock().day()
    waiting = _refresh(owner, today)
    days = due_days_of(session(), owner, today=today)
    book = book_of(days, today=today)
    cash = raisable(session(), owner)
    weeks = coming_in(days, today=today, weeks=WEEKS_SHOWN)
    return render_template(
        "home/index.html",
        book=book,
        cash=cash,
        products=[
            (PRODUCT_LABELS[product], *figures)
            for product, figures in sorted(
                cash.by_product.items(), key=lambda one: one[1], reverse=True
            )
        ],
        still_quoting=waiting,
        late=most_overdue(session(), owner, today=today),
        days_late=lambda due_on: days_past_due(due_on, today),
        this_week_url=week_url(weeks[0][0]),
        weeks=weeks,
        weeks_chart=_weeks_chart(weeks),
        ages_chart=_ages_chart(book),
        tasks=_tasks(owner, book),
        events=latest_events(owner, EVENTS_SHOWN),
        is_new=book.open_count == 0,
    )


def _refresh(owner: UUID, today: date) -> int:
    """Quote the few that changed at once, the many later; how many are still waiting."""
    left = refresh_quotes(session(), owner, today=today, at=clock().instant(), limit=QUOTED_AT_ONCE)
    if left:
        ask_for_quotes(session(), owner)
    return left


def _ages_chart(book: Book) -> dict[str, Any]:
    labels = [
        gettext("Not due"),
        gettext("1–30 days late"),
        gettext("31–60"),
        gettext("61–90"),
        gettext("Over 90"),
    ]
    late = [
        url_for("collections.index", view="overdue", age=age)
        for age in ("1-30", "31-60", "61-90", "91")
    ]
    return {
        "labels": labels,
        "series": [
            {
                "name": gettext("Outstanding"),
                "values": list(book.by_age),
                "tones": [f"age-{index}" for index in range(len(labels))],
            }
        ],
        "unit": "money",
        "currency": book.currency,
        "links": [url_for("receivables.index", status="upcoming"), *late],
    }


def _weeks_chart(weeks: Sequence[tuple[date, int]]) -> dict[str, Any]:
    locale = current_locale()
    return {
        "labels": [short_day_text(monday, locale=locale) for monday, _ in weeks],
        "series": [
            {
                "name": gettext("Falls due"),
                "values": [cents for _, cents in weeks],
                "tone": "accent",
            }
        ],
        "unit": "money",
        "currency": "EUR",
        "links": [week_url(monday) for monday, _ in weeks],
    }


def week_url(monday: date) -> str:
    """The invoices that fall due in the week of a Monday."""
    sunday = monday + timedelta(days=6)
    bounds: dict[str, Any] = {"from": monday.isoformat(), "to": sunday.isoformat()}
    return url_for("receivables.index", **bounds)


def _tasks(owner: UUID, book: Book) -> list[dict[str, Any]]:
    """What waits for the assignor, the most urgent first."""
    return [task for task in _every_task(owner, book) if task["url"]]


def _every_task(owner: UUID, book: Book) -> list[dict[str, Any]]:
    return [*_funding_tasks(owner), *_reading_tasks(owner), *_chasing_tasks(book)]


def _chasing_tasks(book: Book) -> list[dict[str, Any]]:
    if not book.overdue_count:
        return []
    return [
        {
            "title": ngettext(
                "Follow %(num)d late invoice",
                "Follow %(num)d late invoices",
                book.overdue_count,
            ),
            "text": gettext("Each line says what leaves next, or why nothing does."),
            "url": address_of("collections.index"),
            "cents": book.overdue_cents,
            "currency": book.currency,
            "tone": "danger",
            "icon": "clock-exclamation",
        }
    ]


def _funding_tasks(owner: UUID) -> list[dict[str, Any]]:
    offers = session().execute(
        select(
            FundingRequest.id,
            FundingRequest.reference,
            func.count(),
            func.max(Offer.net_proceeds_cents),
            func.min(Offer.valid_until),
        )
        .join(Offer, Offer.request_id == FundingRequest.id)
        .where(
            FundingRequest.assignor_id == owner,
            FundingRequest.state == RequestState.OFFERED,
            Offer.state == OfferState.OPEN,
        )
        .group_by(FundingRequest.id)
        .order_by(func.min(Offer.valid_until))
        .limit(5)
    )
    tasks = [
        {
            "title": ngettext(
                "Choose: %(num)d offer for %(reference)s",
                "Choose: %(num)d offers for %(reference)s",
                count,
                reference=reference,
            ),
            "text": gettext("The first one ends soon."),
            "url": address_of("funding.show", request_id=request_id),
            "cents": cents,
            "due": ends.date(),
            "tone": "accent",
            "icon": "sparkles",
        }
        for request_id, reference, count, cents, ends in offers
    ]
    deeds = session().scalars(
        select(Deed)
        .where(Deed.assignor_id == owner, Deed.state == DeedState.DRAFTED)
        .order_by(Deed.drafted_at)
        .limit(5)
    )
    return tasks + [
        {
            "title": gettext("Sign the deed %(reference)s", reference=deed.reference),
            "text": gettext("The money leaves once it is signed and dated by the lender."),
            "url": address_of("funding.show", request_id=deed.request_id),
            "tone": "accent",
            "icon": "signature",
        }
        for deed in deeds
    ]


def _reading_tasks(owner: UUID) -> list[dict[str, Any]]:
    waiting = waiting_for_assignor(session(), owner)
    imports, drafts = url_for("imports.index"), url_for("receivables.index", status="draft")
    tasks = [
        (
            waiting.conflicts,
            ngettext(
                "%(num)d invoice came twice with other content",
                "%(num)d invoices came twice with other content",
                waiting.conflicts,
            ),
            gettext("Compare and choose: it cannot be financed meanwhile."),
            imports,
            "git-compare",
        ),
        (
            waiting.drafts,
            ngettext(
                "%(num)d invoice has no due date",
                "%(num)d invoices have no due date",
                waiting.drafts,
            ),
            gettext("Enter it: nothing finances or chases them until then."),
            drafts,
            "calendar-question",
        ),
        (
            waiting.incomplete,
            ngettext(
                "%(num)d document waits to be completed",
                "%(num)d documents wait to be completed",
                waiting.incomplete,
            ),
            gettext("Fill in what could not be read."),
            imports,
            "pencil",
        ),
    ]
    return [
        {"title": title, "text": text, "url": url, "tone": "warning", "icon": icon}
        for count, title, text, url, icon in tasks
        if count
    ]
