"""Prices and statements worked by hand, one file of cases per product."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricing.calendar import DayCount
from pricing.facts import DebtorSegment
from pricing.late_payment import (
    BelowFloor,
    Imputation,
    Payment,
    PenaltyTerms,
    amount_due_today,
)
from pricing.products.catalogue import price_batch, tariff_from_mapping
from pricing.products.quote import AssignedReceivable, Product
from tests.pricing.builders import LAW, euros

CASES = Path(__file__).parent / "cases"
MILLIONTH = Decimal("0.000001")


def worked(name: str) -> list[Any]:
    cases = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))["case"]
    return [pytest.param(name, case, id=f"{name}: {case['name']}") for case in cases]


@pytest.mark.parametrize(
    ("product", "case"), [case for product in Product for case in worked(str(product))]
)
def test_a_price_worked_by_hand(product, case):
    tariff = tariff_from_mapping(Product(product), case["tariff"])
    receivables = [
        AssignedReceivable(one["number"], euros(one["face"]), one["due_on"], one.get("paid_on"))
        for one in case["receivables"]
    ]

    quote = price_batch(tariff, receivables, case["value_date"])

    assert quote.advance == euros(case["advance"])
    assert quote.reserve == euros(case["reserve"])
    assert quote.total_cost == euros(case["total_cost"])
    assert quote.total_vat == euros(case.get("total_vat", "0.00"))
    assert quote.net_today == euros(case["net_today"])
    assert quote.cash_later == euros(case["cash_later"])
    if "teg" in case:
        assert quote.teg.rate.quantize(MILLIONTH) == Decimal(case["teg"])
    if "period_days" in case:
        assert quote.teg.period_days == Decimal(case["period_days"])
    if "all_in" in case:
        assert quote.all_in_annual_rate.quantize(MILLIONTH) == Decimal(case["all_in"])
    if "reserve_release_on" in case:
        assert quote.reserve_release_on == case["reserve_release_on"]
    if case["tariff"].get("sale"):
        assert quote.teg is None


@pytest.mark.parametrize(("name", "case"), worked("late_payment"))
def test_a_statement_worked_by_hand(name, case):
    rate = case.get("contract_rate")
    terms = PenaltyTerms(
        segment=DebtorSegment(case.get("segment", "private")),
        contract_rate=Decimal(rate) if rate else None,
        below_floor=BelowFloor(case.get("below_floor", "keep")),
        formal_notice_on=case.get("formal_notice_on"),
        day_count=DayCount(case.get("day_count", "ACT/365F")),
        imputation=Imputation(case.get("imputation", "interest_first")),
    )

    due = amount_due_today(
        euros(case["principal"]),
        case["due_on"],
        case["today"],
        LAW,
        terms=terms,
        payments=[
            Payment(one["paid_on"], euros(one["amount"])) for one in case.get("payments", [])
        ],
        insolvency_opened_on=case.get("insolvency_opened_on"),
        justified_costs=euros(case["justified_costs"]) if "justified_costs" in case else None,
    )

    assert due.principal == euros(case["principal_left"])
    assert due.penalties_accrued == euros(case["accrued"])
    assert due.penalties == euros(case["penalties"])
    assert due.indemnity == euros(case["indemnity"])
    assert due.overpaid == euros(case.get("overpaid", "0.00"))
    assert [str(flag) for flag in due.flags] == case.get("flags", [])
    assert due.costs == euros(case.get("costs", "0.00"))
    assert due.total == due.principal + due.penalties + due.indemnity + due.costs
    if "RATE_UNKNOWN" in case.get("flags", []):
        assert due.rate_unknown_from == date(case["today"].year, 1, 1)
