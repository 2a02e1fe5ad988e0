"""Chasing what is owed, page by page, as the people who do it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.collections.models import Dispute, Promise, Reminder, ReminderState
from portal.identity.models import Organisation, Role
from portal.messages.models import Message, MessageState
from portal.payments.models import Payment
from portal.receivables.models import Receivable
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import TODAY


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session, legal_name="Menuiserie Exemple SARL")


@pytest.fixture
def owner(session: Session, assignor: Organisation, client_of: Callable):
    return client_of(a_member(session, assignor))


def late(session: Session, assignor: Organisation, days: int = 20, **given) -> Receivable:
    due_on = TODAY - timedelta(days=days)
    return a_receivable(
        session,
        assignor,
        **{"due_on": due_on, "issued_on": due_on - timedelta(days=30), **given},
    )


def approve(owner) -> None:
    owner.post("/collections/scenarios/take", data={"slug": "standard"})
    form = {"consent": "1", "version": "1"}
    answer = owner.post("/collections/scenarios/standard/activate", data=form)
    assert answer.status_code == 303


def outstanding(session: Session, receivable: Receivable) -> int:
    return session.scalar(
        text("SELECT outstanding_cents FROM receivable_position WHERE receivable_id = :id"),
        {"id": receivable.id},
    )


def payment_form(receivable: Receivable, amount: str, **given) -> dict[str, str]:
    return {
        "token": uuid4().hex,
        "amount": amount,
        "received_on": TODAY.isoformat(),
        "imputation": "interest_first",
        **given,
    }


def test_the_list_shows_the_heaviest_first_with_what_comes_next(session, assignor, owner):
    small = late(session, assignor, face_cents=10_000)
    heavy = late(session, assignor, face_cents=900_000)

    html = owner.get("/collections/").get_data(as_text=True)

    assert html.index(heavy.number) < html.index(small.number)
    assert "Aucun scénario de relance" in html


@pytest.mark.parametrize("view", ["overdue", "soon", "promised", "disputed"])
def test_each_view_opens_even_empty(session, assignor, owner, view):
    assert owner.get(f"/collections/?view={view}").status_code == 200
    a_receivable(session, assignor, due_on=TODAY + timedelta(days=3))
    late(session, assignor)
    assert owner.get(f"/collections/?view={view}&age=1-30&q=F&sort=due").status_code == 200


def test_the_page_of_a_debt_explains_the_amount_line_by_line(session, assignor, owner):
    receivable = late(session, assignor, days=61, face_cents=1_000_000)

    html = owner.get(f"/collections/{receivable.id}").get_data(as_text=True)

    assert "L441-10" in html
    assert "40,00" in html
    assert html.count("<h1") == 1


def test_a_payment_is_recorded_once_however_often_the_form_is_sent(session, assignor, owner):
    receivable = late(session, assignor, face_cents=100_000)
    form = payment_form(receivable, "300,00", imputation="principal_first")

    first = owner.post(f"/collections/{receivable.id}/payment", data=form)
    again = owner.post(f"/collections/{receivable.id}/payment", data=form)

    assert (first.status_code, again.status_code) == (303, 303)
    assert outstanding(session, receivable) == 70_000
    assert len(session.scalars(select(Payment)).all()) == 1


def test_both_imputations_are_shown_before_recording(session, assignor, owner):
    receivable = late(session, assignor, days=61, face_cents=1_000_000)

    answer = owner.post(
        f"/collections/{receivable.id}/payment",
        data=payment_form(receivable, "5000", preview="1"),
    )

    html = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert html.count("principal ") >= 2
    assert outstanding(session, receivable) == 1_000_000


def test_two_identical_payments_made_on_purpose_are_both_recorded(session, assignor, owner):
    receivable = late(session, assignor, face_cents=100_000)

    for _ in range(2):
        form = payment_form(receivable, "300,00", imputation="principal_first")
        owner.post(f"/collections/{receivable.id}/payment", data=form)

    assert len(session.scalars(select(Payment)).all()) == 2
    assert outstanding(session, receivable) == 40_000


def test_a_payment_form_sent_without_its_token_records_nothing_and_keeps_what_was_typed(
    session, assignor, owner
):
    receivable = late(session, assignor, face_cents=100_000)

    one = owner.post(
        f"/collections/{receivable.id}/payment",
        data=payment_form(receivable, "300,00", token=" "),
    )
    several = owner.post("/collections/paid", data={"selected": str(receivable.id)})

    assert one.status_code == 422
    assert 'value="300,00"' in one.get_data(as_text=True)
    assert several.status_code == 303
    assert session.scalars(select(Payment)).all() == []


def test_a_payment_too_large_keeps_what_was_typed_and_says_how_much(session, assignor, owner):
    receivable = late(session, assignor, days=1, face_cents=100_000)

    answer = owner.post(
        f"/collections/{receivable.id}/payment", data=payment_form(receivable, "5000,00")
    )

    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="5000,00"' in html
    assert "field-error" in html


def test_several_invoices_are_recorded_as_paid_together(session, assignor, owner):
    debtor = a_debtor(session, assignor)
    chosen = [late(session, assignor, debtor=debtor) for _ in range(3)]
    form = {"token": "t", "selected": [str(one.id) for one in chosen[:2]]}

    assert owner.post("/collections/paid", data=form).status_code == 303

    assert [outstanding(session, one) for one in chosen] == [0, 0, chosen[2].face_cents]


def test_a_promise_is_noted_and_cancelled(session, assignor, owner):
    receivable = late(session, assignor, face_cents=100_000)
    day = (TODAY + timedelta(days=5)).isoformat()

    wrong = owner.post(
        f"/collections/{receivable.id}/promise", data={"promised": "9999", "promised_for": day}
    )
    assert wrong.status_code == 422
    owner.post(
        f"/collections/{receivable.id}/promise", data={"promised": "1000", "promised_for": day}
    )
    promise = session.scalars(select(Promise)).one()
    assert promise.amount_cents == 100_000
    owner.post(f"/collections/promises/{promise.id}/cancel")
    session.refresh(promise)
    assert promise.cancelled_at is not None


def test_a_part_is_contested_then_closed(session, assignor, owner):
    receivable = late(session, assignor, face_cents=100_000)

    owner.post(
        f"/collections/{receivable.id}/dispute",
        data={"disputed": "250,50", "reason": "quality", "note": "Rayures"},
    )
    dispute = session.scalars(select(Dispute)).one()
    assert dispute.amount_cents == 25_050
    assert "Rayures" in owner.get(f"/collections/{receivable.id}").get_data(as_text=True)
    owner.post(f"/collections/disputes/{dispute.id}/close", data={"outcome": "unfounded"})
    session.refresh(dispute)
    assert dispute.closed_on == TODAY


def test_nothing_leaves_before_the_plan_is_approved_then_it_leaves_once(session, assignor, owner):
    receivable = late(session, assignor, days=10)
    url = f"/collections/{receivable.id}/reminder"

    owner.post(url, data={"step": "R2"})
    assert session.scalars(select(Message)).all() == []

    approve(owner)
    assert "Menuiserie Exemple SARL via Encaisse" in owner.get(url).get_data(as_text=True)
    owner.post(url, data={"step": "R2"})
    owner.post(url, data={"step": "R2"})

    message = session.scalars(select(Message)).one()
    assert message.kind == "reminder_r2"
    reminder = session.scalars(select(Reminder).where(Reminder.step_code == "R2")).one()
    assert reminder.state is ReminderState.SENT
    page = owner.get(f"/collections/{receivable.id}").get_data(as_text=True)
    assert f"/messages/{message.id}" in page


def test_a_payment_is_undone_with_its_reason(session, assignor, owner):
    receivable = late(session, assignor, face_cents=100_000)
    owner.post(f"/collections/{receivable.id}/payment", data=payment_form(receivable, "100"))
    payment = session.scalars(select(Payment)).one()
    assert receivable.number in owner.get("/payments/").get_data(as_text=True)

    owner.post(f"/payments/{payment.id}/undo", data={"because": ""})
    owner.post(f"/payments/{payment.id}/undo", data={"because": "Mauvaise facture"})

    session.refresh(payment)
    assert payment.undone_because == "Mauvaise facture"
    assert outstanding(session, receivable) == 100_000
    assert "Mauvaise facture" in owner.get("/payments/").get_data(as_text=True)


def test_lists_are_exported(session, assignor, owner):
    receivable = late(session, assignor)
    owner.post(f"/collections/{receivable.id}/payment", data=payment_form(receivable, "100"))

    for url in ("/collections/export.csv", "/payments/export.csv"):
        answer = owner.get(url)
        assert answer.mimetype == "text/csv"
        assert receivable.number in answer.get_data(as_text=True)


def test_a_reader_sees_and_changes_nothing(session, assignor, client_of):
    receivable = late(session, assignor)
    reader = client_of(a_member(session, assignor, Role.READER))

    assert reader.get("/collections/").status_code == 200
    html = reader.get(f"/collections/{receivable.id}").get_data(as_text=True)
    assert "/payment" not in html.replace("/payments/", "")
    assert reader.get("/collections/scenarios/").status_code == 200
    for url in (
        f"/collections/{receivable.id}/payment",
        f"/collections/{receivable.id}/reminder",
        "/collections/scenarios/take",
        "/collections/scenarios/standard/activate",
    ):
        assert reader.post(url).status_code == 403


def test_a_manager_collects_but_does_not_approve(session, assignor, client_of):
    manager = client_of(a_member(session, assignor, Role.MANAGER))

    manager.post("/collections/scenarios/take", data={"slug": "standard"})
    form = {"consent": "1", "version": "1"}
    assert manager.post("/collections/scenarios/standard/activate", data=form).status_code == 403


def test_a_stranger_cannot_tell_that_the_debt_exists(session, assignor, owner):
    theirs = late(session, an_assignor(session))

    for url in (f"/collections/{theirs.id}", f"/collections/{theirs.id}/reminder"):
        assert owner.get(url).status_code == 404
        assert owner.get(url.replace(str(theirs.id), str(uuid4()))).status_code == 404
    answer = owner.post("/collections/paid", data={"selected": str(theirs.id), "token": "t"})
    assert answer.status_code == 404


def test_a_message_that_failed_is_shown_and_sent_again_by_a_person(session, assignor, owner):
    receivable = late(session, assignor, days=3)
    approve(owner)
    owner.post(f"/collections/{receivable.id}/reminder", data={"step": "R1"})
    message = session.scalars(select(Message)).one()
    message.state, message.failure = MessageState.FAILED, "refused: 550: no such person"

    page = owner.get(f"/messages/{message.id}").get_data(as_text=True)
    assert "550" in page
    assert owner.post(f"/messages/{message.id}/send-again").status_code == 303
    session.refresh(message)
    assert message.state is MessageState.QUEUED
    assert message.subject in owner.get("/messages/?state=queued").get_data(as_text=True)
    assert owner.get("/messages/export.csv").status_code == 200


def test_messages_of_another_organisation_are_not_found(session, owner, client_of, assignor):
    receivable = late(session, assignor, days=3)
    approve(owner)
    owner.post(f"/collections/{receivable.id}/reminder", data={"step": "R1"})
    message = session.scalars(select(Message)).one()
    other = client_of(a_member(session, an_assignor(session)))

    assert other.get(f"/messages/{message.id}").status_code == 404
    assert other.post(f"/messages/{message.id}/send-again").status_code == 404
