"""Messages of lenders that could not be applied, for the operator: who, of what, why, never what they say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Select, Text, Uuid, column, func, select

from portal.funding.outcomes import Verdict


def events_to_review(
    verdict: Verdict | None = None,
) -> Select[UUID, str, str, str | None, str, datetime]:
    """Refused or waiting events, the latest first; no row for whoever is no operator.

    Columns: ``event_id``, ``lender_name``, ``request_reference``, ``kind`` (the lender's word for what it
    tells, None when it is no plain word), ``outcome`` (``verdict:code``) and ``received_at``.
    """
    found = func.events_to_review().table_valued(
        column("event_id", Uuid()),
        column("lender_name", Text()),
        column("request_reference", Text()),
        column("kind", Text()),
        column("outcome", Text()),
        column("received_at", DateTime(timezone=True)),
    )
    told = found.c
    query = select(
        told.event_id,
        told.lender_name,
        told.request_reference,
        told.kind,
        told.outcome,
        told.received_at,
    ).order_by(told.received_at.desc(), told.event_id)
    return query if verdict is None else query.where(told.outcome.startswith(verdict.value))
