"""An act is not dated before it happened; money may be valued a little after."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.assignments.states import DeedState
from portal.funding.states import RequestState
from portal.settlement.report_days import latest_value_date
from pricing.products.quote import Product
from tests.builders.funding import a_funded_deal, a_signed_deal, payment, tell
from tests.conftest import TODAY

TOMORROW = TODAY + timedelta(days=1)
FRIDAY, SATURDAY = date(2026, 11, 27), date(2026, 11, 28)


def test_a_deed_dated_tomorrow_is_refused_and_today_is_not(session, store):
    deal = a_signed_deal(session, store)

    early = tell(session, deal.submission, "deed_dated", deed_dated_on=TOMORROW.isoformat())

    assert str(early) == "refused:date_in_future"
    assert deal.deed.dated_on is None
    assert deal.deed.state is DeedState.SIGNED
    tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())
    assert deal.deed.dated_on == TODAY


def test_a_debtor_is_not_notified_tomorrow(session, store):
    deal = a_funded_deal(session, store)

    outcome = tell(
        session,
        deal.submission,
        "debtor_notified",
        notified_on=TOMORROW.isoformat(),
        collection_consent=False,
    )

    assert str(outcome) == "refused:date_in_future"
    assert deal.deed.notified_on is None


def test_an_advance_may_be_valued_two_business_days_ahead_and_no_more(session, store):
    deal = a_signed_deal(session, store)
    tell(session, deal.submission, "deed_dated", deed_dated_on=TODAY.isoformat())
    net = deal.offer.net_proceeds_cents
    last = latest_value_date(TODAY)

    far = tell(
        session, deal.submission, "disbursed", payment=payment(net, last + timedelta(days=1))
    )

    assert str(far) == "refused:value_date_too_far"
    assert deal.request.state is RequestState.ASSIGNED
    tell(session, deal.submission, "disbursed", payment=payment(net, last))
    assert deal.request.state is RequestState.DISBURSED


def test_a_payment_that_dates_the_transfer_does_not_do_so_from_far_ahead(session, store):
    deal = a_signed_deal(session, store, Product.FACTORING)
    far = TODAY + timedelta(days=30)

    outcome = tell(
        session, deal.submission, "disbursed", payment=payment(deal.offer.net_proceeds_cents, far)
    )

    assert outcome.code == "value_date_too_far"
    assert deal.deed.dated_on is None


def test_a_collection_valued_next_month_is_refused(session, store):
    deal = a_funded_deal(session, store)

    outcome = tell(
        session,
        deal.submission,
        "debtor_paid",
        payment=payment(deal.offer.face_cents, TODAY + timedelta(days=30)),
    )

    assert outcome.code == "value_date_too_far"


@pytest.mark.parametrize(
    ("today", "value_days", "last"),
    [
        (TODAY, 0, date(2026, 11, 25)),
        (FRIDAY, 0, date(2026, 12, 1)),
        (SATURDAY, 0, date(2026, 12, 1)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (FRIDAY, 4, date(2026, 12, 3)),
    ],
)
def test_value_days_are_business_days_and_the_rate_card_may_give_more(today, value_days, last):
    assert latest_value_date(today, value_days) == last


def test_the_day_is_the_one_in_paris(session, store):
    deal = a_signed_deal(session, store)
    after_midnight_in_paris = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)

    tell(
        session,
        deal.submission,
        "deed_dated",
        deed_dated_on=TOMORROW.isoformat(),
        at=after_midnight_in_paris,
    )

    assert deal.deed.dated_on == TOMORROW
