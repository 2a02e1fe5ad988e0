"""The latest things somebody did in an organisation, in words, each leading to what it was about."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext
from sqlalchemy import select

from portal.assignments.models import Deed
from portal.audit.models import AuditEntry
from portal.funding.models import FundingRequest
from portal.http.transactions import session
from portal.receivables.models import Receivable
from portal.web.event_words import EVENT_WORDS
from portal.web.navigation import address_of

PAGES: Mapping[str, tuple[str, str]] = {
    "receivable": ("receivables.show", "receivable_id"),
    "import_batch": ("imports.show", "batch_id"),
    "funding_request": ("funding.show", "request_id"),
    "debtor": ("debtors.show", "debtor_id"),
}
Subject = tuple[str, UUID]


def latest_events(owner: UUID, limit: int) -> list[dict[str, Any]]:
    """Items of the ``timeline`` macro, newest first; what has no word of its own is left out."""
    entries = session().scalars(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == owner, AuditEntry.action.in_(list(EVENT_WORDS)))
        .order_by(AuditEntry.sequence.desc())
        .limit(limit)
    )
    found = list(entries)
    subjects = _subjects(owner, found)
    names = _names(owner, set(subjects.values()))
    return [_told(entry, subjects.get(entry.sequence), names) for entry in found]


def _told(
    entry: AuditEntry, subject: Subject | None, names: Mapping[Subject, str]
) -> dict[str, Any]:
    title, icon = EVENT_WORDS[entry.action]
    item: dict[str, Any] = {"at": entry.happened_at, "title": str(title), "icon": icon}
    if subject and (url := _address(subject)):
        item["links"] = [{"label": names.get(subject, gettext("See it")), "url": url}]
    return item


def _address(subject: Subject) -> str | None:
    endpoint, name = PAGES[subject[0]]
    return address_of(endpoint, **{name: subject[1]})


def _subjects(owner: UUID, entries: Sequence[AuditEntry]) -> dict[int, Subject]:
    """What each entry is about, by sequence: a deed is its request, a promise its invoice."""
    requests = _requests_of_deeds(owner, entries)
    found: dict[int, Subject] = {}
    for entry in entries:
        if entry.subject_kind in PAGES:
            found[entry.sequence] = (entry.subject_kind, UUID(entry.subject_id))
        elif entry.subject_id in requests:
            found[entry.sequence] = ("funding_request", requests[entry.subject_id])
        elif len(told := _receivables(entry)) == 1:
            found[entry.sequence] = ("receivable", UUID(told[0]))
    return found


def _receivables(entry: AuditEntry) -> list[str]:
    one = entry.facts.get("receivable")
    return [str(one)] if one else [str(each) for each in entry.facts.get("receivables", ())]


def _requests_of_deeds(owner: UUID, entries: Sequence[AuditEntry]) -> dict[str, UUID]:
    deeds = {UUID(entry.subject_id) for entry in entries if entry.subject_kind == "deed"}
    if not deeds:
        return {}
    rows = session().execute(
        select(Deed.id, Deed.request_id).where(Deed.assignor_id == owner, Deed.id.in_(deeds))
    )
    return {str(deed_id): request_id for deed_id, request_id in rows}


def _names(owner: UUID, subjects: set[Subject]) -> dict[Subject, str]:
    """How invoices and requests are called; one query for each kind."""
    kinds: dict[str, Any] = {
        "receivable": (Receivable, Receivable.number),
        "funding_request": (FundingRequest, FundingRequest.reference),
    }
    names: dict[Subject, str] = {}
    for kind, (model, label) in kinds.items():
        wanted = {subject_id for subject_kind, subject_id in subjects if subject_kind == kind}
        if not wanted:
            continue
        rows = session().execute(
            select(model.id, label).where(model.assignor_id == owner, model.id.in_(wanted))
        )
        names |= {(kind, found_id): str(name) for found_id, name in rows}
    return names
