"""The rates of an offer: the known cases of the law, and shares that add up."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.vocabulary.lending import FeeLine, ProposedTerms
from portal.funding.offer_rates import OfferedLine, rates_of, spread
from pricing.products.quote import Product

START = date(2026, 1, 1)
LINE = OfferedLine("F-1", 1_000_000, date(2026, 3, 2))


def an_offer(advance: int, *fees: FeeLine) -> ProposedTerms:
    return ProposedTerms(
        face_cents=1_000_000,
        advance_cents=advance,
        reserve_cents=1_000_000 - advance,
        net_proceeds_cents=advance - sum(fee.total_cents for fee in fees),
        valid_until=datetime(2026, 1, 5, tzinfo=UTC),
        value_date=START,
        fees=fees,
    )


@pytest.mark.parametrize(
    ("product", "offer", "teg", "all_in"),
    [
        (
            Product.DAILLY,
            an_offer(800_000, FeeLine("discount_fee", "", 6_000), FeeLine("slip_fee", "", 2_000)),
            "0.061448",
            "0.063047",
        ),
        (
            Product.FACTORING,
            an_offer(
                900_000,
                FeeLine("financing_commission", "", 6_000),
                FeeLine("service_commission", "", 10_000, 2_000),
            ),
            "0.041383",
            "0.115297",
        ),
        (
            Product.DISCOUNT,
            an_offer(1_000_000, FeeLine("bill_interest", "", 11_005)),
            "0.066947",
            "0.069636",
        ),
        (
            Product.ADVANCE,
            an_offer(1_000_000, FeeLine("advance_fee", "", 20_000)),
            "0.124150",
            "0.130771",
        ),
    ],
)
def test_ten_thousand_euros_over_sixty_days_costs_what_each_article_says(
    product, offer, teg, all_in
):
    rates = rates_of(product, offer, [LINE])

    assert f"{rates.teg.rate:.6f}" == teg
    assert f"{rates.all_in:.6f}" == all_in


def test_no_rate_is_stated_for_a_receivable_due_before_the_money_comes():
    due = OfferedLine("F-1", 1_000_000, START)

    assert rates_of(Product.DAILLY, an_offer(800_000), [due]).teg is None


@given(
    total=st.integers(0, 10**12),
    weights=st.lists(st.integers(1, 10**9), min_size=1, max_size=50),
)
def test_shares_add_up_and_are_each_within_a_cent(total, weights):
    shares = spread(total, weights)

    assert sum(shares) == total
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Decimal(total) * weight / whole) < 1
