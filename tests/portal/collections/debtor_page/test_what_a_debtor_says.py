"""What a debtor says is written once, in its creditor's books, and holds reminders back as it should."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.audit.trail import broken_links
from portal.collections.debtor_page.answering import (
    CLAIM_GRACE_DAYS,
    WordAnswered,
    WordNotFound,
    confirm,
    find_word,
    held_by_the_debtors_word,
    refuse,
)
from portal.collections.debtor_page.models import PlanRequest, WordState
from portal.collections.debtor_page.saying import (
    FILE_BYTES_MAX,
    WORDS_PER_DAY,
    GivenFile,
    Instalment,
    Saying,
    WordRefused,
    equal_instalments,
)
from portal.collections.dunning.casefile import case_files
from portal.collections.dunning.steps import suppression
from portal.collections.models import Dispute, DisputeReason, Promise
from portal.collections.reasons import Suppression
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.identity.models import Organisation
from portal.payments.models import Payment
from tests.builders.debtor_page import a_link
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY

PDF = GivenFile("photo.pdf", b"%PDF-1.7 a delivery note")


@pytest.fixture
def receivable(session):
    assignor = an_assignor(session)
    return a_receivable(
        session,
        assignor,
        a_debtor(session, assignor),
        face_cents=1_000_000,
        issued_on=date(2026, 9, 1),
        due_on=date(2026, 10, 20),
    )


@pytest.fixture
def say(session, settings, receivable):
    """Somebody speaking through the link; ``say("token")`` names the form, ``say("token", at)`` the instant."""
    link, _ = a_link(session, settings, receivable)
    return lambda token="form", at=NOW: Saying(session, link, token, at)


@pytest.fixture
def store(tmp_path):
    return DocumentStore.at(str(tmp_path))


def held(session, receivable, on=TODAY):
    return held_by_the_debtors_word(session, receivable.assignor_id, [receivable.id], on)


def claim(say, receivable, token="form", **given):
    facts = {"paid_on": TODAY, "amount_cents": 1_000_000, "method": "transfer", "note": ""}
    return say(token).paid(receivable, **{**facts, **given})


def test_a_claim_to_have_paid_holds_reminders_until_somebody_looked_or_the_grace_is_over(
    session, say, receivable
):
    word = claim(say, receivable)
    last = TODAY + timedelta(days=CLAIM_GRACE_DAYS)
    owner = session.get_one(Organisation, receivable.assignor_id)
    [file] = case_files(session, owner, [receivable.id], today=TODAY).values()

    assert suppression(file.case, TODAY) is Suppression.SAID_PAID
    assert held(session, receivable, last) == {receivable.id: Suppression.SAID_PAID}
    assert held(session, receivable, last + timedelta(days=1)) == {}
    refuse(session, word, by=None, at=NOW)
    assert held(session, receivable) == {}


def test_a_confirmed_claim_records_the_payment_on_its_day(session, say, receivable):
    word = claim(say, receivable, paid_on=date(2026, 11, 10), amount_cents=500_000)

    confirm(session, word, by=None, at=NOW)

    payment = session.scalars(select(Payment)).one()
    assert (payment.received_on, payment.amount_cents, payment.method) == (
        date(2026, 11, 10),
        500_000,
        "transfer",
    )
    assert word.state is WordState.CONFIRMED
    with pytest.raises(WordAnswered):
        confirm(session, word, by=None, at=NOW)
    with pytest.raises(WordAnswered):
        refuse(session, word, by=None, at=NOW)


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"paid_on": TODAY + timedelta(days=1)}, "day_to_come", "paid_on"),
        ({"paid_on": date(2026, 8, 31)}, "day_too_old", "paid_on"),
        ({"amount_cents": 0}, "amount_not_positive", "paid_amount"),
        ({"method": "barter"}, "method_unknown", "method"),
    ],
)
def test_an_impossible_claim_says_what_is_wrong_and_where(say, receivable, wrong, code, field):
    with pytest.raises(WordRefused) as refusal:
        claim(say, receivable, **wrong)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_a_form_sent_twice_is_said_once(session, say, receivable, store):
    first = say().promise(receivable, amount_cents=10_000, promised_for=TODAY, note="")
    assert say().promise(receivable, amount_cents=10_000, promised_for=TODAY, note="") is first
    disputed = {"amount_cents": 5_000, "reason": DisputeReason.PRICE, "note": "", "store": store}
    assert say("d").dispute(receivable, **disputed) is say("d").dispute(receivable, **disputed)
    plan = {
        "instalments": equal_instalments(1_000_000, 2, TODAY),
        "asked_cents": 1_000_000,
        "note": "",
    }
    assert say("p").plan(receivable, **plan) is say("p").plan(receivable, **plan)

    assert [
        len(session.scalars(select(kind)).all()) for kind in (Promise, Dispute, PlanRequest)
    ] == [1, 1, 1]


def test_a_dispute_keeps_the_file_given_with_it_and_leaves_the_rest_due(
    session, say, receivable, store
):
    word = say().dispute(
        receivable,
        amount_cents=300_000,
        reason=DisputeReason.QUALITY,
        note="cassé",
        store=store,
        file=PDF,
    )

    dispute = session.scalars(select(Dispute)).one()
    document = session.get_one(Document, word.document_id)
    assert (dispute.amount_cents, dispute.id) == (300_000, word.subject_id)
    assert (document.media_type, store.get(document.sha256)) == ("application/pdf", PDF.content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"MZ a program", "file_kind"),
        (b"%PDF-" + b"0" * FILE_BYTES_MAX, "file_too_large"),
    ],
)
def test_a_file_that_is_none_of_those_taken_disputes_nothing(
    session, say, receivable, store, content, code
):
    with pytest.raises(WordRefused, match=code):
        say().dispute(
            receivable, amount_cents=None, reason=DisputeReason.OTHER, note="", store=store,
            file=GivenFile("x.pdf", content),
        )  # fmt: skip

    assert session.scalars(select(Dispute)).all() == []


@pytest.mark.parametrize(
    ("instalments", "code"),
    [
        ([Instalment(TODAY, 100)], "instalments_number"),
        ([Instalment(TODAY, 50), Instalment(TODAY, 50)], "instalments_days"),
        ([Instalment(TODAY - timedelta(days=1), 50), Instalment(TODAY, 50)], "instalments_days"),
        ([Instalment(TODAY, 0), Instalment(TODAY + timedelta(days=9), 100)], "amount_not_positive"),
        ([Instalment(TODAY, 50), Instalment(TODAY + timedelta(days=9), 49)], "instalments_sum"),
    ],
)
def test_a_plan_that_does_not_hold_together_is_refused(say, receivable, instalments, code):
    with pytest.raises(WordRefused, match=code):
        say().plan(receivable, instalments=instalments, asked_cents=100, note="")


@given(
    cents=st.integers(100, 10**10),
    number=st.integers(2, 24),
    day=st.dates(date(2020, 1, 1), date(2060, 1, 1)),
)
def test_equal_instalments_add_up_to_the_cent_and_follow_month_by_month(cents, number, day):
    rows = equal_instalments(cents, number, day)

    assert sum(row.amount_cents for row in rows) == cents
    assert max(row.amount_cents for row in rows) - min(row.amount_cents for row in rows) <= 1
    months = [row.due_on.year * 12 + row.due_on.month for row in rows]
    assert months == list(range(months[0], months[0] + number))
    assert rows[0].due_on == day


def test_the_day_a_month_does_not_have_is_its_last():
    days = [row.due_on for row in equal_instalments(300, 3, date(2027, 12, 31))]

    assert days == [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)]


def test_another_contact_waits_for_the_creditor(session, say, receivable):
    word = say().contact(name="Service comptable", email="compta@debiteur.example", phone="")
    assert receivable.debtor.contact_email == "fournisseurs@debiteur.example"

    confirm(
        session, find_word(session, word.id, assignor_id=receivable.assignor_id), by=None, at=NOW
    )

    assert receivable.debtor.contact_email == "compta@debiteur.example"
    assert receivable.debtor.contact_name == "Service comptable"
    with pytest.raises(WordRefused, match="nothing_said"):
        say("again").contact(name="", email="", phone="")


def test_a_word_belongs_to_its_creditor(session, say, receivable):
    word = claim(say, receivable)

    with pytest.raises(WordNotFound):
        find_word(session, word.id, assignor_id=an_assignor(session).id)


def test_a_link_is_not_a_way_to_shout(say, receivable):
    for place in range(WORDS_PER_DAY):
        claim(say, receivable, f"form-{place}")

    with pytest.raises(WordRefused, match="too_often"):
        claim(say, receivable, "one more")
    assert claim(say, receivable, "form-0")
    say("tomorrow", NOW + timedelta(days=1, seconds=1)).contact(name="A", email="", phone="")


def test_everything_said_is_audited_as_said_by_the_debtor(session, say, receivable):
    claim(say, receivable)

    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "debtor_said_paid")).one()
    assert (entry.member_id, entry.facts["by"]) == (None, "debtor")
    assert broken_links(session, receivable.assignor_id) == []
