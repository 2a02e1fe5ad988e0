"""Legal interest on what a court ordered to pay, and its increase when nothing comes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pricing.accrual import ONE_DAY, Accrual, accrual, stretches
from pricing.calendar import DayCount, add_months
from pricing.money import Money
from pricing.parameters import LegalParameters
from pricing.penalty_rates import PenaltyRate, legal_interest_rate


def judgment_interest(
    principal: Money,
    from_on: date,
    to_on: date,
    law: LegalParameters,
    *,
    enforceable_on: date | None,
    creditor_is_business: bool = True,
    day_count: DayCount = DayCount.ACT_365F,
) -> tuple[Accrual, ...]:
    """Legal interest on a judgment debt, both days included, not rounded.

    The rate rises by 5 points from the day after the two months that follow the day
    the decision became enforceable.

    Raises:
        RateUnknown: a semester's legal rate is not recorded.

    Source: CMF art. L313-2, L313-3; C. civ. art. 1231-6, 1231-7.
    """
    increase_from = increased_from(enforceable_on, law) if enforceable_on else None

    def rate(day: date) -> PenaltyRate:
        increased = increase_from is not None and day >= increase_from
        increase = law["legal_rate_increase"].on(day).amount if increased else Decimal(0)
        legal = legal_interest_rate(day, law, creditor_is_business=creditor_is_business)
        return PenaltyRate(legal + increase, "CMF L313-2, L313-3")

    stops = [increase_from - ONE_DAY] if increase_from else []
    return tuple(
        accrual(principal, start, end, rate(start), day_count)
        for start, end in stretches(from_on, to_on, stops)
    )


def increased_from(enforceable_on: date, law: LegalParameters) -> date:
    """The first day of the increased legal rate.

    Source: CMF art. L313-3.
    """
    months = law["legal_rate_increase_months"].on(enforceable_on).days
    return add_months(enforceable_on, months) + ONE_DAY
