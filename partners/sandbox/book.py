"""The dossiers every fictional lender holds, kept in memory and, if asked, in one JSON file."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from partners.sandbox.lenders import Behaviour


@dataclass(slots=True)
class DossierFile:
    """One dossier at one lender.

    Attributes:
        body: what the portal sent.
        events: everything the lender said, oldest first, in the words of the contract.
        todo: steps the lender will take by itself, next first.
        answers: idempotency key to the request's digest and the event answered.
        paid_cents: what the debtors paid the lender, by receivable number.
    """

    lender: str
    dossier: str
    reference: str
    behaviour: Behaviour
    body: dict[str, Any]
    events: list[dict[str, Any]] = field(default_factory=list)
    todo: list[str] = field(default_factory=list)
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    paid_cents: dict[str, int] = field(default_factory=dict)

    def last(self, *statuses: str) -> dict[str, Any] | None:
        """The latest event with one of these statuses."""
        return next((e for e in reversed(self.events) if e["status"] in statuses), None)

    def event(self, event_id: str) -> dict[str, Any]:
        """The event with this id."""
        return next(event for event in self.events if event["id"] == event_id)


class Book:
    """Every dossier, found by lender and submission. Hold `lock` while changing one."""

    def __init__(self, path: Path | None = None) -> None:
        self.lock = RLock()
        self._path = path
        self._files: dict[tuple[str, str], DossierFile] = {}
        self._calls: Counter[tuple[str, str]] = Counter()
        if path is not None and path.exists():
            self._load(path)

    def __iter__(self) -> Iterator[DossierFile]:
        with self.lock:
            return iter(list(self._files.values()))

    def count_call(self, lender: str, dossier: str) -> int:
        """How often this dossier was submitted, this call included."""
        with self.lock:
            self._calls[lender, dossier] += 1
            return self._calls[lender, dossier]

    def find(self, lender: str, dossier: str) -> DossierFile | None:
        """The lender's file of a dossier."""
        with self.lock:
            return self._files.get((lender, dossier))

    def of_dossier(self, dossier: str) -> DossierFile | None:
        """The file of a dossier, whichever lender holds it."""
        return next((file for file in self if file.dossier == dossier), None)

    def add(self, file: DossierFile) -> DossierFile:
        """Keep a new file; its reference counts the lender's dossiers."""
        with self.lock:
            number = 1 + sum(1 for held in self._files.values() if held.lender == file.lender)
            file.reference = f"{file.lender.upper()}-{number:05d}"
            self._files[file.lender, file.dossier] = file
            return file

    def clear(self) -> None:
        """Forget every dossier."""
        with self.lock:
            self._files.clear()
            self._calls.clear()
            self.save()

    def save(self) -> None:
        """Write the file, whole or not at all; nothing to do without a path."""
        if self._path is None:
            return
        with self.lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            written = self._path.with_suffix(".tmp")
            written.write_text(
                json.dumps([asdict(file) for file in self._files.values()], ensure_ascii=False),
                encoding="utf-8",
            )
            written.replace(self._path)

    def _load(self, path: Path) -> None:
        try:
            entries = json.loads(path.read_text(encoding="utf-8"))
            files = [_file(entry) for entry in entries]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path} is not a state of the sandbox; delete it to start afresh"
            ) from error
        self._files = {(file.lender, file.dossier): file for file in files}


def _file(entry: dict[str, Any]) -> DossierFile:
    answers = {key: (digest, event) for key, (digest, event) in entry.pop("answers").items()}
    behaviour = Behaviour(entry.pop("behaviour"))
    return DossierFile(**entry, behaviour=behaviour, answers=answers)
