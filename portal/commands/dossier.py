"""``portal dossier``: checking an evidence dossier without the database, the network or us."""

import json
import sys
from pathlib import Path

import click

from portal.collections.evidence.seal import DossierUnreadable, verify_archive


@click.group()
def dossier() -> None:
    """Evidence dossiers of claims."""


@dossier.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seal", help="The seal you were given apart; another one means another dossier.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(file: Path, seal: str | None, as_json: bool) -> None:
    """Recompute every hash and the chain of FILE; exit status 1 if anything was changed, removed or added.

    The chain proves that the files are those of the manifest. That the manifest itself is the one made
    that day is proved by its seal: it stands in the organisation's audit trail, and can be given with --seal.
    """
    try:
        with file.open("rb") as source:
            verdict = verify_archive(source)
    except DossierUnreadable as error:
        _say(as_json, {"whole": False, "seal": None, "files": 0, "faults": [str(error)]})
        sys.exit(1)
    faults = list(verdict.faults)
    if seal is not None and seal.strip().lower() != verdict.seal:
        faults.append(f"the seal is {verdict.seal}, not the one given")
    _say(
        as_json,
        {"whole": not faults, "seal": verdict.seal, "files": verdict.files, "faults": faults},
    )
    sys.exit(1 if faults else 0)


def _say(as_json: bool, found: dict[str, object]) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for fault in found["faults"]:  # type: ignore[attr-defined]
        click.echo(fault)
    click.echo(f"{found['files']} files, {'all whole' if found['whole'] else 'NOT WHOLE'}")
    if found["seal"]:
        click.echo(f"seal {found['seal']}")
