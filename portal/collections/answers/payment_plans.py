"""Payment plans (*échéanciers*): written on what may be asked, accepted with a proof, followed, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.models import MoveSubject
from portal.audit.moves import trace_move
from portal.clock import PARIS
from portal.collections.answers.models import PaymentPlan, PenaltyChoice, PlanInstalment
from portal.collections.answers.plan_document import render_plan
from portal.collections.answers.refusals import AnswerRefused
from portal.collections.answers.states import LIVE_PLANS, PLAN_TRANSITIONS, PlanAction, PlanState
from portal.collections.legal.limitation import record_interruption
from portal.collections.lookup import CollectionNotFound
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Organisation
from portal.payments.account import Statement, accounts_of, statement
from portal.receivables.models import Receivable
from portal.receivables.position import is_assigned
from portal.states import next_state
from pricing.instalments import Instalment, Period, ScheduleRefused, schedule
from pricing.limitation import InterruptionKind
from pricing.money import Money
from pricing.parameters import LegalParameters

DAYS_MAX = 60


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What the parties agree besides the instalments. ``debtor_trades``: else the debtor spells the sum itself."""

    penalties: PenaltyChoice = PenaltyChoice.INCLUDED
    acceleration: bool = False
    debtor_trades: bool = True
    grace_days: int = 5
    letter_days: int = 8


class PlanNotFound(CollectionNotFound):
    """It does not exist, or belongs to someone else."""


def amount_to_spread(asked: Statement, penalties: PenaltyChoice) -> tuple[Money, Money]:
    """What a plan spreads, and the part of it that is penalties and indemnity."""
    extra = asked.penalties + asked.indemnity
    if penalties is not PenaltyChoice.INCLUDED:
        extra = extra.zero()
    return asked.principal + extra, extra


def simulate(
    session: Session,
    receivable: Receivable,
    *,
    penalties: PenaltyChoice,
    number: int,
    first_on: date,
    period: Period,
    today: date,
    law: LegalParameters,
) -> tuple[Instalment, ...]:
    """The instalments a plan would have; nothing is stored.

    Raises:
        AnswerRefused: nothing is owed, or the figures make no schedule.
    """
    total, _ = amount_to_spread(asked_of(session, receivable, today, law), penalties)
    if total.cents <= 0:
        raise AnswerRefused("nothing_owed")
    if first_on < today:
        raise AnswerRefused("first_day_past", "first_on")
    try:
        return schedule(total, number=number, first_on=first_on, period=period)
    except ScheduleRefused as refusal:
        raise AnswerRefused(refusal.code, "number") from refusal


def asked_of(
    session: Session, receivable: Receivable, today: date, law: LegalParameters
) -> Statement:
    """What may be asked on a receivable today; its contested part is left out."""
    account = accounts_of(session, receivable.assignor_id, [receivable.id])[receivable.id]
    return statement(account, today, law)


def propose_plan(
    session: Session,
    store: DocumentStore,
    receivable: Receivable,
    terms: PlanTerms,
    instalments: Sequence[Instalment],
    *,
    law: LegalParameters,
    plan_request_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> PaymentPlan:
    """Write a plan and its agreement document; the debtor then accepts it or not.

    Raises:
        AnswerRefused: ``nothing_owed``, ``insolvent``, ``assigned``, ``plan_pending``, or the instalments
            do not add up to what is asked, day after day from today.
    """
    today = at.astimezone(PARIS).date()
    session.execute(select(Receivable.id).where(Receivable.id == receivable.id).with_for_update())
    asked = asked_of(session, receivable, today, law)
    total, extra = amount_to_spread(asked, terms.penalties)
    _refuse_unfit(session, receivable, asked, terms)
    _refuse_odd(instalments, total, today)
    plan = PaymentPlan(
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        receivable_id=receivable.id,
        plan_request_id=plan_request_id,
        state=PlanState.PROPOSED,
        total_cents=total.cents,
        penalty_cents=extra.cents,
        currency=total.currency,
        penalties=terms.penalties,
        acceleration=terms.acceleration,
        debtor_trades=terms.debtor_trades,
        grace_days=terms.grace_days,
        letter_days=terms.letter_days,
        written_on=today,
        proposed_at=at,
        proposed_by=by,
        instalments=[
            PlanInstalment(
                assignor_id=receivable.assignor_id,
                number=one.number,
                due_on=one.due_on,
                amount_cents=one.amount.cents,
            )
            for one in instalments
        ],
    )
    session.add(plan)
    session.flush()
    plan.document_id = _kept_document(session, store, plan, receivable, by=by, at=at)
    _record(session, "propose_plan", plan, by=by, at=at)
    return plan


def accept_plan(
    session: Session,
    plan: PaymentPlan,
    *,
    accepted_on: date,
    name: str,
    signed_document_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The debtor signed: an acknowledgement of the debt, noted as interrupting limitation (C. civ. art. 2240).

    Raises:
        AnswerRefused: no name, or a day before the proposal or to come.
        IllegalTransition: it was accepted or ended already.
    """
    if not name.strip():
        raise AnswerRefused("name_missing", "name")
    if accepted_on > at.astimezone(PARIS).date():
        raise AnswerRefused("accepted_in_future", "accepted_on")
    if accepted_on < plan.written_on:
        raise AnswerRefused("accepted_too_early", "accepted_on")
    move_plan(session, plan, PlanAction.ACCEPT, by=by, at=at)
    plan.accepted_on, plan.accepted_by_name = accepted_on, name.strip()[:120]
    plan.signed_document_id = signed_document_id
    record_interruption(
        session,
        session.get_one(Receivable, plan.receivable_id),
        InterruptionKind.ACKNOWLEDGEMENT,
        accepted_on,
        note="échéancier accepté",
        document_id=signed_document_id or plan.document_id,
        by=by,
        at=at,
    )
    _record(session, "accept_plan", plan, by=by, at=at)


def end_plan(
    session: Session,
    plan: PaymentPlan,
    action: PlanAction,
    *,
    because: str | None = None,
    by: UUID | None,
    at: datetime,
) -> None:
    """The plan is kept, broken or cancelled: collection resumes on what is left.

    Raises:
        IllegalTransition: it cannot end so from where it is.
    """
    move_plan(session, plan, action, by=by, at=at)
    plan.ended_on, plan.ended_because = at.astimezone(PARIS).date(), because or None
    _record(session, f"{action.value}_plan", plan, by=by, at=at)


def move_plan(
    session: Session, plan: PaymentPlan, action: PlanAction, *, by: UUID | None, at: datetime
) -> None:
    """Move a plan, or raise `IllegalTransition`."""
    before = plan.state
    plan.state = next_state(PLAN_TRANSITIONS, before, action)
    trace_move(
        session,
        MoveSubject.PAYMENT_PLAN,
        plan.id,
        action,
        before,
        plan.state,
        assignor_id=plan.assignor_id,
        by=by,
        at=at,
    )
    session.flush()


def find_plan(session: Session, plan_id: UUID, *, assignor_id: UUID) -> PaymentPlan:
    """The assignor's own plan, held while it is changed.

    Raises:
        PlanNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(PaymentPlan)
        .where(PaymentPlan.id == plan_id, PaymentPlan.assignor_id == assignor_id)
        .with_for_update(of=PaymentPlan)
    )
    if found is None:
        raise PlanNotFound(plan_id)
    return found


def plans_of(session: Session, assignor_id: UUID, receivable_id: UUID) -> Sequence[PaymentPlan]:
    """Every plan of one receivable, the latest first."""
    return session.scalars(
        select(PaymentPlan)
        .where(PaymentPlan.assignor_id == assignor_id, PaymentPlan.receivable_id == receivable_id)
        .order_by(PaymentPlan.proposed_at.desc())
    ).all()


def _refuse_unfit(
    session: Session, receivable: Receivable, asked: Statement, terms: PlanTerms
) -> None:
    if not (0 <= terms.grace_days <= DAYS_MAX and 0 <= terms.letter_days <= DAYS_MAX):
        raise AnswerRefused("days_out_of_bounds", "grace_days")
    if asked.account.insolvent_since is not None:
        raise AnswerRefused("insolvent")
    if asked.principal.cents <= 0:
        raise AnswerRefused("nothing_owed")
    if is_assigned(session, receivable.id):
        raise AnswerRefused("assigned")
    pending = session.scalar(
        select(PaymentPlan.id).where(
            PaymentPlan.receivable_id == receivable.id, PaymentPlan.state.in_(LIVE_PLANS)
        )
    )
    if pending is not None:
        raise AnswerRefused("plan_pending")


def _refuse_odd(instalments: Sequence[Instalment], total: Money, today: date) -> None:
    days = [one.due_on for one in instalments]
    if not days or days[0] < today:
        raise AnswerRefused("first_day_past", "first_on")
    if any(later <= sooner for sooner, later in pairwise(days)):
        raise AnswerRefused("days_not_in_order", "first_on")
    if sum(one.amount.cents for one in instalments) != total.cents:
        raise AnswerRefused("instalments_sum", "number")


def _kept_document(
    session: Session,
    store: DocumentStore,
    plan: PaymentPlan,
    receivable: Receivable,
    *,
    by: UUID | None,
    at: datetime,
) -> UUID:
    assignor = session.get_one(Organisation, plan.assignor_id)
    return keep(
        session,
        store,
        owner_id=plan.assignor_id,
        kind=DocumentKind.PAYMENT_PLAN,
        filename=f"echeancier-{receivable.number}-{plan.written_on}.pdf",
        media_type="application/pdf",
        content=render_plan(plan, receivable, assignor, at=at),
        by=by,
        at=at,
    ).id


def _record(
    session: Session, action: str, plan: PaymentPlan, *, by: UUID | None, at: datetime
) -> None:
    session.flush()
    facts = {
        "receivable": plan.receivable_id,
        "total_cents": plan.total_cents,
        "instalments": len(plan.instalments),
    }
    trail.record(session, plan.assignor_id, action, "payment_plan", plan.id, facts, by=by, at=at)
