"""``portal docs``: pages of docs/ drawn from the code, so that they cannot disagree with it."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click

from partners.formats.catalogue import reading_codes_page
from portal.commands.state_tables import state_tables_page
from portal.config import Settings
from pricing.eligibility.catalogue import finding_codes_page

DOCS = Path(__file__).parent.parent.parent / "docs"


def settings_page() -> str:
    """Every setting with its default and what it does; secrets show no default."""
    rows = [
        f"| `{known.metadata['env']}` | {_default(known.default, known.metadata['secret'])} "
        f"| {known.metadata['help']} |"
        for known in fields(Settings)
    ]
    head = [
        "# Settings",
        "",
        "Read once from the environment by `portal.config.Settings`. Drawn by `make docs`.",
        "",
        "| variable | default | what it does |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


DRAWN: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "state-tables.md": state_tables_page,
    "finding-codes.md": finding_codes_page,
    "reading-codes.md": reading_codes_page,
}


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; fail if a page is out of date.")
def docs(check: bool) -> None:
    """Draw the pages of docs/ that come from the code."""
    stale = [name for name, draw in DRAWN.items() if _read(name) != draw()]
    if check and stale:
        raise click.ClickException(f"out of date: {', '.join(stale)}; run `make docs`")
    for name in stale:
        (DOCS / name).write_text(DRAWN[name](), encoding="utf-8")
        click.echo(f"docs/{name}")


def _read(name: str) -> str:
    page = DOCS / name
    return page.read_text(encoding="utf-8") if page.exists() else ""


def _default(value: object, secret: bool) -> str:
    if secret and value:
        return "(development only)"
    return f"`{value}`" if str(value) else "—"
