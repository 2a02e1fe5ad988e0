"""Publishing rate cards: a version is checked before it is kept, inert until activated, never edited."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.lenders.models import RateCard
from pricing.eligibility import LenderPolicy
from pricing.products.catalogue import Tariff, tariff_from_mapping
from pricing.products.quote import Product


class CardAlreadyActivated(Exception):
    """This version is in force or has been: publish another one."""


def add_version(
    session: Session,
    lender_id: UUID,
    product: Product,
    *,
    slug: str,
    title: str,
    tariff: Mapping[str, Any],
    policy: Mapping[str, Any],
    by: UUID | None,
    at: datetime,
) -> RateCard:
    """Keep a new, inert version of the lender's card called ``slug``.

    Raises:
        UnsoundTariff, UnsoundPolicy: the message names what cannot be read.
    """
    tariff_from_mapping(product, tariff)
    LenderPolicy.from_mapping(policy)
    latest = session.scalar(
        select(func.max(RateCard.version)).where(
            RateCard.lender_id == lender_id, RateCard.slug == slug
        )
    )
    card = RateCard(
        lender_id=lender_id,
        slug=slug,
        title=title,
        product=product,
        version=(latest or 0) + 1,
        tariff=dict(tariff),
        policy=dict(policy),
        created_at=at,
    )
    session.add(card)
    session.flush()
    trail.record(session, lender_id, "rate_card_added", "rate_card", card.id, by=by, at=at)
    return card


def activate(session: Session, card: RateCard, *, by: UUID | None, at: datetime) -> None:
    """Put a version in force; the one before is retired the same instant.

    Raises:
        CardAlreadyActivated: it is in force, or was.
    """
    if card.activated_at is not None:
        raise CardAlreadyActivated(f"version {card.version} was activated on {card.activated_at}")
    in_force = session.scalars(
        select(RateCard)
        .where(
            RateCard.lender_id == card.lender_id,
            RateCard.slug == card.slug,
            RateCard.activated_at.is_not(None),
            RateCard.retired_at.is_(None),
        )
        .with_for_update()
    )
    for earlier in in_force:
        earlier.retired_at = at
    session.flush()
    card.activated_at = at
    session.flush()
    trail.record(session, card.lender_id, "rate_card_activated", "rate_card", card.id, by=by, at=at)


def tariff_of(card: RateCard) -> Tariff:
    """The card's tariff, ready to price."""
    return tariff_from_mapping(card.product, card.tariff)


def policy_of(card: RateCard) -> LenderPolicy:
    """The card's policy, ready to assess."""
    return LenderPolicy.from_mapping(card.policy)


def release_days_of(card: RateCard) -> int:
    """Days between the debtor's payment and the return of the reserve; zero where there is none."""
    days: int = getattr(tariff_of(card), "reserve_release_days", 0)
    return days


def value_days_of(card: RateCard) -> int:
    """Days between an operation and its value date, as the card publishes them; zero where it says none."""
    days: int = getattr(tariff_of(card), "value_days", 0)
    return days
