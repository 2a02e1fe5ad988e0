"""What chasing may bring, and whom to chase first: stated rates, plain arithmetic."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money
from pricing.recovery import (
    NoRecoveryTable,
    Payer,
    Reason,
    expected_recovery,
    recovery_table,
    weight,
)

TODAY = date(2026, 11, 23)
TABLE = recovery_table(TODAY)
AGES = st.integers(-400, 2_000)
PAYERS = st.sampled_from(Payer)


def test_an_invoice_forty_days_late_brings_eighty_percent_in_five_weeks():
    found = expected_recovery(
        Money(1_000_001), TODAY - timedelta(days=40), TODAY, channels=("email", "phone")
    )

    assert found.rate == Decimal("0.80")
    assert found.cash == Money(800_001)
    assert found.expected_on == TODAY + timedelta(days=35)
    assert found.cost == Money(450)


def test_a_bad_payer_loses_more_and_later_than_a_good_one():
    due_on = TODAY - timedelta(days=70)
    good = expected_recovery(Money(100_000), due_on, TODAY, payer=Payer.GOOD_PAYER)
    bad = expected_recovery(Money(100_000), due_on, TODAY, payer=Payer.BAD)

    assert (good.cash, good.days) == (Money(88_000), 35)
    assert (bad.cash, bad.days) == (Money(46_000), 80)


def test_what_is_not_due_yet_is_expected_after_its_due_date():
    found = expected_recovery(Money(50_000), TODAY + timedelta(days=10), TODAY)

    assert (found.cash, found.days) == (Money(48_500), 18)


def test_every_table_says_where_its_figures_come_from():
    assert TABLE.basis == "convention"
    assert TABLE.source
    assert TABLE.read_on <= TODAY


def test_a_day_before_the_first_table_is_refused_with_its_first_day():
    with pytest.raises(NoRecoveryTable, match="2026-01-01"):
        recovery_table(date(2020, 1, 1))


def test_a_broken_promise_comes_before_a_larger_quiet_debt():
    quiet = weight([(100_000, 20)], Payer.UNKNOWN, (), TABLE)
    broken = weight([(80_000, 20)], Payer.UNKNOWN, (Reason.PROMISE_BROKEN,), TABLE)

    assert (quiet, broken) == (Decimal(90_000), Decimal(108_000))


@given(AGES, PAYERS)
def test_a_rate_is_a_share_and_a_day_is_never_past(age: int, payer: Payer):
    assert Decimal(0) < TABLE.rate(age, payer) <= 1
    assert TABLE.days(age, payer) >= max(-age, 0)


@given(AGES, st.integers(0, 400), PAYERS)
def test_waiting_never_makes_payment_likelier(age: int, more: int, payer: Payer):
    assert TABLE.rate(age + more, payer) <= TABLE.rate(age, payer)


@given(st.integers(0, 10**12), AGES, PAYERS)
def test_no_more_is_expected_than_is_owed(cents: int, age: int, payer: Payer):
    found = expected_recovery(Money(cents), TODAY - timedelta(days=age), TODAY, payer=payer)

    assert 0 <= found.cash.cents <= cents


@given(AGES, PAYERS)
def test_the_rows_for_a_query_say_the_same_as_the_rule(age: int, payer: Payer):
    rates = [
        rate for who, first, last, rate in TABLE.spans() if who is payer and first <= age <= last
    ]

    assert rates == [TABLE.rate(age, payer)]


@given(st.sets(st.sampled_from(Reason)), st.sampled_from(Reason))
def test_one_more_reason_never_makes_a_debtor_less_urgent(known: set[Reason], more: Reason):
    assert TABLE.urgency_of(known | {more}) >= TABLE.urgency_of(known)
