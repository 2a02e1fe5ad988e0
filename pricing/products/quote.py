"""A price, line by line: what is advanced, what each fee is, what comes back and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.money import Money, total


class Product(StrEnum):
    """The legal device that gives the cash."""

    DAILLY = "dailly"
    FACTORING = "factoring"
    ADVANCE = "advance"
    DISCOUNT = "discount"


class FeeTiming(StrEnum):
    """When a fee is taken: from the cash of the first day, or with the repayment."""

    UPFRONT = "upfront"
    AT_END = "at_end"


@dataclass(frozen=True, slots=True)
class AssignedReceivable:
    """What one line of a deed assigns: the amount that may be financed and its due date.

    ``face`` is the part assigned, VAT included: the net eligible amount, or what a
    lender covers of it. ``paid_on`` is when the debtor pays, the due date if ``None``.
    """

    number: str
    face: Money
    due_on: date
    paid_on: date | None = None

    @property
    def repaid_on(self) -> date:
        """The day the debtor pays, or is expected to."""
        return self.paid_on or self.due_on


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of the price.

    ``code`` has its label and explanation in the fee catalogue; ``params`` are the
    plain values that explanation shows (cents, fractions of one, days). ``amount``
    is before VAT. ``receivable`` is the number it is charged for, ``None`` for a fee
    charged once for the whole slip. ``in_teg`` says if the legal rate counts it.
    """

    code: str
    amount: Money
    vat: Money
    timing: FeeTiming
    source: str
    params: Mapping[str, str | int]
    receivable: str | None = None
    in_teg: bool = True

    def at_least(self, floor: Money) -> Fee:
        """The same fee, never under ``floor``, which its explanation then shows."""
        params = {**self.params, "floor_cents": floor.cents} if floor else self.params
        return replace(self, amount=self.amount.at_least(floor), params=params)


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money that moves on a day, seen from the assignor: received is positive."""

    on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class LegalRate:
    """The *taux effectif global* of a product, by the article that governs it.

    ``rate`` and ``period_rate`` are fractions of one. ``period_days`` is the period
    the rate is counted on (may be fractional for several due dates); both must be
    told to the borrower beside the TEG.
    """

    method: str
    rate: Decimal
    period_rate: Decimal
    period_days: Decimal
    year_days: int


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """The part of a quote that belongs to one receivable."""

    number: str
    face: Money
    advance: Money
    reserve: Money
    due_on: date
    repaid_on: date
    reserve_release_on: date
    tenor_days: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What one lender's tariff gives and costs for one or several receivables.

    net_today  = advance - upfront fees and their VAT
    cash_later = reserve - fees taken at the end and their VAT
    total_cost = all fees, before VAT (``total_vat`` apart, recoverable by most assignors)
    so net_today + cash_later + total_cost + total_vat = face.

    ``all_in_annual_rate`` is the actuarial rate of the real cash flows with every
    fee before VAT; ``None`` when no cash comes out on the first day. ``tenor_days``
    is weighted by the advances. Rates are fractions of one.
    """

    product: Product
    variant: str
    value_date: date
    lines: tuple[QuoteLine, ...]
    fees: tuple[Fee, ...]
    flows: tuple[CashFlow, ...]
    teg: LegalRate | None
    all_in_annual_rate: Decimal | None
    recourse: bool
    debtor_notified: bool

    @property
    def currency(self) -> str:
        """The currency of every amount of the quote."""
        return self.lines[0].face.currency

    @property
    def face(self) -> Money:
        """Everything assigned, VAT included."""
        return total(line.face for line in self.lines)

    @property
    def advance(self) -> Money:
        """What the lender lends against the faces, before fees."""
        return total(line.advance for line in self.lines)

    @property
    def reserve(self) -> Money:
        """What the lender keeps until the debtors pay."""
        return total(line.reserve for line in self.lines)

    @property
    def reserve_release_on(self) -> date:
        """The day the last reserve comes back."""
        return max(line.reserve_release_on for line in self.lines)

    @property
    def due_on(self) -> date:
        """The last due date."""
        return max(line.due_on for line in self.lines)

    @property
    def total_cost(self) -> Money:
        """Every fee, before VAT."""
        return total((fee.amount for fee in self.fees), self.currency)

    @property
    def total_vat(self) -> Money:
        """The VAT on the fees."""
        return total((fee.vat for fee in self.fees), self.currency)

    @property
    def net_today(self) -> Money:
        """Cash received on the value date; negative when fees exceed a small advance."""
        return self.advance - self._charged(FeeTiming.UPFRONT)

    @property
    def cash_later(self) -> Money:
        """What comes back after the debtors pay: reserve less the fees taken at the end."""
        return self.reserve - self._charged(FeeTiming.AT_END)

    @property
    def tenor_days(self) -> Decimal:
        """Days from the value date to repayment, weighted by the advances."""
        weight = sum(line.advance.cents for line in self.lines)
        if not weight:
            return Decimal(max(line.tenor_days for line in self.lines))
        numbers = sum(line.advance.cents * line.tenor_days for line in self.lines)
        return Decimal(numbers) / weight

    @property
    def cost_rate(self) -> Decimal:
        """Total cost as a fraction of the face (not annual)."""
        return self.total_cost.share_of(self.face)

    def _charged(self, timing: FeeTiming) -> Money:
        taken = (fee.amount + fee.vat for fee in self.fees if fee.timing is timing)
        return total(taken, self.currency)
