"""Recording what debtors paid, and undoing it; the split over interest and principal is replayed each time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.payments.account import ReceivableAccount, Settled, accounts_of
from portal.payments.imputation import Imputed, Receipt, impute
from portal.payments.models import PaidTo, Payment, PaymentAllocation
from portal.receivables.models import Receivable
from pricing.late_payment import Imputation
from pricing.money import Money
from pricing.parameters import LegalParameters
from pricing.parameters import law as current_law


class PaymentRefused(Exception):
    """A payment cannot be recorded as given; nothing was changed."""

    code = "payment_refused"


class PaymentNotPositive(PaymentRefused):
    code = "payment_not_positive"


class PaymentInTheFuture(PaymentRefused):
    code = "payment_in_the_future"


class MoreAllocatedThanReceived(PaymentRefused):
    code = "more_allocated_than_received"


class ReceivableNotPayable(PaymentRefused):
    """A receivable is unknown, belongs to another debtor, or is in another currency."""

    code = "receivable_not_payable"


class PaidTwice(PaymentRefused):
    """More than everything owed on a receivable on that day; ``owed`` is what it can take."""

    code = "more_than_owed"

    def __init__(self, receivable_id: UUID, number: str, owed: Money) -> None:
        self.receivable_id, self.number, self.owed = receivable_id, number, owed
        super().__init__(f"{number} can take {owed} at most; leave the rest unallocated")


class PaymentKeyReused(PaymentRefused):
    """The same key came back with another amount, day or debtor."""

    code = "payment_key_reused"


class RestHasChanged(PaymentRefused):
    """The rest is not what the form showed: it was allocated meanwhile, or the payment undone."""

    code = "rest_has_changed"


class UndoReasonMissing(PaymentRefused):
    code = "undo_reason_missing"


class PaidToTheAssignee(PaymentRefused):
    """The lender reported this payment: only the lender can correct it."""

    code = "paid_to_the_assignee"


def record_payment(
    session: Session,
    *,
    assignor_id: UUID,
    debtor_id: UUID,
    amounts: Mapping[UUID, Money],
    received_on: date,
    amount: Money,
    dedupe_key: str,
    by: UUID | None,
    at: datetime,
    paid_to: PaidTo = PaidTo.ASSIGNOR,
    method: str | None = None,
    reference: str | None = None,
    imputation: Imputation = Imputation.INTEREST_FIRST,
    law: LegalParameters | None = None,
) -> Payment:
    """Record money received from a debtor and what it settles; the same key again changes nothing.

    Args:
        amounts: how much goes to each receivable; less than ``amount`` leaves a rest
            unallocated, which is shown and settles nothing.
        imputation: interest first by law; principal first when the parties agreed so.
        dedupe_key: names this payment for this assignor (a form's token, a movement's id).

    Raises:
        PaymentRefused: one of its kinds says what is wrong; nothing was changed.
    """
    key = f"{assignor_id}:{dedupe_key}"
    known = session.scalar(select(Payment).where(Payment.dedupe_key == key))
    if known is not None:
        return _same_again(known, debtor_id, received_on, amount)
    _refuse_impossible(amount, amounts.values(), received_on, at)
    _lock_payable(session, assignor_id, debtor_id, amounts, amount.currency)
    asked = Payment(
        id=uuid4(),
        assignor_id=assignor_id,
        debtor_id=debtor_id,
        received_on=received_on,
        amount_cents=amount.cents,
        currency=amount.currency,
        paid_to=paid_to,
        imputation=imputation,
        method=method or None,
        reference=reference or None,
        dedupe_key=key,
        recorded_at=at,
        recorded_by=by,
    )
    with session.begin_nested():
        payment = _insert(session, asked)
        if payment is not None:
            _allocate(session, payment, amounts, law or current_law(), at=at)
    if payment is None:
        winner = session.scalars(select(Payment).where(Payment.dedupe_key == key)).one()
        return _same_again(winner, debtor_id, received_on, amount)
    _leave_trace(session, payment, amounts, by=by, at=at)
    return payment


def _leave_trace(
    session: Session,
    payment: Payment,
    amounts: Mapping[UUID, Money],
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    trail.record(
        session,
        payment.assignor_id,
        "record_payment",
        "payment",
        payment.id,
        {
            "amount_cents": payment.amount_cents,
            "received_on": payment.received_on,
            "paid_to": payment.paid_to.value,
            "receivables": [str(receivable_id) for receivable_id in amounts],
        },
        by=by,
        at=at,
    )


def allocate_rest(
    session: Session,
    payment: Payment,
    amounts: Mapping[UUID, Money],
    *,
    rest: Money,
    by: UUID | None,
    at: datetime,
    law: LegalParameters | None = None,
) -> None:
    """Let the unallocated ``rest`` of a payment settle more invoices of its debtor; sent twice, it counts once.

    Raises:
        PaymentRefused: one of its kinds says what is wrong; nothing was changed.
    """
    if not amounts:
        raise PaymentNotPositive("nothing is allocated")
    _lock_payable(session, payment.assignor_id, payment.debtor_id, amounts, payment.currency)
    session.refresh(payment, with_for_update=True)
    is_ours = payment.paid_to is PaidTo.ASSIGNOR
    if not is_ours or Money(unallocated_cents(payment), payment.currency) != rest:
        raise RestHasChanged(f"{rest} is no longer unallocated")
    _refuse_impossible(rest, amounts.values(), payment.received_on, at)
    with session.begin_nested():
        _allocate(session, payment, amounts, law or current_law(), at=at)
    facts = {"receivables": [str(one) for one in amounts]}
    trail.record(
        session, payment.assignor_id, "allocate_rest", "payment", payment.id, facts, by=by, at=at
    )


def undo_payment(
    session: Session,
    payment: Payment,
    *,
    because: str,
    by: UUID | None,
    at: datetime,
    law: LegalParameters | None = None,
) -> Payment:
    """Take a payment back, with its reason; later payments are imputed again. Undoing twice changes nothing.

    Raises:
        UndoReasonMissing: nobody said why.
        PaidToTheAssignee: it was reported by the lender, whose ledger would no longer agree.
    """
    if not because.strip():
        raise UndoReasonMissing("say why this payment is undone")
    if payment.paid_to is PaidTo.ASSIGNEE:
        raise PaidToTheAssignee("the lender received this payment")
    ids = [allocation.receivable_id for allocation in payment.allocations]
    _lock(session, payment.assignor_id, ids)
    session.refresh(payment, with_for_update=True)
    if payment.undone_at is not None:
        return payment
    payment.undone_at, payment.undone_by, payment.undone_because = at, by, because.strip()
    for allocation in payment.allocations:
        allocation.undone_at = at
    session.flush()
    for account in accounts_of(session, payment.assignor_id, ids).values():
        _replay(session, account, law or current_law())
    trail.record(session, payment.assignor_id, "undo_payment", "payment", payment.id, by=by, at=at)
    return payment


def preview_imputation(
    session: Session,
    *,
    assignor_id: UUID,
    receivable_id: UUID,
    received_on: date,
    amount: Money,
    law: LegalParameters | None = None,
) -> dict[Imputation, Imputed]:
    """What a payment would settle by each order, without recording it; both are shown when they differ."""
    account = accounts_of(session, assignor_id, [receivable_id])[receivable_id]
    live = _live_allocations(session, receivable_id)
    before = [_receipt(one) for one in live if one.payment.received_on <= received_on]
    return {
        order: _last(
            impute(
                account, [*before, Receipt(received_on, amount.cents, order)], law or current_law()
            )
        )
        for order in Imputation
    }


def unallocated_cents(payment: Payment) -> int:
    """What of a payment settles nothing yet."""
    settled = sum(_cents(one) for one in payment.allocations if one.undone_at is None)
    return payment.amount_cents - settled if payment.undone_at is None else 0


def _last(imputed: Imputed) -> Imputed:
    return replace(imputed, parts=imputed.parts[-1:])


def _same_again(known: Payment, debtor_id: UUID, received_on: date, amount: Money) -> Payment:
    same = (known.debtor_id, known.received_on, known.amount_cents, known.currency) == (
        debtor_id,
        received_on,
        amount.cents,
        amount.currency,
    )
    if not same:
        raise PaymentKeyReused("this form was already used for another payment; open it again")
    return known


def _refuse_impossible(
    amount: Money, parts: Collection[Money], received_on: date, at: datetime
) -> None:
    if amount.cents <= 0 or any(part.cents <= 0 for part in parts):
        raise PaymentNotPositive("an amount received is above zero")
    if received_on > at.astimezone(PARIS).date():
        raise PaymentInTheFuture(f"{received_on} has not come yet")
    if sum(part.cents for part in parts) > amount.cents:
        raise MoreAllocatedThanReceived(f"more than {amount} is allocated")


def _lock(session: Session, assignor_id: UUID, ids: Collection[UUID]) -> list[Receivable]:
    return list(
        session.scalars(
            select(Receivable)
            .where(Receivable.assignor_id == assignor_id, Receivable.id.in_(ids))
            .order_by(Receivable.id)
            .with_for_update(of=Receivable)
        )
    )


def _lock_payable(
    session: Session,
    assignor_id: UUID,
    debtor_id: UUID,
    amounts: Mapping[UUID, Money],
    currency: str,
) -> None:
    found = {one.id: one for one in _lock(session, assignor_id, list(amounts))}
    for receivable_id, part in amounts.items():
        receivable = found.get(receivable_id)
        if receivable is None or receivable.debtor_id != debtor_id:
            raise ReceivableNotPayable(f"no receivable {receivable_id} of this debtor")
        if {receivable.currency, part.currency, currency} != {receivable.currency}:
            raise ReceivableNotPayable(f"{receivable.number} is in {receivable.currency}")


def _insert(session: Session, payment: Payment) -> Payment | None:
    """The payment, or None when another transaction recorded the same key meanwhile."""
    columns = [column.key for column in Payment.__table__.columns]
    values = {key: getattr(payment, key) for key in columns}
    inserted = session.scalar(
        insert(Payment)
        .values(values)
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(Payment.id)
    )
    return session.get(Payment, inserted) if inserted else None


def _allocate(
    session: Session,
    payment: Payment,
    amounts: Mapping[UUID, Money],
    law: LegalParameters,
    *,
    at: datetime,
) -> None:
    accounts = accounts_of(session, payment.assignor_id, list(amounts))
    for receivable_id, part in amounts.items():
        before = _overpaid(session, accounts[receivable_id], law)
        payment.allocations.append(
            PaymentAllocation(
                assignor_id=payment.assignor_id,
                receivable_id=receivable_id,
                principal_cents=part.cents,
                interest_cents=0,
                indemnity_cents=0,
                allocated_at=at,
            )
        )
        session.flush()
        after = _replay(session, accounts[receivable_id], law)
        if after > before:
            number = accounts[receivable_id].number
            owed = Money(part.cents - (after - before), part.currency)
            raise PaidTwice(receivable_id, number, owed)


def _overpaid(session: Session, account: ReceivableAccount, law: LegalParameters) -> int:
    live = _live_allocations(session, account.receivable_id)
    return impute(account, [_receipt(one) for one in live], law).overpaid_cents


def _replay(session: Session, account: ReceivableAccount, law: LegalParameters) -> int:
    """Write the split of every live payment of a receivable again; the cents nobody owed."""
    live = _live_allocations(session, account.receivable_id)
    imputed = impute(account, [_receipt(one) for one in live], law)
    for allocation, part in zip(live, imputed.parts, strict=True):
        _write(allocation, part)
    session.flush()
    return imputed.overpaid_cents


def _write(allocation: PaymentAllocation, part: Settled) -> None:
    allocation.principal_cents = part.principal_cents
    allocation.interest_cents = part.interest_cents
    allocation.indemnity_cents = part.indemnity_cents


def _live_allocations(session: Session, receivable_id: UUID) -> Sequence[PaymentAllocation]:
    """In the order they count: by day received, then as recorded."""
    return session.scalars(
        select(PaymentAllocation)
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentAllocation.receivable_id == receivable_id,
            PaymentAllocation.undone_at.is_(None),
            Payment.undone_at.is_(None),
        )
        .order_by(Payment.received_on, Payment.recorded_at, Payment.id)
    ).all()


def _receipt(allocation: PaymentAllocation) -> Receipt:
    payment = allocation.payment
    return Receipt(payment.received_on, _cents(allocation), payment.imputation)


def _cents(allocation: PaymentAllocation) -> int:
    return allocation.principal_cents + allocation.interest_cents + allocation.indemnity_cents
