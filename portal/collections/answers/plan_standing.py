"""Where payment plans stand: what was paid of each, and the receivables they hold back from reminders."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.collections.answers.models import PaymentPlan
from portal.collections.answers.states import AGREED_PLANS
from portal.collections.reasons import Suppression
from portal.payments.models import Payment, PaymentAllocation
from pricing.instalments import FollowedInstalment, Instalment, first_missed, follow
from pricing.money import Money


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """One plan on a day; what came since it was written covers its instalments in their order."""

    plan: PaymentPlan
    paid: Money
    followed: tuple[FollowedInstalment, ...]

    @property
    def missed(self) -> FollowedInstalment | None:
        """The oldest instalment missed."""
        return first_missed(self.followed)

    @property
    def left(self) -> Money:
        """What is still to be paid of the whole plan."""
        zero = self.paid.zero()
        return sum((one.missing for one in self.followed), zero)


def instalments_of(plan: PaymentPlan) -> tuple[Instalment, ...]:
    """The instalments as agreed."""
    return tuple(
        Instalment(one.number, one.due_on, Money(one.amount_cents, plan.currency))
        for one in plan.instalments
    )


def standings_of(
    session: Session, plans: Collection[PaymentPlan], *, today: date
) -> dict[UUID, PlanStanding]:
    """The standing of each plan, by its id; one query whatever their number."""
    paid = _paid_since(session, plans)
    found = {}
    for plan in plans:
        received = Money(paid.get(plan.id, 0), plan.currency)
        followed = follow(instalments_of(plan), received, today=today, grace_days=plan.grace_days)
        found[plan.id] = PlanStanding(plan, received, followed)
    return found


def held_by_a_plan(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], today: date
) -> dict[UUID, Suppression]:
    """The receivables under a plan both sides agreed to; once it is broken, kept or cancelled, none."""
    plans = agreed_plans(session, assignor_id, receivable_ids)
    return {
        one.plan.receivable_id: Suppression.PLAN_MISSED
        if one.missed is not None
        else Suppression.PLAN_RESPECTED
        for one in standings_of(session, plans, today=today).values()
    }


def agreed_plans(
    session: Session, assignor_id: UUID, receivable_ids: Iterable[UUID] | None = None
) -> Sequence[PaymentPlan]:
    """The plans an assignor agreed to that are not over; of some receivables, or all."""
    query = select(PaymentPlan).where(
        PaymentPlan.assignor_id == assignor_id, PaymentPlan.state.in_(AGREED_PLANS)
    )
    if receivable_ids is not None:
        query = query.where(PaymentPlan.receivable_id.in_(receivable_ids))
    return session.scalars(query.order_by(PaymentPlan.written_on, PaymentPlan.id)).all()


def _paid_since(session: Session, plans: Collection[PaymentPlan]) -> dict[UUID, int]:
    """What payments received since each plan was written settled of its receivable, in cents."""
    if not plans:
        return {}
    whole = (
        PaymentAllocation.principal_cents
        + PaymentAllocation.interest_cents
        + PaymentAllocation.indemnity_cents
    )
    rows = session.execute(
        select(PaymentPlan.id, func.sum(whole).label("cents"))
        .join(PaymentAllocation, PaymentAllocation.receivable_id == PaymentPlan.receivable_id)
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            PaymentPlan.id.in_([one.id for one in plans]),
            PaymentAllocation.undone_at.is_(None),
            PaymentAllocation.allocated_at >= PaymentPlan.proposed_at,
        )
        .group_by(PaymentPlan.id)
    )
    return {plan_id: int(cents) for plan_id, cents in rows}
