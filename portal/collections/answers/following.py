"""Every day: promises judged, plans followed, disputes reminded. Each thing is found and told once."""

from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select, union
from sqlalchemy.orm import Session

from portal.collections.answers.dispute_files import (
    flag_to_lenders,
    open_missing_files,
    remind_owners,
)
from portal.collections.answers.kept_or_broken import mark_broken, paid_since, promises_to_judge
from portal.collections.answers.models import DisputeFile, PaymentPlan
from portal.collections.answers.payment_plans import end_plan, move_plan
from portal.collections.answers.plan_messages import tell_owner, write_missed
from portal.collections.answers.plan_standing import PlanStanding, standings_of
from portal.collections.answers.states import AGREED_PLANS, PlanAction, PlanState
from portal.collections.dunning.casefile import case_files
from portal.collections.dunning.steps import held_until
from portal.collections.models import Dispute, Promise
from portal.identity.models import Organisation
from portal.jobs.process import Process
from pricing.calendar import next_business_day
from pricing.instalments import FollowedInstalment

logger = structlog.get_logger()


def run_follow_answers(process: Process, assignor_id: str | None = None, **_: object) -> None:
    """Judge promises, follow plans and disputes, assignor by assignor; of one alone when it is named."""
    with process.transaction() as session:
        clock = process.clock(session)
        today, at = clock.day(), clock.instant()
        assignors = [UUID(assignor_id)] if assignor_id else _concerned(session, today)
    for one in assignors:
        with process.transaction() as session:
            broken = judge_promises(session, one, today=today, at=at)
            moved = follow_plans(session, one, today=today, at=at)
            open_missing_files(session, one, at=at)
            flagged = flag_to_lenders(session, one, at=at)
            remind_owners(session, one, today=today, at=at)
        if broken or moved or flagged:
            logger.info("answers", assignor=str(one), broken=broken, moved=moved, flagged=flagged)


def judge_promises(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> int:
    """Record as broken, once, the promises whose day and grace have passed unpaid; how many there were."""
    promises = promises_to_judge(session, assignor_id, today)
    if not promises:
        return 0
    paid = paid_since(session, promises)
    assignor = session.get_one(Organisation, assignor_id)
    files = case_files(session, assignor, {one.receivable_id for one in promises}, today=today)
    broken = [
        one
        for one in promises
        if paid.get(one.id, 0) < one.amount_cents
        and one.receivable_id in files
        and held_until(one.promised_for, files[one.receivable_id].case.promise_grace_days) < today
    ]
    for promise in broken:
        mark_broken(session, promise, today, at=at)
    return len(broken)


def follow_plans(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> int:
    """Bring every agreed plan to where its payments say; how many moved or had a letter."""
    plans = session.scalars(
        select(PaymentPlan)
        .where(PaymentPlan.assignor_id == assignor_id, PaymentPlan.state.in_(AGREED_PLANS))
        .with_for_update(of=PaymentPlan)
    ).all()
    found = standings_of(session, plans, today=today)
    return sum(follow_plan(session, one, today=today, at=at) for one in found.values())


def follow_plan(session: Session, standing: PlanStanding, *, today: date, at: datetime) -> bool:
    """Start, keep, warn or break one plan; whether anything was done.

    A plan breaks by itself only with the acceleration clause, after the letter and its delay (C. civ. art. 1305-4).
    """
    plan, done = standing.plan, False
    if plan.state is PlanState.ACCEPTED and _has_begun(standing, today):
        move_plan(session, plan, PlanAction.START, by=None, at=at)
        done = True
    if plan.state is not PlanState.RUNNING:
        return done
    if not standing.left.cents:
        end_plan(session, plan, PlanAction.KEEP, by=None, at=at)
        return True
    missed = standing.missed
    if missed is None:
        plan.letter_sent_on = None
        return done
    if plan.letter_sent_on is None:
        return _warn(session, plan, missed, today=today, at=at) or done
    if plan.acceleration and letter_ends_on(plan) < today:
        end_plan(session, plan, PlanAction.BREAK, because="instalment_missed", by=None, at=at)
        tell_owner(session, plan, "plan_watch_broken", key="broken", at=at)
        return True
    return done


def letter_ends_on(plan: PaymentPlan) -> date:
    """The last day the letter leaves the debtor; a business day."""
    sent_on = plan.letter_sent_on or plan.written_on
    return next_business_day(sent_on + timedelta(days=plan.letter_days))


def _has_begun(standing: PlanStanding, today: date) -> bool:
    return bool(standing.paid.cents) or standing.plan.instalments[0].due_on <= today


def _warn(
    session: Session, plan: PaymentPlan, missed: FollowedInstalment, *, today: date, at: datetime
) -> bool:
    """Write to the debtor where the creditor lets us write in its name; tell the creditor in any case."""
    assignor = session.get_one(Organisation, plan.assignor_id)
    told = tell_owner(session, plan, "plan_watch_missed", key=str(missed.instalment.number), at=at)
    if assignor.reminders_consented_at is None:
        return told is not None and told.created_at == at
    message = write_missed(session, plan, missed, at=at)
    if message is None:
        return False
    plan.letter_sent_on, plan.letter_message_id = today, message.id
    session.flush()
    return True


def _concerned(session: Session, today: date) -> list[UUID]:
    """The assignors with a promise to judge, a plan to follow or a dispute to answer."""
    promised = select(Promise.assignor_id).where(
        Promise.cancelled_at.is_(None), Promise.broken_on.is_(None), Promise.promised_for < today
    )
    agreed = select(PaymentPlan.assignor_id).where(PaymentPlan.state.in_(AGREED_PLANS))
    disputed = (
        select(Dispute.assignor_id)
        .outerjoin(DisputeFile, DisputeFile.dispute_id == Dispute.id)
        .where(Dispute.closed_on.is_(None), DisputeFile.reminded_on.is_(None))
    )
    return list(session.scalars(union(promised, agreed, disputed)))
