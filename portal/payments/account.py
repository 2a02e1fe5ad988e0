"""The account of one receivable: what was invoiced, taken off, paid, and what is owed on a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.debtors.models import Debtor, DebtorSegment
from portal.payments.legal_standing import LEGAL_STANDING
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import Receivable
from portal.receivables.position import Position
from pricing.facts import DebtorSegment as PenaltySegment
from pricing.late_payment import (
    AmountDue,
    Imputation,
    PenaltyTerms,
    amount_due_today,
)
from pricing.late_payment import Payment as PrincipalPaid
from pricing.money import Money
from pricing.parameters import LegalParameters

POSITION = Position.__table__

SEGMENTS = {
    DebtorSegment.PRIVATE: PenaltySegment.PRIVATE,
    DebtorSegment.PUBLIC: PenaltySegment.PUBLIC,
    DebtorSegment.CONSUMER: PenaltySegment.CONSUMER,
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What one payment extinguished of one receivable, in cents, by nature."""

    received_on: date
    principal_cents: int
    interest_cents: int = 0
    indemnity_cents: int = 0


@dataclass(frozen=True, slots=True)
class ReceivableAccount:
    """The facts from which everything owed on one receivable is computed; nothing here is an opinion."""

    receivable_id: UUID
    debtor_id: UUID
    number: str
    currency: str
    face_cents: int
    due_on: date | None
    segment: DebtorSegment = DebtorSegment.PRIVATE
    prepaid_cents: int = 0
    credited_cents: int = 0
    retention_cents: int = 0
    disputed_cents: int = 0
    insolvent_since: date | None = None
    cancelled: bool = False
    formal_notice_on: date | None = None
    settled: tuple[Settled, ...] = ()

    @property
    def owed(self) -> Money:
        """What is still owed of the principal, contested or kept back parts included; never negative."""
        if self.cancelled:
            return Money(0, self.currency)
        paid = sum(one.principal_cents for one in self.settled)
        left = self.face_cents - self.prepaid_cents - self.credited_cents - paid
        return Money(max(left, 0), self.currency)

    @property
    def claimed(self) -> Money:
        """The principal that penalties are counted on, before any payment.

        Credit notes, the part in dispute and the retention of a building contract are
        left out from the first day: nothing is asked on them.
        """
        if self.cancelled:
            return Money(0, self.currency)
        taken_off = (
            self.prepaid_cents + self.credited_cents + self.retention_cents + self.disputed_cents
        )
        return Money(max(self.face_cents - taken_off, 0), self.currency)


@dataclass(frozen=True, slots=True)
class Statement:
    """What may be asked on a day for one receivable, with how it was counted."""

    account: ReceivableAccount
    on: date
    principal: Money
    penalties: Money
    indemnity: Money
    due: AmountDue | None

    @property
    def total(self) -> Money:
        return self.principal + self.penalties + self.indemnity


def statement(account: ReceivableAccount, on: date, law: LegalParameters) -> Statement:
    """What may be asked for one receivable on one day: principal, penalties, 40 euros.

        principal = face - prepaid - credit notes - retention - disputed - principal paid
        penalties = those accrued on the principal of each day, less what was paid of them
        indemnity = 40 euros once, less what was paid of it

    Before the due date, and while that date is missing, only the principal is shown.

    Source: C. com. art. L441-10, II; C. civ. art. 1343-1; loi 71-584 for the retention.
    """
    nothing = Money(0, account.currency)
    if account.due_on is None:
        return Statement(account, on, account.owed, nothing, nothing, None)
    known = [one for one in account.settled if one.received_on <= on]
    due = amount_due_today(
        account.claimed,
        account.due_on,
        on,
        law,
        terms=PenaltyTerms(
            segment=SEGMENTS[account.segment],
            formal_notice_on=account.formal_notice_on,
            imputation=Imputation.PRINCIPAL_FIRST,
        ),
        payments=_principal_paid(account, known),
        insolvency_opened_on=account.insolvent_since,
    )
    interest_paid = Money(sum(one.interest_cents for one in known), account.currency)
    indemnity_paid = Money(sum(one.indemnity_cents for one in known), account.currency)
    return Statement(
        account=account,
        on=on,
        principal=due.principal,
        penalties=(due.penalties_accrued - interest_paid).at_least(nothing),
        indemnity=(due.indemnity - indemnity_paid).at_least(nothing),
        due=due,
    )


def _principal_paid(account: ReceivableAccount, known: Sequence[Settled]) -> list[PrincipalPaid]:
    """The principal paid day by day, never beyond what is claimed: the rest settled a contested part."""
    left, paid = account.claimed.cents, []
    for one in sorted(known, key=lambda one: one.received_on):
        part = min(one.principal_cents, left)
        left -= part
        if part:
            paid.append(PrincipalPaid(one.received_on, Money(part, account.currency)))
    return paid


def accounts_of(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> dict[UUID, ReceivableAccount]:
    """The accounts of an assignor's receivables, by id, in two queries whatever their number."""
    rows = session.execute(
        select(
            Receivable,
            POSITION.c.credited_cents,
            POSITION.c.disputed_cents,
            LEGAL_STANDING.c.formal_notice_on,
        )
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .join(LEGAL_STANDING, LEGAL_STANDING.c.receivable_id == Receivable.id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.id.in_(receivable_ids),
            POSITION.c.receivable_id.in_(receivable_ids),  # a view told nothing is read whole
            LEGAL_STANDING.c.receivable_id.in_(receivable_ids),
        )
    ).all()
    settled = _settled(session, assignor_id, receivable_ids)
    return {
        receivable.id: replace(
            _account(receivable, receivable.debtor),
            credited_cents=credited,
            disputed_cents=disputed,
            formal_notice_on=notice_on,
            settled=tuple(settled.get(receivable.id, ())),
        )
        for receivable, credited, disputed, notice_on in rows
    }


def _account(receivable: Receivable, debtor: Debtor) -> ReceivableAccount:
    return ReceivableAccount(
        receivable_id=receivable.id,
        debtor_id=receivable.debtor_id,
        number=receivable.number,
        currency=receivable.currency,
        face_cents=receivable.face_cents,
        due_on=receivable.due_on,
        segment=debtor.segment,
        prepaid_cents=receivable.prepaid_cents,
        retention_cents=receivable.retention_cents,
        insolvent_since=debtor.insolvent_since,
        cancelled=receivable.cancelled_at is not None,
    )


def _settled(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> dict[UUID, list[Settled]]:
    rows = session.execute(
        select(
            PaymentAllocation.receivable_id,
            Payment.received_on,
            PaymentAllocation.principal_cents,
            PaymentAllocation.interest_cents,
            PaymentAllocation.indemnity_cents,
        )
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.assignor_id == assignor_id,
            PaymentAllocation.receivable_id.in_(receivable_ids),
            PaymentAllocation.undone_at.is_(None),
            Payment.undone_at.is_(None),
        )
        .order_by(Payment.received_on, Payment.recorded_at, Payment.id)
    )
    found: dict[UUID, list[Settled]] = {}
    for receivable_id, received_on, principal, interest, indemnity in rows:
        one = Settled(received_on, principal, interest, indemnity)
        found.setdefault(receivable_id, []).append(one)
    return found
