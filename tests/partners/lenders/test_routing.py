"""Who is asked, and the reason given for each lender that is not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.lenders.routing import (
    CHECKS,
    Candidate,
    Demand,
    exclusion_codes,
    exclusion_text,
    route,
)
from pricing.money import Money

DEMAND = Demand("dailly", Money(1_000_000), 3)
BANK = Candidate(
    "a-bank",
    frozenset({"dailly"}),
    dossier_min=Money(1_000_000),
    dossier_max=Money(1_000_000),
    receivables_max=3,
    capacity_left=Money(1_000_000),
)


def codes_for(demand=DEMAND, **about):
    routing = route(demand, [replace(BANK, **about)])
    assert bool(routing.asked) != bool(routing.excluded)
    return [exclusion.code for exclusion in routing.excluded]


def test_a_lender_exactly_at_all_its_limits_is_asked():
    assert codes_for() == []


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"products": frozenset({"factoring"})}, "product_not_offered"),
        ({"is_open": False}, "paused"),
        ({"currencies": frozenset({"CHF"})}, "currency_not_accepted"),
        ({"dossier_min": Money(1_000_001)}, "dossier_too_small"),
        ({"dossier_max": Money(999_999)}, "dossier_too_large"),
        ({"receivables_max": 2}, "too_many_receivables"),
        ({"capacity_left": Money(999_999)}, "capacity_exhausted"),
        ({"blocking_findings": ("public_debtor", "public_debtor")}, "policy_not_met"),
    ],
)
def test_one_unit_past_a_limit_the_reason_is_told(about, code):
    assert codes_for(**about) == [code]


def test_a_lender_the_assignor_left_out_is_not_asked():
    assert codes_for(replace(DEMAND, chosen_lenders=frozenset({"other"}))) == ["not_chosen"]
    assert codes_for(replace(DEMAND, chosen_lenders=frozenset({"a-bank"}))) == []


def test_every_reason_is_told_at_once():
    assert codes_for(is_open=False, receivables_max=1) == ["paused", "too_many_receivables"]


def test_a_lender_without_the_product_has_that_one_reason():
    assert codes_for(products=frozenset(), is_open=False) == ["product_not_offered"]


def test_the_best_price_is_asked_first_and_the_rest_is_told_why():
    candidates = [
        replace(BANK, lender="c", indicative_net=Money(900)),
        replace(BANK, lender="b"),
        replace(BANK, lender="a", indicative_net=Money(1000)),
    ]

    routing = route(DEMAND, candidates, lenders_max=2)

    assert routing.asked == ("a", "c")
    assert [(one.lender, one.code) for one in routing.excluded] == [("b", "enough_lenders_asked")]


def test_a_lender_is_never_told_another_ones_limit():
    (exclusion,) = route(DEMAND, [replace(BANK, capacity_left=Money(5))]).excluded

    assert exclusion.params == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reason_has_its_sentence_in_both_languages(language):
    for code in exclusion_codes():
        assert exclusion_text(code, language).endswith(".")


def test_every_check_speaks_a_code_that_has_a_text():
    told = route(
        replace(DEMAND, chosen_lenders=frozenset(), face=Money(1_000_000, "CHF")),
        [replace(BANK, is_open=False, receivables_max=1, blocking_findings=("x",))],
    )

    assert {one.code for one in told.excluded} <= exclusion_codes()
    assert len(exclusion_codes()) == len(CHECKS) + 1


@given(st.permutations(["a", "b", "c", "d"]), st.integers(1, 4))
def test_the_order_candidates_come_in_changes_nothing(order, most):
    prices = {"a": 5, "b": 7, "c": 5, "d": 1}
    candidates = [replace(BANK, lender=n, indicative_net=Money(prices[n])) for n in order]

    assert route(DEMAND, candidates, lenders_max=most).asked == ("b", "a", "c", "d")[:most]
