"""Which court a request goes to: shown by rule, confirmed by the user."""

from datetime import date

import pytest

from pricing.court import CourtDoubt, CourtKind, PartyQuality, department_of, propose_court
from pricing.money import Money

ON = date(2026, 11, 23)
TRADER = PartyQuality.TRADER


def a_proposal(postal_code, on=ON, **given):
    facts = {"creditor": TRADER, "debtor": TRADER, "claim": Money(500_000), **given}
    return propose_court(postal_code, on, **facts)


@pytest.mark.parametrize(
    ("postal_code", "department"),
    [("69003", "69"), ("20090", "2A"), ("20200", "2B"), ("97400", "974"), ("6900", None), (None, None)],
)  # fmt: skip
def test_a_postal_code_says_the_departement(postal_code, department):
    assert department_of(postal_code) == department


@pytest.mark.parametrize("postal_code", ["57000", "67000", "68100"])
def test_in_alsace_moselle_the_commercial_chamber_of_the_judicial_court_sits(postal_code):
    assert a_proposal(postal_code).kinds == (CourtKind.COMMERCIAL_CHAMBER,)


@pytest.mark.parametrize(
    ("postal_code", "seat"),
    [("84000", "Avignon"), ("89000", "Auxerre"), ("76600", "Le Havre"), ("72000", "Le Mans"),
     ("87000", "Limoges"), ("69002", "Lyon"), ("13002", "Marseille"), ("54000", "Nancy"),
     ("92000", "Nanterre"), ("75001", "Paris"), ("22000", "Saint-Brieuc"), ("78000", "Versailles")],
)  # fmt: skip
def test_the_twelve_economic_courts_are_proposed_and_the_district_is_confirmed(postal_code, seat):
    found = a_proposal(postal_code)

    assert found.kinds == (CourtKind.ECONOMIC, CourtKind.COMMERCIAL)
    assert found.seat == seat
    assert CourtDoubt.DISTRICT_TO_CONFIRM in found.doubts


@pytest.mark.parametrize("on", [date(2024, 12, 31), date(2029, 1, 1)])
def test_outside_the_experiment_there_is_no_economic_court(on):
    assert a_proposal("75001", on).kinds == (CourtKind.COMMERCIAL,)


def test_another_departement_has_its_commercial_court():
    assert a_proposal("33000").kinds == (CourtKind.COMMERCIAL,)


def test_a_debtor_that_is_no_trader_is_sued_before_the_judicial_court():
    assert a_proposal("69003", debtor=PartyQuality.NOT_TRADER).kinds == (CourtKind.JUDICIAL,)


def test_a_consumer_is_sued_before_the_judicial_court_and_the_user_says_if_it_is_a_loan():
    found = a_proposal("69003", debtor=PartyQuality.CONSUMER, creditor=PartyQuality.UNKNOWN)

    assert found.kinds == (CourtKind.JUDICIAL,)
    assert CourtDoubt.CONSUMER_CREDIT_OR_LEASE in found.doubts
    assert CourtDoubt.QUALITY_UNKNOWN not in found.doubts


def test_an_unknown_quality_leaves_both_kinds_to_the_user():
    found = a_proposal("33000", debtor=PartyQuality.UNKNOWN)

    assert found.kinds == (CourtKind.COMMERCIAL, CourtKind.JUDICIAL)
    assert CourtDoubt.QUALITY_UNKNOWN in found.doubts


def test_a_debtor_abroad_is_proposed_no_court():
    assert a_proposal("69003", country="BE").kinds == ()


@pytest.mark.parametrize(("cents", "told"), [(5_000_000, False), (5_000_001, True)])
def test_the_contribution_is_told_above_fifty_thousand_euros(cents, told):
    found = a_proposal("69003", claim=Money(cents))

    assert (CourtDoubt.CONTRIBUTION in found.doubts) is told
