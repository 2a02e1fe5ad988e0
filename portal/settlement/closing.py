"""The end of a deal: last charges, debts given up, and every position back to zero."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partners.vocabulary.lending import LenderReply
from portal.assignments.moves import move_deed
from portal.assignments.release import hand_back
from portal.assignments.states import DeedAction
from portal.audit import trail
from portal.clock import PARIS
from portal.funding.messages import tell_assignor
from portal.funding.models import LenderEvent
from portal.funding.moves import move_request
from portal.funding.outcomes import APPLIED, Outcome, Verdict, waits
from portal.funding.states import RequestAction
from portal.identity.models import Organisation
from portal.ledger.models import Account
from portal.settlement.deal import Deal, book_consequence, live_debts, standing
from portal.settlement.ledger_lines import (
    POSITIONS,
    Charges,
    charges_due,
    debts_given_up,
    final_charges,
    loss,
)
from portal.settlement.report_days import happened_on
from pricing.wording import amount_text, known_locale


def close_if_over(session: Session, deal: Deal, *, value_date: date, at: datetime) -> bool:
    """Settle the deal once its debtors, its advance and its recourse leave nothing but the last charges.

    Charges above the reserve become a claim of the lender's on the assignor; the deal then waits
    for its payment.
    """
    accounts = standing(session, deal.deed)
    waiting = (Account.RECEIVABLES_ASSIGNED, Account.ADVANCE, Account.RECOURSE)
    held = -accounts[Account.RESERVE]
    if any(accounts[account] for account in waiting) or held > deal.at_end.total_cents:
        return False
    taken = deal.at_end.within(held)
    _charge(session, deal, "final_charges", taken, value_date, at)
    _claim(session, deal, deal.at_end.less(taken), value_date, at)
    if standing(session, deal.deed)[Account.DUE_TO_LENDER]:
        return False
    _settle(session, deal, at)
    return True


def keep_the_rest(
    session: Session, deal: Deal, event: LenderEvent, reply: LenderReply, *, at: datetime
) -> Outcome:
    """The lender says it is over while it holds more than its charges: the rest is its last charge.

    Only once everything it said before is known and applied: a release may still be under way.
    """
    if not _heard_everything_before(session, event, reply):
        return waits("earlier_reports_missing")
    accounts = standing(session, deal.deed)
    if accounts[Account.DUE_TO_LENDER]:
        return waits("charges_due")
    if accounts[Account.ADVANCE] or accounts[Account.RECOURSE]:
        return waits("advance_open")
    day = happened_on(
        (reply.happened_at or at).astimezone(PARIS).date(), at.astimezone(PARIS).date()
    )
    charges = deal.at_end.within(-accounts[Account.RESERVE])
    _charge(session, deal, "final_charges", charges, day, at)
    rest = -standing(session, deal.deed)[Account.RESERVE]
    _charge(session, deal, "kept_by_lender", Charges(rest, 0), day, at)
    _settle(session, deal, at)
    return APPLIED


def give_up_debts(
    session: Session, deal: Deal, *, because: str, value_date: date, at: datetime
) -> None:
    """What debtors still owe leaves the deed; with a reason, it is the assignor's again.

    The cents by which a call, computed on the whole, misses the sum of the debts' own
    roundings are a loss of the lender's.
    """
    unpaid = [debt for debt in live_debts(session, deal.deed) if debt.left_cents]
    book_consequence(
        session,
        deal,
        "debts_given_up",
        debts_given_up(unpaid, deal.currency),
        value_date=value_date,
        at=at,
    )
    missed = standing(session, deal.deed)[Account.ADVANCE]
    if 0 < missed <= len(unpaid):
        book_consequence(
            session,
            deal,
            "rounding",
            loss(missed, deal.currency),
            value_date=value_date,
            at=at,
        )
    if because:
        ids = [debt.receivable_id for debt in unpaid]
        hand_back(session, deal.deed, ids, because=because, at=at)


def _charge(
    session: Session, deal: Deal, kind: str, charges: Charges, value_date: date, at: datetime
) -> None:
    book_consequence(
        session, deal, kind, final_charges(charges, deal.currency), value_date=value_date, at=at
    )


def _claim(session: Session, deal: Deal, charges: Charges, value_date: date, at: datetime) -> None:
    """Charges the reserve could not bear: the assignor owes them, and is told so."""
    if not charges.total_cents:
        return
    lines = charges_due(charges, deal.currency)
    book_consequence(session, deal, "charges_due", lines, value_date=value_date, at=at)
    assignor = session.get_one(Organisation, deal.deed.assignor_id)
    tell_assignor(
        session,
        assignor.id,
        "charges_due",
        f"deed:{deal.deed.id}",
        deal.request.id,
        at=at,
        lender=session.get_one(Organisation, deal.deed.lender_id).legal_name,
        reference=deal.request.reference,
        amount=amount_text(charges.total_cents, known_locale(assignor.locale), deal.currency),
    )


def _settle(session: Session, deal: Deal, at: datetime) -> None:
    accounts = standing(session, deal.deed)
    left = {account.value: accounts[account] for account in POSITIONS if accounts[account]}
    if left:
        raise ValueError(f"deed {deal.deed.id} cannot be settled: {left}")
    move_deed(session, deal.deed, DeedAction.SETTLE, by=None, at=at)
    deal.deed.settled_at = at
    move_request(session, deal.request, RequestAction.SETTLE, by=None, at=at)
    trail.record(
        session, deal.deed.assignor_id, "deal_settled", "deed", deal.deed.id, by=None, at=at
    )


def _heard_everything_before(session: Session, event: LenderEvent, reply: LenderReply) -> bool:
    if reply.sequence is None:
        return False
    settled_before = session.scalar(
        select(func.count(func.distinct(LenderEvent.body["sequence"].as_integer()))).where(
            LenderEvent.submission_id == event.submission_id,
            LenderEvent.body["sequence"].as_integer() < reply.sequence,
            LenderEvent.outcome.is_not(None),
            LenderEvent.outcome.not_like(f"{Verdict.WAITS.value}%"),
        )
    )
    return (settled_before or 0) >= reply.sequence - 1
