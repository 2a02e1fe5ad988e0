"""The whole assessment: every obstacle at once, the eligible part, and the words."""

import json
import re
import string
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.eligibility import (
    Finding,
    LenderPolicy,
    Outcome,
    Party,
    Unit,
    UnsoundPolicy,
    assess,
)
from pricing.eligibility.assessment import CHECKS, RULES
from pricing.eligibility.catalogue import describe, finding_codes_page, outcome_label, texts
from pricing.eligibility.finding import SEVERITY, Assessment, Family
from pricing.facts import AssignmentClause, DebtorSegment, DocumentKind, ReceivableKind
from pricing.money import Money
from pricing.products.quote import Product
from tests.pricing.builders import (
    LAW,
    TODAY,
    a_debtor,
    a_receivable,
    an_assignor,
    euros,
    in_days,
)
from tests.pricing.test_eligibility_boundaries import BOUNDARIES, finding_of

PRICING = Path(__file__).parents[2] / "pricing"


def assessed(*, product=Product.DAILLY, policy=None, assignor=None, **receivable):
    return assess(
        product,
        a_receivable(**receivable),
        an_assignor(**(assignor or {})),
        LenderPolicy.from_mapping(policy or {}),
        TODAY,
        LAW,
    )


@pytest.mark.parametrize("product", Product)
def test_a_sound_receivable_is_eligible_for_its_face(product):
    assessment = assessed(product=product, debtor_confirmed=True)

    assert assessment.status is Outcome.OK
    assert assessment.is_eligible
    assert assessment.eligible == euros("10000.00")
    assert len(assessment.of(Outcome.OK)) >= 25


def test_the_assignor_learns_of_every_obstacle_at_once():
    assessment = assessed(
        debtor=a_debtor(siren=None), has_delivery_proof=False, due_on=in_days(200)
    )

    blocked = {finding.code for finding in assessment.of(Outcome.BLOCKED)}
    assert blocked == {"DEBTOR_UNIDENTIFIED", "DELIVERY_PROOF_MISSING", "TENOR_TOO_LONG"}
    assert assessment.status is Outcome.BLOCKED
    assert not assessment.is_eligible


def test_blocked_is_never_confused_with_refused():
    blocked = assessed(has_delivery_proof=False)
    refused = assessed(has_delivery_proof=False, debtor=a_debtor(segment=DebtorSegment.CONSUMER))

    assert blocked.status is Outcome.BLOCKED
    assert refused.status is Outcome.REFUSED
    assert all(one.fixable_by for one in blocked.of(Outcome.BLOCKED))


def test_a_warning_leaves_the_receivable_eligible():
    assessment = assessed(paid=euros("100.00"))

    assert assessment.status is Outcome.WARNING
    assert assessment.is_eligible
    assert assessment.eligible == euros("9900.00")


def test_nothing_found_is_a_clean_bill():
    assert Assessment((), euros("1.00")).status is Outcome.OK
    assert list(SEVERITY) == [Outcome.OK, Outcome.WARNING, Outcome.BLOCKED, Outcome.REFUSED]


def test_everything_that_cannot_be_financed_is_left_out():
    receivable = a_receivable(
        credited=euros("1000.00"),
        paid=euros("500.00"),
        disputed=euros("250.00"),
        subcontracted=euros("100.00"),
        other_deductions=euros("50.00"),
        retention_rate=Decimal("0.05"),
    )

    # 10 000 - 1 000 - 500 - 250 - 100 - 50 - 5 % x 10 000
    assert receivable.net_eligible == euros("7600.00")
    assert receivable.open_amount == euros("8500.00")
    assert replace(receivable, credited=euros("20000.00")).net_eligible == euros("0.00")


def test_the_part_above_the_debtors_limit_is_left_out():
    debtor = a_debtor(credit_limit=euros("50000.00"), outstanding=euros("45000.00"))

    assert assessed(debtor=debtor).eligible == euros("5000.00")
    assert assessed(debtor=debtor, policy={"over_limit": "warn"}).eligible == euros("10000.00")


def test_the_part_above_the_concentration_is_left_out():
    # 25 % of 100 000 leaves 25 000 for the debtor, who already owes 20 000
    assessment = assessed(
        debtor=a_debtor(outstanding=euros("20000.00")),
        assignor={"outstanding": euros("90000.00")},
        policy={"concentration_max": "0.25"},
    )

    (finding,) = [one for one in assessment.findings if one.code == "CONCENTRATION"]
    assert assessment.eligible == euros("5000.00")
    assert finding.params == {"covered_cents": 5_000_00, "uncovered_cents": 5_000_00}
    assert finding.value == "0.3"


def test_the_smaller_of_two_limits_holds():
    debtor = a_debtor(outstanding=euros("20000.00"), credit_limit=euros("23000.00"))

    assessment = assessed(
        debtor=debtor,
        assignor={"outstanding": euros("90000.00")},
        policy={"concentration_max": "0.25"},
    )

    assert assessment.eligible == euros("3000.00")


def test_a_foreign_currency_is_refused_without_comparing_amounts():
    assessment = assessed(
        face=Money(10_000_00, "USD"),
        debtor=a_debtor(credit_limit=euros("1.00"), outstanding=euros("5.00")),
        policy={"amount_min": "1.00", "amount_max": "2.00", "concentration_max": "0.1"},
    )

    assert {one.code for one in assessment.of(Outcome.REFUSED)} == {"CURRENCY"}
    assert assessment.eligible == Money(10_000_00, "USD")
    assert {one.currency for one in assessment.findings} == {"USD"}


def test_waiting_brings_a_distant_receivable_within_reach():
    (finding,) = assessed(due_on=date(2027, 4, 30), policy={"tenor_days_max": 90}).of(
        Outcome.BLOCKED
    )

    assert finding.params["eligible_from_on"] == "2027-01-30"
    assert describe(finding, "fr").remedy == "Refaites la demande à partir du 30/01/2027."
    assert describe(finding, "en").remedy == "Apply again from 30 Jan 2027."


@pytest.mark.parametrize(("code", "outcome", "facts"), BOUNDARIES)
def test_every_finding_travels_as_json_and_speaks_both_languages(code, outcome, facts):
    finding = finding_of(code, facts)
    if finding is None:
        return

    assert Finding.from_mapping(json.loads(json.dumps(finding.to_mapping()))) == finding
    for locale in ("fr", "en", "fr_FR", "en-GB"):
        text = describe(finding, locale)
        assert text.title
        assert "{" not in text.title + text.message + text.remedy
        assert bool(text.remedy) is (finding.remedy is not None)


def test_amounts_and_dates_are_written_for_the_reader():
    finding = Finding(
        code="DEBTOR_LIMIT",
        family=Family.CONCENTRATION,
        outcome=Outcome.WARNING,
        value=1234567_89,
        threshold=500_00,
        unit=Unit.AMOUNT,
        source="",
        params={"covered_cents": 100, "uncovered_cents": 0},
    )

    assert describe(finding, "fr").value == "1\u202f234\u202f567,89\u00a0€"
    assert describe(finding, "en").value == "€1,234,567.89"
    assert describe(replace(finding, currency="CHF"), "en").threshold == "CHF\u00a0500.00"
    assert describe(replace(finding, threshold=None), "fr").threshold == "—"


def test_a_yes_and_a_kind_are_written_in_the_readers_language():
    finding = finding_of("PUBLIC_DEBTOR", {"debtor": {"segment": DebtorSegment.PUBLIC}})

    assert describe(finding, "fr").value == "acheteur public"
    assert describe(finding, "en").value == "public body"
    words = {*DebtorSegment, *DocumentKind, *AssignmentClause, *ReceivableKind, "yes", "no"}
    assert set(texts()["values"]) == words


def test_the_catalogue_and_the_code_name_the_same_findings():
    assert set(texts()["findings"]) == {check.code for check in CHECKS}
    assert len({check.code for check in CHECKS}) == len(CHECKS) == len(RULES)
    for words in texts()["findings"].values():
        assert set(words) == {"fr", "en"}
        assert set(words["fr"]) == set(words["en"])


def test_the_catalogue_and_the_code_name_the_same_remedies():
    code = "".join(path.read_text("utf-8") for path in (PRICING / "eligibility").glob("*.py"))
    used = set(re.findall(r'remedy="([A-Z_]+)"', code))

    assert used == set(texts()["remedies"])
    assert all(set(words) == {"fr", "en"} for words in texts()["remedies"].values())


def test_both_languages_show_the_same_facts():
    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for words in texts()["findings"].values():
        for key, french in words["fr"].items():
            assert placeholders(french) == placeholders(words["en"][key])


def test_every_outcome_has_a_word():
    assert [outcome_label(one) for one in Outcome] == ["conforme", "à signaler", "bloqué", "refusé"]
    assert outcome_label(Outcome.BLOCKED, "en_US") == "blocked"


def test_the_page_of_finding_codes_is_up_to_date():
    page = PRICING.parent / "docs" / "finding-codes.md"

    assert page.read_text("utf-8") == finding_codes_page(), "run `make docs`"


def test_a_policy_survives_being_stored():
    policy = LenderPolicy(
        amount_min=euros("500.00"),
        concentration_max=Decimal("0.25"),
        countries=frozenset({"FR", "BE"}),
        invoice_age_days_max=90,
    )

    stored = json.loads(json.dumps(policy.to_mapping()))

    assert LenderPolicy.from_mapping(stored) == policy
    assert set(stored) == {field.name for field in fields(LenderPolicy)}


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ({"tenor_max": 90}, "unknown tenor_max"),
        ({"tenor_days_max": "90"}, "'tenor_days_max' cannot be read"),
        ({"tenor_days_min": True}, "'tenor_days_min' cannot be read"),
        ({"amount_min": 500}, "'amount_min' cannot be read"),
        ({"concentration_max": 0.25}, "'concentration_max' cannot be read"),
        ({"concentration_max": "a quarter"}, "'concentration_max' cannot be read"),
        ({"countries": "FR"}, "'countries' cannot be read"),
        ({"over_limit": "maybe"}, "'over_limit' cannot be read"),
        ({"public_debtors": 1}, "'public_debtors' cannot be read"),
        ({"tenor_days_min": 0}, "'tenor_days_min' is 0"),
        ({"tenor_days_min": 91, "tenor_days_max": 90}, "at most the second"),
    ],
)
def test_an_unreadable_policy_names_its_key(mapping, complaint):
    with pytest.raises(UnsoundPolicy, match=complaint):
        LenderPolicy.from_mapping(mapping)


def test_who_can_lift_a_finding_is_one_of_three():
    assert set(Party) == {"assignor", "debtor", "lender"}
