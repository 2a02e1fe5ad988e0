"""``portal audit``: proving that the trail of what was done has not been rewritten."""

import sys

import click
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.audit.trail import broken_links
from portal.config import Settings
from portal.runtime import Runtime


@click.group()
def audit() -> None:
    """The trail of who did what."""


@audit.command()
@click.pass_obj
def verify(settings: Settings) -> None:
    """Recompute every organisation's chain of hashes; exit status 1 if a link is broken."""
    with Runtime.running(settings) as runtime, runtime.transaction() as session:
        organisations = session.scalars(select(AuditEntry.organisation_id).distinct()).all()
        broken = {one: broken_links(session, one) for one in organisations}
    for organisation, sequences in broken.items():
        if sequences:
            click.echo(f"organisation {organisation}: entries {sequences} do not hold")
    whole = not any(broken.values())
    click.echo(f"{len(broken)} chains, {'all whole' if whole else 'BROKEN'}")
    sys.exit(0 if whole else 1)
