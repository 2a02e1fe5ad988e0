"""What may be asked today, line by line."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.collections.amounts import (
    LineKind,
    ReceivableUnknown,
    amount_today,
    explain,
    summed,
)
from portal.debtors.models import DebtorSegment
from portal.payments.account import ReceivableAccount, Settled, statement
from pricing.late_payment import LateFlag
from pricing.money import Money
from pricing.parameters import law
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable

DUE = date(2026, 5, 1)


def an_account(**given) -> ReceivableAccount:
    return ReceivableAccount(
        **{
            "receivable_id": uuid4(),
            "debtor_id": uuid4(),
            "number": "F-1",
            "currency": "EUR",
            "face_cents": 1_000_000,
            "due_on": DUE,
            **given,
        }
    )


def test_each_line_says_its_article_and_they_add_up():
    amount = explain(statement(an_account(), date(2026, 9, 1), law()))

    kinds = {line.kind: line for line in amount.lines}
    assert kinds[LineKind.PENALTIES_ACCRUED].cents == 41_375
    assert kinds[LineKind.INDEMNITY].cents == 4_000
    assert "D441-5" in kinds[LineKind.INDEMNITY].source
    assert amount.total_cents == summed(amount.lines) == 1_045_375


def test_a_consumer_is_asked_no_penalty_and_no_indemnity():
    amount = explain(statement(an_account(segment=DebtorSegment.CONSUMER), date(2026, 9, 1), law()))

    assert amount.total_cents == 1_000_000
    assert LateFlag.FORMAL_NOTICE_NEEDED in amount.flags


def test_a_public_buyer_owes_its_own_rate():
    account = an_account(segment=DebtorSegment.PUBLIC, due_on=date(2026, 6, 19))

    assert statement(account, date(2026, 8, 18), law()).penalties == Money(16_685)


def test_insolvency_stops_penalties_the_day_before():
    account = an_account(insolvent_since=date(2026, 6, 1))

    stopped = statement(account, date(2026, 9, 1), law())

    assert stopped.penalties == statement(an_account(), date(2026, 5, 31), law()).penalties


def test_another_assignors_receivable_is_unknown(session: Session):
    receivable = a_receivable(session, an_assignor(session))

    with pytest.raises(ReceivableUnknown):
        amount_today(session, assignor_id=uuid4(), receivable_id=receivable.id, on=date(2026, 9, 1))


CENTS = st.integers(0, 400_000)


@hypothesis(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "prepaid_cents": CENTS,
            "credited_cents": CENTS,
            "disputed_cents": CENTS,
            "retention_cents": CENTS,
        }
    ),
    st.lists(st.tuples(st.integers(-30, 120), CENTS, st.integers(0, 5_000)), max_size=4),
    st.integers(-10, 150),
)
def test_the_lines_always_add_up_and_nothing_asked_is_negative(taken_off, paid, days):
    settled = tuple(
        Settled(DUE + timedelta(days=day), principal, interest if day > 0 else 0)
        for day, principal, interest in paid
    )

    asked = statement(an_account(settled=settled, **taken_off), DUE + timedelta(days=days), law())

    amount = explain(asked)
    assert amount.total_cents == summed(amount.lines)
    assert min(asked.principal, asked.penalties, asked.indemnity) >= Money(0)
    assert asked.principal.cents <= 1_000_000 - sum(taken_off.values()) or not asked.principal
