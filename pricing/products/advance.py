"""Per-invoice advance: a lender or a fund advances one invoice for a flat or a daily price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.money import Money
from pricing.products.annual_rate import actuarial_rate, teg_r314_2
from pricing.products.quote import AssignedReceivable, Fee, FeeTiming, Product, Quote, QuoteLine
from pricing.products.slip import cash_flows, charged, check_slip, fixed_fee, line_of, rate_fee
from pricing.products.tariff import read_tariff, refuse_outside

CONTRACT = "Contrat d'avance ; prix libre"
STEP_DAYS = 30
RATE_YEAR_DAYS = 360


class ChargingModel(StrEnum):
    """How the price of time is counted."""

    FLAT_PER_30D = "FLAT_PER_30D"
    FLAT_PER_DAY = "FLAT_PER_DAY"
    FLAT_ONCE = "FLAT_ONCE"
    RATE_360 = "RATE_360"


@dataclass(frozen=True, slots=True)
class AdvanceTariff:
    """A lender's conditions for advancing one invoice.

    ``fee_rate`` is a fraction of the advance: per started 30 days, per day, once, or
    per year of 360 days, as ``charging`` says. ``sale`` marks a purchase of the
    receivable, which is not a loan and has no TEG.
    """

    advance_rate: Decimal
    charging: ChargingModel
    fee_rate: Decimal
    fee_timing: FeeTiming
    fee_min: Money = Money(0)
    fee_per_slip: Money = Money(0)
    fee_per_receivable: Money = Money(0)
    service_rate: Decimal = Decimal(0)
    insurance_rate: Decimal = Decimal(0)
    vat_rate: Decimal = Decimal(0)
    days_min: int = 0
    late_fee: Money = Money(0)
    reserve_release_days: int = 0
    recourse: bool = True
    debtor_notified: bool = False
    sale: bool = False

    def __post_init__(self) -> None:
        refuse_outside("advance_rate", self.advance_rate, Decimal("0.01"), Decimal(1))
        for name in ("fee_rate", "service_rate", "insurance_rate", "vat_rate"):
            refuse_outside(name, getattr(self, name), Decimal(0), Decimal(1))

    @property
    def product(self) -> Product:
        """The product this tariff prices."""
        return Product.ADVANCE

    def time_rate(self, days: int) -> Decimal:
        """The share of the advance charged for ``days`` (at least ``days_min``)."""
        counted = max(days, self.days_min)
        match self.charging:
            case ChargingModel.FLAT_PER_30D:
                return self.fee_rate * -(-counted // STEP_DAYS)
            case ChargingModel.FLAT_PER_DAY:
                return self.fee_rate * counted
            case ChargingModel.FLAT_ONCE:
                return self.fee_rate
            case ChargingModel.RATE_360:
                return self.fee_rate * counted / RATE_YEAR_DAYS

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> AdvanceTariff:
        """Read from plain values; see ``pricing.products.tariff.read_tariff``."""
        return read_tariff(cls, mapping)

    def price(self, receivables: Sequence[AssignedReceivable], value_date: date) -> Quote:
        """The cost of advancing ``receivables`` from ``value_date``; see ``price``."""
        return price(self, receivables, value_date)


def price(
    tariff: AdvanceTariff, receivables: Sequence[AssignedReceivable], value_date: date
) -> Quote:
    """Cost of advancing invoices one by one from ``value_date`` until their debtors pay.

        advance   = face x advance_rate
        fee       = advance x time rate, never under fee_min
        time rate = fee_rate x started periods of 30 days | days | 1 | days / 360
        service   = face x service_rate ; insurance = face x insurance_rate
        extension = fee to the day of payment - fee to the due date (when paid late)
        late fee  = late_fee once per receivable paid late

    Taken upfront, the fee runs to the due date and is not given back when a debtor pays
    early; taken at the end, it runs to the day of payment. Half up to the cent per line.

    Raises:
        ValueError: see ``pricing.products.slip.check_slip``.

    Source: the price is free; TEG: C. conso. art. R314-2 (none for a sale). Worked
    cases: tests/pricing/cases/advance.toml.
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
    fees = charged(
        (
            *(fee for line in lines for fee in _fees_of(tariff, line, value_date)),
            fixed_fee("slip_fee", tariff.fee_per_slip, vat_rate=tariff.vat_rate, source=CONTRACT),
        )
    )
    flows = cash_flows(lines, fees, value_date)
    return Quote(
        product=Product.ADVANCE,
        variant=str(tariff.charging),
        value_date=value_date,
        lines=lines,
        fees=fees,
        flows=flows,
        teg=None if tariff.sale else teg_r314_2(flows, value_date),
        all_in_annual_rate=actuarial_rate(flows, value_date),
        recourse=tariff.recourse,
        debtor_notified=tariff.debtor_notified,
    )


def _fees_of(tariff: AdvanceTariff, line: QuoteLine, value_date: date) -> tuple[Fee, ...]:
    return (
        *_time_fees(tariff, line, value_date),
        _share_fee(tariff, line, "service_fee", tariff.service_rate),
        _share_fee(tariff, line, "credit_insurance", tariff.insurance_rate),
        fixed_fee(
            "receivable_fee",
            tariff.fee_per_receivable,
            vat_rate=tariff.vat_rate,
            source=CONTRACT,
            receivable=line.number,
        ),
    )


def _time_fees(tariff: AdvanceTariff, line: QuoteLine, value_date: date) -> tuple[Fee, ...]:
    late = line.repaid_on > line.due_on
    at_end = tariff.fee_timing is FeeTiming.AT_END
    until = line.repaid_on if at_end and not late else line.due_on
    fees = [_advance_fee(tariff, line, (until - value_date).days)]
    if late:
        fees.append(_extension(tariff, line, value_date))
        fees.append(
            fixed_fee(
                "late_fee",
                tariff.late_fee,
                vat_rate=Decimal(0),
                source=CONTRACT,
                receivable=line.number,
                timing=FeeTiming.AT_END,
            )
        )
    return tuple(fees)


def _advance_fee(tariff: AdvanceTariff, line: QuoteLine, days: int) -> Fee:
    return Fee(
        code="advance_fee",
        amount=_time_amount(tariff, line.advance, days),
        vat=line.advance.zero(),
        timing=tariff.fee_timing,
        source=CONTRACT,
        params=_explained(tariff, line.advance, days),
        receivable=line.number,
    )


def _extension(tariff: AdvanceTariff, line: QuoteLine, value_date: date) -> Fee:
    days = (line.repaid_on - value_date).days
    to_due_date = _time_amount(tariff, line.advance, (line.due_on - value_date).days)
    return Fee(
        code="extension_fee",
        amount=_time_amount(tariff, line.advance, days) - to_due_date,
        vat=line.advance.zero(),
        timing=FeeTiming.AT_END,
        source=CONTRACT,
        params={**_explained(tariff, line.advance, days), "already_cents": to_due_date.cents},
        receivable=line.number,
    )


def _time_amount(tariff: AdvanceTariff, advance: Money, days: int) -> Money:
    return advance.portion(tariff.time_rate(days)).at_least(tariff.fee_min)


def _explained(tariff: AdvanceTariff, advance: Money, days: int) -> dict[str, str | int]:
    return {
        "base_cents": advance.cents,
        "charging": str(tariff.charging),
        "fee_rate": str(tariff.fee_rate),
        "tenor_days": max(days, tariff.days_min),
        "floor_cents": tariff.fee_min.cents,
    }


def _share_fee(tariff: AdvanceTariff, line: QuoteLine, code: str, rate: Decimal) -> Fee:
    return rate_fee(
        code,
        line.face,
        rate,
        floor=line.face.zero(),
        vat_rate=tariff.vat_rate,
        source=CONTRACT,
        receivable=line.number,
    )
