"""Loading the demonstration, step by step, once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from partners.sandbox.companies import companies_of
from portal.clock import PARIS
from portal.demo.accounts import ACCOUNTS
from portal.demo.answers import every_answer, receive_replies
from portal.demo.companies import found_organisation, settle_lenders
from portal.demo.deals import every_deal
from portal.demo.history import TRADES, invoices_of
from portal.demo.legal_road import take_the_legal_road
from portal.demo.lender_side import empty_book
from portal.demo.members_days import every_day
from portal.demo.receivables import Arrivals
from portal.demo.stage import Stage
from portal.identity.models import (
    Member,
    Membership,
    Organisation,
    OrganisationKind,
)
from portal.quotes.refreshing import refresh_quotes
from portal.runtime import Runtime

Founded = dict[str, UUID]
QUOTED_AT_MOST = 2_000


def is_loaded(runtime: Runtime) -> bool:
    """Whether the database has the demonstration, or anybody's own data."""
    with runtime.transaction() as session:
        return bool(session.scalar(select(func.count()).select_from(Organisation)))


def load(runtime: Runtime, hash_password: Callable[[], str]) -> Iterator[str]:
    """Load everything, telling what was done after each step.

    All of it is one transaction: an interrupted load leaves nothing behind and is simply begun again, and
    no worker sees a job of the past. ``hash_password`` gives the accounts' hashed password.
    """
    with runtime.transaction() as session:
        at = runtime.clock(session).instant()
        founded = _organisations(session, runtime, at)
        members = _members(session, founded, hash_password(), at)
        yield f"{len(founded)} organisations, {len(ACCOUNTS)} accounts"
        stage = _stage(session, runtime, founded, members, at)
        acts = stage.play([*every_day(stage), *every_deal(stage), *every_answer(stage)])
        stage.forget_jobs()
        stage.close_outbox()
        yield f"two years of invoices, {acts} acts of members, lenders and debtors"
        yield f"{take_the_legal_road(stage)} claims on the legal road"
        yield f"{receive_replies(stage)} replies to sort"
        for trade in TRADES:
            _quote(stage, trade.key)
        yield "quotes of what may be financed today"
        stage.book.save()


def _stage(
    session: Session,
    runtime: Runtime,
    founded: Founded,
    members: dict[str, Member],
    at: datetime,
) -> Stage:
    today = at.astimezone(PARIS).date()
    arrivals = {
        trade.key: Arrivals(
            session,
            runtime,
            founded[trade.key],
            trade.key,
            list(invoices_of(trade, today)),
            today=today,
            at=at,
        )
        for trade in TRADES
    }
    last_job = session.scalar(text("SELECT coalesce(max(id), 0) FROM procrastinate_jobs"))
    return Stage(
        session,
        runtime,
        founded,
        members,
        arrivals,
        empty_book(runtime.settings),
        at,
        last_job=int(last_job or 0),
    )


def _quote(stage: Stage, trade: str) -> None:
    refresh_quotes(
        stage.session, stage.founded[trade], today=stage.today, at=stage.now, limit=QUOTED_AT_MOST
    )


def _organisations(session: Session, runtime: Runtime, at: datetime) -> Founded:
    founded: Founded = {}
    by_siren = {company.siren: company for company in companies_of("assignor")}
    for trade in TRADES:
        company = by_siren[trade.siren]
        founded[trade.key] = found_organisation(session, company, OrganisationKind.ASSIGNOR, at)
    broker = companies_of("broker")[0]
    founded["broker"] = found_organisation(session, broker, OrganisationKind.BROKER, at)
    founded |= settle_lenders(session, runtime.settings, at)
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


def _members(session: Session, founded: Founded, password: str, at: datetime) -> dict[str, Member]:
    """Every account; the first member of each organisation, by the organisation's key."""
    first: dict[str, Member] = {}
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
        first.setdefault(account.organisation_key, member)
    session.flush()
    return first
