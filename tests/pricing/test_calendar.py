from datetime import date, timedelta
from decimal import Decimal

import pytest
from dateutil.easter import easter as dateutil_easter
from hypothesis import given
from hypothesis import strategies as st

from pricing.calendar import (
    DayCount,
    NoStartingDay,
    TermRule,
    add_business_days,
    add_months,
    bank_holidays,
    due_date,
    easter,
    end_of_ten_days,
    is_business_day,
    next_business_day,
    year_fraction,
    year_fraction_between,
)

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize("year", range(1990, 2060))
def test_easter_falls_where_the_church_says(year):
    assert easter(year) == dateutil_easter(year)


def test_2026_has_its_eleven_public_holidays():
    assert sorted(bank_holidays(2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 5, 25),
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        date(2026, 12, 25),
    ]


def test_a_deadline_on_a_holiday_moves_to_the_next_working_day():
    assert next_business_day(date(2026, 5, 1)) == date(2026, 5, 4)
    assert next_business_day(date(2026, 4, 30)) == date(2026, 4, 30)
    assert next_business_day(date(2026, 5, 2)) == date(2026, 5, 4)


def test_business_days_skip_week_ends_and_holidays_both_ways():
    assert add_business_days(date(2026, 4, 30), 1) == date(2026, 5, 4)
    assert add_business_days(date(2026, 5, 4), -1) == date(2026, 4, 30)
    assert add_business_days(date(2026, 5, 4), 0) == date(2026, 5, 4)


@given(days, st.integers(1, 20))
def test_so_many_business_days_later_is_a_business_day(day, count):
    later = add_business_days(day, count)

    assert is_business_day(later)
    between = (day + timedelta(days=n) for n in range(1, (later - day).days + 1))
    assert sum(is_business_day(one) for one in between) == count


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 10), 2, date(2026, 5, 10)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_a_month_later_is_the_same_day_number_or_the_last(day, months, expected):
    assert add_months(day, months) == expected


ISSUED, DELIVERED = date(2026, 3, 10), date(2026, 2, 11)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (TermRule.NET30, date(2026, 4, 9)),
        (TermRule.NET45, date(2026, 4, 24)),
        (TermRule.NET60, date(2026, 5, 9)),
        (TermRule.EOM45_A, date(2026, 4, 30)),
        (TermRule.EOM45_B, date(2026, 5, 15)),
        (TermRule.PERIODIC45, date(2026, 4, 24)),
        (TermRule.TRANSPORT30, date(2026, 4, 9)),
        (TermRule.DEFAULT30, date(2026, 3, 13)),
        (TermRule.PERISHABLE30, date(2026, 3, 13)),
        (TermRule.PERISHABLE30_DECADE, date(2026, 3, 22)),
        (TermRule.LIVESTOCK20, date(2026, 3, 3)),
        (TermRule.ALCOHOL30_EOM, date(2026, 3, 30)),
    ],
)
def test_every_payment_term_gives_its_due_date(rule, expected):
    assert due_date(rule, issued_on=ISSUED, delivered_on=DELIVERED) == expected


def test_the_law_may_set_another_number_of_days():
    assert due_date(TermRule.NET60, issued_on=ISSUED, days=30) == date(2026, 4, 9)


def test_a_term_counted_from_delivery_needs_the_delivery():
    with pytest.raises(NoStartingDay, match="no date"):
        due_date(TermRule.LIVESTOCK20, issued_on=ISSUED)


@pytest.mark.parametrize(
    ("day", "end"), [(1, 10), (10, 10), (11, 20), (20, 20), (21, 28), (28, 28)]
)
def test_a_ten_day_block_ends_on_the_10th_the_20th_or_the_last_day(day, end):
    assert end_of_ten_days(date(2026, 2, day)) == date(2026, 2, end)


def test_each_day_count_divides_by_its_own_year():
    assert year_fraction(90, DayCount.ACT_360) == Decimal("0.25")
    assert year_fraction(73, DayCount.ACT_365F) == Decimal("0.2")
    with pytest.raises(ValueError, match="needs the dates"):
        year_fraction(90, DayCount.ACT_ACT)


def test_actual_actual_counts_each_day_in_its_own_civil_year():
    share = year_fraction_between(date(2027, 12, 15), date(2028, 1, 15), DayCount.ACT_ACT)

    assert share == Decimal(16) / 365 + Decimal(15) / 366


def test_actual_actual_from_new_years_eve_belongs_to_the_new_year():
    share = year_fraction_between(date(2027, 12, 31), date(2028, 1, 1), DayCount.ACT_ACT)

    assert share == Decimal(1) / 366


@given(days, st.integers(0, 900), st.integers(0, 900), st.sampled_from(DayCount))
def test_a_period_cut_in_two_keeps_its_length(start, first, second, day_count):
    middle, end = start + timedelta(days=first), start + timedelta(days=first + second)

    whole = year_fraction_between(start, end, day_count)
    parts = year_fraction_between(start, middle, day_count) + year_fraction_between(
        middle, end, day_count
    )
    assert abs(whole - parts) < Decimal("1e-20")
