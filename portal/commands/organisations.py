"""``portal organisation`` and ``portal lender``: opening the marketplace to those who do not apply by themselves."""

import tomllib
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.identity.invitations import invite
from portal.identity.models import Organisation, OrganisationKind, OrganisationState, Role
from portal.lenders.keys import keep_keys
from portal.lenders.models import LenderProfile
from portal.lenders.rate_cards import activate, add_version
from portal.runtime import Runtime
from pricing.products.quote import Product


class NoSuchLender(click.ClickException):
    """No lender has this slug yet."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"no lender is called '{slug}'; connect it first: portal lender connect")


@click.group()
def organisation() -> None:
    """Lenders, brokers and operators: companies that are invited, not found by applying."""


@organisation.command()
@click.argument("kind", type=click.Choice(["lender", "broker", "operator"]))
@click.argument("name")
@click.option("--siren", help="Its SIREN; not needed for an operator.")
@click.option("--owner", required=True, help="E-mail of the person invited to own it.")
@click.pass_obj
def found(settings: Settings, kind: str, name: str, siren: str | None, owner: str) -> None:
    """Open an organisation and invite its owner by e-mail."""
    with Runtime.running(settings) as runtime, runtime.transaction() as session:
        at = runtime.clock(session).instant()
        opened = Organisation(
            kind=OrganisationKind(kind),
            state=OrganisationState.ACTIVE,
            legal_name=name,
            siren=siren,
            created_at=at,
        )
        session.add(opened)
        session.flush()
        invite(session, opened, owner, Role.OWNER, settings=settings, by=None, at=at)
        click.echo(f"{opened.id}  {name}: an invitation goes to {owner}")


@click.group()
def lender() -> None:
    """How a lender is reached, and what it charges."""


@lender.command()
@click.argument("siren")
@click.argument("slug")
@click.option("--adapter", default="rest", help="`rest`, `workspace`, or one added by a package.")
@click.option("--endpoint", help="Base address of its API; not needed for `workspace`.")
@click.option("--status", "status_text", required=True, help="Its regulatory status, as shown.")
@click.option("--registration", help="Its REGAFI or ORIAS number.")
@click.pass_obj
def connect(
    settings: Settings,
    siren: str,
    slug: str,
    adapter: str,
    endpoint: str | None,
    status_text: str,
    registration: str | None,
) -> None:
    """Say how the lender with this SIREN is reached; asks for the shared secret without showing it."""
    if adapter != "workspace" and not endpoint:
        raise click.UsageError("--endpoint is needed: this adapter calls the lender over HTTP")
    secret = "" if adapter == "workspace" else click.prompt("Shared secret", hide_input=True)
    with Runtime.running(settings) as runtime, runtime.transaction() as session:
        at = runtime.clock(session).instant()
        company = session.scalars(
            select(Organisation).where(
                Organisation.siren == siren, Organisation.kind == OrganisationKind.LENDER
            )
        ).first()
        if company is None:
            raise click.UsageError(f"no lender has the SIREN {siren}: portal organisation found")
        profile = session.get(LenderProfile, company.id) or LenderProfile(
            organisation_id=company.id, slug=slug
        )
        profile.adapter, profile.endpoint_url = adapter, endpoint
        profile.regulatory_status, profile.registration_number = status_text, registration
        session.add(profile)
        session.flush()
        if secret:
            keep_keys(session, settings, company.id, outgoing=secret, webhooks=[secret], at=at)
    click.echo(f"{slug} is connected")


@lender.command()
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--activate", "at_once", is_flag=True, help="Put the new versions in force now.")
@click.pass_obj
def cards(settings: Settings, slug: str, file: Path, at_once: bool) -> None:
    """Add versions of rate cards from a TOML file ([[rate_card]] slug, title, product, tariff, policy)."""
    entries = tomllib.loads(file.read_text(encoding="utf-8")).get("rate_card", [])
    with Runtime.running(settings) as runtime, runtime.transaction() as session:
        at = runtime.clock(session).instant()
        lender_id = _profile(session, slug).organisation_id
        for entry in entries:
            card = add_version(
                session,
                lender_id,
                Product(entry["product"]),
                slug=entry["slug"],
                title=entry["title"],
                tariff=entry["tariff"],
                policy=entry["policy"],
                by=None,
                at=at,
            )
            if at_once:
                activate(session, card, by=None, at=at)
            click.echo(f"{card.slug} v{card.version}{' in force' if at_once else ', inert'}")


def _profile(session: Session, slug: str) -> LenderProfile:
    profile = session.scalars(select(LenderProfile).where(LenderProfile.slug == slug)).first()
    if profile is None:
        raise NoSuchLender(slug)
    return profile
