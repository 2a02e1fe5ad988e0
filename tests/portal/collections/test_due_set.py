"""The due set at work on PostgreSQL: day by day, after missed days, and by two workers at once."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from portal.collections.answers.disputes import DisputeRefused, close_dispute, open_dispute
from portal.collections.answers.promises import PromiseRefused, record_promise
from portal.collections.dunning.by_hand import (
    AlreadyRemindedToday,
    ReminderSuppressed,
    StepChanged,
    preview_reminder,
    remind_now,
)
from portal.collections.dunning.due_set import remind_assignor, run_due_reminders
from portal.collections.dunning.scenarios import (
    activate_scenario,
    pause_reminders,
    preview_scenario,
    propose_scenario,
)
from portal.collections.dunning.sending import Tally
from portal.collections.dunning.steps import DEFAULT_STEPS
from portal.collections.models import DisputeOutcome, DisputeReason, Reminder, ReminderState
from portal.collections.standing import standings
from portal.config import Settings
from portal.db import SYSTEM, transaction
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.identity.models import DemoCalendar, Organisation
from portal.messages.models import Message
from portal.payments.recording import record_payment
from portal.receivables.models import Receivable
from portal.runtime import Runtime
from pricing.calendar import is_business_day
from pricing.late_payment import Imputation
from pricing.money import Money
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable

START = date(2026, 2, 2)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


@pytest.fixture
def store() -> DocumentStore:
    return DocumentStore.at(f"memory://{uuid4().hex}")


def approved(session: Session, assignor: Organisation, day: date = START) -> None:
    plan = propose_scenario(session, assignor.id, by=None, at=at(day))
    activate_scenario(session, plan, assignor, by=None, at=at(day))


def run(session: Session, store: DocumentStore, assignor: Organisation, day: date) -> Tally:
    return remind_assignor(session, store, assignor.id, at=at(day))


def due(session: Session, assignor: Organisation, on: date, **given) -> Receivable:
    return a_receivable(
        session, assignor, **{"issued_on": on - timedelta(days=30), "due_on": on, **given}
    )


def pay(session: Session, receivable: Receivable, cents: int, day: date) -> None:
    record_payment(
        session,
        assignor_id=receivable.assignor_id,
        debtor_id=receivable.debtor_id,
        amounts={receivable.id: Money(cents)},
        received_on=day,
        amount=Money(cents),
        imputation=Imputation.PRINCIPAL_FIRST,
        dedupe_key=uuid4().hex,
        by=None,
        at=at(day),
    )


def reminders(session: Session, receivable: Receivable) -> dict[str, Reminder]:
    session.expire_all()
    rows = session.scalars(select(Reminder).where(Reminder.receivable_id == receivable.id))
    return {row.step_code: row for row in rows}


def messages(session: Session, receivable: Receivable) -> list[Message]:
    return list(
        session.scalars(
            select(Message)
            .join(Reminder, Reminder.message_id == Message.id)
            .where(Reminder.receivable_id == receivable.id)
            .order_by(Message.created_at)
        )
    )


def test_nothing_goes_out_before_the_assignor_approves(session: Session, store: DocumentStore):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START - timedelta(days=8))
    propose_scenario(session, assignor.id, by=None, at=at(START))

    run(session, store, assignor, START)

    assert reminders(session, receivable) == {}


def test_the_reminder_leaves_in_the_assignors_name_with_what_may_be_asked(
    session: Session, store: DocumentStore
):
    assignor = an_assignor(session, legal_name="Menuiserie Exemple SARL", reply_to="a@b.example")
    receivable = due(session, assignor, date(2026, 5, 4), face_cents=1_000_000)
    approved(session, assignor)

    run(session, store, assignor, date(2026, 5, 12))

    (message,) = messages(session, receivable)
    assert message.from_name == "Menuiserie Exemple SARL via Encaisse"
    assert message.reply_to == "a@b.example"
    assert reminders(session, receivable)["R2"].asked_cents == 1_000_000 + 4_000 + 2_663
    assert "26,63" in message.body_text


def test_a_formal_notice_is_drafted_as_a_document_and_not_sent(
    session: Session, store: DocumentStore
):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START)
    approved(session, assignor)
    for day in (1, 8, 15, 30):
        run(session, store, assignor, START + timedelta(days=day))

    notice = reminders(session, receivable)["MED"]
    assert notice.state is ReminderState.DRAFTED
    assert notice.message_id is None
    document = session.get_one(Document, notice.document_id)
    assert store.get(document.sha256).startswith(b"%PDF-1.7")
    assert len(messages(session, receivable)) == 3


def test_the_part_in_dispute_is_not_asked(session: Session, store: DocumentStore):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START, face_cents=100_000)
    approved(session, assignor)
    dispute = open_dispute(
        session,
        receivable,
        amount_cents=30_000,
        reason=DisputeReason.QUALITY,
        note=None,
        by=None,
        at=at(START),
    )
    run(session, store, assignor, START + timedelta(days=1))
    assert reminders(session, receivable)["R1"].asked_cents == 70_000

    with pytest.raises(DisputeRefused, match="more_than_owed"):
        open_dispute(
            session,
            receivable,
            amount_cents=70_001,
            reason=DisputeReason.PRICE,
            note=None,
            by=None,
            at=at(START),
        )
    close_dispute(session, dispute, DisputeOutcome.UNFOUNDED, by=None, at=at(START))
    run(session, store, assignor, START + timedelta(days=15))
    assert reminders(session, receivable)["R3"].asked_cents > 100_000


def test_a_promise_beyond_what_is_owed_or_in_the_past_is_refused(session: Session):
    receivable = due(session, an_assignor(session), START, face_cents=100_000)

    for cents, day, code in (
        (100_001, START, "more_than_owed"),
        (0, START, "amount_not_positive"),
        (1, START - timedelta(days=1), "day_past"),
    ):
        with pytest.raises(PromiseRefused, match=code):
            record_promise(
                session,
                receivable,
                amount_cents=cents,
                promised_for=day,
                note=None,
                by=None,
                at=at(START),
            )


def test_pausing_stops_everything_and_says_so(session: Session, store: DocumentStore):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START)
    approved(session, assignor)
    pause_reminders(session, assignor, by=None, at=at(START))

    run(session, store, assignor, START + timedelta(days=1))
    assert reminders(session, receivable)["R1"].reason_code == "no_consent"

    approved(session, assignor)
    run(session, store, assignor, START + timedelta(days=2))
    assert reminders(session, receivable)["R1"].state is ReminderState.SENT


def test_the_preview_is_the_message_and_leaves_no_trace(session: Session, store: DocumentStore):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START)
    approved(session, assignor)
    today = START + timedelta(days=8)

    preview = preview_reminder(session, assignor, receivable.id, today=today)
    assert preview.written is not None
    assert messages(session, receivable) == []
    assert reminders(session, receivable) == {}

    run(session, store, assignor, today)
    (message,) = messages(session, receivable)
    assert message.body_text == preview.written.draft.body_text
    assert message.subject == preview.written.draft.subject


def test_reminding_by_hand_is_the_same_path_and_happens_once(
    session: Session, store: DocumentStore
):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START)
    approved(session, assignor)
    today = START + timedelta(days=3)

    def click(step_code: str) -> ReminderState:
        return remind_now(
            session, store, assignor, receivable.id, step_code=step_code, by=None, at=at(today)
        )

    with pytest.raises(StepChanged):
        click("R3")
    assert click("R1") is ReminderState.SENT
    with pytest.raises(AlreadyRemindedToday):
        click("R1")
    run(session, store, assignor, today)

    assert len(messages(session, receivable)) == 1


def test_by_hand_a_promise_can_be_overridden_but_not_a_dispute(
    session: Session, store: DocumentStore
):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START)
    approved(session, assignor)
    today = START + timedelta(days=3)
    record_promise(
        session,
        receivable,
        amount_cents=1,
        promised_for=today,
        note=None,
        by=None,
        at=at(today),
    )
    click = {"step_code": "R1", "by": None, "at": at(today)}
    assert remind_now(session, store, assignor, receivable.id, **click) is ReminderState.SENT

    other = due(session, assignor, START)
    open_dispute(
        session,
        other,
        amount_cents=None,
        reason=DisputeReason.DELIVERY,
        note=None,
        by=None,
        at=at(today),
    )
    with pytest.raises(ReminderSuppressed, match="disputed"):
        remind_now(session, store, assignor, other.id, **click)


def test_a_plan_previewed_shows_the_coming_days_without_consent(session: Session):
    assignor = an_assignor(session)
    receivable = due(session, assignor, START + timedelta(days=3), face_cents=100_000)

    foreseen = preview_scenario(session, assignor, DEFAULT_STEPS, today=START)

    assert [(one.step.code, (one.on - START).days) for one in foreseen] == [
        ("PRE", 0),
        ("R1", 7),
        ("R2", 14),
        ("R3", 21),
    ][: len(foreseen)]
    assert foreseen[0].asked_cents == 100_000
    assert reminders(session, receivable) == {}


def test_a_batch_costs_the_same_queries_whatever_its_size(session: Session, store: DocumentStore):
    def count(size: int) -> int:
        assignor = an_assignor(session)
        debtor = a_debtor(session, assignor)
        ids = [due(session, assignor, START, debtor=debtor).id for _ in range(size)]
        seen: list[str] = []

        def note(_c, _cursor, statement, *_rest) -> None:
            seen.append(statement)

        session.flush()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        standings(session, assignor, ids, today=START + timedelta(days=3))
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    assert count(2) == count(20) <= 12


def independent_amount(face: int, due_on: date, on: date, payments: list[tuple[date, int]]) -> int:
    """What is asked, recomputed day by day with a pocket calculator's patience."""
    exact, indemnity = Decimal(0), 0
    day = due_on
    while day < on:
        day += timedelta(days=1)
        paid = sum(cents for paid_on, cents in payments if paid_on < day)
        left = max(face - paid, 0)
        rate = Decimal("0.1215") if day < date(2026, 7, 1) else Decimal("0.1240")
        exact += Decimal(left) * rate / 365
        indemnity = 4_000
    penalties = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    left = max(face - sum(cents for paid_on, cents in payments if paid_on <= on), 0)
    return left + penalties + indemnity


@pytest.mark.parametrize("seed", [1, 2])
def test_ninety_days_with_a_worker_that_misses_days(
    session: Session, store: DocumentStore, seed: int
):
    chance = random.Random(seed)
    assignor = an_assignor(session)
    approved(session, assignor)
    debtor = a_debtor(session, assignor)
    known = [
        due(session, assignor, START + timedelta(days=chance.randint(3, 50)), debtor=debtor)
        for _ in range(12)
    ]
    payments: dict[UUID, list[tuple[date, int]]] = {one.id: [] for one in known}
    disputed: set[UUID] = set()
    settled_on: dict[UUID, date] = {}
    asleep = 0
    for day in (START + timedelta(days=n) for n in range(90)):
        for one in known:
            left = one.face_cents - sum(cents for _, cents in payments[one.id])
            event_of_the_day = chance.random()
            if left and event_of_the_day < 0.012:
                cents = left if chance.random() < 0.6 else left // 3
                pay(session, one, cents, day)
                payments[one.id].append((day, cents))
                if cents == left:
                    settled_on[one.id] = day
            elif left and event_of_the_day < 0.018 and one.id not in disputed:
                open_dispute(
                    session,
                    one,
                    amount_cents=None,
                    reason=DisputeReason.OTHER,
                    note=None,
                    by=None,
                    at=at(day),
                )
                disputed.add(one.id)
            elif left and event_of_the_day < 0.03:
                record_promise(
                    session,
                    one,
                    amount_cents=left,
                    promised_for=day + timedelta(days=chance.randint(1, 12)),
                    note=None,
                    by=None,
                    at=at(day),
                )
        asleep = asleep - 1 if asleep else (9 if chance.random() < 0.05 else 0)
        if not asleep:
            run(session, store, assignor, day)
            run(session, store, assignor, day)

    run(session, store, assignor, day)
    for one in known:
        sent = messages(session, one)
        rows = reminders(session, one)
        assert all(count == 1 for count in Counter(m.id for m in sent).values())
        assert len({m.created_at.date() for m in sent}) == len(sent)
        assert all(is_business_day(m.created_at.date()) for m in sent)
        for message in sent:
            assert message.created_at.date() <= settled_on.get(one.id, day)
        for step in DEFAULT_STEPS:
            if one.due_on + timedelta(days=step.day + 14) <= day and step.code != "MED":
                assert step.code in rows
        for row in rows.values():
            assert (row.reason_code is not None) == (row.state is ReminderState.SUPPRESSED)
            if row.state is ReminderState.SENT and row.dunning_level >= 2:
                before = [p for p in payments[one.id] if p[0] <= row.decided_on]
                assert row.asked_cents == independent_amount(
                    one.face_cents, one.due_on, row.decided_on, before
                )


def test_two_workers_at_once_send_each_reminder_once(
    committing_settings: Settings, committing_engine: Engine
):
    store = DocumentStore.at(committing_settings.documents_address)
    settings = replace(committing_settings, mode="demo")
    process = Runtime(settings, committing_engine, store, read_clock=lambda: at(START))
    with transaction(committing_engine, SYSTEM) as session:
        today = process.clock(session).day()
        assignor = an_assignor(session)
        debtor = a_debtor(session, assignor)
        known = [
            due(session, assignor, today - timedelta(days=2), debtor=debtor).id for _ in range(30)
        ]
        approved(session, assignor)
        assert session.scalar(select(DemoCalendar.advanced_days)) in (None, 0)

    workers = [Thread(target=run_due_reminders, args=(process,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    run_due_reminders(process)

    with transaction(committing_engine, SYSTEM) as session:
        told = session.execute(
            select(Reminder.receivable_id, Reminder.message_id).where(
                Reminder.receivable_id.in_(known), Reminder.state == ReminderState.SENT
            )
        ).all()
        letters = session.scalars(select(Message).where(Message.debtor_id == debtor.id)).all()
    assert sorted(row.receivable_id for row in told) == sorted(known)
    assert {row.message_id for row in told} == {one.id for one in letters}
    assert len(letters) == 1
