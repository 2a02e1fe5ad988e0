"""Factoring: a factor pays receivables by subrogation, keeps a reserve, charges service and money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.calendar import DayCount
from pricing.money import Money, total
from pricing.products.annual_rate import FinancingNumbers, actuarial_rate, teg_r314_6
from pricing.products.quote import (
    AssignedReceivable,
    Fee,
    FeeTiming,
    LegalRate,
    Product,
    Quote,
    QuoteLine,
)
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

CONTRACT = "Contrat d'affacturage ; C. civ. 1346-1"
SERVICE = "Contrat d'affacturage ; TVA CGI 256"


class FactoringMode(StrEnum):
    """Who knows and who collects."""

    FULL = "full"
    SELF_MANAGED = "self_managed"
    CONFIDENTIAL = "confidential"
    SPOT = "spot"


@dataclass(frozen=True, slots=True)
class FactoringTariff:
    """A factor's conditions.

    Rates are fractions of one. The service commission and the credit insurance are
    counted on the face, VAT included; the financing commission on the advance.
    ``insurance_rate`` is what cover against insolvency costs when there is no recourse.
    """

    reserve_rate: Decimal
    service_rate: Decimal
    index_rate: Decimal
    margin_rate: Decimal
    vat_rate: Decimal
    recourse: bool
    mode: FactoringMode = FactoringMode.FULL
    service_min: Money = Money(0)
    insurance_rate: Decimal = Decimal(0)
    fee_per_slip: Money = Money(0)
    fee_per_receivable: Money = Money(0)
    day_count: DayCount = DayCount.ACT_360
    financing_timing: FeeTiming = FeeTiming.UPFRONT
    late_margin_rate: Decimal = Decimal(0)
    reserve_release_days: int = 0

    def __post_init__(self) -> None:
        refuse_outside("reserve_rate", self.reserve_rate, Decimal(0), Decimal("0.99"))
        rates = ("service_rate", "margin_rate", "vat_rate", "insurance_rate", "late_margin_rate")
        for name in rates:
            refuse_outside(name, getattr(self, name), Decimal(0), Decimal(1))

    @property
    def product(self) -> Product:
        """The product this tariff prices."""
        return Product.FACTORING

    @property
    def annual_rate(self) -> Decimal:
        """Index, never under zero, plus margin."""
        return max(self.index_rate, Decimal(0)) + self.margin_rate

    @property
    def debtor_notified(self) -> bool:
        """Every form of factoring tells the debtor, except the confidential one."""
        return self.mode is not FactoringMode.CONFIDENTIAL

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> FactoringTariff:
        """Read from plain values; see ``pricing.products.tariff.read_tariff``."""
        return read_tariff(cls, mapping)

    def price(self, receivables: Sequence[AssignedReceivable], value_date: date) -> Quote:
        """The cost of factoring ``receivables`` from ``value_date``; see ``price``."""
        return price(self, receivables, value_date)


def price(
    tariff: FactoringTariff, receivables: Sequence[AssignedReceivable], value_date: date
) -> Quote:
    """Cost of factoring receivables from ``value_date`` until their debtors pay.

        reserve       = face x reserve_rate
        advance       = face - reserve
        financing     = advance x (index + margin) x days / basis            (no VAT)
        service       = face x service_rate, never under service_min         (+ VAT)
        insurance     = face x insurance_rate                                (+ VAT)
        fees          = fee_per_receivable each, fee_per_slip once           (+ VAT)
        late interest = advance x (index + margin + late margin) x days late / basis

    Every line is rounded half up to the cent. The assignor pays for the late days.

    Raises:
        ValueError: see ``pricing.products.slip.check_slip``.

    Source: C. civ. art. 1346-1; VAT: CGI art. 261 C for the financing commission;
    TEG: C. conso. art. R314-6. Worked cases: tests/pricing/cases/factoring.toml.
    """
    check_slip(receivables, value_date)
    lines = tuple(
        line_of(
            receivable,
            value_date,
            advance=receivable.face - receivable.face.portion(tariff.reserve_rate),
            release_days=tariff.reserve_release_days,
        )
        for receivable in receivables
    )
    fees = charged(
        (
            *(fee for line in lines for fee in _fees_of(tariff, line, value_date)),
            fixed_fee("slip_fee", tariff.fee_per_slip, vat_rate=tariff.vat_rate, source=SERVICE),
        )
    )
    flows = cash_flows(lines, fees, value_date)
    return Quote(
        product=Product.FACTORING,
        variant=str(tariff.mode),
        value_date=value_date,
        lines=lines,
        fees=fees,
        flows=flows,
        teg=_teg(lines, fees, value_date),
        all_in_annual_rate=actuarial_rate(flows, value_date),
        recourse=tariff.recourse,
        debtor_notified=tariff.debtor_notified,
    )


def available(
    outstanding: Money,
    reserve_rate: Decimal,
    *,
    ineligible: Money,
    already_financed: Money,
) -> Money:
    """What may still be drawn on a factoring account, never negative.

    available = outstanding - outstanding x reserve_rate - ineligible - already financed
    """
    reserve = outstanding.portion(reserve_rate)
    return (outstanding - reserve - ineligible - already_financed).at_least(outstanding.zero())


def _fees_of(tariff: FactoringTariff, line: QuoteLine, value_date: date) -> tuple[Fee, ...]:
    return (*_time_fees(tariff, line, value_date), *_service_fees(tariff, line))


def _time_fees(tariff: FactoringTariff, line: QuoteLine, value_date: date) -> tuple[Fee, ...]:
    at_end = tariff.financing_timing is FeeTiming.AT_END
    until = line.repaid_on if at_end else line.due_on
    late_rate = tariff.late_margin_rate + (Decimal(0) if at_end else tariff.annual_rate)
    return (
        time_fee(
            "financing_commission",
            line.advance,
            tariff.annual_rate,
            start=value_date,
            days=(until - value_date).days,
            day_count=tariff.day_count,
            timing=tariff.financing_timing,
            source=CONTRACT,
            receivable=line.number,
        ),
        time_fee(
            "late_interest",
            line.advance,
            late_rate,
            start=line.due_on,
            days=max(0, (line.repaid_on - line.due_on).days),
            day_count=tariff.day_count,
            timing=FeeTiming.AT_END,
            source=CONTRACT,
            receivable=line.number,
        ),
    )


def _service_fees(tariff: FactoringTariff, line: QuoteLine) -> tuple[Fee, ...]:
    return (
        rate_fee(
            "service_commission",
            line.face,
            tariff.service_rate,
            floor=tariff.service_min,
            vat_rate=tariff.vat_rate,
            source=SERVICE,
            receivable=line.number,
            in_teg=False,
        ),
        rate_fee(
            "credit_insurance",
            line.face,
            tariff.insurance_rate,
            floor=line.face.zero(),
            vat_rate=tariff.vat_rate,
            source=SERVICE,
            receivable=line.number,
            in_teg=False,
        ),
        fixed_fee(
            "receivable_fee",
            tariff.fee_per_receivable,
            vat_rate=tariff.vat_rate,
            source=SERVICE,
            receivable=line.number,
        ),
    )


def _teg(lines: Sequence[QuoteLine], fees: Sequence[Fee], value_date: date) -> LegalRate | None:
    nothing = lines[0].face.zero()
    numbers = [_numbers(line.advance, line.tenor_days, fees, line.number) for line in lines]
    longest = max(line.tenor_days for line in lines)
    return teg_r314_6([*numbers, _numbers(nothing, longest, fees, None)], value_date)


def _numbers(
    advance: Money, days: int, fees: Sequence[Fee], receivable: str | None
) -> FinancingNumbers:
    own = [fee for fee in fees if fee.receivable == receivable]
    upfront = (fee.amount + fee.vat for fee in own if fee.timing is FeeTiming.UPFRONT)
    return FinancingNumbers(
        gross_financing=advance,
        days=days,
        commissions=total((fee.amount for fee in own if fee.in_teg), advance.currency),
        held_back=total(upfront, advance.currency),
    )
