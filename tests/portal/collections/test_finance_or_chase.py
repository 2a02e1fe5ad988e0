"""Both ways side by side: what collecting may bring, what lenders would give today, and the difference."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.collections.dunning.choosing import place_debtor
from portal.collections.dunning.models import Segment
from portal.collections.dunning.scenarios import activate_scenario, propose_scenario
from portal.collections.finance_or_chase import compare
from portal.documents.models import Document, DocumentKind
from portal.identity.models import Organisation
from portal.quotes.pricing import quote_receivables
from portal.receivables.exposure import exposures
from portal.receivables.models import Receivable
from pricing.money import Money
from pricing.recovery import Payer
from tests.builders.funding import a_lender_with_card
from tests.builders.lending import a_payment_of
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_debtor, a_receivable
from tests.conftest import NOW, TODAY


@pytest.fixture
def assignor(session: Session) -> Organisation:
    found = an_assignor(session, iban="FR7612345678901234567890123")
    activate_scenario(
        session, propose_scenario(session, found.id, by=None, at=NOW), found, by=None, at=NOW
    )
    return found


def due_in(session: Session, assignor: Organisation, days: int, **given) -> Receivable:
    due_on = TODAY + timedelta(days=days)
    issued_on = min(due_on, TODAY) - timedelta(days=20)
    return a_receivable(session, assignor, due_on=due_on, issued_on=issued_on, **given)


def an_invoice(session: Session, assignor: Organisation) -> Document:
    document = Document(
        owner_id=assignor.id,
        kind=DocumentKind.INVOICE,
        filename="facture.pdf",
        media_type="application/pdf",
        sha256="0" * 64,
        size_bytes=1,
        stored_at=NOW,
    )
    session.add(document)
    session.flush()
    return document


def test_an_overdue_invoice_shows_the_steps_left_and_why_no_lender_takes_it(
    session: Session, assignor: Organisation
):
    a_lender_with_card(session)
    one = due_in(session, assignor, -40, face_cents=1_000_000)
    quote_receivables(session, [one], today=TODAY, at=NOW)

    found = compare(session, assignor, one, today=TODAY)

    assert found is not None
    assert found.collecting.recovery.cash == Money(800_000)
    assert found.collecting.steps
    assert found.financing is None
    assert found.difference is None
    assert found.refused is not None
    assert any(finding["outcome"] == "refused" for finding in found.refused.findings)


def test_an_invoice_soon_due_gives_cash_now_against_later_and_what_it_costs(
    session: Session, assignor: Organisation
):
    a_lender_with_card(session)
    one = due_in(session, assignor, 20, document_id=an_invoice(session, assignor).id)
    quote_receivables(session, [one], today=TODAY, at=NOW)

    found = compare(session, assignor, one, today=TODAY)

    assert found is not None
    assert found.financing is not None
    assert found.difference is not None
    assert found.difference.days == found.collecting.recovery.days == 28
    assert found.difference.cash == found.financing.net - found.collecting.recovery.cash
    assert found.difference.cost == found.financing.cost - found.collecting.recovery.cost


def test_the_debtors_segment_changes_what_is_expected(session: Session, assignor: Organisation):
    one = due_in(session, assignor, -40)
    place_debtor(session, one.debtor, Segment.BAD, because=None, by_hand=False, by=None, at=NOW)

    found = compare(session, assignor, one, today=TODAY)

    assert found is not None
    assert (found.collecting.payer, found.collecting.recovery.days) == (Payer.BAD, 56)


def test_nothing_is_compared_for_what_is_paid_or_far_from_due(
    session: Session, assignor: Organisation
):
    paid = due_in(session, assignor, -10)
    a_payment_of(session, paid, paid.face_cents)

    assert compare(session, assignor, paid, today=TODAY) is None
    assert compare(session, assignor, due_in(session, assignor, 31), today=TODAY) is None


def test_a_debtor_over_its_limit_comes_first_and_one_close_to_it_is_told_apart(
    session: Session, assignor: Organisation
):
    over = a_debtor(session, assignor, credit_limit_cents=1_000_000)
    close = a_debtor(session, assignor, credit_limit_cents=1_300_000)
    free = a_debtor(session, assignor)
    for debtor in (over, close, free):
        a_receivable(session, assignor, debtor)

    found = exposures(session, assignor.id, today=TODAY)

    assert [one.debtor_id for one in found] == [over.id, close.id]
    assert (found[0].over_cents, found[0].left_cents, found[0].is_close) == (200_000, 0, False)
    assert (found[1].over_cents, found[1].left_cents, found[1].is_close) == (0, 100_000, True)
    assert len(exposures(session, assignor.id, today=TODAY, over_only=True)) == 1
