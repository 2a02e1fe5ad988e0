from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.limitation import unrecoverable_vat
from pricing.money import Money, OtherCurrency, total
from pricing.portfolio.aged_balance import Bucket, OpenReceivable, aged_balance, bucket_of
from pricing.portfolio.dso import (
    PaidReceivable,
    collection_effectiveness,
    dso_count_back,
    dso_days,
    payment_time,
)
from tests.pricing.builders import TODAY, euros, in_days


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [
        (-1, Bucket.NOT_DUE),
        (0, Bucket.NOT_DUE),
        (1, Bucket.DAYS_1_30),
        (30, Bucket.DAYS_1_30),
        (31, Bucket.DAYS_31_60),
        (60, Bucket.DAYS_31_60),
        (61, Bucket.DAYS_61_90),
        (90, Bucket.DAYS_61_90),
        (91, Bucket.OVER_90),
    ],
)
def test_a_receivable_changes_bucket_on_the_31st_61st_and_91st_day(days_late, bucket):
    assert bucket_of(in_days(-days_late), TODAY) is bucket


opens = st.builds(
    OpenReceivable,
    issued_on=st.dates(date(2026, 1, 1), date(2026, 11, 1)),
    due_on=st.dates(date(2026, 1, 1), date(2027, 3, 1)),
    open_amount=st.integers(1, 10**9).map(Money),
)


@given(st.lists(opens, max_size=20))
def test_the_buckets_add_up_to_the_book(book):
    balance = aged_balance(book, TODAY)

    assert balance.total == total(one.open_amount for one in book)
    assert balance.current + balance.overdue == balance.total
    assert set(balance.buckets) == set(Bucket)
    assert 0 <= balance.overdue_rate <= 1


def test_an_empty_book_measures_nothing():
    balance = aged_balance([], TODAY)

    assert balance.total == Money(0)
    assert balance.overdue_rate == 0
    assert balance.weighted_days_overdue == 0
    assert balance.weighted_age_days == 0


def test_a_book_in_two_currencies_is_not_added_up():
    with pytest.raises(OtherCurrency):
        aged_balance([OpenReceivable(TODAY, TODAY, Money(1, "USD"))], TODAY)


def test_delay_is_weighted_by_what_is_late():
    book = [
        OpenReceivable(in_days(-70), in_days(-10), euros("300.00")),
        OpenReceivable(in_days(-100), in_days(-40), euros("100.00")),
        OpenReceivable(in_days(-5), in_days(30), euros("600.00")),
    ]

    balance = aged_balance(book, TODAY)

    assert balance.weighted_days_overdue == Decimal("17.5")  # (300x10 + 100x40) / 400
    assert balance.weighted_age_days == Decimal(34)  # (21 000 + 10 000 + 3 000) / 1 000
    assert balance.overdue_rate == Decimal("0.4")


def test_counting_back_stops_inside_a_month():
    sales = {date(2026, 9, 1): euros("300.00"), date(2026, 8, 15): euros("310.00")}

    assert dso_count_back(euros("455.00"), sales).days == Decimal("45.5")  # 30 + 155/310 x 31
    assert dso_count_back(euros("300.00"), sales).days == 30
    assert dso_count_back(euros("0.00"), sales).days == 0


def test_counting_back_past_the_history_says_it_is_a_minimum():
    counted = dso_count_back(euros("301.00"), {date(2026, 9, 1): euros("300.00")})

    assert counted.days == 30
    assert counted.incomplete
    assert not dso_count_back(euros("300.00"), {date(2026, 9, 1): euros("300.00")}).incomplete


def test_a_book_without_sales_has_no_dso():
    assert dso_days(euros("1.00"), euros("0.00"), 90) is None
    assert collection_effectiveness(*(euros("0.00"),) * 4) is None


def test_the_time_to_be_paid_is_weighted_and_never_early():
    paid = [
        PaidReceivable(in_days(-60), in_days(-30), in_days(-20), euros("300.00")),
        PaidReceivable(in_days(-60), in_days(-30), in_days(-40), euros("100.00")),
    ]

    times = payment_time(paid)

    assert times.days_to_pay == Decimal(35)  # (300 x 40 + 100 x 20) / 400
    assert times.days_late == Decimal("7.5")  # (300 x 10 + 100 x 0) / 400
    assert payment_time([]) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_net_and_vat_of_an_unpaid_invoice_make_what_is_unpaid(gross, paid):
    unpaid = unrecoverable_vat(Money(gross), Money(paid), Decimal("0.20"))

    assert unpaid.unpaid_net + unpaid.vat == unpaid.unpaid_gross == Money(gross - paid)
