"""Whom to chase today, in what order, and why."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.promises import record_promise
from portal.collections.chasing import absences, calls, notes, together
from portal.collections.chasing.models import CallOutcome, FollowUpKind
from portal.collections.dunning.choosing import place_debtor
from portal.collections.dunning.models import Segment
from portal.collections.models import Dispute, DisputeReason, Promise
from portal.collections.worklist import Asked, Share, ToChase, count_to_chase, list_to_chase
from portal.debtors.models import Debtor
from portal.identity.models import Member, Organisation, Role
from portal.messages.models import Message
from portal.receivables.models import Receivable
from pricing.calendar import add_business_days
from pricing.recovery import Payer, Reason, recovery_table, weight
from tests.builders.lending import a_payment_of
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


@pytest.fixture
def assignor(session: Session) -> Organisation:
    return an_assignor(session)


@pytest.fixture
def collector(session: Session, assignor: Organisation) -> Member:
    return a_member(session, assignor, Role.MANAGER, email="alix@exemple.example", name="Alix E.")


def late(
    session: Session, assignor: Organisation, days: int = 20, cents: int = 100_000, **given
) -> Receivable:
    due_on = TODAY - timedelta(days=days)
    issued_on = due_on - timedelta(days=30)
    return a_receivable(
        session, assignor, face_cents=cents, due_on=due_on, issued_on=issued_on, **given
    )


def listed(
    session: Session, assignor: Organisation, member: Member, **given
) -> dict[UUID, ToChase]:
    asked = Asked(assignor.id, member.id, TODAY, **given)
    return {row.debtor_id: row for row in list_to_chase(session, asked)}


def test_debtors_come_in_the_order_of_amount_times_chance_times_urgency(
    session: Session, assignor: Organisation, collector: Member
):
    small = late(session, assignor, 20, 40_000)
    large = late(session, assignor, 20, 300_000)
    old = late(session, assignor, 400, 300_000)

    rows = listed(session, assignor, collector)

    assert list(rows) == [large.debtor_id, old.debtor_id, small.debtor_id]
    assert rows[large.debtor_id].rate == Decimal("0.90")


def test_the_query_weighs_as_the_rule_does(
    session: Session, assignor: Organisation, collector: Member
):
    debtor = a_debtor(session, assignor)
    place_debtor(session, debtor, Segment.SLOW, because=None, by_hand=False, by=None, at=NOW)
    ages, cents = (5, 28, 200), (12_345, 67_890, 1_000_001)
    for age, amount in zip(ages, cents, strict=True):
        late(session, assignor, age, amount, debtor=debtor)

    row = listed(session, assignor, collector)[debtor.id]

    assert set(row.reasons) == {Reason.AGES_SOON, Reason.NEVER_REMINDED}
    assert row.weight == weight(
        list(zip(cents, ages, strict=True)), Payer.SLOW, row.reasons, recovery_table(TODAY)
    )


def test_what_is_paid_contested_promised_or_not_due_is_not_chased(
    session: Session, assignor: Organisation, collector: Member
):
    a_receivable(session, assignor)
    a_payment_of(session, late(session, assignor), 100_000)
    contested, promised = late(session, assignor), late(session, assignor)
    open_dispute(
        session, contested, amount_cents=None, reason=DisputeReason.PRICE, note=None, by=None, at=NOW
    )  # fmt: skip
    record_promise(
        session, promised, amount_cents=100_000, promised_for=TODAY, note=None, by=None, at=NOW
    )

    assert listed(session, assignor, collector) == {}


def test_only_the_part_that_is_not_contested_counts(
    session: Session, assignor: Organisation, collector: Member
):
    one = late(session, assignor)
    open_dispute(
        session, one, amount_cents=30_000, reason=DisputeReason.PRICE, note=None, by=None, at=NOW
    )

    assert listed(session, assignor, collector)[one.debtor_id].cents == 70_000


def test_a_debtor_in_insolvency_or_another_companys_is_never_listed(
    session: Session, assignor: Organisation, collector: Member
):
    late(session, an_assignor(session))
    late(session, assignor, debtor=a_debtor(session, assignor, insolvent_since=TODAY))

    assert listed(session, assignor, collector, share=Share.EVERYBODYS) == {}


def test_nobody_answers_so_the_debtor_comes_back_on_the_next_business_day(
    session: Session, assignor: Organisation, collector: Member
):
    debtor = late(session, assignor).debtor

    calls.note_call(session, debtor, calls.Heard(CallOutcome.NO_ANSWER), by=collector.id, at=NOW)
    tomorrow = Asked(assignor.id, collector.id, add_business_days(TODAY, 1))

    assert listed(session, assignor, collector) == {}
    assert list_to_chase(session, tomorrow)[0].reasons[0] is Reason.FOLLOW_UP_DUE


def test_a_promise_by_telephone_covers_everything_late_and_silences_the_list(
    session: Session, assignor: Organisation, collector: Member
):
    first = late(session, assignor)
    second = late(session, assignor, debtor=first.debtor)
    on = TODAY + timedelta(days=7)

    heard = calls.Heard(CallOutcome.PROMISE, on=on)
    calls.note_call(session, first.debtor, heard, by=collector.id, at=NOW)

    promised = {one.receivable_id: one.promised_for for one in session.query(Promise)}
    assert promised == {first.id: on, second.id: on}
    assert listed(session, assignor, collector) == {}


def test_a_dispute_by_telephone_is_opened_on_the_invoice_named(
    session: Session, assignor: Organisation, collector: Member
):
    one = late(session, assignor)
    heard = calls.Heard(
        CallOutcome.DISPUTE, receivable_id=one.id, dispute_reason=DisputeReason.QUALITY
    )

    calls.note_call(session, one.debtor, heard, by=collector.id, at=NOW)

    assert session.query(Dispute).one().amount_cents == 100_000


def test_a_wrong_number_is_taken_away_and_kept_in_the_note(
    session: Session, assignor: Organisation, collector: Member
):
    debtor = a_debtor(session, assignor, contact_phone="01 00 00 00 00")
    late(session, assignor, debtor=debtor)

    call = calls.note_call(
        session, debtor, calls.Heard(CallOutcome.WRONG_NUMBER), by=collector.id, at=NOW
    )

    assert (debtor.contact_phone, call.note) == (None, "01 00 00 00 00")


@pytest.mark.parametrize(
    ("heard", "code"),
    [
        (calls.Heard(CallOutcome.PROMISE), "day_missing"),
        (calls.Heard(CallOutcome.WILL_PAY_ON, on=TODAY - timedelta(days=1)), "day_past"),
        (calls.Heard(CallOutcome.OTHER, note=" "), "note_missing"),
        (calls.Heard(CallOutcome.DISPUTE), "invoice_missing"),
    ],
)
def test_an_outcome_that_lacks_something_is_refused_by_name(
    session: Session, assignor: Organisation, heard: calls.Heard, code: str
):
    debtor = late(session, assignor).debtor

    with pytest.raises(calls.CallRefused, match=code):
        calls.note_call(session, debtor, heard, by=None, at=NOW)


def test_a_colleague_away_is_replaced_until_the_last_day_included(
    session: Session, assignor: Organisation, collector: Member
):
    away = a_member(session, assignor)
    debtor = late(session, assignor).debtor
    debtor.collector_id = away.id
    until = TODAY + timedelta(days=3)
    absences.hand_over(
        session, assignor.id, away.id, collector.id, from_on=TODAY, to_on=until, by=None, at=NOW
    )
    back = Asked(assignor.id, collector.id, until + timedelta(days=1))

    assert set(listed(session, assignor, collector)) == {debtor.id}
    assert list_to_chase(session, back) == []


def test_two_colleagues_cannot_be_away_in_each_others_place(
    session: Session, assignor: Organisation, collector: Member
):
    away = a_member(session, assignor)
    days = {"from_on": TODAY, "to_on": TODAY + timedelta(days=3)}
    absences.hand_over(session, assignor.id, away.id, collector.id, **days, by=None, at=NOW)

    with pytest.raises(absences.AbsenceRefused, match="overlaps"):
        absences.hand_over(session, assignor.id, collector.id, away.id, **days, by=None, at=NOW)


def test_the_debtors_of_someone_who_left_are_everybodys_again(
    session: Session, assignor: Organisation, collector: Member
):
    stranger = a_member(session, an_assignor(session))
    debtor = late(session, assignor).debtor
    debtor.collector_id = stranger.id
    session.flush()

    assert set(listed(session, assignor, collector, share=Share.NOBODYS)) == {debtor.id}


def test_a_colleague_named_in_a_note_finds_it_on_their_list_and_in_their_mail(
    session: Session, assignor: Organisation, collector: Member
):
    author = a_member(session, assignor)
    debtor = a_debtor(session, assignor)
    debtor.collector_id = author.id

    notes.write_note(
        session, debtor, "@alix peux-tu voir le bon signé ?", url="http://x", by=author.id, at=NOW
    )

    row = listed(session, assignor, collector)[debtor.id]
    assert row.reasons == (Reason.MENTIONED,)
    assert session.query(Message).one().to_address == collector.email
    notes.put_mentions_aside(session, debtor, collector.id, at=NOW)
    assert listed(session, assignor, collector) == {}


def test_a_name_nobody_bears_is_said_before_anything_is_kept(
    session: Session, assignor: Organisation, collector: Member
):
    debtor = a_debtor(session, assignor)

    with pytest.raises(notes.NobodyNamed, match="zoe"):
        notes.write_note(session, debtor, "Voir @zoe", url="", by=collector.id, at=NOW)
    assert (
        notes.named_in("écrire à compta@alix.example", notes.colleagues(session, assignor.id)) == []
    )


def test_putting_off_several_debtors_is_shown_then_done(
    session: Session, assignor: Organisation, collector: Member
):
    debtors = [late(session, assignor).debtor_id for _ in range(3)]
    later = TODAY + timedelta(days=4)
    bulk = together.Bulk(together.BulkAct.POSTPONE, on=later, because="Salon")

    effects = together.foresee_bulk(session, assignor.id, debtors, bulk, today=TODAY)
    done = together.do_bulk(session, assignor.id, debtors, bulk, by=collector.id, at=NOW)
    again = together.do_bulk(session, assignor.id, debtors, bulk, by=collector.id, at=NOW)

    assert [one.changes for one in effects] == [True] * 3
    assert (done, again) == (3, 0)
    assert listed(session, assignor, collector) == {}
    kinds = {one.kind for one in session.query(calls.FollowUp)}
    assert kinds == {FollowUpKind.POSTPONED}


def test_giving_debtors_to_a_stranger_is_refused(session: Session, assignor: Organisation):
    stranger = a_member(session, an_assignor(session))
    bulk = together.Bulk(together.BulkAct.GIVE, member_id=stranger.id)

    with pytest.raises(together.BulkRefused, match="not_a_member"):
        together.do_bulk(
            session, assignor.id, [late(session, assignor).debtor_id], bulk, by=None, at=NOW
        )


def test_the_list_asks_one_query_whatever_the_number_of_debts(
    session: Session, assignor: Organisation, collector: Member
):
    asked = Asked(assignor.id, collector.id, TODAY)
    late(session, assignor)
    statements: list[str] = []
    for debtor in [a_debtor(session, assignor) for _ in range(20)]:
        late(session, assignor, debtor=debtor)
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *given: statements.append(given[2]))

    rows, counts = list_to_chase(session, asked), count_to_chase(session, asked)

    assert (len(rows), counts[Share.MINE], len(statements)) == (21, 21, 2)


def test_a_debtor_found_by_its_name_whatever_signs_it_has(
    session: Session, assignor: Organisation, collector: Member
):
    debtor: Debtor = a_debtor(session, assignor, name="Bois 100 % Exemple")
    late(session, assignor, debtor=debtor)
    late(session, assignor, debtor=a_debtor(session, assignor, name="Bois 100 Exemple"))

    assert set(listed(session, assignor, collector, search="100 %")) == {debtor.id}
