"""Mandates, clients and their requests, reached for the broker or the assignor they belong to."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import Session

from portal.brokers.models import Mandate, MandateState
from portal.funding.models import FundingRequest
from portal.funding.states import RequestState
from portal.identity.models import Organisation

OPEN_STATES = (MandateState.ASKED, MandateState.LIVE)


class MandateNotFound(Exception):
    """There is no such mandate for this organisation."""


def find_mandate(session: Session, mandate_id: UUID, *, party_id: UUID) -> Mandate:
    """One mandate of the broker or the assignor, locked before it is changed.

    Raises:
        MandateNotFound: it does not exist, or binds others.
    """
    found = session.scalar(
        select(Mandate)
        .where(
            Mandate.id == mandate_id,
            (Mandate.broker_id == party_id) | (Mandate.assignor_id == party_id),
        )
        .with_for_update()
    )
    if found is None:
        raise MandateNotFound(mandate_id)
    return found


def live_mandate(
    session: Session, *, broker_id: UUID, assignor_id: UUID, on: date
) -> Mandate | None:
    """The mandate under which the broker may act for the assignor that day, if there is one."""
    return session.scalar(
        select(Mandate).where(
            Mandate.broker_id == broker_id,
            Mandate.assignor_id == assignor_id,
            Mandate.state == MandateState.LIVE,
            in_time(on),
        )
    )


def in_time(on: date) -> ColumnElement[bool]:
    """Whether a mandate's last day, if it has one, has not passed; the job that ends it comes after."""
    return Mandate.ends_on.is_(None) | (Mandate.ends_on >= on)


def request_of_client(session: Session, request_id: UUID, *, broker_id: UUID, on: date) -> UUID:
    """The client under mandate whose request it is.

    Raises:
        MandateNotFound: there is no such request, or no mandate to see it that day.
    """
    query = pipeline(broker_id, on=on).where(FundingRequest.id == request_id)
    found = session.execute(query).first()
    if found is None:
        raise MandateNotFound(request_id)
    return found[0].assignor_id


def mandates_of_assignor(session: Session, assignor_id: UUID) -> list[Row[Mandate, str]]:
    """Every mandate asked of the assignor with the broker's name: to answer first, then live, then ended."""
    order = case((Mandate.state == MandateState.ASKED, 0), (Mandate.state == MandateState.LIVE, 1))
    return list(
        session.execute(
            select(Mandate, Organisation.legal_name)
            .join(Organisation, Organisation.id == Mandate.broker_id)
            .where(Mandate.assignor_id == assignor_id)
            .order_by(order.nulls_last(), Mandate.asked_at.desc())
        )
    )


def pipeline(
    broker_id: UUID,
    *,
    on: date,
    states: tuple[RequestState, ...] = (),
    client_id: UUID | None = None,
) -> Select[FundingRequest, str]:
    """The requests of the broker's clients on that day with the client's name, the latest first."""
    query = (
        select(FundingRequest, Organisation.legal_name)
        .join(Organisation, Organisation.id == FundingRequest.assignor_id)
        .join(
            Mandate,
            (Mandate.assignor_id == FundingRequest.assignor_id)
            & (Mandate.broker_id == broker_id)
            & (Mandate.state == MandateState.LIVE)
            & in_time(on),
        )
        .order_by(FundingRequest.created_at.desc(), FundingRequest.id)
    )
    if states:
        query = query.where(FundingRequest.state.in_(states))
    if client_id is not None:
        query = query.where(FundingRequest.assignor_id == client_id)
    return query
