"""The worked cases that stand beside the checkout, through the public functions."""

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing.calendar import DayCount, TermRule, due_date
from pricing.eligibility import LenderPolicy, Outcome, assess
from pricing.eligibility.concentration import covered_by_limit
from pricing.facts import DebtorSegment
from pricing.late_payment import (
    Imputation,
    Payment,
    PenaltyTerms,
    amount_due_today,
    increased_from,
    judgment_interest,
)
from pricing.limitation import limitation_on, unrecoverable_vat
from pricing.money import Money, total
from pricing.penalty_rates import (
    contract_rate_floor,
    default_penalty_rate,
    legal_interest_rate,
    reference_rate,
)
from pricing.portfolio.aged_balance import Bucket, OpenReceivable, aged_balance
from pricing.portfolio.dso import (
    average_days_delinquent,
    best_possible_dso_days,
    collection_effectiveness,
    dso_count_back,
    dso_days,
    working_capital_need,
)
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
from tests.conftest import shared_directory
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

Case = dict[str, Any]


def worked_cases(*kinds: str) -> list[Any]:
    shared = shared_directory()
    if shared is None:
        return [pytest.param({}, id="absent")]
    cases = json.loads((shared / "domain" / "cases.json").read_text("utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases if case["kind"] in kinds]


def each_case(*kinds: str) -> Any:
    return pytest.mark.parametrize("case", worked_cases(*kinds))


pytestmark = pytest.mark.shared
day = date.fromisoformat


def percent(rate: Decimal | None, decimals: int = 4) -> str:
    assert rate is not None
    return str(round(rate * 100, decimals).quantize(Decimal(1).scaleb(-decimals)))


def fraction(inputs: Case, *names: str) -> str:
    return str(sum(Decimal(inputs[name]) for name in names) / 100)


def fee(quote: Quote, code: str) -> Fee:
    (found,) = [one for one in quote.fees if one.code == code]
    return found


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


def book(inputs: Case) -> list[OpenReceivable]:
    return [
        OpenReceivable(day(one["issue"]), day(one["due"]), euros(one["open_ttc"]))
        for one in inputs["ledger"]
    ]


def sales_of(inputs: Case) -> dict[date, Money]:
    return {day(f"{month}-01"): euros(text) for month, text in inputs["sales_ttc"].items()}


def two_decimals(value: Decimal | None) -> str:
    assert value is not None
    return str(round(value, 2))


@each_case("kpi.dso_simple", "kpi.dso_countback", "kpi.bpdso", "kpi.add")
def test_days_of_sales_outstanding(case):
    inputs, expected = case["inputs"], case["expected"]
    balance = aged_balance(book(inputs), day(inputs["as_of"]))
    sales, days = total(sales_of(inputs).values()), inputs["period_days"]

    if case["kind"] == "kpi.dso_simple":
        assert balance.total == euros(expected["receivables"])
        assert sales == euros(expected["sales"])
        assert two_decimals(dso_days(balance.total, sales, days)) == expected["dso_days"]
    elif case["kind"] == "kpi.dso_countback":
        counted = dso_count_back(balance.total, sales_of(inputs))
        assert two_decimals(counted.days) == expected["dso_days"]
    elif case["kind"] == "kpi.bpdso":
        assert balance.current == euros(expected["current"])
        best = best_possible_dso_days(balance.current, sales, days)
        assert two_decimals(best) == expected["bpdso_days"]
    else:
        delinquent = average_days_delinquent(balance.total, balance.current, sales, days)
        assert two_decimals(delinquent) == expected["add_days"]


@each_case("kpi.cei")
def test_collection_effectiveness(case):
    inputs = case["inputs"]
    names = ("beginning_receivables", "credit_sales", "ending_total", "ending_current")

    effectiveness = collection_effectiveness(*(euros(inputs[name]) for name in names))

    assert percent(effectiveness, 2) == case["expected"]["cei_pct"]


@each_case("kpi.aged_balance", "kpi.overdue", "kpi.weighted_age")
def test_the_aged_balance(case):
    inputs, expected = case["inputs"], case["expected"]
    balance = aged_balance(book(inputs), day(inputs["as_of"]))

    if case["kind"] == "kpi.aged_balance":
        names = ("non_echu", "1_30", "31_60", "61_90", "90_plus")
        assert balance.buckets == dict(
            zip(Bucket, (euros(expected[name]) for name in names), strict=True)
        )
    elif case["kind"] == "kpi.overdue":
        assert balance.overdue == euros(expected["overdue"])
        assert percent(balance.overdue_rate, 2) == expected["overdue_rate_pct"]
        assert two_decimals(balance.weighted_days_overdue) == expected["weighted_days_overdue"]
    else:
        assert two_decimals(balance.weighted_age_days) == expected["weighted_age_days"]


@each_case("kpi.bfr")
def test_working_capital(case):
    inputs, expected = case["inputs"], case["expected"]
    names = ("stocks", "receivables", "payables", "tax_social")

    need = working_capital_need(*(euros(inputs[name]) for name in names))

    assert need == euros(expected["bfr"])
    days = dso_days(need, euros(inputs["revenue_ht_year"]), 365)
    assert two_decimals(days) == expected["bfr_days"]


@each_case("deadline.prescription")
def test_the_last_day_to_claim(case):
    inputs = case["inputs"]
    acknowledged = inputs.get("acknowledged_on")

    last = limitation_on(
        day(inputs["due"]), LAW, acknowledged_on=day(acknowledged) if acknowledged else None
    )

    assert last == day(case["expected"]["last_safe_day"])


@each_case("vat.bad_debt")
def test_vat_on_a_bad_debt(case):
    inputs, expected = case["inputs"], case["expected"]
    rate = Decimal(inputs["vat_rate_pct"]) / 100

    unpaid = unrecoverable_vat(euros(inputs["invoice_ttc"]), euros(inputs["paid"]), rate)

    assert unpaid.unpaid_gross == euros(expected["unpaid_ttc"])
    assert unpaid.unpaid_net == euros(expected["unpaid_net"])
    assert unpaid.vat == euros(expected["vat_recoverable"])


def test_every_worked_case_of_ours_is_run():
    shared = shared_directory()
    assert shared is not None
    kinds = {case["kind"] for case in json.loads((shared / "domain" / "cases.json").read_text())}
    families = {kind for kind in kinds if kind.split(".")[0] in OURS}

    source = Path(__file__).read_text("utf-8")
    assert {kind for kind in families if f'"{kind}"' not in source} == set()


OURS = {"rate", "terms", "interest", "indemnity", "cost", "apr", "eligibility", "kpi", "vat"}
