"""What secures a debtor's debts, and how much it may owe on credit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.debtors.models import Debtor, Guarantee, GuaranteeKind


class GuaranteeNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


class GuaranteeRefused(ValueError):
    """The guarantee cannot be noted; ``code`` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Security:
    """A guarantee as it is noted; whole cents, None without a ceiling."""

    kind: GuaranteeKind
    given_on: date
    given_by: str | None = None
    amount_cents: int | None = None
    ends_on: date | None = None
    document_id: UUID | None = None
    note: str | None = None


def note_guarantee(
    session: Session, debtor: Debtor, security: Security, *, by: UUID | None, at: datetime
) -> Guarantee:
    """Keep a guarantee in the debtor's file.

    Raises:
        GuaranteeRefused: ``amount_not_positive``, ``ends_before_it_begins``, or ``guarantor_missing``:
            an aval and a surety are given by somebody.
    """
    if security.amount_cents is not None and security.amount_cents <= 0:
        raise GuaranteeRefused("amount_not_positive")
    if security.ends_on is not None and security.ends_on < security.given_on:
        raise GuaranteeRefused("ends_before_it_begins")
    personal = security.kind in (GuaranteeKind.AVAL, GuaranteeKind.SURETY)
    if personal and not security.given_by:
        raise GuaranteeRefused("guarantor_missing")
    guarantee = Guarantee(
        assignor_id=debtor.assignor_id,
        debtor_id=debtor.id,
        kind=security.kind,
        given_by=security.given_by,
        amount_cents=security.amount_cents,
        given_on=security.given_on,
        ends_on=security.ends_on,
        document_id=security.document_id,
        note=security.note,
        recorded_at=at,
        recorded_by=by,
    )
    session.add(guarantee)
    session.flush()
    facts = {"debtor": debtor.id, "kind": security.kind.value}
    record(
        session,
        debtor.assignor_id,
        "note_guarantee",
        "guarantee",
        guarantee.id,
        facts,
        by=by,
        at=at,
    )
    return guarantee


def lift_guarantee(
    session: Session, debtor: Debtor, guarantee_id: UUID, *, by: UUID | None, at: datetime
) -> None:
    """The guarantee no longer secures anything; it stays in the history. Lifting twice changes nothing.

    Raises:
        GuaranteeNotFound: see there.
    """
    found = session.scalar(
        select(Guarantee)
        .where(Guarantee.id == guarantee_id, Guarantee.debtor_id == debtor.id)
        .with_for_update()
    )
    if found is None:
        raise GuaranteeNotFound(guarantee_id)
    if found.lifted_at is not None:
        return
    found.lifted_at, found.lifted_by = at, by
    session.flush()
    facts = {"debtor": debtor.id}
    record(
        session, debtor.assignor_id, "lift_guarantee", "guarantee", found.id, facts, by=by, at=at
    )


def guarantees_of(session: Session, debtor: Debtor) -> Sequence[Guarantee]:
    """What secures a debtor's debts, the latest first; lifted ones are left out."""
    return session.scalars(
        select(Guarantee)
        .where(Guarantee.debtor_id == debtor.id, Guarantee.lifted_at.is_(None))
        .order_by(Guarantee.given_on.desc(), Guarantee.id)
    ).all()


def limit_credit(
    session: Session, debtor: Debtor, cents: int | None, *, by: UUID | None, at: datetime
) -> None:
    """How much the debtor may owe at once, in cents; None for no limit."""
    if debtor.credit_limit_cents == cents:
        return
    facts = {"before_cents": debtor.credit_limit_cents, "after_cents": cents}
    debtor.credit_limit_cents = cents
    session.flush()
    record(session, debtor.assignor_id, "limit_credit", "debtor", debtor.id, facts, by=by, at=at)
