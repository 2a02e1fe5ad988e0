"""The ``portal`` command: what an operator types."""

import os
import sys

import click

from portal.commands.audit import audit
from portal.commands.database import demo, migrate, migration
from portal.commands.drawing import docs
from portal.commands.reading import read
from portal.commands.running import run, sandbox, worker
from portal.config import SettingRefused, Settings
from portal.logs import configure


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def portal(context: click.Context) -> None:
    """Encaisse: invoice financing and collection in one place."""
    try:
        settings = Settings.from_environ(os.environ)
    except SettingRefused as refused:
        raise click.UsageError(str(refused)) from refused
    configure(settings.log_level, for_people=sys.stderr.isatty())
    context.obj = settings


for command in (run, worker, sandbox, migrate, migration, demo, read, audit, docs):
    portal.add_command(command)


def main() -> None:
    """Entry point of the ``portal`` command."""
    portal(prog_name="portal")
