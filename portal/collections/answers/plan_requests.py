"""A debtor's request for a plan, answered: accepted, countered with another plan, or refused with a word."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.answers.models import PaymentPlan
from portal.collections.answers.payment_plans import PlanTerms, propose_plan
from portal.collections.answers.plan_messages import write_about_request
from portal.collections.answers.refusals import AnswerRefused
from portal.collections.debtor_page.models import DebtorWord, PlanRequest, WordKind, WordState
from portal.collections.lookup import CollectionNotFound
from portal.documents.store import DocumentStore
from portal.receivables.models import Receivable
from pricing.instalments import Instalment
from pricing.money import Money
from pricing.parameters import LegalParameters


class PlanRequestNotFound(CollectionNotFound):
    """It does not exist, or belongs to someone else."""


def waiting_requests(
    session: Session, assignor_id: UUID, receivable_id: UUID | None = None
) -> Sequence[tuple[PlanRequest, Receivable]]:
    """The requests nobody answered yet with their receivables, the oldest first; of one receivable, or all."""
    query = (
        select(PlanRequest, Receivable)
        .join(Receivable, Receivable.id == PlanRequest.receivable_id)
        .where(PlanRequest.assignor_id == assignor_id, PlanRequest.answered_at.is_(None))
    )
    if receivable_id is not None:
        query = query.where(PlanRequest.receivable_id == receivable_id)
    rows = session.execute(query.order_by(PlanRequest.asked_at, PlanRequest.id))
    return [(asked, receivable) for asked, receivable in rows]


def find_request(session: Session, request_id: UUID, *, assignor_id: UUID) -> PlanRequest:
    """The request, held while it is answered.

    Raises:
        PlanRequestNotFound: it does not exist, or belongs to someone else.
    """
    found = session.scalar(
        select(PlanRequest)
        .where(PlanRequest.id == request_id, PlanRequest.assignor_id == assignor_id)
        .with_for_update()
    )
    if found is None:
        raise PlanRequestNotFound(request_id)
    return found


def instalments_asked(asked: PlanRequest, currency: str) -> tuple[Instalment, ...]:
    """What the debtor proposed."""
    return tuple(
        Instalment(
            place + 1,
            date.fromisoformat(str(one["due_on"])),
            Money(int(one["amount_cents"]), currency),
        )
        for place, one in enumerate(asked.instalments)
    )


def accept_request(
    session: Session,
    store: DocumentStore,
    asked: PlanRequest,
    terms: PlanTerms,
    *,
    law: LegalParameters,
    instalments: Sequence[Instalment] | None = None,
    by: UUID | None,
    at: datetime,
) -> PaymentPlan:
    """Turn a request into a plan to sign; other ``instalments`` than those asked are a counter-proposal.

    Raises:
        AnswerRefused: it was answered already, or no such plan can be written today.
    """
    _refuse_answered(asked)
    receivable = session.get_one(Receivable, asked.receivable_id)
    wanted = instalments_asked(asked, receivable.currency)
    plan = propose_plan(
        session,
        store,
        receivable,
        terms,
        tuple(instalments or wanted),
        law=law,
        plan_request_id=asked.id,
        by=by,
        at=at,
    )
    taken = instalments is None or tuple(instalments) == wanted
    _answer(session, asked, accepted=True, by=by, at=at)
    kind = "plan_proposed" if taken else "plan_countered"
    write_about_request(session, receivable, kind, plan=plan, at=at)
    return plan


def refuse_request(
    session: Session, asked: PlanRequest, word: str, *, by: UUID | None, at: datetime
) -> None:
    """Say no, with a word the debtor reads.

    Raises:
        AnswerRefused: ``answered`` already, or ``word_missing``.
    """
    _refuse_answered(asked)
    if not word.strip():
        raise AnswerRefused("word_missing", "word")
    _answer(session, asked, accepted=False, by=by, at=at)
    receivable = session.get_one(Receivable, asked.receivable_id)
    write_about_request(session, receivable, "plan_refused", word=word.strip()[:500], at=at)


def _refuse_answered(asked: PlanRequest) -> None:
    if asked.answered_at is not None:
        raise AnswerRefused("answered")


def _answer(
    session: Session, asked: PlanRequest, *, accepted: bool, by: UUID | None, at: datetime
) -> None:
    asked.answered_at, asked.answered_by, asked.accepted = at, by, accepted
    said = session.scalar(
        select(DebtorWord).where(
            DebtorWord.assignor_id == asked.assignor_id,
            DebtorWord.kind == WordKind.PLAN,
            DebtorWord.subject_id == asked.id,
        )
    )
    if said is not None:
        said.state = WordState.CONFIRMED if accepted else WordState.REFUSED
        said.answered_at, said.answered_by = at, by
    session.flush()
    action = "accept_plan_request" if accepted else "refuse_plan_request"
    facts = {"receivable": asked.receivable_id}
    trail.record(session, asked.assignor_id, action, "plan_request", asked.id, facts, by=by, at=at)
