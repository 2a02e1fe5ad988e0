"""The ``portal`` command: what an operator types."""

import os
import sys
from pkgutil import resolve_name

import click

from portal.config import SettingRefused, Settings
from portal.logs import configure

COMMANDS = {
    "run": "portal.commands.running:run",
    "worker": "portal.commands.running:worker",
    "sandbox": "portal.commands.running:sandbox",
    "migrate": "portal.commands.database:migrate",
    "migration": "portal.commands.database:migration",
    "organisation": "portal.commands.organisations:organisation",
    "lender": "portal.commands.organisations:lender",
    "demo": "portal.commands.database:demo",
    "read": "portal.commands.reading:read",
    "penalties": "portal.commands.penalties:penalties",
    "audit": "portal.commands.audit:audit",
    "dossier": "portal.commands.dossier:dossier",
    "docs": "portal.commands.drawing:docs",
}
"""Loaded only when typed: reading a file needs neither the web nor the database."""


class CommandsOnDemand(click.Group):
    """The group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        path = COMMANDS.get(name)
        if path is None:
            return None
        command: click.Command = resolve_name(path)
        return command


@click.group(cls=CommandsOnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def portal(context: click.Context) -> None:
    """Encaisse: invoice financing and collection in one place."""
    try:
        settings = Settings.from_environ(os.environ)
    except SettingRefused as refused:
        raise click.UsageError(str(refused)) from refused
    configure(settings.log_level, for_people=sys.stderr.isatty())
    context.obj = settings


def main() -> None:
    """Entry point of the ``portal`` command."""
    portal(prog_name="portal")
