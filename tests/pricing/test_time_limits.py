"""Time limits of the legal road, on the boundary of each text."""

from datetime import date

import pytest

from pricing.parameters import NoLegalValue
from pricing.time_limits import (
    declaration_limit,
    deposit_limit,
    enforceable_from,
    opposition_limit,
    order_service_limit,
    publication_expected_by,
    relief_limit,
    title_recovery_limit,
    uncontested_claim_limits,
)
from tests.pricing.builders import LAW


@pytest.mark.parametrize(
    ("ordered_on", "last"),
    [
        (date(2026, 8, 31), date(2027, 3, 1)),  # six months: Sunday 28 February, moved to Monday
        (date(2026, 9, 1), date(2026, 12, 1)),  # three months
        (date(2026, 9, 26), date(2026, 12, 28)),  # three months: Saturday 26 December
    ],
)
def test_an_order_is_served_by_the_text_of_its_own_date(ordered_on, last):
    assert order_service_limit(ordered_on, LAW).on == last


def test_an_order_is_opposed_within_a_month_of_its_service():
    assert opposition_limit(date(2026, 10, 15), LAW).on == date(2026, 11, 16)  # Sunday 15
    assert opposition_limit(date(2026, 10, 1), LAW).on == date(2026, 11, 2)  # Sunday, All Saints
    assert opposition_limit(date(2026, 1, 31), LAW).on == date(2026, 3, 2)  # Saturday 28 February


def test_an_unopposed_order_is_enforced_by_the_text_of_its_own_date():
    served_on = date(2026, 10, 15)

    assert enforceable_from(date(2026, 9, 1), served_on, LAW).on == date(2026, 12, 15)
    assert enforceable_from(date(2026, 8, 31), served_on, LAW).on == date(2026, 11, 17)


def test_a_claim_is_declared_within_two_months_of_the_publication_four_from_abroad():
    published_on = date(2026, 10, 25)

    assert declaration_limit(published_on, LAW).on == date(2026, 12, 28)  # Christmas, a Friday
    assert declaration_limit(published_on, LAW, abroad=True).on == date(2027, 2, 25)
    assert relief_limit(published_on, LAW).on == date(2027, 4, 26)
    assert title_recovery_limit(published_on, LAW).on == date(2027, 1, 25)
    assert publication_expected_by(date(2026, 10, 12), LAW).on == date(2026, 10, 27)


def test_costs_are_deposited_within_fifteen_days():
    assert deposit_limit(date(2026, 11, 2), LAW).on == date(2026, 11, 17)
    assert deposit_limit(date(2026, 10, 30), LAW).on == date(2026, 11, 16)


def test_an_uncontested_claim_waits_a_month_and_eight_days():
    limits = uncontested_claim_limits(date(2026, 11, 30), LAW)

    assert limits.contest_until.on == date(2026, 12, 30)
    assert limits.record_from.on == date(2027, 1, 7)
    assert limits.serve_record_by(date(2027, 1, 8), LAW).on == date(2027, 7, 8)


def test_each_limit_names_its_text():
    assert "1411" in order_service_limit(date(2026, 9, 1), LAW).source
    assert "642" in order_service_limit(date(2026, 9, 1), LAW).source
    assert "L126" in uncontested_claim_limits(date(2026, 11, 30), LAW).record_from.source


def test_a_procedure_that_did_not_exist_yet_has_no_limit():
    with pytest.raises(NoLegalValue):
        uncontested_claim_limits(date(2026, 1, 2), LAW)
