"""What holds a receivable back besides its own account: facts kept elsewhere, asked for many receivables at once.

A new reason is one more function here: it receives the ids of an assignor's receivables, answers those that are
held back, and runs the same queries whatever their number.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.collections.answers.plan_standing import held_by_a_plan
from portal.collections.debtor_page.answering import held_by_the_debtors_word
from portal.collections.legal.holding import held_on_the_legal_road
from portal.collections.reasons import Suppression
from portal.debtors.models import Debtor
from portal.messages.models import RejectedAddress
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import Receivable


class Block(Protocol):
    """One reason, and how to find the receivables it holds back on a day."""

    def __call__(
        self, session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], today: date
    ) -> Mapping[UUID, Suppression]:
        """The receivables held back, each with the reason told."""


def unallocated_payments(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], today: date
) -> dict[UUID, Suppression]:
    """The receivables of debtors whose money has arrived and is not matched yet."""
    allocated = (
        select(
            PaymentAllocation.payment_id,
            func.sum(
                PaymentAllocation.principal_cents
                + PaymentAllocation.interest_cents
                + PaymentAllocation.indemnity_cents
            ).label("cents"),
        )
        .where(PaymentAllocation.assignor_id == assignor_id, PaymentAllocation.undone_at.is_(None))
        .group_by(PaymentAllocation.payment_id)
        .subquery("allocated")
    )
    waiting = (
        select(Payment.debtor_id)
        .outerjoin(allocated, allocated.c.payment_id == Payment.id)
        .where(
            Payment.assignor_id == assignor_id,
            Payment.undone_at.is_(None),
            Payment.received_on <= today,
            Payment.amount_cents > func.coalesce(allocated.c.cents, 0),
        )
    )
    held = session.scalars(
        select(Receivable.id).where(
            Receivable.assignor_id == assignor_id,
            Receivable.id.in_(receivable_ids),
            Receivable.debtor_id.in_(waiting),
        )
    )
    return dict.fromkeys(held, Suppression.BANK_MATCH_PENDING)


BLOCKS: tuple[Block, ...] = (
    held_on_the_legal_road,
    held_by_a_plan,
    unallocated_payments,
    held_by_the_debtors_word,
)


def blocked(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], today: date
) -> dict[UUID, Suppression]:
    """Every receivable held back, with the first reason found."""
    found: dict[UUID, Suppression] = {}
    for block in reversed(BLOCKS):
        found |= block(session, assignor_id, receivable_ids, today)
    return found


def rejected_addresses(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> frozenset[UUID]:
    """The receivables of debtors whose e-mail address bounced or complained."""
    refused = select(RejectedAddress.address).where(
        RejectedAddress.organisation_id == assignor_id, RejectedAddress.restored_at.is_(None)
    )
    held = session.scalars(
        select(Receivable.id)
        .join(Debtor, Debtor.id == Receivable.debtor_id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.id.in_(receivable_ids),
            func.lower(func.btrim(Debtor.contact_email)).in_(refused),
        )
    )
    return frozenset(held)
