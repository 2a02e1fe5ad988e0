"""An order for payment step by step, and the days that each step sets."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import MoveSubject, StateMove
from portal.collections.legal.claim import claim_of
from portal.collections.legal.deadlines import deadlines_of, order_deadlines
from portal.collections.legal.models import DeadlineKind, PaymentOrder
from portal.collections.legal.orders import (
    end_order,
    file_order,
    grant_order,
    make_enforceable,
    oppose_order,
    record_personal_act,
    serve_order,
)
from portal.collections.legal.paperwork import missing_for_request, render_request
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.states import OrderAction, OrderState
from portal.states import IllegalTransition
from pricing.court import CourtKind
from pricing.parameters import law
from tests.builders.legal import a_claim, a_late_receivable, a_served_order, an_order
from tests.conftest import NOW, TODAY

LAW = law()


def days_of(order):
    return {one.kind: one.on for one in order_deadlines(order, LAW)}


def in_state(state, **given):
    facts = {"court_kind": CourtKind.COMMERCIAL, "state": state, **given}
    return PaymentOrder(**facts)


@pytest.mark.parametrize(
    ("ordered_on", "serve_by"),
    [(date(2026, 8, 31), date(2027, 3, 1)), (date(2026, 9, 1), date(2026, 12, 1))],
)
def test_an_order_is_served_within_the_time_of_its_own_date(ordered_on, serve_by):
    found = days_of(in_state(OrderState.GRANTED, ordered_on=ordered_on))

    assert found == {DeadlineKind.ORDER_SERVICE: serve_by}


def test_before_the_commercial_court_the_costs_are_deposited_within_fifteen_days():
    filed = {"filed_on": date(2026, 11, 23)}

    assert days_of(in_state(OrderState.FILED, **filed)) == {
        DeadlineKind.ORDER_DEPOSIT: date(2026, 12, 8)
    }
    assert days_of(in_state(OrderState.FILED, court_kind=CourtKind.JUDICIAL, **filed)) == {}


def test_an_order_served_in_person_is_opposed_within_a_month_and_enforced_after_two():
    found = days_of(
        in_state(
            OrderState.SERVED,
            ordered_on=date(2026, 9, 15),
            served_on=date(2026, 10, 2),
            first_personal_act_on=date(2026, 10, 2),
        )
    )

    assert found == {
        DeadlineKind.ORDER_OPPOSITION: date(2026, 11, 2),
        DeadlineKind.ORDER_ENFORCEMENT: date(2026, 12, 2),
    }


def test_served_to_nobody_in_person_the_time_to_oppose_has_not_begun():
    found = days_of(
        in_state(OrderState.SERVED, ordered_on=date(2026, 9, 15), served_on=date(2026, 10, 2))
    )

    assert DeadlineKind.ORDER_OPPOSITION not in found


def test_an_order_goes_from_request_to_title_and_leaves_its_trace(session: Session):
    order = a_served_order(session)
    make_enforceable(session, order, TODAY, by=None, at=NOW)

    moves = session.scalars(
        select(StateMove.after).where(
            StateMove.subject == MoveSubject.PAYMENT_ORDER, StateMove.subject_id == order.id
        )
    ).all()

    assert order.state is OrderState.ENFORCEABLE
    assert sorted(moves) == ["enforceable", "filed", "granted", "served"]


def test_an_opposed_order_is_no_title_until_it_is_judged(session: Session):
    order = a_served_order(session)

    oppose_order(session, order, TODAY, by=None, at=NOW)

    assert days_of(order) == {DeadlineKind.OPPOSITION_DEPOSIT: TODAY + timedelta(days=15)}
    with pytest.raises(IllegalTransition):
        serve_order(session, order, TODAY, in_person=True, by=None, at=NOW)


def test_a_judge_grants_a_part_but_never_more_than_asked(session: Session):
    order = an_order(session)
    file_order(session, order, TODAY, by=None, at=NOW)

    with pytest.raises(LegalActRefused, match="granted_more_than_asked"):
        grant_order(session, order, TODAY, order.asked_cents + 1, by=None, at=NOW)
    grant_order(session, order, TODAY, 900_000, by=None, at=NOW)

    assert (order.state, order.granted_cents) == (OrderState.GRANTED, 900_000)


def test_a_partly_granted_order_may_be_given_up(session: Session):
    order = an_order(session)
    file_order(session, order, TODAY, by=None, at=NOW)
    grant_order(session, order, TODAY, 900_000, by=None, at=NOW)

    end_order(session, order, OrderAction.WITHDRAW, TODAY, by=None, at=NOW)

    assert order.state is OrderState.WITHDRAWN
    assert days_of(order) == {}


@pytest.mark.parametrize(
    ("day", "code"),
    [(TODAY + timedelta(days=1), "day_in_future"), (TODAY - timedelta(days=1), "day_out_of_order")],
)
def test_a_step_has_the_day_on_which_it_happened(session: Session, day, code):
    order = an_order(session)

    with pytest.raises(LegalActRefused, match=code):
        file_order(session, order, day, by=None, at=NOW)


def test_one_claim_has_one_request_at_a_time(session: Session):
    receivable = a_late_receivable(session)
    an_order(session, a_claim(session, receivable))

    with pytest.raises(LegalActRefused, match="order_under_way"):
        an_order(session, a_claim(session, receivable))


def test_the_database_holds_a_second_request_back_too(session: Session):
    order = an_order(session)
    columns = ("assignor_id", "receivable_id", "court_kind", "court_name", "representative")
    twin = PaymentOrder(
        **{name: getattr(order, name) for name in columns}, asked_cents=1, created_at=NOW
    )
    session.add(twin)

    with pytest.raises(IntegrityError, match="uq_payment_order_live"):
        session.flush()


def test_nothing_is_asked_of_a_court_once_the_debtor_is_insolvent(session: Session):
    receivable = a_late_receivable(session)
    receivable.debtor.insolvent_since = date(2026, 11, 2)

    with pytest.raises(LegalActRefused, match="insolvent"):
        an_order(session, a_claim(session, receivable))


def test_the_service_of_the_order_starts_limitation_again(session: Session):
    receivable = a_late_receivable(session)
    before = a_claim(session, receivable).limitation_on
    a_served_order(session, a_claim(session, receivable))

    assert before == date(2031, 5, 1)
    assert a_claim(session, receivable).limitation_on == date(2031, 11, 23)


def test_a_personal_act_is_recorded_once(session: Session):
    order = a_served_order(session)

    with pytest.raises(LegalActRefused, match="already_recorded"):
        record_personal_act(session, order, TODAY, by=None, at=NOW)


def test_the_request_says_everything_the_code_wants(session: Session):
    receivable = a_late_receivable(session, order_reference="CDE-77", number="F-2026-001")
    receivable.debtor.address = "3 place de l'Essai, 33000 Essaiville"
    claim = a_claim(session, receivable)

    text = "\n".join(
        page.extract_text()
        for page in PdfReader(
            BytesIO(render_request(claim, an_order(session, claim), at=NOW))
        ).pages
    )

    for words in (
        "Requête en injonction de payer",
        "n'est pas un formulaire officiel",
        "président du tribunal de commerce",
        "Tribunal de commerce d'Exempleville",
        claim.assignor.legal_name,
        "SARL",
        f"SIREN {claim.assignor.siren}",
        "A. Exemple, gérante",
        claim.debtor.name,
        "3 place de l'Essai, 33000 Essaiville",
        "F-2026-001",
        "CDE-77",
        "ACT/365F",
        "Pièces jointes",
    ):
        assert "".join(words.split()) in "".join(text.split()).replace("’", "'"), words


def test_what_the_request_lacks_is_named(session: Session):
    found = missing_for_request(a_claim(session))

    assert found == ("invoice", "order", "delivery_proof", "formal_notice", "debtor_address")


def test_the_days_of_a_claim_come_the_nearest_first(session: Session):
    receivable = a_late_receivable(session)
    a_served_order(session, a_claim(session, receivable))

    found = deadlines_of(claim_of(session, receivable, today=TODAY, law=LAW), LAW)

    assert [one.kind for one in found] == [
        DeadlineKind.ORDER_OPPOSITION,
        DeadlineKind.ORDER_ENFORCEMENT,
        DeadlineKind.LIMITATION,
    ]
