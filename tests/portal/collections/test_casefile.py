"""Who may remind, and whom the debtor pays, once a receivable is financed."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.collections.answers.promises import record_promise
from portal.collections.dunning.casefile import case_files, financing_state
from portal.collections.dunning.reminding import payee, write_reminder
from portal.collections.dunning.scenarios import activate_scenario, propose_scenario
from portal.collections.dunning.steps import DEFAULT_STEPS
from portal.collections.reasons import Suppression
from portal.collections.standing import standings
from portal.collections.timeline import Event, timeline
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from portal.receivables.models import Receivable
from pricing.collection_right import FinancingState
from pricing.parameters import law
from pricing.products.quote import Product
from tests.builders.lending import an_assigned_receivable
from tests.conftest import NOW, TODAY

BANK_IBAN = "FR7630001007941234567890185"


@pytest.mark.parametrize(
    ("product", "dated", "notified", "state"),
    [
        (None, False, False, FinancingState.NOT_FINANCED),
        (Product.DAILLY, False, False, FinancingState.NOT_FINANCED),
        (Product.DAILLY, True, False, FinancingState.DAILLY_NOT_NOTIFIED),
        (Product.DAILLY, True, True, FinancingState.DAILLY_NOTIFIED),
        (Product.FACTORING, True, False, FinancingState.FACTORING_CONFIDENTIAL),
        (Product.FACTORING, True, True, FinancingState.FACTORING_NOTIFIED),
        (Product.ADVANCE, True, False, FinancingState.ADVANCE),
        (Product.DISCOUNT, True, False, FinancingState.DISCOUNT),
    ],
)
def test_the_state_of_financing_follows_the_deed(product, dated, notified, state):
    assert financing_state(product, dated=dated, notified=notified) is state


def a_financed_one(session: Session, **deed_facts) -> tuple[Receivable, Organisation, Deed]:
    due_on = TODAY - timedelta(days=20)
    receivable = an_assigned_receivable(
        session, due_on=due_on, issued_on=due_on - timedelta(days=30)
    )
    deed = session.scalars(select(Deed).where(Deed.assignor_id == receivable.assignor_id)).one()
    for name, value in deed_facts.items():
        setattr(deed, name, value)
    assignor = session.get_one(Organisation, receivable.assignor_id)
    plan = propose_scenario(session, assignor.id, by=None, at=NOW)
    activate_scenario(session, plan, assignor, by=None, at=NOW)
    profile = session.get(LenderProfile, deed.lender_id)
    if profile is None:
        profile = LenderProfile(
            organisation_id=deed.lender_id,
            slug=deed.lender_id.hex,
            adapter="workspace",
            regulatory_status="bank",
        )
        session.add(profile)
    profile.collection_iban = BANK_IBAN
    session.flush()
    return receivable, assignor, deed


def test_until_the_debtor_is_notified_nothing_changes_for_it(session: Session):
    receivable, assignor, _ = a_financed_one(session, dated_on=TODAY)
    assignor.iban = "FR7630006000011234567890189"

    file = case_files(session, assignor, [receivable.id], today=TODAY)[receivable.id]
    written = write_reminder(file, DEFAULT_STEPS[2], assignor, TODAY, law())

    assert payee(file, assignor) == (assignor.legal_name, assignor.iban)
    assert file.assignee is not None
    assert file.assignee.name not in written.draft.body_text
    assert BANK_IBAN not in written.draft.body_text


def test_once_notified_the_lender_must_agree_and_its_account_is_given(session: Session):
    receivable, assignor, deed = a_financed_one(session, dated_on=TODAY, notified_on=TODAY)

    standing = standings(session, assignor, [receivable.id], today=TODAY)[receivable.id]
    assert standing.reason is Suppression.LENDER_CONSENT_NEEDED
    assert standing.next_on is None

    deed.collection_consent = True
    session.flush()
    file = case_files(session, assignor, [receivable.id], today=TODAY)[receivable.id]
    written = write_reminder(file, DEFAULT_STEPS[2], assignor, TODAY, law())
    assert BANK_IBAN in written.draft.body_text
    assert "seul un règlement à" in written.draft.body_text


def test_a_factor_that_notified_collects_alone(session: Session):
    receivable, assignor, _ = a_financed_one(
        session, product=Product.FACTORING, dated_on=TODAY, notified_on=TODAY
    )

    standing = standings(session, assignor, [receivable.id], today=TODAY)[receivable.id]

    assert standing.reason is Suppression.FACTOR_COLLECTS


def test_the_story_tells_the_financing_beside_the_collection(session: Session):
    receivable, _, _ = a_financed_one(session, dated_on=TODAY, notified_on=TODAY)

    events = [one.event for one in timeline(session, receivable, today=TODAY)]

    assert {Event.ISSUED, Event.FELL_DUE, Event.ASSIGNED, Event.DEED_DATED} <= set(events)
    assert Event.DEBTOR_NOTIFIED in events
    assert events[-1] is Event.ISSUED


def test_a_promise_moves_the_next_step_to_the_day_it_is_broken(session: Session):
    receivable, assignor, _ = a_financed_one(session, dated_on=TODAY)
    record_promise(
        session,
        receivable,
        amount_cents=1,
        promised_for=TODAY + timedelta(days=4),
        note=None,
        by=None,
        at=NOW,
    )

    standing = standings(session, assignor, [receivable.id], today=TODAY)[receivable.id]

    assert standing.reason is Suppression.PROMISED
    assert standing.next_step is not None
    assert (standing.next_step.code, standing.next_on) == ("R3", TODAY + timedelta(days=8))
