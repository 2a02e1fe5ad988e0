"""Promises judged, disputes handled, replies decided by a person."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.collections.answers.dispute_files import (
    conclude,
    conversation,
    file_of,
    flag_to_lenders,
    flags_on,
    link_credit,
    open_missing_files,
    remind_owners,
)
from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.following import judge_promises
from portal.collections.answers.kept_or_broken import broken_promises
from portal.collections.answers.models import DisputeFlag, ReplyState, SortedReply
from portal.collections.answers.promises import record_promise
from portal.collections.answers.refusals import AnswerRefused
from portal.collections.answers.replies import (
    ReplyAction,
    correct_contact,
    counts_of,
    decide,
    dispute_from,
    find_reply,
    list_replies,
    note_promise,
    sort_waiting,
)
from portal.collections.answers.sorting import Meaning
from portal.collections.dunning.casefile import case_files
from portal.collections.lookup import live_promises, open_disputes
from portal.collections.models import DisputeOutcome, DisputeReason
from portal.db import Viewer, ViewerKind, look_as
from portal.identity.models import Organisation
from portal.messages.models import InboundKind, InboundMessage, Message
from tests.builders.legal import a_late_receivable
from tests.builders.lending import a_payment_of, an_assigned_receivable
from tests.builders.organisations import a_lender
from tests.builders.receivables import a_credit_note
from tests.conftest import NOW, TODAY


def promise(session: Session, receivable, cents=500_000, days=3):
    return record_promise(
        session,
        receivable,
        amount_cents=cents,
        promised_for=TODAY + timedelta(days=days),
        note=None,
        by=None,
        at=NOW,
    )


def judge(session: Session, receivable, days: int) -> int:
    on = TODAY + timedelta(days=days)
    at = datetime.combine(on, time(9), PARIS)
    return judge_promises(session, receivable.assignor_id, today=on, at=at)


def test_a_promise_unpaid_after_its_grace_is_recorded_broken_once(session: Session):
    receivable = a_late_receivable(session)
    made = promise(session, receivable)

    assert judge(session, receivable, 4) == 0
    assert judge(session, receivable, 10) == 1
    assert judge(session, receivable, 11) == 0
    assert made.broken_on == TODAY + timedelta(days=10)
    counted = broken_promises(session, receivable.assignor_id, [receivable.debtor_id])
    assert counted == {receivable.debtor_id: 1}


def test_money_that_came_in_time_keeps_a_promise(session: Session):
    receivable = a_late_receivable(session)
    made = promise(session, receivable)
    a_payment_of(session, receivable, 500_000, TODAY + timedelta(days=2))

    assert judge(session, receivable, 10) == 0
    assert made.broken_on is None


def test_the_due_set_learns_of_a_broken_promise_from_the_file(session: Session):
    receivable = a_late_receivable(session)
    promise(session, receivable)
    judge(session, receivable, 10)
    assignor = session.get_one(Organisation, receivable.assignor_id)
    on = TODAY + timedelta(days=10)
    case = case_files(session, assignor, [receivable.id], today=on)[receivable.id].case

    assert case.broken_on == on
    assert case.was_deceived


def dispute(session: Session, receivable, cents=200_000):
    return open_dispute(
        session,
        receivable,
        amount_cents=cents,
        reason=DisputeReason.PRICE,
        note="Le prix du devis était moindre.",
        by=None,
        at=NOW,
    )


def test_a_dispute_gets_a_file_and_its_first_word_and_its_owner_one_reminder(session: Session):
    receivable = a_late_receivable(session)
    contested = dispute(session, receivable)
    owner = receivable.assignor_id
    assert open_missing_files(session, owner, at=NOW) == 1
    assert open_missing_files(session, owner, at=NOW) == 0

    assert [one.word.text for one in conversation(session, contested)] == [
        "Le prix du devis était moindre."
    ]
    assert remind_owners(session, owner, today=TODAY, at=NOW) == 0
    near = file_of(session, contested).answer_by - timedelta(days=1)
    assert remind_owners(session, owner, today=near, at=NOW) == 1
    assert remind_owners(session, owner, today=near, at=NOW) == 0


def test_only_the_lender_holding_the_receivable_is_told_and_once(session: Session):
    receivable = an_assigned_receivable(session)
    stranger = a_lender(session)
    dispute(session, receivable)
    assert flag_to_lenders(session, receivable.assignor_id, at=NOW) == 1
    assert flag_to_lenders(session, receivable.assignor_id, at=NOW) == 0

    flag = session.scalars(select(DisputeFlag)).one()
    sent = session.scalars(select(Message).where(Message.kind == "dispute_flagged")).all()
    assert [one.organisation_id for one in sent] == [flag.lender_id]
    lender_id, deed_id, stranger_id = flag.lender_id, flag.deed_id, stranger.id
    look_as(session, Viewer(ViewerKind.LENDER, stranger_id))
    assert session.scalars(select(DisputeFlag)).all() == []
    look_as(session, Viewer(ViewerKind.LENDER, lender_id))
    assert [one.amount_cents for one in flags_on(session, lender_id, deed_id)] == [200_000]


def test_a_founded_dispute_proposes_its_credit_note_and_links_it(session: Session):
    receivable = a_late_receivable(session)
    contested = dispute(session, receivable)
    file = conclude(session, contested, DisputeOutcome.FOUNDED, by=None, at=NOW)
    assert (file.credit_cents, contested.outcome) == (200_000, DisputeOutcome.FOUNDED)

    other = a_credit_note(session, a_late_receivable(session).debtor, 100)
    with pytest.raises(AnswerRefused, match="credit_note_unknown"):
        link_credit(session, file, other.id, by=None, at=NOW)
    note = a_credit_note(session, receivable.debtor, 200_000)
    link_credit(session, file, note.id, by=None, at=NOW)
    assert file.credit_note_id == note.id


@pytest.mark.parametrize("cents", [None, 0, 200_001])
def test_a_settlement_names_an_amount_within_the_contested_one(session: Session, cents):
    contested = dispute(session, a_late_receivable(session))
    with pytest.raises(AnswerRefused, match="settled_amount"):
        conclude(session, contested, DisputeOutcome.SETTLED, given_up_cents=cents, by=None, at=NOW)
    assert contested.closed_on is None


def a_reply(session: Session, receivable, text: str) -> SortedReply:
    session.add(
        InboundMessage(
            organisation_id=receivable.assignor_id,
            kind=InboundKind.REPLY,
            content_key=uuid4().hex,
            from_address="compta@debiteur.example",
            subject="Re: Rappel",
            body_text=text,
            received_at=NOW,
            receivable_id=receivable.id,
            debtor_id=receivable.debtor_id,
            raw_sha256="0" * 64,
        )
    )
    session.flush()
    assert sort_waiting(session, at=NOW) == 1
    assert sort_waiting(session, at=NOW) == 0
    found = session.scalars(select(SortedReply)).all()[-1]
    return find_reply(session, found.id, assignor_id=receivable.assignor_id)


def test_a_reply_is_proposed_and_never_applied_by_the_machine(session: Session):
    receivable = a_late_receivable(session)
    line = a_reply(session, receivable, "Nous paierons 500 € demain.")

    assert (line.proposed, line.reply.state) == (ReplyAction.NOTE_PROMISE, ReplyState.WAITING)
    assert live_promises(session, receivable.id) == []
    assert counts_of(session, receivable.assignor_id) == {Meaning.PROMISE: 1}
    assert len(list_replies(session, receivable.assignor_id)) == 1


def test_one_click_notes_the_promise_and_the_reply_waits_no_more(session: Session):
    receivable = a_late_receivable(session)
    line = a_reply(session, receivable, "Nous paierons 500 € demain.")
    facts = {"promised_for": line.reply.day, "amount_cents": line.reply.amount_cents}
    note_promise(session, line, receivable, **facts, by=None, at=NOW)

    [made] = live_promises(session, receivable.id)
    assert (made.amount_cents, made.promised_for) == (50_000, TODAY + timedelta(days=1))
    with pytest.raises(AnswerRefused, match="answered"):
        decide(session, line, ReplyAction.SET_ASIDE, by=None, at=NOW)


def test_a_reply_becomes_a_dispute_with_its_words(session: Session):
    receivable = a_late_receivable(session)
    line = a_reply(session, receivable, "Nous contestons le prix.")
    dispute_from(session, line, receivable, DisputeReason.PRICE, amount_cents=None, by=None, at=NOW)

    [opened] = open_disputes(session, receivable.id)
    assert "Nous contestons le prix." in [one.word.text for one in conversation(session, opened)]


def test_a_wrong_contact_is_corrected_with_an_address_only(session: Session):
    receivable = a_late_receivable(session)
    line = a_reply(session, receivable, "Mauvais destinataire.")
    with pytest.raises(AnswerRefused, match="email_missing"):
        correct_contact(session, line, "personne", by=None, at=NOW)
    correct_contact(session, line, "Compta@Debiteur.example", by=None, at=NOW)

    assert receivable.debtor.contact_email == "compta@debiteur.example"
