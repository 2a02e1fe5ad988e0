"""Loading the demonstration, step by step, once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partners.sandbox.companies import companies_of
from portal.clock import PARIS
from portal.demo.accounts import ACCOUNTS
from portal.demo.companies import found_organisation, settle_lenders
from portal.demo.deals import play_deals
from portal.demo.history import TRADES, invoices_of
from portal.demo.receivables import bring_in
from portal.identity.models import (
    Member,
    Membership,
    Organisation,
    OrganisationKind,
)
from portal.runtime import Runtime

Founded = dict[str, UUID]


def is_loaded(runtime: Runtime) -> bool:
    """Whether the database has the demonstration, or anybody's own data."""
    with runtime.transaction() as session:
        return bool(session.scalar(select(func.count()).select_from(Organisation)))


def load(runtime: Runtime, hash_password: Callable[[], str]) -> Iterator[str]:
    """Load everything, telling what was done after each step.

    The companies and their history enter in one transaction: an interrupted load leaves nothing behind and
    is simply begun again. ``hash_password`` gives the accounts' hashed password.
    """
    with runtime.transaction() as session:
        at = runtime.clock(session).instant()
        founded = _organisations(session, at)
        yield f"{len(founded)} organisations"
        _members(session, founded, hash_password(), at)
        for trade in TRADES:
            invoices = list(invoices_of(trade, at.astimezone(PARIS).date()))
            bring_in(session, runtime, founded[trade.key], invoices, at)
            yield f"{len(invoices)} invoices of {trade.key}"
    yield from play_deals(runtime, founded, at)


def _organisations(session: Session, at: datetime) -> Founded:
    founded: Founded = {}
    by_siren = {company.siren: company for company in companies_of("assignor")}
    for trade in TRADES:
        company = by_siren[trade.siren]
        founded[trade.key] = found_organisation(session, company, OrganisationKind.ASSIGNOR, at)
    broker = companies_of("broker")[0]
    founded["broker"] = found_organisation(session, broker, OrganisationKind.BROKER, at)
    founded |= settle_lenders(session, at)
    operator = Organisation(
        kind=OrganisationKind.OPERATOR,
        state="active",
        legal_name="Encaisse Démonstration SAS",
        created_at=at,
    )
    session.add(operator)
    session.flush()
    founded["operator"] = operator.id
    return founded


def _members(session: Session, founded: Founded, password: str, at: datetime) -> None:
    for account in ACCOUNTS:
        member = Member(
            email=account.email,
            password=password,
            fs_uniquifier=uuid4().hex,
            confirmed_at=at,
            name=account.name,
            create_datetime=at,
            update_datetime=at,
        )
        session.add(member)
        session.flush()
        session.add(
            Membership(
                member_id=member.id,
                organisation_id=founded[account.organisation_key],
                role=account.membership,
                created_at=at,
            )
        )
