"""Commercial discount (*escompte*): a bank pays a bill of exchange before its due date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pricing.calendar import DayCount
from pricing.money import Money, total
from pricing.products.annual_rate import actuarial_rate, teg_r314_8
from pricing.products.quote import AssignedReceivable, Fee, FeeTiming, Product, Quote, QuoteLine
from pricing.products.slip import cash_flows, charged, check_slip, fixed_fee, line_of, time_fee
from pricing.products.tariff import read_tariff, refuse_outside

SOURCE = "Convention d'escompte ; C. com. L511-1 et s."


@dataclass(frozen=True, slots=True)
class DiscountTariff:
    """A bank's conditions for discounting bills.

    Rates are fractions of one, per year. ``bank_days`` are added to the days that bear
    interest and endorsement; ``days_min`` is the fewest days charged.
    """

    index_rate: Decimal
    margin_rate: Decimal
    endorsement_rate: Decimal
    fee_per_bill: Money
    bank_days: int = 0
    days_min: int = 0
    interest_min: Money = Money(0)
    fee_per_slip: Money = Money(0)
    unpaid_fee: Money = Money(0)
    vat_rate: Decimal = Decimal(0)
    day_count: DayCount = DayCount.ACT_360
    recourse: bool = True
    debtor_notified: bool = True

    def __post_init__(self) -> None:
        for name in ("margin_rate", "endorsement_rate", "vat_rate"):
            refuse_outside(name, getattr(self, name), Decimal(0), Decimal(1))

    @property
    def product(self) -> Product:
        """The product this tariff prices."""
        return Product.DISCOUNT

    @property
    def annual_rate(self) -> Decimal:
        """Index, never under zero, plus margin."""
        return max(self.index_rate, Decimal(0)) + self.margin_rate

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> DiscountTariff:
        """Read from plain values; see ``pricing.products.tariff.read_tariff``."""
        return read_tariff(cls, mapping)

    def price(self, receivables: Sequence[AssignedReceivable], value_date: date) -> Quote:
        """The cost of discounting ``receivables`` on ``value_date``; see ``price``."""
        return price(self, receivables, value_date)


def price(
    tariff: DiscountTariff, receivables: Sequence[AssignedReceivable], value_date: date
) -> Quote:
    """Cost of discounting bills on ``value_date``.

        days        = days to the due date + bank days, at least days_min
        interest    = nominal x (index + margin) x days / basis, at least interest_min
        endorsement = nominal x endorsement_rate x days / basis
        fees        = fee_per_bill each, fee_per_slip once                  (+ VAT)
        net today   = nominal - interest - endorsement - fees ; no reserve

    A bill unpaid at its due date is charged back to the assignor that day, with
    ``unpaid_fee``: its repayment is the due date however late the debtor is.

    Raises:
        ValueError: see ``pricing.products.slip.check_slip``.

    Source: C. com. art. L511-1 s.; TEG: C. conso. art. R314-8. Worked cases:
    tests/pricing/cases/discount.toml.
    """
    check_slip(receivables, value_date)
    lines = tuple(
        line_of(receivable, value_date, advance=receivable.face, repaid_on=receivable.due_on)
        for receivable in receivables
    )
    unpaid = {one.number for one in receivables if one.repaid_on > one.due_on}
    fees = charged(
        (
            *(fee for line in lines for fee in _fees_of(tariff, line, value_date)),
            *(_unpaid(tariff, line) for line in lines if line.number in unpaid),
            fixed_fee("slip_fee", tariff.fee_per_slip, vat_rate=tariff.vat_rate, source=SOURCE),
        )
    )
    agios = total(fee.amount for fee in fees if fee.code != "unpaid_fee")
    flows = cash_flows(lines, fees, value_date)
    return Quote(
        product=Product.DISCOUNT,
        variant="bill",
        value_date=value_date,
        lines=lines,
        fees=fees,
        flows=flows,
        teg=teg_r314_8(agios, [(line.face, line.tenor_days) for line in lines], value_date),
        all_in_annual_rate=actuarial_rate(flows, value_date),
        recourse=tariff.recourse,
        debtor_notified=tariff.debtor_notified,
    )


def _fees_of(tariff: DiscountTariff, line: QuoteLine, value_date: date) -> tuple[Fee, ...]:
    return (
        _interest(tariff, line, value_date),
        _time_fee(tariff, line, value_date, "endorsement_commission", tariff.endorsement_rate),
        fixed_fee(
            "bill_fee",
            tariff.fee_per_bill,
            vat_rate=tariff.vat_rate,
            source=SOURCE,
            receivable=line.number,
        ),
    )


def _interest(tariff: DiscountTariff, line: QuoteLine, value_date: date) -> Fee:
    fee = _time_fee(tariff, line, value_date, "bill_interest", tariff.annual_rate)
    return fee.at_least(tariff.interest_min)


def _time_fee(
    tariff: DiscountTariff, line: QuoteLine, value_date: date, code: str, rate: Decimal
) -> Fee:
    return time_fee(
        code,
        line.face,
        rate,
        start=value_date,
        days=max(line.tenor_days + tariff.bank_days, tariff.days_min),
        day_count=tariff.day_count,
        timing=FeeTiming.UPFRONT,
        source=SOURCE,
        receivable=line.number,
    )


def _unpaid(tariff: DiscountTariff, line: QuoteLine) -> Fee:
    return fixed_fee(
        "unpaid_fee",
        tariff.unpaid_fee,
        vat_rate=tariff.vat_rate,
        source=SOURCE,
        receivable=line.number,
        timing=FeeTiming.AT_END,
    )
