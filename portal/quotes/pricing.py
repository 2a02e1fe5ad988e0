"""Indicative quotes: each receivable under each rate card in force, frozen with the law's version."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.identity.models import Organisation
from portal.lenders.lookup import active_cards
from portal.lenders.models import RateCard
from portal.lenders.rate_cards import policy_of, tariff_of
from portal.quotes.models import Quote, QuoteStatus
from portal.receivables.facts import Dossier, dossiers
from portal.receivables.models import Receivable
from portal.receivables.screening import screen
from pricing.eligibility import Assessment, LenderPolicy, Outcome
from pricing.parameters import LegalParameters, law
from pricing.products import quote as priced
from pricing.products.catalogue import Tariff, assigned, price_batch
from pricing.products.quote import Product

STATUSES = {
    Outcome.OK: QuoteStatus.ELIGIBLE,
    Outcome.WARNING: QuoteStatus.ELIGIBLE,
    Outcome.BLOCKED: QuoteStatus.BLOCKED,
    Outcome.REFUSED: QuoteStatus.REFUSED,
}


@dataclass(frozen=True, slots=True)
class _Card:
    row: RateCard
    tariff: Tariff
    policy: LenderPolicy


def quote_receivables(
    session: Session,
    receivables: Sequence[Receivable],
    *,
    today: date,
    at: datetime,
    products: Collection[Product] = tuple(Product),
) -> dict[UUID, list[Quote]]:
    """The current quotes of one assignor's receivables, computed where the facts or the day changed.

    Repeating is harmless. A quote that no longer stands is marked, never changed. Receivables without
    a due date have none.
    """
    ids = price_stale(session, receivables, today=today, at=at, products=products)
    return current_quotes(session, ids)


def price_stale(
    session: Session,
    receivables: Sequence[Receivable],
    *,
    today: date,
    at: datetime,
    products: Collection[Product] = tuple(Product),
) -> list[UUID]:
    """Quote what has no quote of these facts on this day; the receivables that can be quoted."""
    if not receivables:
        return []
    assignor = session.get_one(Organisation, receivables[0].assignor_id)
    known = dossiers(session, assignor, receivables, today=today)
    keys = {receivable_id: facts_key(dossier) for receivable_id, dossier in known.items()}
    cards = [
        _Card(card, tariff_of(card), policy_of(card)) for card in active_cards(session, products)
    ]
    in_force = {card.row.id for card in cards}
    standing = _standing(session, list(known))
    fresh = {
        (one.receivable_id, one.rate_card_id)
        for one in standing
        if one.quoted_on == today
        and one.facts_key == keys[one.receivable_id]
        and one.rate_card_id in in_force
    }
    rules, rows = law(), []
    for receivable_id, dossier in known.items():
        whose = {
            "receivable_id": receivable_id,
            "assignor_id": assignor.id,
            "facts_key": keys[receivable_id],
        }
        stale = (card for card in cards if (receivable_id, card.row.id) not in fresh)
        found = (_row(dossier, card, today, at, rules) for card in stale)
        rows += [row | whose for row in found if row is not None]
    _supersede(session, [one.id for one in standing if _pair(one) not in fresh], at)
    _keep(session, rows)
    return list(known)


def current_quotes(session: Session, receivable_ids: Collection[UUID]) -> dict[UUID, list[Quote]]:
    """The quotes that stand, by receivable; within each by product, the most cash first."""
    found: dict[UUID, list[Quote]] = {receivable_id: [] for receivable_id in receivable_ids}
    for one in session.scalars(
        select(Quote)
        .where(Quote.receivable_id.in_(receivable_ids), Quote.superseded_at.is_(None))
        .order_by(Quote.product, Quote.net_today_cents.desc().nulls_last(), Quote.id)
        .execution_options(populate_existing=True)
    ):
        found[one.receivable_id].append(one)
    return found


def best_per_product(quotes: Iterable[Quote]) -> dict[Product, Quote]:
    """For each product the eligible quote that gives the most cash today, the cheaper one if equal."""
    best: dict[Product, Quote] = {}
    for one in quotes:
        if one.status is not QuoteStatus.ELIGIBLE or one.net_today_cents is None:
            continue
        rival = best.get(one.product)
        if rival is None or _worth(one) > _worth(rival):
            best[one.product] = one
    return best


def best_quote(quotes: Iterable[Quote]) -> Quote | None:
    """The eligible quote that gives the most cash today, whatever the product."""
    return max(best_per_product(quotes).values(), key=_worth, default=None)


def facts_key(dossier: Dossier) -> str:
    """What the quote was computed from, as a digest: the same facts give the same key."""
    facts = json.dumps(asdict(dossier), sort_keys=True, default=_plain)
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def price_to_mapping(price: priced.Quote) -> dict[str, Any]:
    """A price as JSON: whole cents, rates as decimal texts, dates in ISO 8601."""
    return {
        "variant": price.variant,
        "value_date": price.value_date.isoformat(),
        "face_cents": price.face.cents,
        "advance_cents": price.advance.cents,
        "reserve_cents": price.reserve.cents,
        "reserve_release_on": price.reserve_release_on.isoformat(),
        "cash_later_cents": price.cash_later.cents,
        "vat_cents": price.total_vat.cents,
        "tenor_days": str(price.tenor_days),
        "all_in_annual_rate": _text(price.all_in_annual_rate),
        "teg": _teg(price.teg),
        "recourse": price.recourse,
        "debtor_notified": price.debtor_notified,
        "currency": price.currency,
        "fees": [
            {
                "code": fee.code,
                "amount_cents": fee.amount.cents,
                "vat_cents": fee.vat.cents,
                "timing": fee.timing.value,
                "source": fee.source,
                "params": dict(fee.params),
                "in_teg": fee.in_teg,
            }
            for fee in price.fees
        ],
    }


def _row(
    dossier: Dossier, card: _Card, today: date, at: datetime, rules: LegalParameters
) -> dict[str, Any] | None:
    assessment = screen(dossier, card.row.product, card.policy, on=today, law=rules)
    if assessment is None:
        return None
    price = _price(dossier, card, assessment, today)
    return {
        "id": uuid4(),
        "lender_id": card.row.lender_id,
        "rate_card_id": card.row.id,
        "product": card.row.product,
        "quoted_on": today,
        "law_version": rules.version,
        "status": STATUSES[assessment.status],
        "eligible_cents": assessment.eligible.cents,
        "net_today_cents": price.net_today.cents if price else None,
        "total_cost_cents": price.total_cost.cents if price else None,
        "findings": [finding.to_mapping() for finding in assessment.findings],
        "price": price_to_mapping(price) if price else {},
        "created_at": at,
        "superseded_at": None,
    }


def _price(
    dossier: Dossier, card: _Card, assessment: Assessment, today: date
) -> priced.Quote | None:
    """The price, also of what is only blocked; none where nothing can be financed any more."""
    refused = assessment.status is Outcome.REFUSED
    if refused or not assessment.eligible or dossier.receivable.due_on <= today:
        return None
    return price_batch(card.tariff, [assigned(dossier.receivable, assessment.eligible)], today)


def _standing(session: Session, receivable_ids: Sequence[UUID]) -> Sequence[Any]:
    """What stands now, without its findings."""
    columns = (
        Quote.id,
        Quote.receivable_id,
        Quote.rate_card_id,
        Quote.quoted_on,
        Quote.facts_key,
    )
    query = select(*columns).where(
        Quote.receivable_id.in_(receivable_ids), Quote.superseded_at.is_(None)
    )
    return session.execute(query).all()


def _pair(standing: Any) -> tuple[UUID, UUID]:
    return standing.receivable_id, standing.rate_card_id


def _supersede(session: Session, quote_ids: Sequence[UUID], at: datetime) -> None:
    if quote_ids:
        session.execute(
            update(Quote)
            .where(Quote.id.in_(quote_ids))
            .values(superseded_at=at)
            .execution_options(synchronize_session=False)
        )


def _keep(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert in bulk; the same facts seen again on the same day stand again."""
    if not rows:
        return
    wanted = insert(Quote).on_conflict_do_update(
        index_elements=["receivable_id", "rate_card_id", "quoted_on", "facts_key"],
        set_={"superseded_at": None},
    )
    session.connection().execute(wanted, list(rows))


def _worth(quote: Quote) -> tuple[int, int]:
    return quote.net_today_cents or 0, -(quote.total_cost_cents or 0)


def _teg(rate: priced.LegalRate | None) -> dict[str, Any] | None:
    if rate is None:
        return None
    return {
        "method": rate.method,
        "rate": str(rate.rate),
        "period_rate": str(rate.period_rate),
        "period_days": str(rate.period_days),
        "year_days": rate.year_days,
    }


def _text(rate: Any) -> str | None:
    return None if rate is None else str(rate)


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
