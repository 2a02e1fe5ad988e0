"""The demonstration's organisations, made from the sandbox's fictional companies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from schwifty import IBAN
from sqlalchemy.orm import Session

from partners.registers.companies import legal_form_label
from partners.sandbox.companies import FictionalCompany, companies_of
from partners.sandbox.lenders import SandboxLender, fictional_lenders, lender_secret
from portal.config import Settings
from portal.identity.models import Organisation, OrganisationKind, OrganisationState
from portal.lenders.keys import keep_keys
from portal.lenders.models import DebtorLimit, LenderProfile, RateCard

FICTIONAL_BANK = "99999"
KNOWN_FOR = timedelta(days=760)
LIMITS_SET = timedelta(days=240)
WORKSPACE_LENDER = "workspace_lender"
FOLLOWED: Mapping[str, Mapping[str, int]] = {
    "factor-imaginaire": {"large": 40_000_000, "public": 20_000_000, "sme": 9_000_000},
    "affacturage-exemple": {"large": 25_000_000, "public": 15_000_000, "sme": 6_000_000},
    "credit-fictif": {"large": 30_000_000, "public": 30_000_000},
}
"""What a lender covers on a debtor, in cents, by the debtor's segment."""


def fictional_iban(siren: str) -> str:
    """An account number whose check digits hold, at a bank that does not exist."""
    account = IBAN.generate("FR", FICTIONAL_BANK, f"00{siren}", branch_code="99999")
    return str(account.compact)


def found_organisation(
    session: Session, company: FictionalCompany, kind: OrganisationKind, at: datetime
) -> UUID:
    """An active organisation with the company's register data."""
    organisation = Organisation(
        kind=kind,
        state=OrganisationState.ACTIVE,
        legal_name=company.name,
        siren=company.siren,
        siret=company.siret,
        vat_id=company.french_vat_id,
        legal_form=legal_form_label(company.legal_form_code),
        activity_code=company.activity_code,
        address_line=company.street,
        postal_code=company.postcode,
        city=company.city,
        iban=fictional_iban(company.siren),
        email=f"contact@{company.siren}.example",
        reply_to=f"comptabilite@{company.siren}.example",
        created_at=at - KNOWN_FOR,
    )
    session.add(organisation)
    session.flush()
    return organisation.id


def settle_lenders(session: Session, settings: Settings, at: datetime) -> dict[str, UUID]:
    """Every fictional lender with its profile and rate cards, by slug; the one working in the portal also by role."""
    companies = {company.siren: company for company in companies_of("lender")}
    settled: dict[str, UUID] = {}
    for lender in fictional_lenders():
        company = companies[lender.siren]
        settled[lender.slug] = found_organisation(session, company, OrganisationKind.LENDER, at)
        session.add(LenderProfile(**_profile(lender, settled[lender.slug], settings)))
        _connect(session, lender, settled[lender.slug], settings, at)
        session.add_all(_limits(lender, settled[lender.slug], at))
        session.add_all(_rate_cards(lender, settled[lender.slug], at))
        if lender.adapter == "workspace":
            settled.setdefault(WORKSPACE_LENDER, settled[lender.slug])
    session.flush()
    return settled


def _profile(lender: SandboxLender, organisation_id: UUID, settings: Settings) -> dict[str, Any]:
    address = f"{settings.sandbox_url.rstrip('/')}/lenders/{lender.slug}"
    return {
        "endpoint_url": address if lender.adapter == "rest" else None,
        "organisation_id": organisation_id,
        "slug": lender.slug,
        "adapter": lender.adapter,
        "regulatory_status": lender.regulatory_status,
        "registration_number": lender.regulatory_number,
        "answers_within_hours": lender.review_hours,
        "collection_iban": fictional_iban(lender.siren),
    }


def _connect(
    session: Session, lender: SandboxLender, lender_id: UUID, settings: Settings, at: datetime
) -> None:
    if lender.adapter == "rest":
        secret = lender_secret(lender.slug)
        keep_keys(session, settings, lender_id, outgoing=secret, webhooks=[secret], at=at)


def _limits(lender: SandboxLender, lender_id: UUID, at: datetime) -> list[DebtorLimit]:
    """Factors cover every debtor they can name; the regional bank follows the large ones."""
    segments = FOLLOWED.get(lender.slug, {})
    return [
        DebtorLimit(
            lender_id=lender_id,
            debtor_siren=company.siren,
            limit_cents=segments[company.segment],
            currency="EUR",
            set_on=(at - LIMITS_SET).date(),
        )
        for company in companies_of("debtor")
        if company.siren and company.segment in segments
    ]


def _rate_cards(lender: SandboxLender, lender_id: UUID, at: datetime) -> list[RateCard]:
    return [
        RateCard(
            lender_id=lender_id,
            slug=card.slug,
            title=card.title,
            product=card.product,
            version=1,
            tariff=dict(card.tariff),
            policy=dict(card.policy),
            created_at=at - KNOWN_FOR,
            activated_at=at - KNOWN_FOR,
        )
        for card in lender.rate_cards
    ]
