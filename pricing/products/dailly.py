"""Dailly assignment: a bank advances against receivables assigned by a *bordereau*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Any

from pricing.calendar import DayCount
from pricing.money import Money
from pricing.products.annual_rate import actuarial_rate, teg_r314_2
from pricing.products.quote import AssignedReceivable, Fee, FeeTiming, Product, Quote
from pricing.products.slip import (
    cash_flows,
    charged,
    check_slip,
    fixed_fee,
    line_of,
    rate_fee,
    time_fee,
)
from pricing.products.tariff import read_tariff, refuse_outside

FREE_PRICE = "Prix libre entre les parties"


class DaillyMode(StrEnum):
    """Whether the receivables are discounted, or secure a cash credit."""

    DISCOUNT = "discount"
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class DaillyTariff:
    """A bank's conditions for a Dailly assignment.

    Rates are fractions of one, per year where ``annual``. An index under zero counts
    as zero. ``value_days`` are added to the days that bear interest.
    """

    advance_rate: Decimal
    index_rate: Decimal
    margin_rate: Decimal
    fee_per_slip: Money
    fee_per_receivable: Money
    day_count: DayCount = DayCount.ACT_360
    interest_timing: FeeTiming = FeeTiming.UPFRONT
    commission_rate: Decimal = Decimal(0)
    commission_min: Money = Money(0)
    vat_rate: Decimal = Decimal(0)
    value_days: int = 0
    late_margin_rate: Decimal = Decimal(0)
    reserve_release_days: int = 0
    mode: DaillyMode = DaillyMode.DISCOUNT
    debtor_notified: bool = False
    recourse: bool = True

    def __post_init__(self) -> None:
        refuse_outside("advance_rate", self.advance_rate, Decimal("0.01"), Decimal(1))
        for name in ("margin_rate", "commission_rate", "vat_rate", "late_margin_rate"):
            refuse_outside(name, getattr(self, name), Decimal(0), Decimal(1))

    @property
    def product(self) -> Product:
        """The product this tariff prices."""
        return Product.DAILLY

    @property
    def annual_rate(self) -> Decimal:
        """Index, never under zero, plus margin."""
        return max(self.index_rate, Decimal(0)) + self.margin_rate

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> DaillyTariff:
        """Read from plain values; see ``pricing.products.tariff.read_tariff``."""
        return read_tariff(cls, mapping)

    def price(self, receivables: Sequence[AssignedReceivable], value_date: date) -> Quote:
        """The cost of advancing ``receivables`` from ``value_date``; see ``price``."""
        return price(self, receivables, value_date)


def price(
    tariff: DaillyTariff, receivables: Sequence[AssignedReceivable], value_date: date
) -> Quote:
    """Cost of advancing receivables from ``value_date`` until their debtors pay.

        advance      = face x advance_rate
        reserve      = face - advance
        discount fee = advance x (index + margin) x (days to due date + value days) / basis
        commission   = face x commission_rate, never under commission_min
        fees         = fee_per_receivable each, fee_per_slip once
        late interest = advance x (index + margin + late margin) x days after the due date / basis

    Every line is rounded half up to the cent. Interest taken upfront is not given back
    when a debtor pays early; interest taken at the end runs to the day of payment, and
    only the late margin is then added for the days after the due date.

    Raises:
        ValueError: see ``pricing.products.slip.check_slip``.

    Source: CMF art. L313-23 to L313-34 for the deed, C. conso. art. R314-2 for the TEG;
    the price is free. Worked cases: tests/pricing/cases/dailly.toml.
    """
    check_slip(receivables, value_date)
    lines = tuple(
        line_of(
            receivable,
            value_date,
            advance=receivable.face.portion(tariff.advance_rate),
            release_days=tariff.reserve_release_days,
        )
        for receivable in receivables
    )
    own = chain.from_iterable(_fees_of(tariff, one, value_date) for one in receivables)
    slip = fixed_fee("slip_fee", tariff.fee_per_slip, vat_rate=tariff.vat_rate, source=FREE_PRICE)
    fees = charged((*own, slip))
    flows = cash_flows(lines, fees, value_date)
    return Quote(
        product=Product.DAILLY,
        variant=str(tariff.mode),
        value_date=value_date,
        lines=lines,
        fees=fees,
        flows=flows,
        teg=teg_r314_2(flows, value_date),
        all_in_annual_rate=actuarial_rate(flows, value_date),
        recourse=tariff.recourse,
        debtor_notified=tariff.debtor_notified,
    )


def _fees_of(
    tariff: DaillyTariff, receivable: AssignedReceivable, value_date: date
) -> tuple[Fee, ...]:
    advance = receivable.face.portion(tariff.advance_rate)
    at_end = tariff.interest_timing is FeeTiming.AT_END
    until = receivable.repaid_on if at_end else receivable.due_on
    late_rate = tariff.late_margin_rate + (Decimal(0) if at_end else tariff.annual_rate)
    return (
        time_fee(
            "discount_fee",
            advance,
            tariff.annual_rate,
            start=value_date,
            days=(until - value_date).days + tariff.value_days,
            day_count=tariff.day_count,
            timing=tariff.interest_timing,
            source=FREE_PRICE,
            receivable=receivable.number,
        ),
        time_fee(
            "late_interest",
            advance,
            late_rate,
            start=receivable.due_on,
            days=max(0, (receivable.repaid_on - receivable.due_on).days),
            day_count=tariff.day_count,
            timing=FeeTiming.AT_END,
            source=FREE_PRICE,
            receivable=receivable.number,
        ),
        rate_fee(
            "commission",
            receivable.face,
            tariff.commission_rate,
            floor=tariff.commission_min,
            vat_rate=tariff.vat_rate,
            source=FREE_PRICE,
            receivable=receivable.number,
        ),
        fixed_fee(
            "receivable_fee",
            tariff.fee_per_receivable,
            vat_rate=tariff.vat_rate,
            source=FREE_PRICE,
            receivable=receivable.number,
        ),
    )
