"""How amounts, rates and days read in each language."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask

from portal.web.presentation import (
    day_text,
    instant_text,
    money_text,
    percent_text,
    query_url,
    sort_state,
)


@pytest.mark.parametrize(
    ("cents", "french", "english"),
    [
        (1_000_000, "10\u00a0000,00\u00a0€", "€10,000.00"),
        (5, "0,05\u00a0€", "€0.05"),
        (-150_000, "−1\u00a0500,00\u00a0€", "−€1,500.00"),
        (None, "–", "–"),
    ],
)
def test_an_amount_reads_as_its_reader_writes_it(cents, french, english):
    assert money_text(cents, locale="fr") == french
    assert money_text(cents, locale="en") == english


def test_an_amount_in_another_currency_names_it():
    assert money_text(123_456, "CHF", locale="fr") == "1\u00a0234,56\u00a0CHF"


def test_a_rate_is_a_percentage_on_screen_only():
    assert percent_text(Decimal("0.0345"), locale="fr") == "3,45\u00a0%"
    assert percent_text(Decimal("0.0345"), locale="en") == "3.45%"
    assert percent_text(Decimal("-0.8"), 0, locale="fr") == "−80\u00a0%"
    assert percent_text(None, locale="fr") == "–"


def test_a_day_and_an_instant_read_on_the_clock_of_paris():
    assert day_text(date(2026, 11, 23), locale="fr") == "23 nov. 2026"
    assert instant_text(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), locale="fr") == (
        "24 nov. 2026, 00:30"
    )
    assert day_text(None, locale="fr") == "–"


def test_turning_a_page_keeps_the_filter_and_a_new_filter_forgets_the_page():
    with Flask(__name__).test_request_context("/receivables?q=garage&page=3&tag=a&tag=b"):
        assert query_url(page=4) == "/receivables?q=garage&page=4&tag=a&tag=b"
        assert query_url(page=None, q=None) == "/receivables?tag=a&tag=b"
        assert query_url(page=None, q=None, tag=None) == "/receivables"


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ("?sort=due_on", "ascending"),
        ("?sort=-due_on", "descending"),
        ("?sort=face", "none"),
        ("", "descending"),
    ],
)
def test_a_heading_says_how_the_list_is_sorted(query, state):
    with Flask(__name__).test_request_context(f"/receivables{query}"):
        assert sort_state("due_on", "-due_on") == state
