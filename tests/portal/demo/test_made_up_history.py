"""The made-up trade: always the same, and it adds up."""

from datetime import date, timedelta
from itertools import combinations

import pytest

from portal.demo.history import TRADES, Trade, customers_of, invoices_of

TODAY = date(2026, 11, 23)
ANY_DAY = [TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=45), date(2027, 3, 28)]


@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.key)
def test_the_same_day_tells_the_same_history(trade: Trade) -> None:
    assert list(invoices_of(trade, TODAY)) == list(invoices_of(trade, TODAY))


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
@pytest.mark.parametrize("trade", TRADES, ids=lambda trade: trade.key)
def test_every_invoice_adds_up_and_nothing_happens_after_today(trade: Trade, today: date) -> None:
    invoices = list(invoices_of(trade, today))
    assert len({invoice.number for invoice in invoices}) == len(invoices)
    for invoice in invoices:
        assert invoice.delivered_on <= invoice.issued_on <= today
        assert invoice.issued_on < invoice.due_on
        assert invoice.vat_cents == (invoice.net_cents * 20 + 50) // 100
        assert all(day <= today and cents > 0 for day, cents in invoice.payments)
        assert 0 <= invoice.open_cents <= invoice.face_cents
        assert 0 <= invoice.disputed_cents <= invoice.open_cents
        assert invoice.promised_for is None or invoice.promised_for > today


@pytest.mark.parametrize("today", ANY_DAY, ids=str)
def test_two_years_of_three_trades_make_six_hundred_invoices(today: date) -> None:
    assert sum(len(list(invoices_of(trade, today))) for trade in TRADES) >= 600


def test_trades_share_some_customers_as_lenders_see_it_in_life() -> None:
    names = [{customer.company.name for customer in customers_of(trade)} for trade in TRADES]
    assert any(one & other for one, other in combinations(names, 2))
    assert sum(len(each) for each in names) >= 40
