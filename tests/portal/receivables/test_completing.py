"""What an assignor adds or settles after import."""

from datetime import timedelta

import pytest

from portal.documents.store import DocumentStore
from portal.receivables.completing import (
    ConfirmationRefused,
    DueDateRefused,
    NothingToSettle,
    ReasonMissing,
    ReceivableAssigned,
    add_delivery_proof,
    cancel,
    complete_row,
    enter_due_date,
    keep_mine,
    record_confirmation,
    restore,
    take_theirs,
)
from portal.receivables.models import ImportOutcome, Receivable
from portal.receivables.position import Status, position_of, status_of
from tests.builders.lending import an_assigned_receivable
from tests.builders.organisations import an_assignor
from tests.builders.readings import an_invoice_read
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY
from tests.portal.receivables.test_importing import assignor, bring, store  # noqa: F401

WHO = {"by": None, "at": NOW}


def test_a_due_date_makes_a_draft_a_receivable(session):
    draft = a_receivable(session, an_assignor(session), due_on=None, missing=["due_on"])

    enter_due_date(session, draft, draft.issued_on, **WHO)

    assert (draft.due_on, draft.missing, draft.due_source) == (draft.issued_on, [], "assignor")


def test_a_due_date_before_the_issue_date_is_refused(session):
    draft = a_receivable(session, an_assignor(session), due_on=None, missing=["due_on"])

    with pytest.raises(DueDateRefused):
        enter_due_date(session, draft, draft.issued_on - timedelta(days=1), **WHO)

    assert draft.due_on is None


@pytest.mark.parametrize("days", [-11, 1])
def test_a_debtor_confirms_after_the_invoice_and_not_in_the_future(session, days):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(ConfirmationRefused):
        record_confirmation(session, receivable, TODAY + timedelta(days=days), today=TODAY, **WHO)


def test_a_confirmation_and_a_delivery_note_are_kept(session, tmp_path):
    receivable = a_receivable(session, an_assignor(session))
    kept = DocumentStore.at(str(tmp_path))

    record_confirmation(session, receivable, TODAY, today=TODAY, **WHO)
    proof = add_delivery_proof(
        session,
        kept,
        receivable,
        filename="bl.pdf",
        media_type="application/pdf",
        content=b"%PDF",
        **WHO,
    )

    assert receivable.debtor_confirmed_on == TODAY
    assert receivable.delivery_proof_id == proof.id


def test_a_cancelled_receivable_says_why_and_can_come_back(session):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(ReasonMissing):
        cancel(session, receivable, "  ", **WHO)
    cancel(session, receivable, "saisie deux fois", **WHO)
    session.flush()
    cancelled = status_of(receivable, position_of(session, receivable.id), TODAY)
    restore(session, receivable, **WHO)

    assert cancelled is Status.CANCELLED
    assert receivable.cancelled_because is None


@pytest.fixture
def a_conflict(bring, assignor):  # noqa: F811
    [first] = bring(an_invoice_read(assignor, number="F-1"))
    [row] = bring(an_invoice_read(assignor, number="F-1", gross_cents=99_000, payable_cents=99_000))
    assert row.outcome is ImportOutcome.CONFLICT
    return first, row


def test_keeping_mine_leaves_the_receivable_as_it_was(session, a_conflict):
    first, row = a_conflict

    keep_mine(session, row, **WHO)

    assert session.get_one(Receivable, first.receivable_id).face_cents == 120_000
    assert row.resolution == "kept"


def test_taking_the_new_one_replaces_the_content_once(session, assignor, a_conflict):  # noqa: F811
    first, row = a_conflict
    before = session.get_one(Receivable, first.receivable_id).fingerprint

    taken = take_theirs(session, assignor, row, fingerprint_key="k", **WHO)

    assert (taken.id, taken.face_cents) == (first.receivable_id, 99_000)
    assert taken.fingerprint != before
    with pytest.raises(NothingToSettle):
        take_theirs(session, assignor, row, fingerprint_key="k", **WHO)


def test_taking_a_corrective_invoice_cancels_the_one_it_corrects(session, bring, assignor):  # noqa: F811
    [first] = bring(an_invoice_read(assignor, number="F-20"))
    [row] = bring(
        an_invoice_read(assignor, number="F-21", type_code="384", preceding_invoice="F-20")
    )

    taken = take_theirs(session, assignor, row, fingerprint_key="k", **WHO)

    assert taken.number == "F-21"
    assert session.get_one(Receivable, first.receivable_id).cancelled_because == "→ F-21"


def test_a_refused_document_enters_once_completed(session, bring, assignor):  # noqa: F811
    [row] = bring(an_invoice_read(assignor, number=None))

    complete_row(session, assignor, row, {"number": "F-77"}, fingerprint_key="k", **WHO)

    assert row.outcome is ImportOutcome.CREATED
    assert session.get_one(Receivable, row.receivable_id).number == "F-77"
    with pytest.raises(NothingToSettle):
        complete_row(session, assignor, row, {"number": "F-78"}, fingerprint_key="k", **WHO)


def test_completing_never_changes_what_was_read(session, bring, assignor):  # noqa: F811
    [row] = bring(an_invoice_read(assignor, number=None))

    complete_row(
        session, assignor, row, {"number": "F-77", "gross_cents": 1}, fingerprint_key="k", **WHO
    )

    assert session.get_one(Receivable, row.receivable_id).face_cents == 120_000


def test_what_stands_on_a_deed_is_changed_by_nobody(session):
    receivable = an_assigned_receivable(session)

    with pytest.raises(ReceivableAssigned):
        cancel(session, receivable, "x", **WHO)
    with pytest.raises(ReceivableAssigned):
        enter_due_date(session, receivable, TODAY, **WHO)
