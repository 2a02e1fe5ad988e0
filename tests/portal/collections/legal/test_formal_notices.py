"""A formal notice: what the post did with it is what it is worth."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy.orm import Session

from partners.vocabulary.post import PostEvent, PostStatus
from portal.collections.legal.models import LetterReturn
from portal.collections.legal.notices import (
    cancel_notice,
    effective_on,
    record_deposit,
    record_presentation,
    record_receipt,
    record_return,
    write_notice,
)
from portal.collections.legal.posting import follow_post, send_registered
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.legal.watch import follow_letters
from portal.debtors.models import DebtorSegment
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.messages.models import Message
from portal.messages.tracking import record_event
from pricing.late_payment import LateFlag
from pricing.parameters import law
from tests.builders.legal import a_claim, a_late_receivable
from tests.conftest import NOW, TODAY

LATER = NOW + timedelta(days=12)
STORE = DocumentStore.at("memory://formal-notices")


def a_notice(session, receivable=None, **given):
    one = receivable or a_late_receivable(session, **given)
    return write_notice(session, STORE, one, law=law(), by=None, at=NOW)


def a_deposited_notice(session, receivable=None):
    notice = a_notice(session, receivable)
    record_deposit(session, notice, TODAY, reference="1A 234", by=None, at=NOW)
    return notice


def day(number):
    return TODAY + timedelta(days=number)


def test_the_letter_names_the_parties_the_invoice_the_amount_and_the_delay(session: Session):
    receivable = a_late_receivable(session, number="F-MED-1")
    notice = a_notice(session, receivable)

    kept = session.get_one(Document, notice.document_id)
    text = "".join(
        "".join(page.extract_text().split())
        for page in PdfReader(BytesIO(STORE.get(kept.sha256))).pages
    )

    for words in (
        "mettonsendemeure",
        "F-MED-1",
        "01/05/2026",
        "12,15%",
        "12,40%",
        "01/12/2026",
        "articles1344et1344-1",
        receivable.debtor.name.replace(" ", ""),
    ):
        assert words in text.replace("’", "'"), words
    assert notice.asked_cents == a_claim(session, receivable).asked.total.cents


def test_a_letter_that_was_not_deposited_has_no_effect(session: Session):
    notice = a_notice(session)

    assert effective_on(notice) is None
    with pytest.raises(LegalActRefused, match="not_deposited"):
        record_presentation(session, notice, TODAY, by=None, at=NOW)


def test_a_letter_received_has_its_effect_that_day(session: Session):
    notice = a_deposited_notice(session)

    record_presentation(session, notice, day(2), by=None, at=LATER)
    record_receipt(session, notice, day(5), by=None, at=LATER)

    assert effective_on(notice) == day(5)


@pytest.mark.parametrize("reason", [LetterReturn.UNCLAIMED, LetterReturn.REFUSED])
def test_an_unclaimed_or_refused_letter_keeps_the_effect_of_its_presentation(
    session: Session, reason
):
    notice = a_deposited_notice(session)

    record_presentation(session, notice, day(2), by=None, at=LATER)
    record_return(session, notice, day(11), reason, by=None, at=LATER)

    assert effective_on(notice) == day(2)


def test_a_letter_that_found_no_address_has_none(session: Session):
    notice = a_deposited_notice(session)

    record_presentation(session, notice, day(2), by=None, at=LATER)
    record_return(session, notice, day(4), LetterReturn.UNKNOWN_ADDRESS, by=None, at=LATER)

    assert effective_on(notice) is None


def test_a_letter_that_left_is_not_cancelled(session: Session):
    with pytest.raises(LegalActRefused, match="already_recorded"):
        cancel_notice(session, a_deposited_notice(session), by=None, at=NOW)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"due_on": TODAY}, "not_due_yet"),
        ({"due_on": None, "missing": ["due_on"]}, "no_due_date"),
        ({"prepaid_cents": 1_000_000}, "nothing_owed"),
    ],
)
def test_no_notice_for_what_is_not_due(session: Session, given, code):
    with pytest.raises(LegalActRefused, match=code):
        a_notice(session, **given)


def test_a_consumer_owes_interest_only_from_the_day_after_the_notice(session: Session):
    receivable = a_late_receivable(session, due_on=date(2026, 8, 1))
    receivable.debtor.segment = DebtorSegment.CONSUMER
    before = a_claim(session, receivable).asked
    notice = a_deposited_notice(session, receivable)
    record_receipt(session, notice, day(2), by=None, at=LATER)

    after = a_claim(session, receivable, on=day(12)).asked

    assert (before.penalties.cents, before.indemnity.cents) == (0, 0)
    assert before.due is not None
    assert LateFlag.FORMAL_NOTICE_NEEDED in before.due.flags
    assert after.due is not None
    assert after.due.accruals[0].from_on == day(3)
    assert after.due.accruals[0].days == 10


def test_a_business_owes_penalties_whatever_the_notice(session: Session):
    receivable = a_late_receivable(session)
    before = a_claim(session, receivable).asked.total

    record_receipt(session, a_deposited_notice(session, receivable), day(0), by=None, at=NOW)

    assert a_claim(session, receivable).asked.total == before


def test_the_post_writes_the_dates_of_a_registered_letter(session: Session):
    receivable = a_late_receivable(session)
    receivable.debtor.address = "3 place de l'Essai, 33000 Essaiville"
    notice = a_notice(session, receivable)
    send_registered(session, notice, at=NOW)
    message = session.get_one(Message, notice.message_id)
    assert follow_post(session, notice, at=NOW) is False

    for number, status in enumerate(
        (PostStatus.DEPOSITED, PostStatus.PRESENTED, PostStatus.UNCLAIMED)
    ):
        told(session, message, status, NOW + timedelta(days=number * 3))
    news = follow_letters(session, notice.assignor_id, at=LATER)

    assert news == 1
    assert (notice.deposited_on, notice.presented_on, notice.returned_on) == (TODAY, day(3), day(6))
    assert notice.return_reason is LetterReturn.UNCLAIMED
    assert effective_on(notice) == day(3)
    assert follow_post(session, notice, at=LATER) is False


def test_a_letter_is_not_posted_to_an_address_that_cannot_be_read(session: Session):
    receivable = a_late_receivable(session)
    receivable.debtor.address = "quelque part"

    with pytest.raises(LegalActRefused, match="postal_address_needed"):
        send_registered(session, a_notice(session, receivable), at=NOW)


def told(session: Session, message: Message, status: PostStatus, at: datetime) -> None:
    event = PostEvent(
        event_id=f"{message.id}:{status}",
        key=message.dedupe_key,
        reference="L-1",
        status=status,
        raw_status=status.value,
        happened_at=at,
    )
    record_event(session, message, event, at=at)
