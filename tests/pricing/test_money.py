from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.money import Money, OtherCurrency, total

cents = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("amount", "rate", "expected"),
    [(1, "0.5", 1), (-1, "0.5", -1), (333, "0.333", 111), (5, "0.1", 1), (4, "0.1", 0)],
)
def test_a_portion_is_rounded_half_up_to_the_cent(amount, rate, expected):
    assert Money(amount).portion(Decimal(rate)) == Money(expected)


def test_an_amount_is_read_from_plain_text():
    assert Money.parse("1234.56") == Money(123456)
    assert Money.parse("-5") == Money(-500)


@pytest.mark.parametrize("text", ["12,50", "1.005", "", "NaN", "Infinity", "1 000"])
def test_what_is_not_a_whole_number_of_cents_is_not_an_amount(text):
    with pytest.raises(ValueError, match="write it as"):
        Money.parse(text)


def test_a_float_never_becomes_an_amount():
    with pytest.raises(TypeError):
        Money(10.5)
    with pytest.raises(TypeError):
        Money.parse(10.5)
    with pytest.raises(TypeError):
        Money(100).portion(0.1)
    with pytest.raises(TypeError):
        Money.rounded(1.5)
    with pytest.raises(TypeError):
        Money(True)


@pytest.mark.parametrize(
    "combine",
    [
        Money.__add__,
        Money.__sub__,
        Money.__lt__,
        Money.__le__,
        Money.__gt__,
        Money.__ge__,
        Money.share_of,
    ],
)
def test_two_currencies_never_mix(combine):
    with pytest.raises(OtherCurrency):
        combine(Money(1), Money(1, "USD"))
    with pytest.raises(TypeError):
        combine(Money(1), 1)


def test_equal_amounts_need_the_same_currency():
    assert Money(1) == Money(1)
    assert Money(1) != Money(1, "USD")


def test_a_floor_and_a_cap_hold_on_the_cent():
    assert Money(99).at_least(Money(100)) == Money(100)
    assert Money(101).at_least(Money(100)) == Money(101)
    assert Money(101).at_most(Money(100)) == Money(100)
    assert Money(99).at_most(Money(100)) == Money(99)


def test_the_sum_of_nothing_is_nothing_in_the_currency_asked():
    assert total([], "USD") == Money(0, "USD")
    assert total([Money(1, "USD"), Money(2, "USD")]) == Money(3, "USD")


def test_an_amount_prints_with_its_currency():
    assert str(Money(-123456)) == "-1234.56 EUR"
    assert Money(5).euros == Decimal("0.05")


@given(cents, cents)
def test_adding_then_taking_away_changes_nothing(one, other):
    assert Money(one) + Money(other) - Money(other) == Money(one)
    assert Money(one) + (-Money(one)) == Money(0)


@given(cents, st.decimals(0, 1, places=6))
def test_a_portion_and_its_rest_make_the_whole(amount, rate):
    part = Money(amount).portion(rate)

    assert part + (Money(amount) - part) == Money(amount)
    assert abs(part.cents) <= abs(amount)


@given(cents)
def test_text_and_amount_are_two_ways_of_one_thing(amount):
    assert Money.parse(str(Money(amount).euros)) == Money(amount)
