"""Lenders, their cards and their limits, as each viewer may see them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import Organisation
from portal.lenders.models import DebtorLimit, LenderProfile, RateCard
from pricing.products.quote import Product


def active_cards(session: Session, products: Collection[Product]) -> Sequence[RateCard]:
    """The card in force of every lender for these products; public to any member."""
    return session.scalars(
        select(RateCard)
        .where(
            RateCard.product.in_(products),
            RateCard.activated_at.is_not(None),
            RateCard.retired_at.is_(None),
        )
        .order_by(RateCard.lender_id, RateCard.product, RateCard.slug)
    ).all()


def cards_of(session: Session, lender_id: UUID) -> Sequence[RateCard]:
    """Every version of one lender's cards, newest first within each card."""
    return session.scalars(
        select(RateCard)
        .where(RateCard.lender_id == lender_id)
        .order_by(RateCard.product, RateCard.slug, RateCard.version.desc())
    ).all()


def card_of(session: Session, lender_id: UUID, card_id: UUID) -> RateCard | None:
    """One card of one lender; None when absent or another's."""
    return session.scalar(
        select(RateCard).where(RateCard.id == card_id, RateCard.lender_id == lender_id)
    )


def profiles(session: Session, lender_ids: Collection[UUID]) -> dict[UUID, LenderProfile]:
    """Profiles by lender; public to any member."""
    found = session.scalars(
        select(LenderProfile).where(LenderProfile.organisation_id.in_(lender_ids))
    )
    return {profile.organisation_id: profile for profile in found}


def profile_by_slug(session: Session, slug: str) -> LenderProfile | None:
    """The lender that answers under this name."""
    return session.scalar(select(LenderProfile).where(LenderProfile.slug == slug))


def names_of(session: Session, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
    """Legal names of the organisations the viewer may see."""
    rows = session.execute(
        select(Organisation.id, Organisation.legal_name).where(
            Organisation.id.in_(organisation_ids)
        )
    )
    return {row.id: row.legal_name for row in rows}


def limits_on(
    session: Session, lender_ids: Collection[UUID], sirens: Collection[str]
) -> dict[tuple[UUID, str], DebtorLimit]:
    """Limits by lender and debtor; a lender sees its own, jobs see all."""
    found = session.scalars(
        select(DebtorLimit).where(
            DebtorLimit.lender_id.in_(lender_ids), DebtorLimit.debtor_siren.in_(sirens)
        )
    )
    return {(limit.lender_id, limit.debtor_siren): limit for limit in found}
