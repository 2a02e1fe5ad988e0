"""``portal penalties``: what a late debtor may be asked on a day, counted without a database."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from pricing.accrual import Accrual
from pricing.calendar import DayCount
from pricing.facts import DebtorSegment
from pricing.late_payment import (
    AmountDue,
    BelowFloor,
    Imputation,
    Payment,
    PenaltyTerms,
    amount_due_today,
)
from pricing.money import Money
from pricing.parameters import law

BUYERS = {
    "business": DebtorSegment.PRIVATE,
    "public": DebtorSegment.PUBLIC,
    "consumer": DebtorSegment.CONSUMER,
}


class Day(click.ParamType[date]):
    """A calendar date, written as 2026-12-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date such as 2026-12-31", param, ctx)


class Rate(click.ParamType[Decimal]):
    """A yearly rate as a fraction of one: 0.12 is 12 %."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            rate = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is not a rate such as 0.12", param, ctx)
        if not 0 <= rate < 1:
            self.fail(f"{value!r} is not a fraction of one: write 12 % as 0.12", param, ctx)
        return rate


class DatedAmount(click.ParamType[Payment]):
    """A payment, written as 2026-12-31=150000 (cents)."""

    name = "date=cents"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Payment:
        if isinstance(value, Payment):
            return value
        day, _, cents = str(value).partition("=")
        if not cents.isdecimal() or int(cents) == 0:
            self.fail(f"{value!r} is not a payment such as 2026-12-31=150000 (cents)", param, ctx)
        return Payment(Day().convert(day, param, ctx), Money(int(cents)))


@click.command()
@click.option("--principal-cents", type=click.IntRange(min=1), required=True)
@click.option("--due", "due_on", type=Day(), required=True, help="The due date of the invoice.")
@click.option("--until", type=Day(), required=True, help="The last day counted.")
@click.option(
    "--basis",
    type=click.Choice([one.value for one in DayCount]),
    default=DayCount.ACT_365F.value,
    show_default=True,
    help="How days become a share of a year.",
)
@click.option("--contract-rate", type=Rate(), help="The contract's yearly rate: 0.12 is 12 %.")
@click.option(
    "--below-floor",
    type=click.Choice([one.value for one in BelowFloor]),
    default=BelowFloor.KEEP.value,
    show_default=True,
    help="What to count where the contract's rate is under three times the legal rate.",
)
@click.option("--buyer", type=click.Choice(list(BUYERS)), default="business", show_default=True)
@click.option("--formal-notice", type=Day(), help="The day a consumer was put on formal notice.")
@click.option("--insolvency", type=Day(), help="The day of the judgment that opens proceedings.")
@click.option("--payment", "payments", type=DatedAmount(), multiple=True, help="DATE=CENTS")
@click.option(
    "--imputation",
    type=click.Choice(["interest-first", "principal-first"]),
    default="interest-first",
    show_default=True,
    help="What a part payment extinguishes first (C. civ. art. 1343-1).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def penalties(
    principal_cents: int,
    due_on: date,
    until: date,
    basis: str,
    contract_rate: Decimal | None,
    below_floor: str,
    buyer: str,
    formal_notice: date | None,
    insolvency: date | None,
    payments: tuple[Payment, ...],
    imputation: str,
    as_json: bool,
) -> None:
    """Late-payment penalties of one invoice, day by day, with the article of each rate.

    Nothing is guessed: days of a half-year whose rate is not recorded are left out, and
    the flag RATE_UNKNOWN says so.
    """
    due = amount_due_today(
        Money(principal_cents),
        due_on,
        until,
        law(),
        terms=PenaltyTerms(
            segment=BUYERS[buyer],
            contract_rate=contract_rate,
            below_floor=BelowFloor(below_floor),
            formal_notice_on=formal_notice,
            day_count=DayCount(basis),
            imputation=Imputation(imputation.replace("-", "_")),
        ),
        payments=payments,
        insolvency_opened_on=insolvency,
    )
    click.echo(json.dumps(_as_json(due), ensure_ascii=False) if as_json else _in_words(due))


def _as_json(due: AmountDue) -> dict[str, Any]:
    """What is still due, and each stretch of days with its interest, not rounded."""
    return {
        "principal_cents": due.principal.cents,
        "interest_cents": due.penalties.cents,
        "indemnity_cents": due.indemnity.cents,
        "total_cents": due.total.cents,
        "interest_accrued_cents": due.penalties_accrued.cents,
        "overpaid_cents": due.overpaid.cents,
        "days_past_due": due.days_past_due,
        "basis": due.day_count.value,
        "periods": [_period(one) for one in due.accruals],
        "flags": [flag.value for flag in due.flags],
        "rate_unknown_from": due.rate_unknown_from.isoformat() if due.rate_unknown_from else None,
    }


def _period(one: Accrual) -> dict[str, Any]:
    return {
        "from": one.from_on.isoformat(),
        "to": one.to_on.isoformat(),
        "days": one.days,
        "rate": format(one.annual_rate, "f"),
        "principal_cents": one.principal.cents,
        "interest": format(one.amount, "f"),
        "source": one.source,
    }


def _in_words(due: AmountDue) -> str:
    lines = [
        f"{one.from_on} … {one.to_on}  {one.days:>4} d  {one.annual_rate * 100:>6.2f} %"
        f"  on {one.principal.euros:>14}  {one.amount:>12.4f}  {one.source}"
        for one in due.accruals
    ]
    lines += [
        f"principal  {due.principal.euros:>14}",
        f"penalties  {due.penalties.euros:>14}  ({due.day_count.value}, rounded once)",
        f"indemnity  {due.indemnity.euros:>14}",
        f"total      {due.total.euros:>14}",
        *(f"! {flag.value}" for flag in due.flags),
    ]
    return "\n".join(lines)
