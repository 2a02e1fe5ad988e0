"""The days that must not be missed on the legal road, each with the text that sets it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from portal.collections.legal.claim import Claim
from portal.collections.legal.models import (
    DeadlineKind,
    FormalNotice,
    Insolvency,
    PaymentOrder,
)
from portal.collections.legal.states import OrderState
from pricing.calendar import add_months
from pricing.court import CourtKind
from pricing.parameters import LegalParameters
from pricing.time_limits import (
    TimeLimit,
    declaration_limit,
    deposit_limit,
    enforceable_from,
    opposition_limit,
    order_service_limit,
    publication_expected_by,
    relief_limit,
    title_recovery_limit,
)

MONTHS_AHEAD = (6, 3, 1)
DAYS_AHEAD = (30, 10, 3)
BEFORE_A_REGISTRY = frozenset({CourtKind.COMMERCIAL, CourtKind.ECONOMIC})


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day that counts for one claim or one debtor; ``opens`` when one may act from it, not until it."""

    kind: DeadlineKind
    on: date
    source: str
    subject_id: UUID
    assignor_id: UUID
    receivable_id: UUID | None = None
    debtor_id: UUID | None = None
    opens: bool = False

    def ahead(self, today: date) -> str | None:
        """The nearest distance at which it is told, ``6m`` to ``3d``; None when it is far, or passed."""
        if today > self.on:
            return None
        if self.opens:
            return "0d" if today == self.on else None
        if self.kind is DeadlineKind.LIMITATION:
            near = [one for one in MONTHS_AHEAD if today >= add_months(self.on, -one)]
            return f"{min(near)}m" if near else None
        near = [one for one in DAYS_AHEAD if today >= self.on - timedelta(days=one)]
        return f"{min(near)}d" if near else None


def deadlines_of(claim: Claim, law: LegalParameters) -> list[Deadline]:
    """Every day that counts for a claim, the nearest first; those of ended acts are left out."""
    found = [limitation_deadline(claim)]
    for notice in claim.notices:
        found += notice_deadlines(notice)
    for order in claim.orders:
        found += order_deadlines(order, law)
    if claim.insolvency is not None:
        found += insolvency_deadlines(claim.insolvency, law)
    return sorted(found, key=lambda one: (one.on, one.kind))


def limitation_deadline(claim: Claim) -> Deadline:
    """The earliest plausible last day to sue; the user qualifies."""
    return Deadline(
        DeadlineKind.LIMITATION,
        claim.limitation_on,
        "C. com. L110-4 ; C. conso. L218-2 ; C. civ. 2224",
        claim.receivable.id,
        claim.receivable.assignor_id,
        receivable_id=claim.receivable.id,
    )


def notice_deadlines(notice: FormalNotice) -> list[Deadline]:
    """The day by which the debtor was asked to answer, once the letter left."""
    if notice.deposited_on is None or notice.cancelled_at is not None:
        return []
    return [
        Deadline(
            DeadlineKind.NOTICE_ANSWER,
            notice.answer_by,
            "C. civ. 1231 (délai raisonnable)",
            notice.id,
            notice.assignor_id,
            receivable_id=notice.receivable_id,
            opens=True,
        )
    ]


def order_deadlines(order: PaymentOrder, law: LegalParameters) -> list[Deadline]:
    """What must be done with an order, and by when, in its present state; by the date of the order.

    Source: CPC art. 1411, 1416, 1422, 1425, 641, 642.
    """
    return [
        Deadline(
            kind,
            limit.on,
            limit.source,
            order.id,
            order.assignor_id,
            receivable_id=order.receivable_id,
            opens=opens,
        )
        for kind, limit, opens in _limits(order, law)
    ]


def _limits(
    order: PaymentOrder, law: LegalParameters
) -> Iterator[tuple[DeadlineKind, TimeLimit, bool]]:
    costs_deposited = order.court_kind in BEFORE_A_REGISTRY
    match order.state:
        case OrderState.FILED if order.filed_on and costs_deposited:
            yield DeadlineKind.ORDER_DEPOSIT, deposit_limit(order.filed_on, law), False
        case OrderState.GRANTED if order.ordered_on:
            yield DeadlineKind.ORDER_SERVICE, order_service_limit(order.ordered_on, law), False
        case OrderState.SERVED if order.ordered_on and order.served_on:
            if order.first_personal_act_on:
                last = opposition_limit(order.first_personal_act_on, law)
                yield DeadlineKind.ORDER_OPPOSITION, last, True
            first = enforceable_from(order.ordered_on, order.served_on, law)
            yield DeadlineKind.ORDER_ENFORCEMENT, first, True
        case OrderState.OPPOSED if order.opposed_on and costs_deposited:
            yield DeadlineKind.OPPOSITION_DEPOSIT, deposit_limit(order.opposed_on, law), False
        case _:
            return


def insolvency_deadlines(insolvency: Insolvency, law: LegalParameters) -> list[Deadline]:
    """What a creditor must do, and by when; nothing before the publication is known.

    Source: C. com. art. R622-24, L622-26, L624-9.
    """
    published = insolvency.published_on
    if published is None or insolvency.closed_on is not None:
        return []
    limits: list[tuple[DeadlineKind, TimeLimit]] = []
    if insolvency.declared_on is None:
        last = declaration_limit(published, law, abroad=insolvency.creditor_abroad)
        limits.append((DeadlineKind.CLAIM_DECLARATION, last))
        limits.append((DeadlineKind.CLAIM_RELIEF, relief_limit(published, law)))
    if insolvency.title_retained:
        limits.append((DeadlineKind.TITLE_RECOVERY, title_recovery_limit(published, law)))
    return [
        Deadline(
            kind,
            limit.on,
            limit.source,
            insolvency.id,
            insolvency.assignor_id,
            debtor_id=insolvency.debtor_id,
        )
        for kind, limit in limits
    ]


def publication_awaited(insolvency: Insolvency, law: LegalParameters) -> TimeLimit | None:
    """By when the judgment should be published, while it is not; no other period is counted meanwhile."""
    if insolvency.published_on is not None:
        return None
    return publication_expected_by(insolvency.judgment_on, law)
