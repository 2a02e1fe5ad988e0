"""``portal migrate`` and ``portal demo``: the database's shape and its demonstration content."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from alembic import command
from flask_security import hash_password
from sqlalchemy import create_engine, pool

from portal.app import create_app
from portal.clock import Clock
from portal.config import Settings
from portal.db import owner_url
from portal.demo.accounts import PASSWORD
from portal.demo.loading import is_loaded, load
from portal.demo.samples import NEWCOMER_SIREN, UnknownSeller, sample_invoices
from portal.embedded import database_server
from portal.runtime import Runtime
from portal.upgrade import MIGRATIONS, alembic_config, bring_up_to_date, measure_tables


@contextmanager
def with_database(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that answers: the one given, or the product's own for the time needed."""
    if settings.database_url:
        yield settings
        return
    with database_server(settings.var_directory / "postgres") as address:
        yield replace(settings, database_url=address)


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Create or update the tables, and the role the application connects as."""
    with with_database(settings) as ready:
        bring_up_to_date(ready)
    click.echo("The database is up to date.")


@click.group()
def demo() -> None:
    """Demonstration companies, invoices and deals."""


@demo.command("load")
@click.pass_obj
def load_demo(settings: Settings) -> None:
    """Load the demonstration once; a database that has it is left as it is."""
    refuse_in_production(settings)
    with with_database(settings) as ready:
        bring_up_to_date(ready)
        load_once(ready)


@demo.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--siren", default=NEWCOMER_SIREN, help="The fictional company that issues them.")
def invoices(directory: Path, siren: str) -> None:
    """Write a few Factur-X invoices of a fictional company, to try the application with."""
    directory.mkdir(parents=True, exist_ok=True)
    try:
        for name, content in sample_invoices(siren, Clock().day()):
            (directory / name).write_bytes(content)
            click.echo(str(directory / name))
    except UnknownSeller as refused:
        raise click.UsageError(str(refused)) from refused


@demo.command()
@click.confirmation_option(prompt="This deletes the local database and documents. Go on?")
@click.pass_obj
def reset(settings: Settings) -> None:
    """Delete the product's own database and documents, so that the next start loads the demonstration anew."""
    refuse_in_production(settings)
    if settings.database_url:
        raise click.UsageError("DATABASE_URL is set: only the product's own database is reset")
    for part in ("postgres", "documents", "sandbox"):
        shutil.rmtree(settings.var_directory / part, ignore_errors=True)
    click.echo("Demonstration data deleted; the next start loads it anew.")


def load_once(settings: Settings) -> None:
    """Load the demonstration unless it is there already, saying what is done."""
    with Runtime.running(settings) as runtime:
        if is_loaded(runtime):
            return
        click.echo("Loading the demonstration (once)…")
        for step in load(runtime, lambda: hashed(runtime, PASSWORD)):
            click.echo(f"  {step}")
    measure_tables(settings)


def hashed(runtime: Runtime, password: str) -> str:
    """A password as the sign-in page will check it."""
    with create_app(runtime).app_context():
        return str(hash_password(password))


@click.command()
@click.argument("name")
@click.pass_obj
def migration(settings: Settings, name: str) -> None:
    """Write a new migration from what the models declare and the tables lack; then read it and edit it."""
    number = f"{len(list((MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    with with_database(settings) as ready:
        bring_up_to_date(ready)
        engine = create_engine(owner_url(ready.database_url), poolclass=pool.NullPool)
        with engine.connect() as connection:
            command.revision(
                alembic_config(connection), message=name, autogenerate=True, rev_id=number
            )


def refuse_in_production(settings: Settings) -> None:
    if not settings.is_demo:
        raise click.UsageError("the demonstration exists in demo mode only (PORTAL_MODE=demo)")
