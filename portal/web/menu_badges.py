"""What waits behind each entry of the menu: a number and the words for it, from one query per page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import ngettext
from sqlalchemy import ScalarSelect, Text, cast, func, select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.assignments.states import DeedState
from portal.brokers.models import Mandate, MandateState
from portal.funding.lender_queue import ANSWERABLE
from portal.funding.models import FundingRequest, Offer, Submission
from portal.funding.review import events_to_review
from portal.funding.states import OfferState, RequestState
from portal.http.caller import Caller
from portal.identity.models import OrganisationKind
from portal.jobs.inspection import JOBS, JobStatus

Count = ScalarSelect[int]


@dataclass(frozen=True, slots=True)
class Badge:
    """How many wait, and the sentence a screen reader says instead of the bare number."""

    count: int
    text: str


def badges_of(session: Session, caller: Caller, *, at: datetime) -> dict[str, Badge]:
    """What waits for the caller, by endpoint of the menu; an entry where nothing waits is left out."""
    counted = _counted(caller, at)
    found = session.execute(select(*(one.label(name) for name, one in counted.items()))).one()
    return {
        _ENDPOINTS[name]: Badge(count, _said(name, count))
        for name, count in found._mapping.items()
        if count
    }


def _counted(caller: Caller, at: datetime) -> Mapping[str, Count]:
    organisation_id = caller.organisation_id
    if caller.kind is OrganisationKind.ASSIGNOR:
        return {
            "decide": _to_decide(organisation_id, at),
            "answer": _mandates_asked(organisation_id),
        }
    if caller.kind is OrganisationKind.LENDER:
        return {"examine": _to_examine(organisation_id)}
    if caller.kind is OrganisationKind.BROKER:
        of_clients = {"pipeline": _to_decide(None, at)}
        return of_clients | (
            {"decide": _to_decide(caller.client_id, at)} if caller.client_id else {}
        )
    return {"review": _to_review(), "failed": _jobs_failed()}


def _to_decide(assignor_id: UUID | None, at: datetime) -> Count:
    """Requests with an offer to take or a deed to sign; of every client a broker sees when none is named."""
    offered = (
        select(Offer.id)
        .where(
            Offer.request_id == FundingRequest.id,
            Offer.state == OfferState.OPEN,
            Offer.valid_until > at,
        )
        .exists()
    )
    drafted = (
        select(Deed.id)
        .where(Deed.request_id == FundingRequest.id, Deed.state == DeedState.DRAFTED)
        .exists()
    )
    query = select(func.count()).where(
        ((FundingRequest.state == RequestState.OFFERED) & offered)
        | ((FundingRequest.state == RequestState.ACCEPTED) & drafted)
    )
    if assignor_id is not None:
        query = query.where(FundingRequest.assignor_id == assignor_id)
    return query.scalar_subquery()


def _mandates_asked(assignor_id: UUID) -> Count:
    return (
        select(func.count())
        .where(Mandate.assignor_id == assignor_id, Mandate.state == MandateState.ASKED)
        .scalar_subquery()
    )


def _to_examine(lender_id: UUID) -> Count:
    return (
        select(func.count())
        .where(Submission.lender_id == lender_id, Submission.state.in_(ANSWERABLE))
        .scalar_subquery()
    )


def _to_review() -> Count:
    waiting = events_to_review().order_by(None).subquery()
    return select(func.count()).select_from(waiting).scalar_subquery()


def _jobs_failed() -> Count:
    failed = cast(JOBS.c.status, Text()) == JobStatus.FAILED.value
    return select(func.count()).select_from(JOBS).where(failed).scalar_subquery()


_ENDPOINTS = {
    "decide": "funding.index",
    "answer": "brokers.mandates",
    "examine": "deals.index",
    "pipeline": "brokers.pipeline",
    "review": "to_review.index",
    "failed": "operator.jobs",
}


def _said(name: str, count: int) -> str:
    said: dict[str, Any] = {
        "decide": lambda: ngettext(
            "%(num)d request to decide", "%(num)d requests to decide", count
        ),
        "answer": lambda: ngettext("%(num)d broker to answer", "%(num)d brokers to answer", count),
        "examine": lambda: ngettext("%(num)d file to examine", "%(num)d files to examine", count),
        "pipeline": lambda: ngettext(
            "%(num)d client request to decide", "%(num)d client requests to decide", count
        ),
        "review": lambda: ngettext(
            "%(num)d message to review", "%(num)d messages to review", count
        ),
        "failed": lambda: ngettext("%(num)d failed job", "%(num)d failed jobs", count),
    }
    return str(said[name]())
