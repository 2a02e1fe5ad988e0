"""The debtor's insolvency: collection stops the same day, the claim is declared, reminders of what protects it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.legal.models import Insolvency, InsolvencyKind
from portal.collections.legal.refusals import LegalActRefused
from portal.debtors.models import Debtor
from portal.payments.account import Statement, accounts_of, statement
from portal.receivables.models import Receivable
from portal.receivables.position import Position
from pricing.parameters import LegalParameters

POSITION = Position.__table__
TEXT_LENGTH_MAX = 300


@dataclass(frozen=True, slots=True)
class Proceedings:
    """The judgment as the creditor reads it; ``published_on`` only once the BODACC is known."""

    kind: InsolvencyKind
    judgment_on: date
    court_name: str
    representative_name: str
    representative_address: str
    published_on: date | None = None
    creditor_abroad: bool = False
    title_retained: bool = False
    security_note: str | None = None


def open_insolvency(
    session: Session, debtor: Debtor, told: Proceedings, *, by: UUID | None, at: datetime
) -> Insolvency:
    """Record the opening judgment: reminders and actions stop with it, penalties on its eve.

    Raises:
        LegalActRefused: ``day_in_future``, ``name_needed``, ``published_before_judgment`` or ``already_insolvent``.

    Source: C. com. art. L622-7, L622-21, L622-28.
    """
    _check_days(told.judgment_on, told.published_on, at)
    if not told.court_name.strip():
        raise LegalActRefused("name_needed", "court_name")
    known = select(Insolvency.id).where(
        Insolvency.debtor_id == debtor.id, Insolvency.judgment_on == told.judgment_on
    )
    if session.scalar(known) is not None:
        raise LegalActRefused("already_insolvent", "judgment_on")
    insolvency = Insolvency(
        assignor_id=debtor.assignor_id,
        debtor_id=debtor.id,
        kind=told.kind,
        judgment_on=told.judgment_on,
        published_on=told.published_on,
        court_name=told.court_name.strip()[:TEXT_LENGTH_MAX],
        representative_name=told.representative_name.strip()[:TEXT_LENGTH_MAX],
        representative_address=told.representative_address.strip()[:TEXT_LENGTH_MAX],
        creditor_abroad=told.creditor_abroad,
        title_retained=told.title_retained,
        security_note=(told.security_note or "").strip()[:TEXT_LENGTH_MAX] or None,
        created_at=at,
        created_by=by,
    )
    session.add(insolvency)
    debtor.insolvent_since = told.judgment_on
    session.flush()
    _trace(session, "open_insolvency", insolvency, told.judgment_on, by=by, at=at)
    return insolvency


def record_publication(
    session: Session, insolvency: Insolvency, on: date, *, by: UUID | None, at: datetime
) -> None:
    """The judgment was published in the BODACC: the periods run from that day.

    Raises:
        LegalActRefused: ``already_recorded``, ``day_in_future`` or ``published_before_judgment``.
    """
    if insolvency.published_on is not None:
        raise LegalActRefused("already_recorded", "published_on")
    _check_days(insolvency.judgment_on, on, at)
    insolvency.published_on = on
    _trace(session, "publish_insolvency", insolvency, on, by=by, at=at)


def record_declaration(
    session: Session,
    insolvency: Insolvency,
    posted_on: date,
    declared_cents: int,
    *,
    reference: str | None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The declaration was posted: the day of posting counts; the creditor proves sending and content.

    Raises:
        LegalActRefused: ``already_recorded``, ``amount_not_positive``, ``day_in_future`` or ``day_out_of_order``.

    Source: C. com. art. L622-24; Cass. com. 28 January 1997.
    """
    if insolvency.declared_on is not None:
        raise LegalActRefused("already_recorded", "declared_on")
    if declared_cents <= 0:
        raise LegalActRefused("amount_not_positive", "declared")
    if posted_on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", "declared_on")
    if posted_on < insolvency.judgment_on:
        raise LegalActRefused("day_out_of_order", "declared_on")
    insolvency.declared_on, insolvency.declared_cents = posted_on, declared_cents
    insolvency.post_reference = reference or None
    _trace(session, "declare_claim", insolvency, posted_on, by=by, at=at)


def close_insolvency(
    session: Session,
    insolvency: Insolvency,
    on: date,
    *,
    solvent_again: bool,
    by: UUID | None,
    at: datetime,
) -> None:
    """The proceedings are over; collection resumes only when the user says the debtor is solvent again.

    Raises:
        LegalActRefused: ``already_recorded``, ``day_in_future`` or ``day_out_of_order``.
    """
    if insolvency.closed_on is not None:
        raise LegalActRefused("already_recorded", "closed_on")
    if on > at.astimezone(PARIS).date():
        raise LegalActRefused("day_in_future", "closed_on")
    if on < insolvency.judgment_on:
        raise LegalActRefused("day_out_of_order", "closed_on")
    insolvency.closed_on = on
    if solvent_again:
        session.get_one(Debtor, insolvency.debtor_id).insolvent_since = None
    _trace(session, "close_insolvency", insolvency, on, by=by, at=at)


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """One invoice in the declaration: due at the judgment, or to fall due later with its day."""

    receivable: Receivable
    asked: Statement
    due: bool


def claims_to_declare(
    session: Session, insolvency: Insolvency, law: LegalParameters
) -> Sequence[DeclaredLine]:
    """Every unpaid invoice issued before the judgment, counted to its day; those not due yet apart.

    Source: C. com. art. L622-24, L622-25, R622-23.
    """
    receivables = session.scalars(
        select(Receivable)
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .where(
            Receivable.assignor_id == insolvency.assignor_id,
            Receivable.debtor_id == insolvency.debtor_id,
            Receivable.due_on.is_not(None),
            Receivable.issued_on <= insolvency.judgment_on,
            POSITION.c.outstanding_cents > 0,
        )
        .order_by(Receivable.due_on, Receivable.number)
    ).all()
    accounts = accounts_of(session, insolvency.assignor_id, [one.id for one in receivables])
    return [
        DeclaredLine(
            receivable,
            statement(accounts[receivable.id], insolvency.judgment_on, law),
            due=receivable.due_on is not None and receivable.due_on < insolvency.judgment_on,
        )
        for receivable in receivables
    ]


def _check_days(judgment_on: date, published_on: date | None, at: datetime) -> None:
    today = at.astimezone(PARIS).date()
    if judgment_on > today:
        raise LegalActRefused("day_in_future", "judgment_on")
    if published_on is not None and published_on > today:
        raise LegalActRefused("day_in_future", "published_on")
    if published_on is not None and published_on < judgment_on:
        raise LegalActRefused("published_before_judgment", "published_on")


def _trace(
    session: Session,
    action: str,
    insolvency: Insolvency,
    on: date,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    session.flush()
    facts = {"debtor": insolvency.debtor_id, "kind": insolvency.kind.value, "on": on}
    trail.record(
        session, insolvency.assignor_id, action, "insolvency", insolvency.id, facts, by=by, at=at
    )
