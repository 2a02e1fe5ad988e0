"""The book month by month, debtor by debtor, week by week: by hand, and whatever the book."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.money import Money
from pricing.portfolio.aged_balance import Bucket
from pricing.portfolio.book import Book, book_from_rows, open_cents
from pricing.portfolio.dso import CountBack, PaidReceivable, dso_count_back, payment_time
from pricing.portfolio.trend import (
    Expected,
    aged_book,
    concentration_index,
    debtor_figures,
    expected_cash,
    monthly_trend,
)

ON = date(2026, 9, 30)  # a Wednesday

# The ledger and the sales that the reference works by hand (§4), with July to September sold in full.
LEDGER = [
    ("F1", "A", date(2026, 9, 5), date(2026, 10, 31), 60_000_00, False),
    ("F2", "B", date(2026, 9, 20), date(2026, 11, 19), 90_000_00, True),
    ("F3", "A", date(2026, 8, 10), date(2026, 10, 9), 40_000_00, False),
    ("F4", "C", date(2026, 8, 1), date(2026, 9, 15), 20_000_00, False),
    ("F5", "B", date(2026, 7, 10), date(2026, 8, 24), 18_000_00, False),
    ("F6", "C", date(2026, 6, 20), date(2026, 7, 20), 12_000_00, False),
    ("F7", "D", date(2026, 4, 15), date(2026, 5, 30), 10_000_00, False),
    ("P1", "A", date(2026, 7, 3), date(2026, 8, 31), 102_000_00, False),
    ("P2", "B", date(2026, 8, 5), date(2026, 9, 4), 30_000_00, False),
]
PAYMENTS = [
    ("P1", date(2026, 9, 10), 60_000_00),
    ("P1", date(2026, 9, 20), 42_000_00),
    ("P2", date(2026, 9, 1), 30_000_00),
]


def the_ledger(*, payments=PAYMENTS, credits=()) -> Book:
    return book_from_rows(LEDGER, credits, payments)


def test_september_of_the_worked_ledger():
    [september] = monthly_trend(the_ledger(), ON, months=1)

    assert (september.first_on, september.last_on) == (date(2026, 9, 1), ON)
    assert september.invoiced_cents == 150_000_00
    assert september.collected_cents == 132_000_00
    assert september.outstanding_cents == 250_000_00
    assert september.overdue_cents == 60_000_00
    assert round(september.dso_days, 2) == Decimal("63.89")
    assert round(september.count_back.days, 2) == Decimal("63.58")
    assert not september.count_back.incomplete


def test_the_aged_balance_of_the_worked_ledger():
    balance = aged_book(the_ledger(), ON)

    assert [balance.buckets[bucket].cents for bucket in Bucket] == [
        190_000_00,
        20_000_00,
        18_000_00,
        12_000_00,
        10_000_00,
    ]
    assert balance.weighted_days_overdue == 51
    assert balance.weighted_age_days == Decimal("40.08")


def test_days_late_weigh_each_payment_by_its_amount_and_none_is_early():
    [september] = monthly_trend(the_ledger(), ON, months=1)

    # P1: 60 000 ten days late, 42 000 twenty days late; P2 three days early counts for nought
    assert september.days_late == Decimal(60 * 10 + 42 * 20) / 132


def test_each_month_is_read_as_it_ended():
    july, august, _ = monthly_trend(the_ledger(), ON, months=3)

    assert july.last_on == date(2026, 7, 31)
    assert july.invoiced_cents == 120_000_00
    assert july.outstanding_cents == 142_000_00  # P1 102 000, F5 18 000, F6 12 000, F7 10 000
    assert july.overdue_cents == 22_000_00  # F6 and F7
    assert august.outstanding_cents == 232_000_00
    assert august.collected_cents == 0
    assert august.days_late is None
    assert august.overdue_cents == 40_000_00  # P1 falls due on that very day: not late yet


def test_a_payment_recorded_late_but_dated_in_august_changes_august():
    back_dated = [*PAYMENTS, ("F5", date(2026, 8, 20), 8_000_00)]

    before = monthly_trend(the_ledger(), ON, months=3)
    after = monthly_trend(the_ledger(payments=back_dated), ON, months=3)

    assert after[0] == before[0]
    assert after[1].collected_cents == before[1].collected_cents + 8_000_00
    assert after[1].outstanding_cents == before[1].outstanding_cents - 8_000_00
    assert after[1].overdue_cents == before[1].overdue_cents - 8_000_00
    assert after[2].collected_cents == before[2].collected_cents
    assert after[2].outstanding_cents == before[2].outstanding_cents - 8_000_00


def test_a_credit_note_lowers_what_is_owed_and_the_sales_of_its_invoice():
    credited = the_ledger(credits=[("F4", date(2026, 9, 2), 20_000_00)])

    _, august, september = monthly_trend(credited, ON, months=3)

    assert august.outstanding_cents == 232_000_00
    assert september.credited_cents == 20_000_00
    assert september.outstanding_cents == 230_000_00
    assert september.overdue_cents == 40_000_00
    # 230 000 less September's 150 000 (30 d), less August's 70 000 (31 d), 10 000 of 120 000
    assert round(september.count_back.days, 2) == round(61 + Decimal(31) / 12, 2)
    assert september.dso_days == Decimal(230) / 340 * 92


def test_a_month_under_way_counts_the_days_gone_by():
    book = book_from_rows(
        [
            ("1", "A", date(2026, 11, 2), date(2026, 12, 31), 100_00, False),
            ("2", "A", date(2026, 10, 2), date(2026, 11, 30), 310_00, False),
        ],
        [],
        [("2", date(2026, 11, 20), 155_00)],
    )

    [november] = monthly_trend(book, date(2026, 11, 23), months=1)

    assert november.last_on == date(2026, 11, 23)
    assert november.count_back == CountBack(Decimal(23) + Decimal("15.5"))
    assert dso_count_back(Money(100), {date(2026, 11, 1): Money(100)}).days == 30


def test_counting_back_past_the_first_invoice_says_it_is_a_minimum():
    book = book_from_rows([("1", "A", date(2026, 9, 1), ON, 100_00, False)], [], [])

    august, september = monthly_trend(book, ON, months=2)

    assert august.count_back == CountBack(Decimal(0))
    assert august.dso_days is None
    assert september.count_back == CountBack(Decimal(30))
    [october] = monthly_trend(book, date(2026, 10, 31), months=1)
    assert october.count_back == CountBack(Decimal(61))


def test_the_debtors_of_the_worked_ledger_by_what_they_owe():
    debtors = debtor_figures(the_ledger(), ON)

    assert [one.debtor for one in debtors] == ["B", "A", "C", "D"]
    b, a, c, d = debtors
    assert (b.outstanding_cents, b.overdue_cents, b.invoiced_cents) == (
        108_000_00,
        18_000_00,
        138_000_00,
    )
    assert b.mean_days_late == -3
    assert a.mean_days_late == 20  # P1, by its last payment
    assert c.mean_days_late is None
    assert a.share_rate == Decimal("0.4")
    assert (d.outstanding_cents, d.overdue_cents) == (10_000_00, 10_000_00)
    # 43.2² + 40² + 12.8² + 4²
    assert concentration_index(debtors) == Decimal("3646.08")


def test_an_invoice_due_that_day_is_not_overdue_for_its_debtor():
    book = book_from_rows([("1", "A", date(2026, 9, 1), ON, 100_00, False)], [], [])

    assert debtor_figures(book, ON)[0].overdue_cents == 0
    assert debtor_figures(book, ON + timedelta(days=1))[0].overdue_cents == 100_00


def test_what_was_invoiced_before_the_months_shown_is_left_out():
    debtors = {one.debtor: one for one in debtor_figures(the_ledger(), ON, months=3)}

    assert debtors["D"].invoiced_cents == 0
    assert debtors["C"].invoiced_cents == 20_000_00


def test_cash_comes_on_the_due_date_moved_by_the_debtors_habit():
    forecast = expected_cash(the_ledger(), ON, weeks=6)

    weeks = dict(forecast.weeks)
    assert [monday for monday, _ in forecast.weeks][:2] == [date(2026, 9, 28), date(2026, 10, 5)]
    # A pays 20 days late: F3 due 9 Oct comes on 29 Oct, F1 due 31 Oct on 20 Nov, after the 6 weeks
    assert weeks[date(2026, 10, 26)] == Expected(free_cents=40_000_00)
    # B pays 3 days early: F2 due 19 Nov comes on 16 Nov, and it is assigned
    assert forecast.later == Expected(free_cents=60_000_00, assigned_cents=90_000_00)
    # C and D have settled nothing: the mean of all, (20 - 3) / 2 = 8.5 → 9 days; F4 was due 15 Sep
    assert forecast.overdue_beyond_habit == Expected(free_cents=60_000_00)


def test_what_is_expected_on_the_day_itself_is_still_to_come():
    book = book_from_rows([("1", "A", date(2026, 9, 1), ON, 100_00, True)], [], [])

    assert expected_cash(book, ON).weeks[0][1] == Expected(assigned_cents=100_00)
    day_after = expected_cash(book, ON + timedelta(days=1))
    assert day_after.overdue_beyond_habit == Expected(assigned_cents=100_00)


def test_the_last_day_of_the_thirteenth_week_is_in_and_the_next_is_later():
    sunday = date(2026, 9, 28) + timedelta(days=13 * 7 - 1)

    def weeks_of(due_on):
        book = book_from_rows([("1", "A", date(2026, 9, 1), due_on, 100_00, False)], [], [])
        return expected_cash(book, ON)

    assert weeks_of(sunday).weeks[-1][1].total_cents == 100_00
    assert weeks_of(sunday + timedelta(days=1)).later.total_cents == 100_00


def test_an_empty_book_has_nothing_to_say():
    book = book_from_rows([], [], [])

    [month] = monthly_trend(book, ON, months=1)

    assert (month.invoiced_cents, month.outstanding_cents, month.collected_cents) == (0, 0, 0)
    assert (month.dso_days, month.days_late) == (None, None)
    assert debtor_figures(book, ON) == ()
    assert concentration_index(()) == 0
    assert expected_cash(book, ON).later == Expected()
    assert aged_book(book, ON).total == Money(0)


def test_a_float_never_becomes_an_amount():
    with pytest.raises(TypeError, match="payable_cents"):
        book_from_rows([("1", "A", ON, ON, 100.5, False)], [], [])
    with pytest.raises(TypeError, match="cents"):
        book_from_rows([("1", "A", ON, ON, 100, False)], [], [("1", ON, 0.5)])


def test_a_payment_of_a_receivable_outside_the_book_is_left_out():
    book = book_from_rows([("1", "A", ON, ON, 100, False)], [], [("2", ON, 40)])

    assert list(open_cents(book, ON)) == [100]


FEW = settings(max_examples=25, deadline=None)  # each example builds many frames

days = st.dates(date(2025, 1, 1), date(2026, 12, 31))


@st.composite
def books(draw):
    """A book whose payments and credit notes never exceed their receivable and never precede it."""
    receivables, movements = [], ([], [])
    for number in range(draw(st.integers(0, 12))):
        issued_on = draw(days)
        due_on = issued_on + timedelta(days=draw(st.integers(0, 90)))
        left = payable = draw(st.integers(1, 10**9))
        debtor, assigned = draw(st.sampled_from("ABCD")), draw(st.booleans())
        receivables.append((str(number), debtor, issued_on, due_on, payable, assigned))
        for side in draw(st.lists(st.integers(0, 1), max_size=3)):
            cents = draw(st.integers(0, left))
            left -= cents
            day = issued_on + timedelta(days=draw(st.integers(0, 120)))
            movements[side].append((str(number), day, cents))
    return receivables, movements[0], movements[1]


@FEW
@given(books(), days)
def test_debtors_add_up_to_the_months_and_the_buckets_and_the_weeks(rows, on):
    book = book_from_rows(*rows)

    trend, debtors = monthly_trend(book, on, months=6), debtor_figures(book, on, months=6)
    balance, forecast = aged_book(book, on), expected_cash(book, on)

    owed = sum(one.outstanding_cents for one in debtors)
    assert owed == trend[-1].outstanding_cents == balance.total.cents
    assert sum(one.overdue_cents for one in debtors) == trend[-1].overdue_cents
    assert trend[-1].overdue_cents == balance.overdue.cents
    assert sum(one.invoiced_cents for one in debtors) == sum(one.invoiced_cents for one in trend)
    cash = [week for _, week in forecast.weeks]
    cash += [forecast.overdue_beyond_habit, forecast.later]
    assert sum(one.total_cents for one in cash) == owed
    assert 0 <= concentration_index(debtors) <= 10_000


@FEW
@given(books(), days)
def test_the_last_month_owes_what_its_receivables_owe_one_by_one(rows, on):
    receivables, credits, payments = rows
    taken = {key: 0 for key, *_ in receivables}
    for key, day, cents in [*credits, *payments]:
        taken[key] += cents if day <= on else 0
    owed = {
        key: payable - taken[key]
        for key, _, issued_on, _, payable, _ in receivables
        if issued_on <= on
    }

    *_, last = monthly_trend(book_from_rows(*rows), on, months=1)

    assert last.outstanding_cents == sum(owed.values())


@FEW
@given(books(), days)
def test_a_month_opens_where_the_one_before_ended(rows, on):
    trend = monthly_trend(book_from_rows(*rows), on, months=4)

    for before, month in pairwise(trend):
        moved = month.invoiced_cents - month.credited_cents - month.collected_cents
        assert month.outstanding_cents == before.outstanding_cents + moved


@FEW
@given(books(), days)
def test_days_late_in_columns_are_those_counted_one_by_one(rows, on):
    receivables, _, payments = rows
    facts = {key: (issued_on, due_on) for key, _, issued_on, due_on, _, _ in receivables}
    one_by_one = payment_time(
        PaidReceivable(*facts[key], day, Money(cents))
        for key, day, cents in payments
        if day.replace(day=1) == on.replace(day=1) and day <= on
    )

    [month] = monthly_trend(book_from_rows(*rows), on, months=1)

    assert month.days_late == (one_by_one.days_late if one_by_one else None)


@FEW
@given(books(), days)
def test_the_order_of_rows_changes_nothing(rows, on):
    receivables, credits, payments = rows
    turned = book_from_rows(receivables[::-1], credits[::-1], payments[::-1])
    straight = book_from_rows(*rows)

    assert monthly_trend(turned, on, months=3) == monthly_trend(straight, on, months=3)
    assert expected_cash(turned, on) == expected_cash(straight, on)
    assert set(debtor_figures(turned, on)) == set(debtor_figures(straight, on))
