"""The last day to claim a debt in court (*prescription*), and VAT on what will never be paid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.calendar import add_months
from pricing.facts import DebtorSegment
from pricing.money import Money
from pricing.parameters import LegalParameters

WARNING_MONTHS = (6, 3, 1)
"""How long before the last day the creditor is told."""


class InterruptionKind(StrEnum):
    """What starts a new period of the same length; a formal notice does not."""

    ACKNOWLEDGEMENT = "acknowledgement"
    COURT_CLAIM = "court_claim"
    ORDER_SERVED = "order_served"
    ENFORCEMENT = "enforcement"

    @property
    def source(self) -> str:
        """The article."""
        return _INTERRUPTED_BY[self]


_INTERRUPTED_BY = {
    InterruptionKind.ACKNOWLEDGEMENT: "C. civ. art. 2240",
    InterruptionKind.COURT_CLAIM: "C. civ. art. 2241",
    InterruptionKind.ORDER_SERVED: "C. civ. art. 2241 ; Cass. 1re civ. 9 sept. 2020",
    InterruptionKind.ENFORCEMENT: "C. civ. art. 2244",
}


@dataclass(frozen=True, slots=True)
class Interruption:
    """An event that started a new period."""

    kind: InterruptionKind
    on: date


def limitation_on(
    due_on: date,
    law: LegalParameters,
    *,
    segment: DebtorSegment = DebtorSegment.PRIVATE,
    carriage: bool = False,
    interruptions: Iterable[Interruption] = (),
) -> date:
    """The earliest plausible last day to claim; never moved to the next business day.

    Five years between traders, two against a consumer, one for carriage of goods, from
    the due date or from the last event that interrupted it; never beyond twenty years
    from the due date. Against the State or a local authority, four calendar years from
    1 January following. An event after the last day of the period then running changes
    nothing. The user qualifies the debt; this only counts.

    Raises:
        NoLegalValue: the law of that day is not recorded.

    Source: C. com. art. L110-4, L133-6; C. conso. art. L218-2; C. civ. art. 2231, 2232,
    2240 to 2244; loi 68-1250, art. 1 and 2.
    """
    last = _period_end(due_on, due_on, law, segment, carriage)
    for one in sorted(interruptions, key=lambda one: one.on):
        if due_on <= one.on <= last:
            last = _period_end(one.on, due_on, law, segment, carriage)
    long_stop = law["limitation_years_long_stop"].on(due_on).days
    return min(last, add_months(due_on, 12 * long_stop))


def _period_end(
    start: date, due_on: date, law: LegalParameters, segment: DebtorSegment, carriage: bool
) -> date:
    if segment is DebtorSegment.PUBLIC:
        years = law["limitation_years_public"].on(due_on).days
        return date(start.year + years, 12, 31)
    name = "consumer" if segment is DebtorSegment.CONSUMER else "business"
    years = law[f"limitation_years_{'carriage' if carriage else name}"].on(due_on).days
    return add_months(start, 12 * years)


def limitation_warning(last_day: date, today: date) -> int | None:
    """How near the last day is: within 6, 3 or 1 months (the smallest that applies), 0 once passed."""
    if today > last_day:
        return 0
    near = [months for months in WARNING_MONTHS if today >= add_months(last_day, -months)]
    return min(near, default=None)


@dataclass(frozen=True, slots=True)
class UnpaidVat:
    """The two amounts of the mention on the duplicate of an unrecoverable invoice."""

    unpaid_gross: Money
    unpaid_net: Money
    vat: Money


def unrecoverable_vat(gross: Money, paid: Money, vat_rate: Decimal) -> UnpaidVat:
    """What of an unpaid invoice is VAT to be had back; the net takes the rounding.

    Source: CGI art. 272-1.
    """
    unpaid = gross - paid
    vat = unpaid.portion(vat_rate / (1 + vat_rate))
    return UnpaidVat(unpaid, unpaid - vat, vat)
