"""The last day to claim a debt in court (*prescription*), and VAT on what will never be paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.calendar import add_months
from pricing.facts import DebtorSegment
from pricing.money import Money
from pricing.parameters import LegalParameters


def limitation_on(
    due_on: date,
    law: LegalParameters,
    *,
    segment: DebtorSegment = DebtorSegment.PRIVATE,
    carriage: bool = False,
    acknowledged_on: date | None = None,
) -> date:
    """The last safe day to claim; never moved to the next business day.

    Five years between traders, two against a consumer, one for carriage of goods, from
    the due date or from the debtor's last acknowledgement, which starts a new period.
    Public debtors follow another rule (four calendar years): not computed here.

    Raises:
        ValueError: the debtor is public.
        NoLegalValue: the law of that day is not recorded.

    Source: C. com. art. L110-4, L133-6; C. conso. art. L218-2; C. civ. art. 2231, 2240.
    """
    if segment is DebtorSegment.PUBLIC:
        raise ValueError("a claim on a public body lapses by loi 68-1250, which is not computed")
    name = "consumer" if segment is DebtorSegment.CONSUMER else "business"
    years = law[f"limitation_years_{'carriage' if carriage else name}"].on(due_on).days
    start = due_on if acknowledged_on is None else max(due_on, acknowledged_on)
    return add_months(start, 12 * years)


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
