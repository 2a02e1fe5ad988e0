"""The worked cases beside the checkout: prices, legal rates, eligibility."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricing.eligibility import LenderPolicy, Outcome, assess
from pricing.eligibility.concentration import covered_by_limit
from pricing.money import Money
from pricing.products.annual_rate import (
    FinancingNumbers,
    actuarial_rate,
    teg_r314_2,
    teg_r314_6,
    teg_r314_8,
)
from pricing.products.catalogue import price_batch
from pricing.products.factoring import available
from pricing.products.quote import CashFlow, Fee, Product, Quote
from tests.pricing.builders import (
    LAW,
    TODAY,
    a_debtor,
    a_receivable,
    a_tariff,
    an_assignor,
    due_in,
    euros,
)
from tests.pricing.shared_cases import Case, day, each_case, fraction, percent

pytestmark = pytest.mark.shared


def fee(quote: Quote, code: str) -> Fee:
    (found,) = [one for one in quote.fees if one.code == code]
    return found


def priced(product: Product, inputs: Case, face: str, days: int, **changes: Any) -> Quote:
    return price_batch(a_tariff(product, **changes), [due_in(days, inputs[face])], TODAY)


@each_case("cost.dailly")
def test_a_dailly_assignment(case):
    inputs, expected = case["inputs"], case["expected"]
    quote = priced(
        Product.DAILLY,
        inputs,
        "invoice_ttc",
        inputs["days"],
        advance_rate=fraction(inputs, "advance_pct"),
        index_rate=fraction(inputs, "index_pct"),
        margin_rate=fraction(inputs, "margin_pct"),
        fee_per_slip=inputs["fee_bordereau"],
        fee_per_receivable=inputs["fee_per_receivable"],
    )

    assert quote.advance == euros(expected["advance"])
    assert fee(quote, "discount_fee").amount == euros(expected["interest"])
    assert quote.total_cost - fee(quote, "discount_fee").amount == euros(expected["fees"])
    assert quote.total_cost == euros(expected["total_cost"])
    assert quote.net_today == euros(expected["net_day0"])
    assert quote.cash_later == euros(expected["balance_at_maturity"])
    assert percent(quote.cost_rate) == expected["cost_pct_of_invoice"]


@each_case("cost.factoring")
def test_factoring(case):
    inputs, expected = case["inputs"], case["expected"]
    quote = priced(
        Product.FACTORING,
        inputs,
        "invoice_ttc",
        inputs["days"],
        reserve_rate=fraction(inputs, "reserve_pct"),
        service_rate=fraction(inputs, "service_pct_ttc"),
        vat_rate=fraction(inputs, "service_vat_pct"),
        index_rate=fraction(inputs, "index_pct"),
        margin_rate=fraction(inputs, "margin_pct"),
    )

    assert quote.reserve == euros(expected["reserve"])
    assert quote.advance == euros(expected["gross_financing"])
    financing = fee(quote, "financing_commission")
    assert financing.amount == euros(expected["financing_commission"])
    assert not financing.vat
    assert fee(quote, "service_commission").amount == euros(expected["service_commission_ht"])
    assert fee(quote, "service_commission").vat == euros(expected["service_vat"])
    assert quote.net_today == euros(expected["net_day0"])
    assert quote.cash_later == euros(expected["released_at_payment"])
    assert quote.total_cost == euros(expected["total_cost_ht"])
    assert percent(quote.cost_rate) == expected["cost_pct_of_invoice"]


@each_case("cost.escompte")
def test_a_discounted_bill(case):
    inputs, expected = case["inputs"], case["expected"]
    quote = priced(
        Product.DISCOUNT,
        inputs,
        "nominal",
        inputs["days_to_maturity"],
        index_rate="0",
        margin_rate=fraction(inputs, "rate_pct"),
        endorsement_rate=fraction(inputs, "endos_pct"),
        fee_per_bill=inputs["fixed_fee_ht"],
        bank_days=inputs["bank_days"],
    )

    assert fee(quote, "bill_interest").amount == euros(expected["interest"])
    assert fee(quote, "endorsement_commission").amount == euros(expected["endos"])
    assert fee(quote, "bill_fee").amount == euros(expected["fixed"])
    assert quote.total_cost == euros(expected["agios_ht"])
    assert quote.net_today == euros(expected["net_day0"])
    assert percent(quote.cost_rate) == expected["cost_pct_of_invoice"]


@each_case("cost.per_invoice_flat")
def test_an_advance_at_a_flat_price(case):
    inputs, expected = case["inputs"], case["expected"]
    quote = priced(
        Product.ADVANCE,
        inputs,
        "financed",
        inputs["days"],
        charging="FLAT_PER_30D",
        fee_rate=fraction(inputs, "fee_pct_per_30d"),
    )

    assert quote.total_cost == euros(expected["fee"])
    assert quote.net_today == euros(expected["net_day0"])
    assert -quote.flows[-1].amount == euros(expected["repay_day60"])
    assert percent(quote.cost_rate) == expected["cost_pct_of_invoice"]


@each_case("cost.per_invoice_daily")
def test_an_advance_at_a_daily_price(case):
    inputs, expected = case["inputs"], case["expected"]
    upfront = inputs["fee"] == "deducted_upfront"
    quote = priced(
        Product.ADVANCE,
        inputs,
        "financed",
        inputs["days"],
        charging="FLAT_PER_DAY",
        fee_rate=fraction(inputs, "fee_pct_per_day"),
        fee_timing="upfront" if upfront else "at_end",
    )

    assert quote.total_cost == euros(expected["fee"])
    assert quote.net_today == euros(expected["net_day0"])
    if "repay" in expected:
        assert -quote.flows[-1].amount == euros(expected["repay"])
    assert percent(quote.teg.rate) == expected["teg_proportional_pct"]
    assert percent(quote.all_in_annual_rate) == expected["actuarial_pct"]


@each_case("cost.factoring_availability")
def test_what_may_still_be_drawn(case):
    inputs = case["inputs"]

    left = available(
        euros(inputs["outstanding_assigned"]),
        Decimal(inputs["reserve_pct"]) / 100,
        ineligible=euros(inputs["disputed"]) + euros(inputs["over_limit"]),
        already_financed=euros(inputs["already_financed"]),
    )

    assert left == euros(case["expected"]["available"])


def single_repayment(inputs: Case, start: date) -> list[CashFlow]:
    return [
        CashFlow(start, euros(inputs["received_day0"])),
        CashFlow(start + timedelta(days=inputs["days"]), -euros(inputs["repaid"])),
    ]


@each_case("apr.r314_2", "apr.r314_2_year366", "apr.r314_2_short")
def test_the_general_teg(case):
    inputs, expected = case["inputs"], case["expected"]
    start = date(2028 if inputs["year_days"] == 366 else 2026, 3, 1)
    flows = single_repayment(inputs, start)

    teg = teg_r314_2(flows, start)

    assert percent(teg.rate) == expected["teg_proportional_pct"]
    assert teg.year_days == inputs["year_days"]
    period = expected.get("period_rate_pct") or expected.get("monthly_rate_pct")
    if period:
        assert percent(teg.period_rate) == period
    if "actuarial_pct" in expected:
        assert percent(actuarial_rate(flows, start)) == expected["actuarial_pct"]


@each_case("apr.r314_6_factoring")
def test_the_factoring_teg(case):
    inputs, expected = case["inputs"], case["expected"]
    commission = euros(inputs["financing_commission"])
    gross, fees = euros(inputs["gross_financing"]), euros(inputs["non_teg_fees_incl_vat"])
    start = date(2026, 3, 1)

    numbers = FinancingNumbers(gross, inputs["days"], commission, commission + fees)
    teg = teg_r314_6([numbers], start)

    assert percent(teg.rate) == expected["teg_pct"]
    assert percent(teg.period_rate, 8) == expected["daily_rate_pct"]
    before_vat = Money(int(fees.cents / 1.2))
    flows = [
        CashFlow(start, gross - commission - before_vat),
        CashFlow(start + timedelta(days=inputs["days"]), -gross),
    ]
    assert percent(actuarial_rate(flows, start)) == expected["all_in_actuarial_pct"]


@each_case("apr.r314_8_escompte")
def test_the_discount_teg(case):
    inputs, expected = case["inputs"], case["expected"]
    agios, nominal = euros(inputs["agios"]), euros(inputs["nominal"])
    start = date(2026, 3, 1)

    teg = teg_r314_8(agios, [(nominal, inputs["calendar_days"])], start)

    assert percent(teg.rate) == expected["teg_pct"]
    assert percent(teg.period_rate) == expected["period_rate_pct"]
    flows = [
        CashFlow(start, nominal - agios),
        CashFlow(start + timedelta(days=inputs["calendar_days"]), -nominal),
    ]
    assert percent(actuarial_rate(flows, start)) == expected["economic_actuarial_pct"]


@each_case("eligibility.debtor_limit")
def test_the_part_a_debtor_limit_covers(case):
    inputs, expected = case["inputs"], case["expected"]
    invoice = euros(inputs["invoice"])

    covered = covered_by_limit(invoice, euros(inputs["outstanding"]), euros(inputs["limit"]))

    assert covered == euros(expected["covered"])
    assert invoice - covered == euros(expected["uncovered"])


@each_case("eligibility.tenor")
def test_a_receivable_due_too_late_is_not_eligible(case):
    inputs, expected = case["inputs"], case["expected"]
    on = day(inputs["funding_date"])
    policy = LenderPolicy(tenor_days_min=inputs["min_days"], tenor_days_max=inputs["max_days"])
    receivable = a_receivable(issued_on=on, due_on=day(inputs["due"]), debtor=a_debtor())

    assessment = assess(Product.DAILLY, receivable, an_assignor(), policy, on, LAW)

    (finding,) = assessment.of(Outcome.BLOCKED, Outcome.REFUSED)
    assert finding.code == expected["reason"]
    assert finding.value == expected["days"]
    assert assessment.is_eligible is expected["eligible"]
