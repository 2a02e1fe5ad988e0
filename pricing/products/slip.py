"""What every product does with a slip of receivables: check it, line it up, turn it into cash flows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from pricing.calendar import DayCount, year_fraction_between
from pricing.money import Money, total
from pricing.products.quote import AssignedReceivable, CashFlow, Fee, FeeTiming, QuoteLine


def check_slip(receivables: Sequence[AssignedReceivable], value_date: date) -> None:
    """Refuse what no tariff can price.

    Raises:
        ValueError: no receivable, two currencies, a face not above zero, or a
            repayment that is not after ``value_date``.
    """
    if not receivables:
        raise ValueError("a slip needs at least one receivable")
    for receivable in receivables:
        if receivable.face <= receivable.face.zero():
            raise ValueError(f"{receivable.number} has nothing to finance")
        if min(receivable.due_on, receivable.repaid_on) <= value_date:
            raise ValueError(
                f"{receivable.number} falls due on {receivable.due_on} and is paid on "
                f"{receivable.repaid_on}: both must be after the value date {value_date}"
            )
    total(receivable.face for receivable in receivables)


def line_of(
    receivable: AssignedReceivable,
    value_date: date,
    *,
    advance: Money,
    repaid_on: date | None = None,
    release_days: int = 0,
) -> QuoteLine:
    """The receivable's line; the reserve takes the remainder, so advance + reserve = face."""
    paid = repaid_on or receivable.repaid_on
    return QuoteLine(
        number=receivable.number,
        face=receivable.face,
        advance=advance,
        reserve=receivable.face - advance,
        due_on=receivable.due_on,
        repaid_on=paid,
        reserve_release_on=paid + timedelta(days=release_days),
        tenor_days=(paid - value_date).days,
    )


def time_fee(
    code: str,
    base: Money,
    annual_rate: Decimal,
    *,
    start: date,
    days: int,
    day_count: DayCount,
    timing: FeeTiming,
    source: str,
    receivable: str,
) -> Fee:
    """A fee that grows with time: base x annual rate x share of a year, half up, no VAT.

    Source of the exemption: CGI art. 261 C.
    """
    share = year_fraction_between(start, start + timedelta(days=days), day_count)
    params: dict[str, str | int] = {
        "base_cents": base.cents,
        "annual_rate": str(annual_rate),
        "tenor_days": days,
        "day_count": str(day_count),
    }
    amount = base.portion(annual_rate * share)
    return Fee(code, amount, amount.zero(), timing, source, params, receivable)


def rate_fee(
    code: str,
    base: Money,
    rate: Decimal,
    *,
    floor: Money,
    vat_rate: Decimal,
    source: str,
    receivable: str,
    in_teg: bool = True,
    timing: FeeTiming = FeeTiming.UPFRONT,
) -> Fee:
    """A fee in proportion to an amount, never under ``floor``, plus VAT on the rounded fee."""
    amount = base.portion(rate).at_least(floor)
    params: dict[str, str | int] = {
        "base_cents": base.cents,
        "fee_rate": str(rate),
        "floor_cents": floor.cents,
        "vat_rate": str(vat_rate),
    }
    vat = amount.portion(vat_rate)
    return Fee(code, amount, vat, timing, source, params, receivable, in_teg)


def fixed_fee(
    code: str,
    amount: Money,
    *,
    vat_rate: Decimal,
    source: str,
    receivable: str | None = None,
    timing: FeeTiming = FeeTiming.UPFRONT,
) -> Fee:
    """A fee that is a sum: per slip when ``receivable`` is ``None``, else for that receivable."""
    params: dict[str, str | int] = {"amount_cents": amount.cents, "vat_rate": str(vat_rate)}
    return Fee(code, amount, amount.portion(vat_rate), timing, source, params, receivable)


def cash_flows(
    lines: Sequence[QuoteLine], fees: Sequence[Fee], value_date: date
) -> tuple[CashFlow, ...]:
    """What really moves, before VAT, seen from the assignor, in order of day.

    The first day: advances less upfront fees. Each day of repayment: the faces the
    lender keeps and the fees taken then. Each day of release: the reserves. They add
    up to minus the total cost. A fee taken at the end of a slip falls on its last day.
    """
    moves: list[tuple[date, Money]] = []
    repaid_on = {line.number: line.repaid_on for line in lines}
    last = max(repaid_on.values())
    for line in lines:
        moves.append((value_date, line.advance))
        moves.append((line.repaid_on, -line.face))
        moves.append((line.reserve_release_on, line.reserve))
    for fee in fees:
        paid_on = value_date
        if fee.timing is FeeTiming.AT_END:
            paid_on = repaid_on[fee.receivable] if fee.receivable else last
        moves.append((paid_on, -fee.amount))
    return _summed(moves)


def _summed(moves: Sequence[tuple[date, Money]]) -> tuple[CashFlow, ...]:
    by_day: dict[date, Money] = {}
    for on, amount in moves:
        by_day[on] = by_day.get(on, amount.zero()) + amount
    return tuple(CashFlow(on, amount) for on, amount in sorted(by_day.items()) if amount)


def charged(fees: Sequence[Fee]) -> tuple[Fee, ...]:
    """The fees that charge something."""
    return tuple(fee for fee in fees if fee.amount)
