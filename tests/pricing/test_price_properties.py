"""What must hold for any price: lines add up, time costs, batches are sums."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.cost import RankBy, cost_by_pay_date, cost_of, rank
from pricing.money import Money, total
from pricing.products.catalogue import price, price_at, price_batch, tariff_from_mapping
from pricing.products.quote import AssignedReceivable, Product, Quote
from pricing.products.tariff import UnsoundTariff, write_tariff
from tests.pricing.builders import (
    TARIFFS,
    TODAY,
    a_receivable,
    a_tariff,
    due_in,
    euros,
    in_days,
)

products = st.sampled_from(Product)
faces = st.integers(100_00, 2_000_000_00)
tenors = st.integers(1, 180)


def a_slip(faces_and_days: list[tuple[int, int]]) -> list[AssignedReceivable]:
    return [
        AssignedReceivable(f"F{rank}", Money(cents), in_days(days))
        for rank, (cents, days) in enumerate(faces_and_days)
    ]


def price_one(product: Product, face: int, days: int, **changes: object) -> Quote:
    return price_batch(
        a_tariff(product, **changes), [AssignedReceivable("F1", Money(face), in_days(days))], TODAY
    )


slips = st.lists(st.tuples(faces, tenors), min_size=1, max_size=6).map(a_slip)


@given(products, slips, st.integers(-10, 40))
def test_cash_today_cash_later_and_the_price_make_the_face(product, slip, days_late):
    paid = [replace(one, paid_on=one.due_on + timedelta(days=days_late)) for one in slip]
    paid = [one if one.paid_on > TODAY else replace(one, paid_on=None) for one in paid]

    quote = price_batch(a_tariff(product, vat_rate="0.20"), paid, TODAY)

    assert quote.advance + quote.reserve == quote.face
    parts = (quote.net_today, quote.cash_later, quote.total_cost, quote.total_vat)
    assert total(parts) == quote.face
    assert all(fee.amount > Money(0) for fee in quote.fees)
    assert total(flow.amount for flow in quote.flows) == -quote.total_cost


@given(products, faces, tenors, st.integers(1, 60))
def test_more_time_is_never_cheaper(product, face, days, more):
    sooner, later = price_one(product, face, days), price_one(product, face, days + more)

    assert later.total_cost >= sooner.total_cost
    assert later.net_today <= sooner.net_today


@given(products, faces, tenors, st.integers(0, 60), st.integers(1, 60))
def test_a_debtor_that_pays_later_never_costs_less(product, face, days, late, later):
    tariff = a_tariff(product)
    receivable = AssignedReceivable("F1", Money(face), in_days(days), in_days(days + late))
    even_later = replace(receivable, paid_on=in_days(days + late + later))

    first = price_batch(tariff, [receivable], TODAY)
    second = price_batch(tariff, [even_later], TODAY)

    assert second.total_cost >= first.total_cost


@given(faces, tenors, st.integers(0, 40), st.integers(0, 40))
def test_a_larger_reserve_never_raises_the_cash_of_today(face, days, reserve, more):
    # Interest saved on a smaller advance is always less than the advance itself.
    small = price_one(Product.FACTORING, face, days, reserve_rate=str(Decimal(reserve) / 100))
    large = price_one(
        Product.FACTORING, face, days, reserve_rate=str(Decimal(reserve + more) / 100)
    )

    assert large.net_today <= small.net_today
    assert large.cash_later >= small.cash_later


@given(products, slips)
def test_a_slip_without_slip_fee_costs_the_sum_of_its_receivables(product, slip):
    tariff = a_tariff(product, fee_per_slip="0")

    together = price_batch(tariff, slip, TODAY)
    apart = [price_batch(tariff, [one], TODAY) for one in slip]

    assert together.total_cost == total(quote.total_cost for quote in apart)
    assert together.net_today == total(quote.net_today for quote in apart)
    assert together.cash_later == total(quote.cash_later for quote in apart)
    assert [line.number for line in together.lines] == [one.number for one in slip]


@given(products, slips)
def test_the_slip_fee_is_charged_once(product, slip):
    free = price_batch(a_tariff(product, fee_per_slip="0"), slip, TODAY)
    charged = price_batch(a_tariff(product, fee_per_slip="12.00"), slip, TODAY)

    assert charged.total_cost - free.total_cost == euros("12.00")


@settings(max_examples=40)
@given(products, slips)
def test_the_annual_rate_makes_the_cash_flows_worth_nothing(product, slip):
    quote = price_batch(a_tariff(product), slip, TODAY)

    rate = quote.all_in_annual_rate
    assert rate is not None
    worth = sum(
        flow.amount.cents * (1 + rate) ** (-Decimal((flow.on - TODAY).days) / 365)
        for flow in quote.flows
    )
    assert abs(worth) < Decimal("0.01")


@given(products, slips)
def test_the_weighted_tenor_lies_between_the_shortest_and_the_longest(product, slip):
    quote = price_batch(a_tariff(product), slip, TODAY)

    days = [line.tenor_days for line in quote.lines]
    assert min(days) <= quote.tenor_days <= max(days)


def test_fees_above_a_tiny_advance_leave_nothing_today_and_no_rate():
    quote = price_one(Product.DAILLY, 10_00, 30)

    assert quote.net_today < Money(0)
    assert quote.all_in_annual_rate is None
    assert quote.teg is None
    assert cost_of(quote).cost_of_cash is None


@pytest.mark.parametrize("product", Product)
def test_a_tariff_survives_being_stored(product):
    tariff = a_tariff(product)

    assert tariff_from_mapping(product, write_tariff(tariff)) == tariff
    assert tariff.product is product


@pytest.mark.parametrize("product", Product)
def test_a_tariff_with_a_missing_or_unknown_key_names_it(product):
    known = TARIFFS[product]
    first = next(iter(known))

    with pytest.raises(UnsoundTariff, match=f"missing {first}"):
        tariff_from_mapping(product, {k: v for k, v in known.items() if k != first})
    with pytest.raises(UnsoundTariff, match="unknown discuont_rate"):
        tariff_from_mapping(product, {**known, "discuont_rate": "0.1"})


@pytest.mark.parametrize("value", [0.045, "4,5 %", "NaN", True, None, 1])
def test_a_rate_that_cannot_be_read_is_refused_by_name(value):
    with pytest.raises(UnsoundTariff, match="'margin_rate'"):
        a_tariff(Product.DAILLY, margin_rate=value)


def test_a_rate_typed_in_percent_is_refused():
    with pytest.raises(UnsoundTariff, match="a fraction of one between"):
        a_tariff(Product.DAILLY, advance_rate="80")
    with pytest.raises(UnsoundTariff, match="'recourse' cannot be read"):
        a_tariff(Product.FACTORING, recourse="yes")
    with pytest.raises(UnsoundTariff, match="'charging' cannot be read"):
        a_tariff(Product.ADVANCE, charging="MONTHLY")


@pytest.mark.parametrize("product", Product)
def test_what_is_due_on_the_value_date_cannot_be_priced(product):
    with pytest.raises(ValueError, match="must be after the value date"):
        price_batch(a_tariff(product), [due_in(0)], TODAY)
    assert price_batch(a_tariff(product), [due_in(1)], TODAY).face == euros("10000.00")


@pytest.mark.parametrize("product", Product)
def test_an_empty_slip_and_an_empty_receivable_cannot_be_priced(product):
    with pytest.raises(ValueError, match="at least one"):
        price_batch(a_tariff(product), [], TODAY)
    with pytest.raises(ValueError, match="nothing to finance"):
        price_batch(a_tariff(product), [due_in(30, "0.00")], TODAY)


def test_a_receivable_is_priced_on_what_is_left_of_it():
    receivable = a_receivable(credited=euros("1000.00"), disputed=euros("500.00"))

    quote = price(a_tariff(Product.DAILLY), receivable, TODAY)

    assert quote.face == euros("8500.00")
    assert quote.lines[0].due_on == receivable.due_on


def test_a_late_debtor_makes_the_same_receivable_dearer():
    receivable, tariff = a_receivable(), a_tariff(Product.DAILLY)

    on_time = price(tariff, receivable, TODAY)
    late = price_at(tariff, receivable, TODAY, receivable.due_on + timedelta(days=9))

    # 8 000 x 4.5 % x 9/360
    assert late.total_cost - on_time.total_cost == euros("9.00")
    assert late.net_today == on_time.net_today


def test_the_factor_tells_the_debtor_except_in_confidence():
    assert price_one(Product.FACTORING, 10_000_00, 60).debtor_notified
    assert not price_one(Product.FACTORING, 10_000_00, 60, mode="confidential").debtor_notified
    assert price_one(Product.FACTORING, 10_000_00, 60, recourse=False).recourse is False


def test_quotes_are_ranked_on_one_scale():
    quotes = [price_one(product, 10_000_00, 60) for product in Product]

    by_cash = rank(quotes, RankBy.CASH_TODAY)
    by_cost = rank(quotes, RankBy.TOTAL_COST)
    by_rate = rank(quotes, RankBy.ANNUAL_RATE)

    # 7 920 / 8 820 / 9 790 / 9 889.95 today, for 80 / 160 / 210 / 110.05
    assert [q.product for q in by_cash] == ["discount", "advance", "factoring", "dailly"]
    assert [q.product for q in by_cost] == ["dailly", "discount", "factoring", "advance"]
    assert [q.product for q in by_rate] == ["dailly", "discount", "factoring", "advance"]


def test_a_cheap_quote_that_brings_too_little_cash_comes_last():
    quotes = [price_one(product, 10_000_00, 60) for product in Product]

    ranked = rank(quotes, cash_needed=euros("8000.00"))

    assert [q.product for q in ranked] == ["discount", "factoring", "advance", "dailly"]


def test_a_quote_that_brings_exactly_the_cash_needed_is_not_short():
    quotes = [price_one(product, 10_000_00, 60) for product in Product]

    assert rank(quotes, cash_needed=euros("7920.00"))[0].product == "dailly"
    assert rank(quotes, cash_needed=euros("7920.01"))[0].product == "discount"


def test_each_fee_taken_at_the_end_falls_with_its_own_receivable():
    tariff = a_tariff(Product.ADVANCE, fee_timing="at_end", fee_per_slip="9.00")

    quote = price_batch(tariff, a_slip([(1_000_00, 40), (1_000_00, 80)]), TODAY)

    # 1 000 x 0.035 % x 40 = 14.00 and x 80 = 28.00; the slip fee is taken on the first day
    assert [(flow.on, flow.amount) for flow in quote.flows] == [
        (TODAY, euros("1991.00")),
        (in_days(40), euros("-1014.00")),
        (in_days(80), euros("-1028.00")),
    ]


def test_the_cost_is_told_for_each_day_the_debtor_may_pay():
    tariff, receivable = a_tariff(Product.DAILLY), a_receivable()
    days = [receivable.due_on, receivable.due_on + timedelta(days=9)]

    costs = cost_by_pay_date(lambda on: price_at(tariff, receivable, TODAY, on), days)

    assert [on for on, _ in costs] == days
    assert costs[1][1].total_cost - costs[0][1].total_cost == euros("9.00")
