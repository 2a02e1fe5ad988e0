"""The worked cases beside the checkout: rates, terms, late payment, deadlines."""

from decimal import Decimal

import pytest

from pricing.calendar import DayCount, TermRule, due_date
from pricing.facts import DebtorSegment
from pricing.judgment_interest import increased_from, judgment_interest
from pricing.late_payment import (
    Imputation,
    Payment,
    PenaltyTerms,
    amount_due_today,
)
from pricing.limitation import (
    Interruption,
    InterruptionKind,
    limitation_on,
    unrecoverable_vat,
)
from pricing.money import Money, total
from pricing.penalty_rates import (
    contract_rate_floor,
    default_penalty_rate,
    legal_interest_rate,
    reference_rate,
)
from pricing.time_limits import uncontested_claim_limits
from tests.pricing.builders import (
    LAW,
    euros,
)
from tests.pricing.shared_cases import day, each_case, percent

pytestmark = pytest.mark.shared


@each_case("rate.default_penalty")
def test_the_penalty_rate_is_the_one_of_the_semester(case):
    on, expected = day(case["inputs"]["date"]), case["expected"]

    in_force = LAW["ecb_refinancing_rate"].on(on).amount
    assert percent(in_force, 2) == expected["mro_on_date_pct"]
    assert percent(reference_rate(on, LAW), 2) == expected["mro_semester_pct"]
    assert percent(default_penalty_rate(on, LAW).annual_rate, 2) == expected["default_penalty_pct"]


@each_case("rate.contract_floor")
def test_a_contract_rate_has_a_floor(case):
    on, expected = day(case["inputs"]["date"]), case["expected"]
    floor = contract_rate_floor(on, LAW)

    assert percent(legal_interest_rate(on, LAW), 2) == expected["legal_pro_pct"]
    assert percent(floor, 2) == expected["floor_pct"]
    agreed = Decimal(case["inputs"]["contract_rate_pct"]) / 100
    assert (agreed >= floor) is expected["compliant"]


@each_case("terms.cap")
def test_the_longest_payment_term(case):
    inputs = case["inputs"]
    delivered_on = day(inputs["delivery"]) if "delivery" in inputs else None
    issued_on = day(inputs.get("issue", inputs.get("delivery")))

    latest = due_date(TermRule(inputs["rule"]), issued_on=issued_on, delivered_on=delivered_on)

    assert latest == day(case["expected"]["max_due_date"])


@each_case(
    "interest.b2b_default",
    "interest.b2b_contract",
    "interest.partial_on_principal",
    "interest.public_buyer",
)
def test_late_interest(case):
    inputs, expected = case["inputs"], case["expected"]
    public = case["kind"] == "interest.public_buyer"
    agreed = inputs.get("contract_rate_pct")
    payments = [Payment(day(on), euros(amount)) for on, amount in inputs.get("payments", [])]
    until = day(inputs["paid"]) if "paid" in inputs else payments[-1].paid_on

    due = amount_due_today(
        euros(inputs["principal_ttc"]),
        day(inputs["due"]),
        until,
        LAW,
        terms=PenaltyTerms(
            segment=DebtorSegment.PUBLIC if public else DebtorSegment.PRIVATE,
            contract_rate=Decimal(agreed) / 100 if agreed else None,
            day_count=DayCount(inputs["basis"]),
            imputation=Imputation(inputs.get("imputation", "interest_first")),
        ),
        payments=payments,
    )

    assert due.penalties_accrued == euros(expected["interest"])
    assert due.indemnity == euros(expected.get("indemnity", "40.00"))
    if "segments" in expected:
        assert_accruals(due.accruals, expected["segments"])
    if "total_accessories" in expected:
        assert due.penalties + due.indemnity == euros(expected["total_accessories"])
    if "rate_pct" in expected:
        assert {percent(one.annual_rate, 2) for one in due.accruals} == {expected["rate_pct"]}
        assert sum(one.days for one in due.accruals) == expected["days"]


def assert_accruals(accruals, expected):
    assert [
        (one.from_on, one.to_on, one.days, one.annual_rate * 100, round(one.amount, 6))
        for one in accruals
    ] == [
        (
            day(one["from"]),
            day(one["to"]),
            one["days"],
            Decimal(one["rate_pct"]),
            Decimal(one["amount_unrounded"]),
        )
        for one in expected
    ]


@each_case("interest.legal_judgment")
def test_interest_on_a_judgment(case):
    inputs, expected = case["inputs"], case["expected"]
    enforceable_on = day(inputs["enforceable_on"])

    accruals = judgment_interest(
        euros(inputs["principal"]),
        day(inputs["from"]),
        day(inputs["to"]),
        LAW,
        enforceable_on=enforceable_on,
    )

    assert increased_from(enforceable_on, LAW) == day(expected["increase_from"])
    assert_accruals(accruals, expected["segments"])
    exact = sum((one.amount for one in accruals), Decimal(0))
    assert Money.rounded(exact) == euros(expected["interest"])


@each_case("indemnity.insolvency")
def test_no_indemnity_after_the_opening_judgment(case):
    inputs, expected = case["inputs"], case["expected"]
    indemnities = {
        one["ref"]: amount_due_today(
            euros("100.00"),
            day(one["due"]),
            day(inputs["as_of"]),
            LAW,
            insolvency_opened_on=day(inputs["opening_judgment"]),
        ).indemnity
        for one in inputs["invoices"]
    }

    assert [ref for ref, amount in indemnities.items() if amount] == expected["indemnified"]
    assert total(indemnities.values()) == euros(expected["total"])


@each_case("deadline.prescription")
def test_the_last_day_to_claim(case):
    inputs = case["inputs"]
    acknowledged = inputs.get("acknowledged_on")

    last = limitation_on(
        day(inputs["due"]),
        LAW,
        interruptions=[Interruption(InterruptionKind.ACKNOWLEDGEMENT, day(acknowledged))]
        if acknowledged
        else [],
    )

    assert last == day(case["expected"]["last_safe_day"])


@each_case("deadline.l126_pv")
def test_two_periods_of_an_uncontested_claim_add_up(case):
    limits = uncontested_claim_limits(day(case["inputs"]["commandement_served_on"]), LAW)

    assert limits.contest_until.on == day(case["expected"]["contest_until"])
    assert limits.record_from.on == day(case["expected"]["pv_earliest"])


@each_case("vat.bad_debt")
def test_vat_on_a_bad_debt(case):
    inputs, expected = case["inputs"], case["expected"]
    rate = Decimal(inputs["vat_rate_pct"]) / 100

    unpaid = unrecoverable_vat(euros(inputs["invoice_ttc"]), euros(inputs["paid"]), rate)

    assert unpaid.unpaid_gross == euros(expected["unpaid_ttc"])
    assert unpaid.unpaid_net == euros(expected["unpaid_net"])
    assert unpaid.vat == euros(expected["vat_recoverable"])
