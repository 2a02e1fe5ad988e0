"""Amounts and dates as people type them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.formats.values import (
    AmbiguousAmount,
    decimal_mark_of,
    exact_amount,
    exact_date,
    is_day_first,
    to_cents,
    typed_amount,
    typed_date,
)

CENTS = st.integers(min_value=-(10**13), max_value=10**13)
DAYS = st.dates(min_value=date(1971, 1, 1), max_value=date(2150, 12, 31))
MONTHS_FR = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip


def french(cents: int, grouping: str) -> str:
    whole = f"{abs(cents) // 100:,}".replace(",", grouping)
    return f"{'-' if cents < 0 else ''}{whole},{abs(cents) % 100:02d}"


@given(CENTS, st.sampled_from([" ", "\u00a0", "\u202f", ".", "", "'"]))
def test_an_amount_written_the_french_way_comes_back_to_the_cent(cents, grouping):
    assert to_cents(typed_amount(french(cents, grouping))) == cents


@given(CENTS)
def test_an_amount_written_the_english_way_comes_back_to_the_cent(cents):
    text = f"{Decimal(cents) / 100:,.2f}"
    assert to_cents(typed_amount(text)) == cents


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 234,56 €", "1234.56"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("EUR 12,5", "12.5"),
        ("(12,00)", "-12.00"),
        ("12,50-", "-12.50"),
        ("−8", "-8"),
        ("1.234.567", "1234567"),
        ("0,123", "0.123"),
        ("1200", "1200"),
    ],
)
def test_usual_writings_of_amounts_are_understood(text, expected):
    assert typed_amount(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["1,234", "1.234", "12.345"])
def test_a_thousand_or_one_and_a_bit_is_asked_and_not_guessed(text):
    with pytest.raises(AmbiguousAmount):
        typed_amount(text)


def test_the_rest_of_the_file_settles_a_doubtful_amount():
    assert decimal_mark_of(["12,50", "1,234", "8"]) == ","
    assert typed_amount("1.234", ",") == 1234
    assert typed_amount("1,234", ",") == Decimal("1.234")


def test_a_file_that_contradicts_itself_settles_nothing():
    assert decimal_mark_of(["12,50", "12.50"]) is None


@pytest.mark.parametrize("text", ["abc", "12 34", "1,23,4", "1.2345.67", "=1+1", "", "12/50", "--"])
def test_what_is_not_an_amount_is_refused(text):
    with pytest.raises(ValueError):
        typed_amount(text)


@pytest.mark.parametrize("text", ["1,234.56", "1 234", "12e3", "NaN", "Infinity", "1" * 16, ""])
def test_an_amount_of_a_norm_is_a_plain_decimal_or_nothing(text):
    with pytest.raises(ValueError):
        exact_amount(text)


@given(DAYS, st.sampled_from(["/", "-", ".", " "]))
def test_a_french_date_comes_back_the_same_day(day, separator):
    text = day.strftime(f"%d{separator}%m{separator}%Y")
    assert typed_date(text) == day


@given(DAYS)
def test_every_other_way_to_write_a_date_gives_the_same_day(day):
    serial = (day - date(1899, 12, 30)).days
    worded = f"{day.day} {MONTHS_FR[day.month - 1]} {day.year}"
    ways = [
        day.isoformat(),
        f"{day.isoformat()}T00:00:00",
        f"{day.isoformat()} 00:00:00",
        day.strftime("%Y/%m/%d"),
        worded,
        worded.upper(),
        str(serial) if serial >= 25_569 else day.isoformat(),
    ]
    assert {typed_date(way) for way in ways} == {day}


def test_american_dates_are_seen_when_the_file_proves_them():
    assert is_day_first(["03/04/2026"])
    assert not is_day_first(["03/04/2026", "03/31/2026"])
    assert is_day_first(["13/01/2026", "03/31/2026"])
    assert typed_date("03/31/2026", day_first=False) == date(2026, 3, 31)


@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "demain", "12/2026", "00010101", "1"])
def test_what_is_not_a_date_is_refused(text):
    with pytest.raises(ValueError):
        typed_date(text)


@pytest.mark.parametrize("text", ["20261231", "2026-12-31", "2026-12-31Z", "2026-12-31+01:00"])
def test_dates_of_the_norms_are_read(text):
    assert exact_date(text) == date(2026, 12, 31)


def test_a_date_of_a_norm_is_never_day_first():
    with pytest.raises(ValueError):
        exact_date("31/12/2026")
