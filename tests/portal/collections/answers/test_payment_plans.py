"""A payment plan, from its simulation to its end."""

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.answers.following import follow_plans, letter_ends_on
from portal.collections.answers.models import PaymentPlan, PenaltyChoice
from portal.collections.answers.payment_plans import (
    PlanTerms,
    accept_plan,
    asked_of,
    end_plan,
    propose_plan,
    simulate,
)
from portal.collections.answers.plan_requests import accept_request, refuse_request
from portal.collections.answers.plan_standing import held_by_a_plan
from portal.collections.answers.refusals import AnswerRefused, refusal_words
from portal.collections.answers.states import PLAN_TRANSITIONS, PlanAction, PlanState
from portal.collections.debtor_page.models import PlanRequest
from portal.collections.legal.limitation import interruptions_of
from portal.collections.reasons import Suppression
from portal.config import Settings
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.messages.models import Message
from portal.receivables.models import Receivable
from portal.states import IllegalTransition, reachable
from pricing.instalments import Period
from pricing.limitation import Interruption, InterruptionKind
from pricing.parameters import law
from tests.builders.legal import a_late_receivable
from tests.builders.lending import a_payment_of, an_assigned_receivable
from tests.builders.organisations import an_assignor
from tests.conftest import NOW, TODAY

FIRST = TODAY + timedelta(days=7)


@pytest.fixture
def store(settings: Settings) -> DocumentStore:
    return DocumentStore.at(settings.documents_address)


def a_plan(
    session: Session, store: DocumentStore, receivable=None, number=3, **given
) -> PaymentPlan:
    receivable = receivable or a_late_receivable(
        session, an_assignor(session, reminders_consented_at=NOW)
    )
    terms = PlanTerms(**given)
    wanted = simulate(
        session,
        receivable,
        penalties=terms.penalties,
        number=number,
        first_on=FIRST,
        period=Period.MONTH,
        today=TODAY,
        law=law(),
    )
    return propose_plan(session, store, receivable, terms, wanted, law=law(), by=None, at=NOW)


def a_running_plan(session: Session, store: DocumentStore, **given) -> PaymentPlan:
    plan = a_plan(session, store, **given)
    accept_plan(session, plan, accepted_on=TODAY, name="A. Exemple", by=None, at=NOW)
    follow(session, plan, FIRST)
    return plan


def follow(session: Session, plan: PaymentPlan, on: date) -> int:
    at = datetime.combine(on, time(9), PARIS)
    return follow_plans(session, plan.assignor_id, today=on, at=at)


def kinds_sent(session: Session) -> list[str]:
    return list(session.scalars(select(Message.kind).order_by(Message.created_at)))


def test_every_state_of_a_plan_can_be_reached():
    assert reachable(PLAN_TRANSITIONS, PlanState.PROPOSED) == set(PlanState)


def test_a_plan_spreads_principal_penalties_and_indemnity_to_the_cent(session, store):
    plan = a_plan(session, store)
    asked = asked_of(session, a_late_receivable(session), TODAY, law())

    assert plan.total_cents == asked.total.cents
    assert plan.penalty_cents == asked.total.cents - 1_000_000
    assert sum(one.amount_cents for one in plan.instalments) == plan.total_cents


def test_waived_penalties_leave_the_principal_alone(session, store):
    plan = a_plan(session, store, penalties=PenaltyChoice.WAIVED)

    assert (plan.total_cents, plan.penalty_cents) == (1_000_000, 0)


def test_the_agreement_is_a_sealed_kind_of_pdf(session, store):
    plan = a_plan(session, store, debtor_trades=False, acceleration=True)
    document = session.get_one(Document, plan.document_id)

    assert store.get(document.sha256).startswith(b"%PDF-")
    assert document.filename.startswith("echeancier-")


def test_a_second_plan_a_debt_assigned_or_a_day_past_is_refused_by_name(session, store):
    plan = a_plan(session, store)
    receivable = _receivable(session, plan)
    with pytest.raises(AnswerRefused, match="plan_pending"):
        a_plan(session, store, receivable)
    assigned = an_assigned_receivable(session)
    with pytest.raises(AnswerRefused, match="assigned"):
        a_plan(session, store, assigned)
    with pytest.raises(AnswerRefused, match="first_day_past"):
        simulate(
            session, a_late_receivable(session), penalties=PenaltyChoice.WAIVED, number=3,
            first_on=TODAY - timedelta(days=1), period=Period.MONTH, today=TODAY, law=law(),
        )  # fmt: skip


def test_acceptance_acknowledges_the_debt_and_interrupts_limitation(session, store):
    plan = a_plan(session, store)
    accept_plan(session, plan, accepted_on=TODAY, name="A. Exemple", by=None, at=NOW)

    assert plan.state is PlanState.ACCEPTED
    assert interruptions_of(session, [plan.receivable_id])[plan.receivable_id] == (
        Interruption(InterruptionKind.ACKNOWLEDGEMENT, TODAY),
    )
    with pytest.raises(IllegalTransition):
        accept_plan(session, plan, accepted_on=TODAY, name="A. Exemple", by=None, at=NOW)


def test_a_plan_is_signed_by_somebody_and_not_before_it_was_written(session, store):
    plan = a_plan(session, store)
    for name, on, code in (
        (" ", TODAY, "name_missing"),
        ("A", TODAY - timedelta(days=1), "accepted_too_early"),
        ("A", TODAY + timedelta(days=1), "accepted_in_future"),
    ):
        with pytest.raises(AnswerRefused, match=code):
            accept_plan(session, plan, accepted_on=on, name=name, by=None, at=NOW)


def test_only_an_agreed_plan_holds_reminders_back(session, store):
    plan = a_plan(session, store)
    ids = [plan.receivable_id]
    assert held_by_a_plan(session, plan.assignor_id, ids, TODAY) == {}

    accept_plan(session, plan, accepted_on=TODAY, name="A. Exemple", by=None, at=NOW)
    held = held_by_a_plan(session, plan.assignor_id, ids, TODAY)
    assert held == {plan.receivable_id: Suppression.PLAN_RESPECTED}

    end_plan(session, plan, PlanAction.CANCEL, because="d'un commun accord", by=None, at=NOW)
    assert held_by_a_plan(session, plan.assignor_id, ids, TODAY) == {}


def test_instalments_paid_in_full_keep_the_plan(session, store):
    plan = a_running_plan(session, store, penalties=PenaltyChoice.WAIVED)
    assert plan.state is PlanState.RUNNING

    a_payment_of(session, _receivable(session, plan), 1_000_000, FIRST)
    follow(session, plan, FIRST + timedelta(days=1))
    assert plan.state is PlanState.KEPT


def test_a_missed_instalment_is_written_about_once_then_ends_the_plan_as_agreed(session, store):
    plan = a_running_plan(session, store, acceleration=True, grace_days=5, letter_days=8)
    late = FIRST + timedelta(days=9)
    follow(session, plan, late)
    follow(session, plan, late)

    assert kinds_sent(session).count("plan_missed") == 1
    assert plan.state is PlanState.RUNNING
    assert plan.letter_sent_on == late
    held = held_by_a_plan(session, plan.assignor_id, [plan.receivable_id], late)
    assert held == {plan.receivable_id: Suppression.PLAN_MISSED}

    follow(session, plan, letter_ends_on(plan))
    assert plan.state is PlanState.RUNNING
    follow(session, plan, letter_ends_on(plan) + timedelta(days=1))
    assert (plan.state, plan.ended_because) == (PlanState.BROKEN, "instalment_missed")
    assert kinds_sent(session).count("plan_watch_broken") == 1


def test_without_the_clause_a_missed_instalment_ends_nothing_by_itself(session, store):
    plan = a_running_plan(session, store, acceleration=False)
    for days in (9, 30, 60):
        follow(session, plan, FIRST + timedelta(days=days))

    assert plan.state is PlanState.RUNNING


def test_money_that_comes_after_the_letter_saves_the_plan(session, store):
    plan = a_running_plan(session, store, acceleration=True)
    follow(session, plan, FIRST + timedelta(days=9))
    a_payment_of(session, _receivable(session, plan), plan.instalments[0].amount_cents, FIRST)
    follow(session, plan, FIRST + timedelta(days=25))

    assert (plan.state, plan.letter_sent_on) == (PlanState.RUNNING, None)


def test_nothing_is_written_to_the_debtor_without_its_creditors_leave(session, store):
    receivable = a_late_receivable(session)
    plan = a_running_plan(session, store, receivable=receivable)
    follow(session, plan, FIRST + timedelta(days=9))

    assert kinds_sent(session) == ["plan_watch_missed"]
    assert plan.letter_sent_on is None


def a_request(session: Session, receivable, cents: int) -> PlanRequest:
    request = PlanRequest(
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        receivable_id=receivable.id,
        instalments=[
            {"due_on": FIRST.isoformat(), "amount_cents": cents - 100},
            {"due_on": (FIRST + timedelta(days=30)).isoformat(), "amount_cents": 100},
        ],
        asked_at=NOW,
    )
    session.add(request)
    session.flush()
    return request


def test_a_debtors_request_becomes_the_plan_it_asked_for(session, store):
    receivable = a_late_receivable(session)
    request = a_request(session, receivable, 1_000_000)
    terms = PlanTerms(penalties=PenaltyChoice.WAIVED)
    plan = accept_request(session, store, request, terms, law=law(), by=None, at=NOW)

    assert [one.amount_cents for one in plan.instalments] == [999_900, 100]
    assert request.accepted is True
    assert kinds_sent(session) == ["plan_proposed"]
    with pytest.raises(AnswerRefused, match="answered"):
        refuse_request(session, request, "Trop tard", by=None, at=NOW)


def test_a_request_is_refused_with_a_word_the_debtor_reads(session):
    request = a_request(session, a_late_receivable(session), 1_000_000)
    with pytest.raises(AnswerRefused, match="word_missing"):
        refuse_request(session, request, " ", by=None, at=NOW)
    refuse_request(session, request, "Nous préférons deux mois.", by=None, at=NOW)

    message = session.scalars(select(Message)).one()
    assert message.kind == "plan_refused"
    assert "Nous préférons deux mois." in message.body_text


def test_every_refusal_has_its_sentence_in_both_languages():
    for code in ("nothing_owed", "plan_pending", "answered", "settled_amount"):
        assert refusal_words(code, "fr") != refusal_words(code, "en")


def _receivable(session: Session, plan: PaymentPlan):
    return session.get_one(Receivable, plan.receivable_id)
