"""Quotes as pages show them: each amount with where it comes from, each refusal with its remedy."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext

from portal.quotes.models import Quote, QuoteStatus
from portal.quotes.pricing import best_per_product
from portal.receivables.models import Receivable
from portal.web.presentation import current_locale
from portal.web.product_words import PARTY_LABELS, PRODUCT_LABELS, QUOTE_WORDS
from pricing.eligibility import Finding, Outcome
from pricing.eligibility.catalogue import describe
from pricing.money import Money
from pricing.products.fee_text import describe_fee
from pricing.products.quote import Fee, FeeTiming, Product

SHOWN_FIRST = (Outcome.REFUSED, Outcome.BLOCKED, Outcome.WARNING, Outcome.OK)


@dataclass(frozen=True, slots=True)
class QuoteShown:
    """One quote in words and figures; rates are fractions of one."""

    quote: Quote
    lender: str
    product: str
    word: str
    tone: str
    shape: str
    net_cents: int | None
    cost_cents: int | None
    annual_rate: Decimal | None
    period_rate: Decimal | None
    teg: Decimal | None
    reserve_cents: int | None
    reserve_on: date | None
    debtor_told: bool
    recourse: bool
    explain: Sequence[tuple[str, int | str]]
    fees: Sequence[tuple[str, str, int]]
    findings: Sequence[Mapping[str, Any]]
    passed: int

    @property
    def is_eligible(self) -> bool:
        return self.quote.status is QuoteStatus.ELIGIBLE

    @property
    def reasons(self) -> list[Mapping[str, Any]]:
        """Why it is not simply yes: refusals first, then what can be fixed."""
        return [one for one in self.findings if one["outcome"] in ("refused", "blocked")]


@dataclass(frozen=True, slots=True)
class ProductShown:
    """One product for one receivable: its best quote when there is one, else the nearest to a yes."""

    product: Product
    label: str
    best: QuoteShown | None
    nearest: QuoteShown | None
    lenders: int

    @property
    def shown(self) -> QuoteShown | None:
        return self.best or self.nearest


@dataclass(frozen=True, slots=True)
class ReceivableShown:
    """One receivable with all its quotes, by product."""

    receivable: Receivable
    products: Sequence[ProductShown]
    best: QuoteShown | None
    quotes: Sequence[QuoteShown] = field(default=())

    @property
    def offered(self) -> list[QuoteShown]:
        """Those that give a price: what could be had first, by cash, then what can be unblocked."""
        priced = [one for one in self.quotes if one.quote.status is not QuoteStatus.REFUSED]
        return sorted(priced, key=lambda one: (not one.is_eligible, -(one.net_cents or 0)))

    @property
    def refused(self) -> list[QuoteShown]:
        """Those that are a plain no."""
        return [one for one in self.quotes if one.quote.status is QuoteStatus.REFUSED]

    @property
    def common_refusal(self) -> str:
        """The reason met most often among the refusals, in words; empty without any."""
        texts = Counter(
            str(one.reasons[0]["text"] or one.reasons[0]["title"])
            for one in self.refused
            if one.reasons
        )
        return texts.most_common(1)[0][0] if texts else ""

    @property
    def nearest(self) -> QuoteShown | None:
        """What stands in the way of the product that is closest to a yes."""
        shown = [one.nearest for one in self.products if one.nearest]
        return min(shown, key=_distance, default=None)


def show_receivable(
    receivable: Receivable, quotes: Iterable[Quote], lenders: Mapping[UUID, str]
) -> ReceivableShown:
    """Everything a page needs on one receivable's quotes; ``lenders`` are names by id."""
    shown = [show_quote(one, lenders.get(one.lender_id, "–")) for one in quotes]
    best_ids = {one.id for one in best_per_product(one.quote for one in shown).values()}
    products = [_product(product, shown, best_ids) for product in Product]
    eligible = [one.best for one in products if one.best]
    best = max(eligible, key=lambda one: (one.net_cents or 0, -(one.cost_cents or 0)), default=None)
    return ReceivableShown(receivable, products, best, shown)


def show_quote(quote: Quote, lender: str) -> QuoteShown:
    """One quote in the reader's language."""
    word, tone, shape = QUOTE_WORDS[quote.status]
    price = quote.price
    findings = [Finding.from_mapping(stored) for stored in quote.findings]
    told = sorted(findings, key=lambda one: SHOWN_FIRST.index(one.outcome))
    return QuoteShown(
        quote=quote,
        lender=lender,
        product=str(PRODUCT_LABELS[quote.product]),
        word=str(word),
        tone=tone,
        shape=shape,
        net_cents=quote.net_today_cents,
        cost_cents=quote.total_cost_cents,
        annual_rate=_rate(price.get("all_in_annual_rate")),
        period_rate=_rate((price.get("teg") or {}).get("period_rate")),
        teg=_rate((price.get("teg") or {}).get("rate")),
        reserve_cents=price.get("reserve_cents"),
        reserve_on=_day(price.get("reserve_release_on")),
        debtor_told=bool(price.get("debtor_notified")),
        recourse=bool(price.get("recourse")),
        explain=_explained(quote) if price else (),
        fees=[_fee_line(stored, price["currency"]) for stored in price.get("fees", ())],
        findings=[show_finding(one) for one in told],
        passed=sum(one.outcome is Outcome.OK for one in findings),
    )


def show_finding(finding: Finding) -> dict[str, Any]:
    """What the ``finding`` macro reads."""
    words = describe(finding, current_locale())
    party = finding.fixable_by
    return {
        "outcome": finding.outcome.value,
        "title": words.title,
        "text": words.message,
        "value": words.value,
        "threshold": words.threshold,
        "remedy": words.remedy,
        "who": str(PARTY_LABELS[party]) if party else None,
        "source": finding.source,
        "code": finding.code,
    }


def price_lines(quote: Quote) -> list[tuple[str, int | str]]:
    """From the invoice to the cash of the first day, line by line; the last line is the total."""
    return list(_explained(quote))


def _product(product: Product, shown: Sequence[QuoteShown], best_ids: set[UUID]) -> ProductShown:
    own = [one for one in shown if one.quote.product is product]
    best = next((one for one in own if one.quote.id in best_ids), None)
    others = [one for one in own if not one.is_eligible]
    nearest = None if best else min(others, key=_distance, default=None)
    return ProductShown(product, str(PRODUCT_LABELS[product]), best, nearest, len(own))


def _distance(shown: QuoteShown) -> tuple[bool, int]:
    """Blocked before refused, and the fewer reasons the better."""
    return shown.quote.status is QuoteStatus.REFUSED, len(shown.reasons)


def _explained(quote: Quote) -> Sequence[tuple[str, int | str]]:
    price = quote.price
    lines: list[tuple[str, int | str]] = [
        (gettext("Part that can be financed"), price["face_cents"])
    ]
    if price["reserve_cents"]:
        lines.append((gettext("Reserve, paid back later"), -price["reserve_cents"]))
    for stored in price["fees"]:
        if stored["timing"] == FeeTiming.UPFRONT.value:
            label = describe_fee(_fee(stored, price["currency"]), current_locale()).label
            lines.append((label, -stored["amount_cents"] - stored["vat_cents"]))
    lines.append((gettext("In your account today"), quote.net_today_cents or 0))
    return lines


def _fee_line(stored: Mapping[str, Any], currency: str) -> tuple[str, str, int]:
    words = describe_fee(_fee(stored, currency), current_locale())
    return words.label, words.explanation, stored["amount_cents"]


def _fee(stored: Mapping[str, Any], currency: str) -> Fee:
    return Fee(
        code=stored["code"],
        amount=Money(stored["amount_cents"], currency),
        vat=Money(stored["vat_cents"], currency),
        timing=FeeTiming(stored["timing"]),
        source=stored["source"],
        params=stored["params"],
        in_teg=stored["in_teg"],
    )


def _rate(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
