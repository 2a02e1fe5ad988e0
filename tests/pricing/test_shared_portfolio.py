"""The worked cases beside the checkout: measures of the book."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pricing.money import Money, total
from pricing.portfolio.aged_balance import Bucket, OpenReceivable, aged_balance
from pricing.portfolio.dso import (
    average_days_delinquent,
    best_possible_dso_days,
    collection_effectiveness,
    dso_count_back,
    dso_days,
    working_capital_need,
)
from tests.conftest import shared_directory
from tests.pricing.builders import (
    euros,
)
from tests.pricing.shared_cases import Case, day, each_case, percent

pytestmark = pytest.mark.shared


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


def test_every_worked_case_of_ours_is_run():
    shared = shared_directory()
    assert shared is not None
    kinds = {case["kind"] for case in json.loads((shared / "domain" / "cases.json").read_text())}
    families = {kind for kind in kinds if kind.split(".")[0] in OURS}

    source = "".join(
        one.read_text("utf-8") for one in Path(__file__).parent.glob("test_shared_*.py")
    )
    assert {kind for kind in families if f'"{kind}"' not in source} == set()


OURS = {
    "rate",
    "terms",
    "interest",
    "indemnity",
    "deadline",
    "cost",
    "apr",
    "eligibility",
    "kpi",
    "vat",
}
