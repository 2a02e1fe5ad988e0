"""Amounts: whole cents in one currency, and the one place where they are rounded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")


class OtherCurrency(ValueError):
    """Two amounts in different currencies were combined or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency, held as a whole number of its minor unit (cents).

    Raises:
        TypeError: ``cents`` is not a whole number; a float never becomes an amount.
    """

    cents: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"cents must be a whole number, not {self.cents!r}")

    @classmethod
    def parse(cls, text: str, currency: str = "EUR") -> Money:
        """The amount written as a plain decimal, such as ``"1234.56"`` or ``"-5"``.

        Raises:
            TypeError: anything but text, so that no float slips in.
            ValueError: not a decimal, not finite, or finer than one cent.
        """
        if not isinstance(text, str):
            raise TypeError(f"an amount is read from text, not from {type(text).__name__}")
        try:
            cents = Decimal(text) * 100
        except InvalidOperation:
            raise ValueError(f"{text!r} is not an amount; write it as 1234.56") from None
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise ValueError(f"{text!r} is not a whole number of cents; write it as 1234.56")
        return cls(int(cents), currency)

    @classmethod
    def rounded(cls, euros: Decimal, currency: str = "EUR") -> Money:
        """An exact amount in euros, rounded half up (away from zero) to the cent."""
        if not isinstance(euros, Decimal):
            raise TypeError(f"an exact amount is a Decimal, not {type(euros).__name__}")
        return cls(_half_up(euros * 100), currency)

    @property
    def euros(self) -> Decimal:
        """The amount in units of its currency, exact, two decimals."""
        return (Decimal(self.cents) / 100).quantize(CENT)

    def zero(self) -> Money:
        """Nothing, in this amount's currency."""
        return Money(0, self.currency)

    def portion(self, rate: Decimal) -> Money:
        """The part of this amount given by ``rate`` (fraction of one), half up to the cent."""
        if not isinstance(rate, Decimal):
            raise TypeError(f"a rate is a Decimal fraction of one, not {type(rate).__name__}")
        return Money(_half_up(self.cents * rate), self.currency)

    def share_of(self, whole: Money) -> Decimal:
        """This amount as a fraction of ``whole``; zero when ``whole`` is nothing."""
        self._refuse_other_currency(whole)
        return Decimal(self.cents) / whole.cents if whole.cents else Decimal(0)

    def at_least(self, floor: Money) -> Money:
        """This amount, or ``floor`` when that is more."""
        return self if self >= floor else floor

    def at_most(self, cap: Money) -> Money:
        """This amount, or ``cap`` when that is less."""
        return self if self <= cap else cap

    def __add__(self, other: Money) -> Money:
        self._refuse_other_currency(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._refuse_other_currency(other)
        return Money(self.cents - other.cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __lt__(self, other: Money) -> bool:
        self._refuse_other_currency(other)
        return self.cents < other.cents

    def __le__(self, other: Money) -> bool:
        self._refuse_other_currency(other)
        return self.cents <= other.cents

    def __gt__(self, other: Money) -> bool:
        self._refuse_other_currency(other)
        return self.cents > other.cents

    def __ge__(self, other: Money) -> bool:
        self._refuse_other_currency(other)
        return self.cents >= other.cents

    def __str__(self) -> str:
        return f"{self.euros} {self.currency}"

    def _refuse_other_currency(self, other: Money) -> None:
        if not isinstance(other, Money):
            raise TypeError(f"an amount combines with an amount, not with {type(other).__name__}")
        if self.currency != other.currency:
            raise OtherCurrency(f"cannot combine {self.currency} with {other.currency}")


def total(amounts: Iterable[Money], currency: str = "EUR") -> Money:
    """The sum of ``amounts``; nothing in ``currency`` when there are none.

    Raises:
        OtherCurrency: the amounts are not all in one currency.
    """
    listed = list(amounts)
    result = listed[0].zero() if listed else Money(0, currency)
    for amount in listed:
        result = result + amount
    return result


def _half_up(cents: Decimal) -> int:
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP))
