"""The last day to claim: by kind of debt, restarted by what interrupts it, told in time."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.facts import DebtorSegment
from pricing.limitation import Interruption, InterruptionKind, limitation_on, limitation_warning
from tests.pricing.builders import LAW

DUE = date(2024, 2, 29)


def acknowledged(*days):
    return [Interruption(InterruptionKind.ACKNOWLEDGEMENT, day) for day in days]


@pytest.mark.parametrize(
    ("facts", "last"),
    [
        ({}, date(2029, 2, 28)),
        ({"segment": DebtorSegment.CONSUMER}, date(2026, 2, 28)),
        ({"carriage": True}, date(2025, 2, 28)),
        ({"segment": DebtorSegment.PUBLIC}, date(2028, 12, 31)),
        ({"interruptions": acknowledged(date(2025, 6, 1))}, date(2030, 6, 1)),
        ({"interruptions": acknowledged(date(2024, 1, 1))}, date(2029, 2, 28)),
        ({"interruptions": acknowledged(date(2029, 2, 28))}, date(2034, 2, 28)),
        ({"interruptions": acknowledged(date(2029, 3, 1))}, date(2029, 2, 28)),
        ({"interruptions": acknowledged(date(2030, 6, 1), date(2025, 6, 1))}, date(2035, 6, 1)),
    ],
)
def test_a_claim_lapses_by_the_kind_of_debt_and_by_what_interrupts_it(facts, last):
    assert limitation_on(DUE, LAW, **facts) == last


def test_nothing_keeps_a_claim_alive_beyond_twenty_years():
    every_four_years = acknowledged(*(date(2024 + 4 * n, 3, 1) for n in range(10)))

    assert limitation_on(DUE, LAW, interruptions=every_four_years) == date(2044, 2, 29)


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (date(2028, 8, 27), None),
        (date(2028, 8, 28), 6),
        (date(2028, 11, 27), 6),
        (date(2028, 11, 28), 3),
        (date(2029, 1, 28), 1),
        (date(2029, 2, 28), 1),
        (date(2029, 3, 1), 0),
    ],
)
def test_the_creditor_is_told_six_three_and_one_months_before(before, told):
    assert limitation_warning(date(2029, 2, 28), before) == told


@given(st.lists(st.dates(DUE, date(2044, 2, 29)), max_size=5))
def test_an_interruption_never_shortens_the_period(days):
    last = limitation_on(DUE, LAW, interruptions=acknowledged(*days))

    assert last >= limitation_on(DUE, LAW)
    assert last <= DUE.replace(year=2044) + timedelta(days=1)
