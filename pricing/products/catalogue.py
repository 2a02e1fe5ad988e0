"""Every product by name: read its tariff from plain data, price receivables with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pricing.facts import ReceivableFacts
from pricing.money import Money
from pricing.products.advance import AdvanceTariff
from pricing.products.dailly import DaillyTariff
from pricing.products.discount import DiscountTariff
from pricing.products.factoring import FactoringTariff
from pricing.products.quote import AssignedReceivable, Product, Quote

Tariff = DaillyTariff | FactoringTariff | AdvanceTariff | DiscountTariff

TARIFFS: Mapping[Product, type[Tariff]] = {
    Product.DAILLY: DaillyTariff,
    Product.FACTORING: FactoringTariff,
    Product.ADVANCE: AdvanceTariff,
    Product.DISCOUNT: DiscountTariff,
}


def tariff_from_mapping(product: Product, mapping: Mapping[str, Any]) -> Tariff:
    """The tariff of ``product`` written as plain values (texts, whole numbers, booleans).

    Raises:
        UnsoundTariff: a key is missing, unknown or unreadable; the message names it.
    """
    return TARIFFS[product].from_mapping(mapping)


def assigned(
    receivable: ReceivableFacts, eligible: Money | None = None, paid_on: date | None = None
) -> AssignedReceivable:
    """The line a deed would carry for ``receivable``: ``eligible`` or its net eligible amount."""
    face = receivable.net_eligible if eligible is None else eligible
    return AssignedReceivable(receivable.number, face, receivable.due_on, paid_on)


def price(tariff: Tariff, receivable: ReceivableFacts, value_date: date) -> Quote:
    """What ``tariff`` gives for one receivable, funded on ``value_date``, paid when due.

    Raises:
        ValueError: nothing is eligible, or the due date is not after ``value_date``.
    """
    return price_batch(tariff, [assigned(receivable)], value_date)


def price_at(tariff: Tariff, receivable: ReceivableFacts, value_date: date, paid_on: date) -> Quote:
    """The same price when the debtor pays on ``paid_on`` instead of the due date."""
    return price_batch(tariff, [assigned(receivable, paid_on=paid_on)], value_date)


def price_batch(
    tariff: Tariff, receivables: Sequence[AssignedReceivable], value_date: date
) -> Quote:
    """One slip of several receivables under one tariff; per-slip fees are charged once.

    Raises:
        ValueError: no receivable, two currencies, a face not above zero, or a day of
            payment that is not after ``value_date``.
    """
    return tariff.price(receivables, value_date)
