"""Finance or chase: what one receivable may bring either way, and what separates the two. An indication, no advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.collections.dunning.casefile import CaseFile, case_files
from portal.collections.dunning.choosing import segments_of
from portal.collections.dunning.steps import Step, foresee
from portal.collections.dunning.steps import suppression as suppressed
from portal.collections.reasons import SETTLED, Suppression
from portal.identity.models import Organisation
from portal.quotes.models import Quote, QuoteStatus
from portal.receivables.models import Receivable
from pricing.money import Money
from pricing.recovery import Payer, Recovery, RecoveryTable, expected_recovery, recovery_table

SOON_DAYS = 30
"""How long before its due date a receivable may be compared."""
STEPS_AHEAD_DAYS = 90


@dataclass(frozen=True, slots=True)
class Collecting:
    """The steps left and what they may bring; ``held`` says why nothing goes out today."""

    steps: Sequence[tuple[date, Step]]
    recovery: Recovery
    payer: Payer
    held: Suppression | None


@dataclass(frozen=True, slots=True)
class Financing:
    """The best indicative quote of today: cash at once, the reserve later, and what it costs in all."""

    quote: Quote
    net: Money
    reserve: Money
    cost: Money


@dataclass(frozen=True, slots=True)
class Difference:
    """Financing less collecting: cash in hand first, days sooner, cost more."""

    cash: Money
    days: int
    cost: Money


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ways side by side. ``refused`` is the quote nearest to a yes when none is one."""

    collecting: Collecting
    financing: Financing | None
    refused: Quote | None
    difference: Difference | None
    table: RecoveryTable


def compare(
    session: Session, assignor: Organisation, receivable: Receivable, *, today: date
) -> Comparison | None:
    """Both ways for a receivable late or due within thirty days; None when nothing is owed or it is far from due."""
    if receivable.due_on is None or receivable.due_on > today + timedelta(days=SOON_DAYS):
        return None
    file = case_files(session, assignor, [receivable.id], today=today).get(receivable.id)
    if file is None or suppressed(file.case, today) in SETTLED:
        return None
    segment = segments_of(session, assignor.id, [file.debtor.id]).get(file.debtor.id)
    payer = Payer(segment.value) if segment else Payer.UNKNOWN
    table = recovery_table(today)
    collecting = _collecting(file, payer, table, today)
    best, nearest = best_and_nearest(session, receivable.id)
    financing = _financing(best, receivable.currency) if best else None
    return Comparison(
        collecting=collecting,
        financing=financing,
        refused=None if best else nearest,
        difference=_difference(collecting.recovery, financing) if financing else None,
        table=table,
    )


def best_and_nearest(session: Session, receivable_id: UUID) -> tuple[Quote | None, Quote | None]:
    """The current quote that gives most cash today, and the refusal with the fewest reasons."""
    quotes = session.scalars(
        select(Quote).where(Quote.receivable_id == receivable_id, Quote.superseded_at.is_(None))
    ).all()
    eligible = [one for one in quotes if one.status is QuoteStatus.ELIGIBLE and one.net_today_cents]
    others = [one for one in quotes if one.status is not QuoteStatus.ELIGIBLE]
    best = max(
        eligible,
        key=lambda one: (one.net_today_cents or 0, -(one.total_cost_cents or 0), str(one.id)),
        default=None,
    )
    return best, min(others, key=_distance, default=None)


def _collecting(file: CaseFile, payer: Payer, table: RecoveryTable, today: date) -> Collecting:
    held = suppressed(file.case, today)
    left = [
        (day, step)
        for day, step, reason in foresee(file.case, file.steps, today, STEPS_AHEAD_DAYS)
        if reason is None
    ]
    owed = Money(
        max(file.case.outstanding_cents - file.case.disputed_cents, 0), file.receivable.currency
    )
    recovery = expected_recovery(
        owed,
        file.case.due_on,
        today,
        payer=payer,
        channels=[step.channel.value for _, step in left],
        table=table,
    )
    return Collecting(left, recovery, payer, held)


def _financing(quote: Quote, currency: str) -> Financing:
    return Financing(
        quote=quote,
        net=Money(quote.net_today_cents or 0, currency),
        reserve=Money(int(quote.price.get("reserve_cents") or 0), currency),
        cost=Money(quote.total_cost_cents or 0, currency),
    )


def _difference(recovery: Recovery, financing: Financing) -> Difference:
    return Difference(
        cash=financing.net - recovery.cash,
        days=recovery.days,
        cost=financing.cost - recovery.cost,
    )


def _distance(quote: Quote) -> tuple[bool, int, str]:
    """Blocked before refused, and the fewer reasons the better."""
    reasons = [one for one in quote.findings if one["outcome"] in ("refused", "blocked")]
    return quote.status is QuoteStatus.REFUSED, len(reasons), str(quote.id)
