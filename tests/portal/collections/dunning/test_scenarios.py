"""Several scenarios at work: for whom each is, what leaves together, how often, and by which channel."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portal.collections.dunning.casefile import case_files
from portal.collections.dunning.choosing import (
    ChoiceRefused,
    Scope,
    choose_scenario,
    forget_choice,
    lift_placement,
    place_debtor,
    segments_of,
)
from portal.collections.dunning.due_set import remind_assignor
from portal.collections.dunning.models import Scenario, Segment
from portal.collections.dunning.ready_made import ready_made
from portal.collections.dunning.scenarios import (
    Proposal,
    ScenarioRefused,
    activate_scenario,
    preview_scenario,
    propose_scenario,
    refuse_unsound,
    retire_scenario,
)
from portal.collections.dunning.sending import Tally
from portal.collections.dunning.steps import (
    DEFAULT_STEPS,
    Anchor,
    Case,
    Step,
    Tone,
    placed,
    planned_on,
)
from portal.collections.models import Channel, Reminder, ReminderState
from portal.documents.models import Document, DocumentKind
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation
from portal.messages.models import Message, RejectedAddress, RejectionReason
from portal.receivables.models import Receivable
from pricing.calendar import is_business_day
from pricing.collection_right import FinancingState, collection_right
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable

MONDAY = date(2026, 3, 2)
STORE = DocumentStore.at("memory://scenarios")


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def active(
    session: Session,
    assignor: Organisation,
    steps: Sequence[Step] = DEFAULT_STEPS,
    *,
    slug: str = "standard",
    cap: int = 3,
) -> Scenario:
    said = Proposal(slug, slug.title(), tuple(steps), cap)
    proposed = propose_scenario(session, assignor.id, said, by=None, at=at(MONDAY))
    return activate_scenario(session, proposed, assignor, by=None, at=at(MONDAY))


def owed(session: Session, assignor: Organisation, due_on: date = MONDAY, **facts) -> Receivable:
    issued_on = due_on - timedelta(days=30)
    return a_receivable(session, assignor, due_on=due_on, issued_on=issued_on, **facts)


def run(session: Session, assignor: Organisation, days: int) -> Tally:
    return remind_assignor(session, STORE, assignor.id, at=at(MONDAY + timedelta(days=days)))


def told(session: Session, receivable: Receivable) -> dict[str, Reminder]:
    session.expire_all()
    rows = session.scalars(select(Reminder).where(Reminder.receivable_id == receivable.id))
    return {row.step_code: row for row in rows}


def messages(session: Session, assignor: Organisation) -> list[Message]:
    query = select(Message).where(Message.organisation_id == assignor.id)
    return list(session.scalars(query.order_by(Message.created_at)))


def test_an_invoice_has_its_own_scenario_before_its_debtors_its_segments_and_everybodys(
    session: Session,
):
    assignor = an_assignor(session)
    for slug in ("standard", "bad_payer", "strategic", "own"):
        active(session, assignor, slug=slug)
    receivable = owed(session, assignor)
    debtor_id = receivable.debtor_id
    who = {"by": None, "at": at(MONDAY)}

    def applied() -> str | None:
        files = case_files(session, assignor, [receivable.id], today=MONDAY)
        scenario = files[receivable.id].scenario
        return scenario.slug if scenario else None

    assert applied() == "standard"
    choose_scenario(session, assignor.id, "bad_payer", Scope(segment=Segment.BAD), **who)
    place_debtor(session, receivable.debtor, Segment.BAD, because="x", by_hand=False, **who)
    assert applied() == "bad_payer"
    choose_scenario(session, assignor.id, "strategic", Scope(debtor_id=debtor_id), **who)
    assert applied() == "strategic"
    choose_scenario(session, assignor.id, "own", Scope(receivable_id=receivable.id), **who)
    assert applied() == "own"
    forget_choice(session, assignor.id, Scope(receivable_id=receivable.id), **who)
    forget_choice(session, assignor.id, Scope(debtor_id=debtor_id), **who)
    lift_placement(session, receivable.debtor, **who)
    assert applied() == "standard"


def test_a_public_body_and_a_debtor_abroad_have_their_segment_by_nature(session: Session):
    assignor = an_assignor(session)
    town = a_debtor(session, assignor, segment="public")
    abroad = a_debtor(session, assignor, country="BE")
    plain = a_debtor(session, assignor)

    found = segments_of(session, assignor.id, [town.id, abroad.id, plain.id])

    assert found == {town.id: Segment.PUBLIC, abroad.id: Segment.ABROAD, plain.id: None}


def test_a_segment_set_by_hand_is_not_changed_by_behaviour(session: Session):
    assignor = an_assignor(session)
    debtor = a_debtor(session, assignor)
    who = {"because": None, "by": None, "at": at(MONDAY)}

    place_debtor(session, debtor, Segment.STRATEGIC, by_hand=True, **who)
    assert place_debtor(session, debtor, Segment.BAD, by_hand=False, **who) is None

    assert segments_of(session, assignor.id, [debtor.id])[debtor.id] is Segment.STRATEGIC


def test_a_debtor_taken_out_of_automatic_sending_is_left_alone_and_the_reason_is_kept(
    session: Session,
):
    assignor = an_assignor(session)
    active(session, assignor)
    receivable = owed(session, assignor)
    scope, who = Scope(debtor_id=receivable.debtor_id), {"by": None, "at": at(MONDAY)}
    with pytest.raises(ChoiceRefused, match="reason_missing"):
        choose_scenario(session, assignor.id, None, scope, because=" ", **who)

    choose_scenario(session, assignor.id, None, scope, because="Négociation en cours", **who)
    run(session, assignor, 1)

    assert messages(session, assignor) == []
    case = case_files(session, assignor, [receivable.id], today=MONDAY)[receivable.id].case
    assert case.opted_out


def test_one_debtors_invoices_leave_in_one_message_with_its_statement(session: Session):
    assignor = an_assignor(session)
    active(session, assignor)
    debtor = a_debtor(session, assignor)
    three = [owed(session, assignor, debtor=debtor, face_cents=100_000) for _ in range(3)]
    other = owed(session, assignor, face_cents=50_000)

    run(session, assignor, 8)

    grouped, alone = sorted(messages(session, assignor), key=lambda one: one.kind, reverse=True)
    assert (grouped.kind, alone.kind) == ("reminder_statement_2", "reminder_r2")
    assert all(one.number in grouped.body_text for one in three)
    assert other.number not in grouped.body_text
    assert grouped.body_html is not None
    assert "<table" in grouped.body_html
    rows = [told(session, one)["R2"] for one in three]
    assert {row.message_id for row in rows} == {grouped.id}
    assert len({row.document_number for row in rows}) == 1


def test_the_reminder_document_has_its_own_number_and_goes_with_the_message(session: Session):
    assignor = an_assignor(session)
    active(session, assignor)
    first, second = owed(session, assignor), owed(session, assignor)

    run(session, assignor, 8)

    numbers = {told(session, one)["R2"].document_number for one in (first, second)}
    assert numbers == {"REL-2026-000001", "REL-2026-000002"}
    row = told(session, first)["R2"]
    document = session.get_one(Document, row.document_id)
    assert document.kind is DocumentKind.REMINDER
    assert STORE.get(document.sha256).startswith(b"%PDF-")
    message = session.get_one(Message, row.message_id)
    assert str(document.id) in message.attachment_ids


def test_beyond_the_weekly_cap_a_debtor_is_left_alone_and_the_reason_is_told(session: Session):
    assignor = an_assignor(session)
    active(session, assignor, [Step("R1", 1), Step("R2", 10, Tone.FIRM)], cap=2)
    debtor = a_debtor(session, assignor)
    four = [owed(session, assignor, debtor=debtor, face_cents=n * 10_000) for n in range(1, 5)]

    run(session, assignor, 1)
    run(session, assignor, 2)

    assert len(messages(session, assignor)) == 2
    reasons = {one.face_cents: told(session, one)["R1"].reason_code for one in four}
    assert reasons == {10_000: "weekly_cap", 20_000: "weekly_cap", 30_000: None, 40_000: None}

    run(session, assignor, 8)
    assert len(messages(session, assignor)) == 4


def test_a_step_below_its_minimum_waits_while_a_larger_debt_is_reminded(session: Session):
    assignor = an_assignor(session)
    active(session, assignor, [Step("R1", 1, minimum_cents=5_000)])
    small = owed(session, assignor, face_cents=4_999)
    large = owed(session, assignor, face_cents=5_000)

    run(session, assignor, 1)

    assert told(session, small)["R1"].reason_code == "below_minimum"
    assert told(session, large)["R1"].state is ReminderState.SENT


@pytest.mark.parametrize(
    ("channel", "facts", "state"),
    [
        (Channel.PHONE, {"contact_phone": "01 23 45 67 89"}, ReminderState.TO_CALL),
        (Channel.PHONE, {"contact_phone": None}, ReminderState.SUPPRESSED),
        (Channel.SMS, {"contact_phone": "06 12 34 56 78"}, ReminderState.SENT),
        (Channel.LETTER, {"address": "1 rue de l'Exemple, 69001 Exempleville"}, ReminderState.SENT),
        (
            Channel.REGISTERED_LETTER,
            {"address": "1 rue de l'Exemple, 69001 Exempleville"},
            ReminderState.SENT,
        ),
        (Channel.LETTER, {"address": "chez un ami"}, ReminderState.SUPPRESSED),
    ],
)
def test_each_channel_needs_a_way_to_reach_the_debtor(
    session: Session, channel: Channel, facts: dict[str, str | None], state: ReminderState
):
    assignor = an_assignor(
        session, address_line="2 rue de l'Exemple", postal_code="69002", city="Exempleville"
    )
    active(session, assignor, [Step("C1", 1, channel=channel, script="Demander la date")])
    receivable = owed(session, assignor, debtor=a_debtor(session, assignor, **facts))

    run(session, assignor, 1)

    row = told(session, receivable)["C1"]
    assert (row.state, row.channel) == (state, channel)
    if state is ReminderState.SENT:
        message = session.get_one(Message, row.message_id)
        assert message.channel.value == channel.value
        assert (row.document_number is not None) == (channel is not Channel.SMS)


def test_an_address_that_bounced_stops_e_mails_and_nothing_else(session: Session):
    assignor = an_assignor(session)
    active(session, assignor, [Step("R1", 1), Step("C1", 3, channel=Channel.PHONE, script="x")])
    debtor = a_debtor(
        session, assignor, contact_email="Compta@debiteur.example", contact_phone="0123456789"
    )
    receivable = owed(session, assignor, debtor=debtor)
    rejected = RejectedAddress(
        organisation_id=assignor.id,
        address="compta@debiteur.example",
        reason=RejectionReason.BOUNCED,
        rejected_at=at(MONDAY),
    )
    session.add(rejected)
    session.flush()

    run(session, assignor, 3)

    rows = told(session, receivable)
    assert rows["R1"].reason_code == "address_bad"
    assert rows["C1"].state is ReminderState.TO_CALL


def test_a_step_counted_from_the_previous_one_follows_it_when_it_is_late():
    steps = placed([Step("A", 5), Step("B", 7, Tone.FIRM, anchor=Anchor.PREVIOUS)])

    assert [(step.code, step.day, step.gap_days) for step in steps] == [("A", 5, 5), ("B", 12, 7)]


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ((), "no_step"),
        ((Step("A", 1), Step("B", 1)), "two_steps_on_one_day"),
        ((Step("A", 1), Step("A", 2)), "code_used_twice"),
        ((Step("A", 1, Tone.FINAL), Step("B", 9)), "days_against_levels"),
        ((Step("A", 400),), "day_out_of_bounds"),
        ((Step("A", 1, channel=Channel.PHONE),), "call_without_script"),
    ],
)
def test_steps_that_cannot_run_are_refused(steps: tuple[Step, ...], code: str):
    with pytest.raises(ScenarioRefused, match=code):
        refuse_unsound(Proposal(steps=steps))


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_every_proposed_scenario_is_sound_and_described(locale: str):
    for one in ready_made(locale).values():
        refuse_unsound(Proposal(one.slug, one.title, one.steps, one.weekly_cap))
        assert len(one.about) > 40


def test_a_version_is_never_edited_and_a_stopped_scenario_sends_nothing(session: Session):
    assignor = an_assignor(session)
    first = active(session, assignor)
    second = active(session, assignor, [Step("R1", 2)])
    assert (first.version, second.version) == (1, 2)
    assert first.retired_at is not None
    assert first.steps != second.steps

    receivable = owed(session, assignor)
    retire_scenario(session, second, by=None, at=at(MONDAY))
    run(session, assignor, 5)
    assert told(session, receivable) == {}


def test_a_preview_is_for_the_debtors_the_scenario_is_chosen_for(session: Session):
    assignor = an_assignor(session)
    active(session, assignor)
    other = active(session, assignor, slug="bad_payer")
    mine, theirs = owed(session, assignor), owed(session, assignor)
    scope = Scope(receivable_id=mine.id)
    choose_scenario(session, assignor.id, "bad_payer", scope, by=None, at=at(MONDAY))

    steps = tuple(Step.from_row(row) for row in other.steps)
    foreseen = preview_scenario(session, assignor, steps, slug="bad_payer", today=MONDAY)

    assert {one.file.receivable.id for one in foreseen} == {mine.id}
    assert theirs.id not in {one.file.receivable.id for one in foreseen}


@hypothesis(max_examples=200, deadline=None)
@given(st.dates(date(2025, 1, 1), date(2030, 12, 31)), st.integers(-30, 120))
def test_nothing_is_planned_on_a_day_off(due_on: date, day: int):
    right = collection_right(FinancingState.NOT_FINANCED)
    case = Case(uuid4(), due_on, 100, 100, right)

    planned = planned_on(case, Step("R1", day))

    assert planned is not None
    assert is_business_day(planned)
    assert planned >= due_on + timedelta(days=day)
    assert planned_on(case, replace(Step("R1", day), business_days=False)) == due_on + timedelta(
        days=day
    )


def test_a_message_costs_the_same_queries_however_many_invoices_it_groups(session: Session):
    def count(size: int) -> int:
        assignor = an_assignor(session)
        active(session, assignor)
        debtor = a_debtor(session, assignor)
        for _ in range(size):
            owed(session, assignor, debtor=debtor)
        session.flush()
        seen: list[str] = []

        def note(_c, _cursor, statement, *_rest) -> None:
            seen.append(statement)

        connection = session.connection()
        event.listen(connection, "before_cursor_execute", note)
        run(session, assignor, 8)
        event.remove(connection, "before_cursor_execute", note)
        return len(seen)

    assert count(2) == count(20)
