"""A credit note that named no invoice is linked to the one it corrects."""

import pytest
from sqlalchemy import select, text

from portal.audit.models import AuditEntry
from portal.receivables.crediting import (
    CreditedInvoiceAssigned,
    CreditNoteAlreadyLinked,
    CreditNoteInAnotherCurrency,
    CreditNoteLargerThanOwed,
    CreditNoteNotFound,
    CreditNoteOfAnotherDebtor,
    find_credit_note,
    invoices_open_to_credit,
    link_credit_note,
    unlinked_credit_notes,
)
from portal.receivables.position import position_of
from tests.builders.lending import a_payment_of, an_assigned_receivable
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_credit_note, a_debtor, a_receivable
from tests.conftest import NOW, TODAY

WHO = {"by": None, "at": NOW}


@pytest.fixture
def receivable(session):
    return a_receivable(session, an_assignor(session), face_cents=100_000)


def test_a_linked_credit_note_lowers_what_is_owed_and_leaves_its_trace(session, receivable):
    credit_note = a_credit_note(session, receivable.debtor, 30_000)

    link_credit_note(session, credit_note, receivable, **WHO)

    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "credit_note_linked"))
    assert position_of(session, receivable.id).outstanding_cents == 70_000
    assert entry.one().facts == {"receivable": str(receivable.id), "amount_cents": 30_000}
    assert "quote_receivables" in session.scalars(text("SELECT task_name FROM procrastinate_jobs"))
    assert unlinked_credit_notes(session, receivable.debtor) == []


def test_a_credit_note_of_everything_still_owed_is_taken_and_one_cent_more_is_not(
    session, receivable
):
    a_payment_of(session, receivable, 40_000)
    whole = a_credit_note(session, receivable.debtor, 60_000)
    more = a_credit_note(session, receivable.debtor, 60_001)

    with pytest.raises(CreditNoteLargerThanOwed) as refusal:
        link_credit_note(session, more, receivable, **WHO)
    link_credit_note(session, whole, receivable, **WHO)

    assert refusal.value.owed.cents == 60_000
    assert more.receivable_id is None
    assert position_of(session, receivable.id).outstanding_cents == 0


def test_a_credit_note_is_linked_once(session, receivable):
    credit_note = a_credit_note(session, receivable.debtor, 10_000)
    link_credit_note(session, credit_note, receivable, **WHO)

    with pytest.raises(CreditNoteAlreadyLinked):
        link_credit_note(session, credit_note, receivable, **WHO)


def test_an_invoice_of_another_debtor_or_currency_is_refused(session, receivable):
    debtor = receivable.debtor
    owner = an_assignor(session)
    elsewhere = a_credit_note(session, a_debtor(session, owner), 10_000)
    in_dollars = a_credit_note(session, debtor, 10_000, currency="USD")

    with pytest.raises(CreditNoteOfAnotherDebtor):
        link_credit_note(session, elsewhere, receivable, **WHO)
    with pytest.raises(CreditNoteInAnotherCurrency):
        link_credit_note(session, in_dollars, receivable, **WHO)


def test_an_assigned_invoice_changes_only_with_its_lender(session):
    assigned = an_assigned_receivable(session)
    credit_note = a_credit_note(session, assigned.debtor, 10_000)

    with pytest.raises(CreditedInvoiceAssigned):
        link_credit_note(session, credit_note, assigned, **WHO)

    assert invoices_open_to_credit(session, assigned.debtor, today=TODAY) == []
    assert credit_note.receivable_id is None


def test_a_credit_note_of_somebody_else_does_not_exist(session, receivable):
    credit_note = a_credit_note(session, a_debtor(session, an_assignor(session)), 10_000)

    with pytest.raises(CreditNoteNotFound):
        find_credit_note(session, credit_note.id, debtor=receivable.debtor)
