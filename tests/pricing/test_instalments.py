"""A debt paid in instalments."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.amount_words import amount_in_words
from pricing.calendar import add_months, is_business_day
from pricing.instalments import (
    Period,
    Progress,
    ScheduleRefused,
    first_missed,
    follow,
    schedule,
)
from pricing.money import Money

FIRST = date(2026, 12, 31)


def test_a_thousand_euros_in_three_months_ends_with_the_odd_cent():
    plan = schedule(Money(100_000), number=3, first_on=FIRST, period=Period.MONTH)

    assert [one.amount.cents for one in plan] == [33_333, 33_333, 33_334]
    assert [one.due_on for one in plan] == [FIRST, date(2027, 1, 31), date(2027, 2, 28)]


def test_weeks_fortnights_and_quarters_are_counted_from_the_first_day():
    seconds = {
        period: schedule(Money(200), number=2, first_on=FIRST, period=period)[1].due_on
        for period in Period
    }

    assert seconds == {
        Period.WEEK: date(2027, 1, 7),
        Period.FORTNIGHT: date(2027, 1, 14),
        Period.MONTH: date(2027, 1, 31),
        Period.QUARTER: date(2027, 3, 31),
    }


@given(st.integers(36, 10**11), st.integers(2, 36), st.dates(date(2024, 1, 1), date(2030, 12, 31)))
def test_instalments_add_up_to_the_cent_and_keep_their_month_day(cents, number, first_on):
    plan = schedule(Money(cents), number=number, first_on=first_on, period=Period.MONTH)

    assert sum(one.amount.cents for one in plan) == cents
    assert len({one.amount.cents for one in plan[:-1]}) == 1
    assert 0 <= plan[-1].amount.cents - plan[0].amount.cents < number
    assert [one.due_on for one in plan] == [add_months(first_on, n) for n in range(number)]


@pytest.mark.parametrize(
    ("cents", "number", "code"),
    [(1_000, 1, "number_out_of_range"), (1_000, 37, "number_out_of_range"), (2, 3, "amount_too_small")],
)  # fmt: skip
def test_a_schedule_that_makes_no_sense_is_refused_by_name(cents, number, code):
    with pytest.raises(ScheduleRefused) as refused:
        schedule(Money(cents), number=number, first_on=FIRST, period=Period.MONTH)
    assert refused.value.code == code


def test_what_came_covers_the_instalments_in_their_order():
    plan = schedule(Money(90_000), number=3, first_on=FIRST, period=Period.MONTH)
    followed = follow(plan, Money(40_000), today=date(2027, 2, 10), grace_days=5)

    assert [one.paid.cents for one in followed] == [30_000, 10_000, 0]
    assert [one.progress for one in followed] == [
        Progress.PAID,
        Progress.MISSED,
        Progress.TO_COME,
    ]
    assert first_missed(followed).missing == Money(20_000)


def test_the_grace_ends_on_a_business_day_and_the_day_after_is_missed():
    plan = schedule(Money(200), number=2, first_on=date(2026, 11, 30), period=Period.MONTH)

    def progress(today):
        return follow(plan, Money(0), today=today, grace_days=5)[0].progress

    assert progress(date(2026, 11, 30)) is Progress.TO_COME
    assert progress(date(2026, 12, 7)) is Progress.AWAITED  # the 5th is a Saturday
    assert progress(date(2026, 12, 8)) is Progress.MISSED


@given(st.integers(0, 10**7), st.integers(0, 20), st.integers(-40, 400))
def test_no_cent_is_covered_twice_whatever_came(paid, grace, ahead):
    plan = schedule(Money(777_777), number=7, first_on=FIRST, period=Period.FORTNIGHT)
    followed = follow(plan, Money(paid), today=FIRST + timedelta(days=ahead), grace_days=grace)

    assert sum(one.paid.cents for one in followed) == min(paid, 777_777)
    assert all(is_business_day(one.grace_ends_on) for one in followed)


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (100, "un euro"),
        (0, "zéro euro"),
        (8_000, "quatre-vingts euros"),
        (8_101, "quatre-vingt-un euros et un centime"),
        (7_100, "soixante et onze euros"),
        (9_100, "quatre-vingt-onze euros"),
        (2_121, "vingt et un euros et vingt et un centimes"),
        (20_000, "deux cents euros"),
        (20_100, "deux cent un euros"),
        (123_456, "mille deux cent trente-quatre euros et cinquante-six centimes"),
        (8_000_000, "quatre-vingt mille euros"),
        (20_000_000, "deux cent mille euros"),
        (200_000_000, "deux millions d'euros"),
        (128_000_000_00, "cent vingt-huit millions d'euros"),
        (1_99917, "mille neuf cent quatre-vingt-dix-neuf euros et dix-sept centimes"),
    ],
)
def test_an_amount_is_spelt_as_french_spells_it(cents, words):
    assert amount_in_words(Money(cents)) == words
