from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.facts import DebtorSegment
from pricing.judgment_interest import judgment_interest
from pricing.late_payment import (
    Imputation,
    LateFlag,
    Payment,
    PenaltyTerms,
    amount_due_today,
)
from pricing.money import Money, total
from pricing.parameters import LegalValue
from pricing.penalty_rates import (
    RateUnknown,
    default_penalty_rate,
    legal_interest_rate,
    public_penalty_rate,
    reference_rate,
)
from tests.pricing.builders import LAW, euros

DUE = date(2025, 3, 31)
FIRST, LAST = date(2025, 4, 1), date(2026, 12, 31)
amounts = st.integers(1, 10**9).map(Money)
late_days = st.dates(FIRST, LAST)
payments = st.lists(
    st.builds(Payment, st.dates(date(2025, 3, 1), LAST), st.integers(1, 10**7).map(Money)),
    max_size=4,
)
imputations = st.sampled_from(Imputation)


def owed(principal, today, *, paid=(), **terms):
    return amount_due_today(
        principal, DUE, today, LAW, terms=PenaltyTerms(**terms), payments=list(paid)
    )


def exact(accruals):
    return sum((one.amount for one in accruals), Decimal(0))


@given(amounts, late_days, late_days)
def test_penalties_of_a_period_are_the_sum_of_its_parts(principal, one, other):
    middle, end = sorted((one, other))
    until_middle, until_end = owed(principal, middle), owed(principal, end)

    rest = amount_due_today(principal, middle, end, LAW)

    assert abs(exact(until_middle.accruals) + exact(rest.accruals) - exact(until_end.accruals)) < (
        Decimal("1e-12")
    )


@given(amounts, late_days, payments, imputations)
def test_every_cent_paid_is_accounted_for(principal, today, paid, imputation):
    due = owed(principal, today, paid=paid, imputation=imputation)

    received = total(one.amount for one in paid if one.paid_on <= today)
    indemnity = Money(4000) if due.indemnity_charged else Money(0)
    owed_in_all = principal + due.penalties_accrued + indemnity
    # A penalty already paid may have been rounded up a cent above the final sum.
    gap = (owed_in_all - received) - (due.total - due.overpaid)
    assert abs(gap.cents) <= len(paid)


@given(amounts, late_days, payments)
def test_imputing_on_the_principal_first_never_costs_the_debtor_more(principal, today, paid):
    interest_first = owed(principal, today, paid=paid, imputation=Imputation.INTEREST_FIRST)
    principal_first = owed(principal, today, paid=paid, imputation=Imputation.PRINCIPAL_FIRST)

    assert exact(principal_first.accruals) <= exact(interest_first.accruals)


@given(amounts, late_days, payments)
def test_the_days_explained_never_overlap_and_never_skip(principal, today, paid):
    due = owed(principal, today, paid=paid)

    expected = DUE + timedelta(days=1)
    for accrual in due.accruals:
        assert accrual.from_on == expected
        assert accrual.days == (accrual.to_on - accrual.from_on).days + 1 > 0
        expected = accrual.to_on + timedelta(days=1)


@given(amounts, late_days)
def test_the_indemnity_is_forty_euros_once_however_late(principal, today):
    assert owed(principal, today).indemnity == euros("40.00")


@given(amounts, late_days, st.integers(1, 300))
def test_another_day_never_lowers_what_is_due(principal, today, more):
    later = min(today + timedelta(days=more), LAST)

    assert owed(principal, later).total >= owed(principal, today).total


def test_a_payment_after_today_is_not_yet_received():
    paid = [Payment(date(2025, 6, 2), euros("1000.00"))]

    assert owed(euros("1000.00"), date(2025, 6, 1), paid=paid).principal == euros("1000.00")
    assert owed(euros("1000.00"), date(2025, 6, 2), paid=paid).principal != euros("1000.00")


def test_a_part_payment_does_not_bring_a_second_indemnity():
    paid = [Payment(date(2025, 5, 1), euros("10.00")), Payment(date(2025, 6, 1), euros("10.00"))]

    assert owed(euros("1000.00"), date(2025, 7, 1), paid=paid).indemnity == euros("40.00")


def test_a_debt_due_on_the_day_of_the_opening_judgment_bears_nothing():
    due = amount_due_today(euros("1000.00"), DUE, date(2025, 9, 1), LAW, insolvency_opened_on=DUE)

    assert not due.indemnity
    assert due.accruals == ()


def test_a_debt_due_the_day_before_the_judgment_keeps_its_indemnity_and_bears_no_day():
    due = amount_due_today(
        euros("1000.00"),
        DUE,
        date(2025, 9, 1),
        LAW,
        insolvency_opened_on=DUE + timedelta(days=1),
    )

    assert due.indemnity == euros("40.00")
    assert due.accruals == ()


def test_a_debt_older_than_the_indemnity_does_not_bear_it():
    before = amount_due_today(euros("1000.00"), date(2012, 12, 31), date(2013, 2, 1), LAW)
    after = amount_due_today(euros("1000.00"), date(2013, 1, 1), date(2013, 2, 1), LAW)

    assert not before.indemnity
    assert after.indemnity == euros("40.00")


def test_the_rate_of_a_semester_nobody_recorded_is_unknown():
    with pytest.raises(RateUnknown, match="2027-01-01"):
        default_penalty_rate(date(2027, 3, 1), LAW)
    with pytest.raises(RateUnknown):
        legal_interest_rate(date(2027, 1, 1), LAW)
    with pytest.raises(RateUnknown, match="penalty_margin_public"):
        public_penalty_rate(date(2013, 4, 1), LAW)


def test_the_rate_is_known_again_once_an_operator_records_it():
    value = LegalValue(date(2027, 1, 1), Decimal("0.0265"), "BCE", date(2027, 1, 2))
    law = LAW.with_value("ecb_refinancing_rate", value)

    assert reference_rate(date(2027, 3, 1), law) == Decimal("0.0265")
    assert default_penalty_rate(date(2027, 3, 1), law).annual_rate == Decimal("0.1265")


def test_a_consumer_owes_the_rate_of_the_contract_and_no_indemnity():
    due = owed(
        euros("1000.00"),
        DUE + timedelta(days=73),
        segment=DebtorSegment.CONSUMER,
        contract_rate=Decimal("0.05"),
        formal_notice_on=DUE,
    )

    assert due.penalties == euros("10.00")
    assert not due.indemnity
    assert due.flags == ()


@pytest.mark.parametrize(("rate", "told"), [("0.0825", False), ("0.0824", True)])
def test_a_contract_rate_at_three_times_the_legal_rate_is_allowed(rate, told):
    due = amount_due_today(
        euros("1000.00"),
        date(2026, 7, 1),
        date(2026, 7, 31),
        LAW,
        terms=PenaltyTerms(contract_rate=Decimal(rate)),
    )

    assert (LateFlag.RATE_BELOW_FLOOR in due.flags) is told


def test_an_insolvency_opened_today_is_told_today():
    opened = date(2025, 6, 1)
    flagged = amount_due_today(euros("1.00"), DUE, opened, LAW, insolvency_opened_on=opened)
    before = amount_due_today(
        euros("1.00"), DUE, opened - timedelta(days=1), LAW, insolvency_opened_on=opened
    )

    assert flagged.flags == (LateFlag.STOPPED_BY_INSOLVENCY,)
    assert before.flags == ()


def test_days_past_due_count_from_the_due_date_and_stop_with_the_principal():
    paid = [Payment(DUE, euros("1000.00"))]

    assert owed(euros("1000.00"), DUE).days_past_due == 0
    assert owed(euros("1000.00"), DUE + timedelta(days=1)).days_past_due == 1
    assert owed(euros("1000.00"), DUE + timedelta(days=9), paid=paid).days_past_due == 0


def test_legal_interest_before_the_increase_of_a_judgment():
    accruals = judgment_interest(
        euros("36500.00"), date(2026, 2, 1), date(2026, 2, 10), LAW, enforceable_on=None
    )

    # 36 500 x 2.62 % x 10/365
    assert exact(accruals) == Decimal("26.2")


def test_a_natural_person_is_owed_the_other_column():
    (accrual,) = judgment_interest(
        euros("36500.00"),
        date(2026, 2, 1),
        date(2026, 2, 10),
        LAW,
        enforceable_on=None,
        creditor_is_business=False,
    )

    assert accrual.annual_rate == Decimal("0.0667")


def test_terms_are_the_legal_ones_when_nothing_is_said():
    assert amount_due_today(euros("1000.00"), DUE, date(2025, 6, 1), LAW) == owed(
        euros("1000.00"), date(2025, 6, 1)
    )
