"""The roads side by side: the text's conditions beside the facts, never a verdict."""

from dataclasses import replace
from datetime import date

import pytest

from pricing.court import CourtKind, PartyQuality
from pricing.legal_routes import (
    ClaimFacts,
    Route,
    Standing,
    condition_words,
    conditions_of,
    cost_words,
    document_words,
    route_words,
    routes_for,
)
from pricing.money import Money
from tests.pricing.builders import LAW

FACTS = ClaimFacts(
    today=date(2026, 11, 23),
    principal=Money(480_000),
    interest=Money(19_999),
    due_on=date(2026, 5, 1),
    disputed=Money(0),
    limitation_on=date(2031, 5, 1),
    documents=frozenset({"invoice", "account"}),
)


def standing_of(code, route, facts=FACTS):
    view = next(one for one in routes_for(facts, LAW) if one.route is route)
    return next(one.standing for one in view.conditions if one.code == code)


def costs_of(route, **given):
    view = next(one for one in routes_for(replace(FACTS, **given), LAW) if one.route is route)
    return {one.code: (one.low_cents, one.high_cents) for one in view.costs}


def test_the_new_procedure_shows_only_where_it_was_switched_on():
    assert Route.UNCONTESTED not in [one.route for one in routes_for(FACTS, LAW)]
    shown = routes_for(FACTS, LAW, uncontested_enabled=True)
    assert [one.route for one in shown] == list(Route)


@pytest.mark.parametrize(
    ("creditor", "debtor", "standing"),
    [
        (PartyQuality.TRADER, PartyQuality.TRADER, Standing.NOT_MET),
        (PartyQuality.TRADER, PartyQuality.NOT_TRADER, Standing.MET),
        (PartyQuality.UNKNOWN, PartyQuality.CONSUMER, Standing.MET),
        (PartyQuality.TRADER, PartyQuality.UNKNOWN, Standing.YOU_TELL_US),
    ],
)
def test_the_simplified_procedure_is_closed_to_claims_invoiced_between_traders(
    creditor, debtor, standing
):
    facts = replace(FACTS, creditor=creditor, debtor=debtor)

    assert standing_of("not_between_traders", Route.SMALL_CLAIMS, facts) is standing


@pytest.mark.parametrize(
    ("interest", "standing"), [(20_000, Standing.MET), (20_001, Standing.NOT_MET)]
)
def test_principal_and_interest_reach_five_thousand_euros_together(interest, standing):
    facts = replace(FACTS, interest=Money(interest))

    assert standing_of("small_amount", Route.SMALL_CLAIMS, facts) is standing


def test_the_day_of_the_due_date_nothing_is_due_yet():
    on_the_day = replace(FACTS, due_on=FACTS.today)
    eve = replace(FACTS, due_on=date(2026, 11, 22))

    assert standing_of("due", Route.PAYMENT_ORDER, on_the_day) is Standing.NOT_MET
    assert standing_of("due", Route.PAYMENT_ORDER, eve) is Standing.MET


def test_limitation_is_dated_and_left_to_the_user():
    past = replace(FACTS, limitation_on=date(2026, 1, 1))

    assert standing_of("within_limitation", Route.ORDINARY, past) is Standing.YOU_TELL_US
    told = replace(past, answers={"within_limitation": True})
    assert standing_of("within_limitation", Route.ORDINARY, told) is Standing.MET


def test_what_the_file_says_is_not_overruled_by_a_tick():
    facts = replace(FACTS, insolvent_since=date(2026, 10, 1), answers={"not_insolvent": True})

    assert standing_of("not_insolvent", Route.PAYMENT_ORDER, facts) is Standing.NOT_MET


def test_documents_that_are_not_in_the_file_are_named():
    view = next(one for one in routes_for(FACTS, LAW) if one.route is Route.PAYMENT_ORDER)

    assert view.missing_documents == ("order", "delivery_proof", "formal_notice")


def test_the_registry_fee_is_a_range_of_the_amounts_that_conflict():
    assert costs_of(Route.PAYMENT_ORDER)["registry_commercial"] == (2_519, 3_347)
    assert "se contredisent" in cost_words("registry_commercial", "fr")


def test_only_the_court_chosen_charges_its_fee():
    before = costs_of(Route.PAYMENT_ORDER, court=CourtKind.JUDICIAL)

    assert before["registry_judicial"] == (0, 0)
    assert "registry_commercial" not in before


@pytest.mark.parametrize(
    ("cents", "low", "high"),
    [(12_800, 1_548, 2_604), (128_000, 3_095, 4_151), (128_001, 6_190, 7_246)],
)
def test_the_officers_fee_for_serving_follows_the_tiers(cents, low, high):
    """25,79 € × 0,5, 1 or 2, with 8,80 € or not, and 20 % VAT."""
    found = costs_of(Route.PAYMENT_ORDER, principal=Money(cents), interest=Money(0))

    assert found["service_of_order"] == (low, high)


@pytest.mark.parametrize(
    ("cents", "court", "told"),
    [
        (5_000_000, None, False),
        (5_000_001, None, True),
        (5_000_001, CourtKind.ECONOMIC, True),
        (5_000_001, CourtKind.COMMERCIAL, False),
    ],
)
def test_the_economic_contribution_arises_above_fifty_thousand_before_an_economic_court(
    cents, court, told
):
    found = costs_of(Route.INTERIM, principal=Money(cents), interest=Money(0), court=court)

    assert ("economic_contribution" in found) is told


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_everything_has_words_in_both_languages(locale):
    for route in Route:
        assert all(route_words(route, locale))
        assert all(condition_words(code, locale) for code in conditions_of(route))
    for view in routes_for(replace(FACTS, documents=frozenset()), LAW, uncontested_enabled=True):
        assert all(cost_words(one.code, locale) for one in view.costs)
        assert all(document_words(code, locale) for code in view.missing_documents)


def test_no_words_conclude_in_the_users_place():
    for route in Route:
        for code in conditions_of(route):
            words = condition_words(code, "fr").lower()
            assert "recevable" not in words
            assert "éligible" not in words
