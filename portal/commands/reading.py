"""``portal read``: what a file says, without a database."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from partners.formats.reading import read_file, to_json


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file, one line each.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="Language of messages.")
def read(files: tuple[Path, ...], as_json: bool, lang: str) -> None:
    """Read invoices (Factur-X, ZUGFeRD, CII, UBL, CSV, XLSX) and say what they hold.

    Exit status 1 when any file was refused.
    """
    refused = False
    for path in files:
        found = to_json(read_file(path), lang)
        refused = refused or bool(found["refusals"])
        click.echo(json.dumps(found, ensure_ascii=False) if as_json else _in_words(found))
    sys.exit(1 if refused else 0)


def _in_words(found: dict[str, Any]) -> str:
    lines = [f"{found['file']}: {found['format'] or '?'} {found['profile'] or ''}".rstrip()]
    for document in found["documents"]:
        lines.append(
            f"  {document['kind']} {document['number']}  {document['issued_on']} → {document['due_on']}"
            f"  {_euros(document['payable_cents'])} {document['currency']}"
            f"  {document['seller']['name']} → {document['buyer']['name']}"
        )
        lines += [f"    ! {warning['message']}" for warning in document["warnings"]]
    lines += [f"  ✗ {refusal['message']}" for refusal in found["refusals"]]
    return "\n".join(lines)


def _euros(cents: int | None) -> str:
    if cents is None:
        return "?"
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"
