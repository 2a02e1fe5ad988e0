"""Offers as people compare them: figures that open their lines, ranked by what matters to the reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext, lazy_gettext, ngettext

from portal.funding.models import Offer
from portal.web.funding_story import Share, share_of
from portal.web.funding_words import COLLECTORS
from portal.web.presentation import current_locale, instant_text
from portal.web.product_words import PRODUCT_LABELS

NEVER = Decimal(10**9)

RANKINGS: Mapping[str, tuple[str, Callable[[Offer], Any]]] = {
    "net": (lazy_gettext("Most cash now"), lambda offer: -offer.net_proceeds_cents),
    "cost": (lazy_gettext("Lowest cost"), lambda offer: offer.total_cost_cents),
    "rate": (
        lazy_gettext("Lowest annual rate"),
        lambda offer: offer.all_in_annual_rate if offer.all_in_annual_rate is not None else NEVER,
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One offer of the comparison: the row, what its lender is called, and the lines behind its figures."""

    offer: Offer
    lender: str
    product: str
    net_lines: tuple[tuple[str, int], ...]
    cost_lines: tuple[tuple[str, int], ...]
    collector: str
    share: Share
    ends: str
    days_left: str


def columns_of(
    offers: Sequence[Offer], names: Mapping[UUID, str], ranking: str, now: datetime
) -> list[Column]:
    """The offers in the chosen order, best first."""
    ordered = sorted(offers, key=lambda offer: (RANKINGS[ranking][1](offer), str(offer.id)))
    return [_column(offer, names, now) for offer in ordered]


def best_index(columns: Sequence[Column], ranking: str) -> int:
    """Which column is best by one ranking; the first of equals."""
    values = [RANKINGS[ranking][1](column.offer) for column in columns]
    return values.index(min(values)) if values else -1


def net_lines(offer: Offer) -> tuple[tuple[str, int], ...]:
    """How the cash of the first day is made: face, reserve, each fee, net."""
    upfront = [fee for fee in offer.fees if fee["taken"] == "upfront"]
    return (
        (gettext("Receivables"), offer.face_cents),
        (gettext("Reserve kept"), -offer.reserve_cents),
        *((fee["label"], -fee["amount_cents"]) for fee in upfront),
        *_vat_line(sum(fee["vat_cents"] for fee in upfront), -1),
        (gettext("In your account"), offer.net_proceeds_cents),
    )


def cost_lines(offer: Offer) -> tuple[tuple[str, int], ...]:
    """Every fee before VAT, with when it is taken, and their sum."""
    later = gettext("taken at the end")
    return (
        *(
            (
                fee["label"] if fee["taken"] == "upfront" else f"{fee['label']} ({later})",
                fee["amount_cents"],
            )
            for fee in offer.fees
        ),
        (gettext("Total cost, before VAT"), offer.total_cost_cents),
    )


def _column(offer: Offer, names: Mapping[UUID, str], now: datetime) -> Column:
    days = max((offer.valid_until - now).days, 0)
    return Column(
        offer=offer,
        lender=names.get(offer.lender_id, ""),
        product=str(PRODUCT_LABELS[offer.product]),
        net_lines=net_lines(offer),
        cost_lines=cost_lines(offer),
        share=share_of(offer.submission),
        collector=str(COLLECTORS[offer.collector]),
        ends=instant_text(offer.valid_until, locale=current_locale()),
        days_left=ngettext("%(num)d day left", "%(num)d days left", days),
    )


def _vat_line(cents: int, sign: int) -> tuple[tuple[str, int], ...]:
    return ((gettext("VAT on fees"), sign * cents),) if cents else ()
