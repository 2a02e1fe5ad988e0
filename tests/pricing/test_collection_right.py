import pytest

from pricing.collection_right import (
    CollectionParty,
    CollectionReason,
    FinancingState,
    collection_right,
)

ASSIGNOR, ASSIGNEE = CollectionParty.ASSIGNOR, CollectionParty.ASSIGNEE

TABLE = [
    (FinancingState.NOT_FINANCED, None, True, "OWN_RECEIVABLE", ASSIGNOR, ASSIGNOR),
    (FinancingState.DAILLY_NOT_NOTIFIED, None, True, "AGENT_OF_ASSIGNEE", ASSIGNOR, ASSIGNEE),
    (FinancingState.DAILLY_NOTIFIED, None, False, "LENDER_CONSENT_NEEDED", ASSIGNEE, ASSIGNEE),
    (FinancingState.DAILLY_NOTIFIED, False, False, "LENDER_CONSENT_NEEDED", ASSIGNEE, ASSIGNEE),
    (FinancingState.DAILLY_NOTIFIED, True, True, "LENDER_CONSENTED", ASSIGNEE, ASSIGNEE),
    (FinancingState.FACTORING_NOTIFIED, None, False, "FACTOR_COLLECTS", ASSIGNEE, ASSIGNEE),
    (FinancingState.FACTORING_NOTIFIED, True, False, "FACTOR_COLLECTS", ASSIGNEE, ASSIGNEE),
    (FinancingState.FACTORING_CONFIDENTIAL, None, True, "AGENT_OF_ASSIGNEE", ASSIGNOR, ASSIGNEE),
    (FinancingState.ADVANCE, None, True, "OWN_RECEIVABLE", ASSIGNOR, ASSIGNOR),
    (FinancingState.ADVANCE, True, True, "OWN_RECEIVABLE", ASSIGNOR, ASSIGNOR),
    (FinancingState.ADVANCE, False, False, "CONTRACT_FORBIDS", ASSIGNOR, ASSIGNOR),
    (FinancingState.DISCOUNT, None, False, "BANK_PRESENTS_BILL", ASSIGNEE, ASSIGNEE),
]


@pytest.mark.parametrize(
    ("state", "consent", "may_remind", "reason", "payee", "creditor"),
    TABLE,
    ids=[f"{row[0]}, consent {row[1]}" for row in TABLE],
)
def test_who_may_remind_the_debtor_and_whom_it_pays(
    state, consent, may_remind, reason, payee, creditor
):
    right = collection_right(state, lender_consent=consent)

    assert right.may_remind is may_remind
    assert right.reason == reason
    assert right.payee is payee
    assert right.creditor is creditor
    assert right.source


def test_every_state_and_every_reason_is_in_the_table():
    assert {row[0] for row in TABLE} == set(FinancingState)
    assert {row[3] for row in TABLE} == set(CollectionReason)
