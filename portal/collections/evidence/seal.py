"""The seal of a dossier: each file hashed, each hash chained to the one before. Needs neither the database nor us."""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, Any

FORMAT = "encaisse-dossier-1"
MANIFEST = "manifest.json"
GENESIS = "0" * 64
FILES_MAX = 2_000
FILE_BYTES_MAX = 100_000_000
ALL_BYTES_MAX = 500_000_000
MANIFEST_BYTES_MAX = 5_000_000
CHUNK_BYTES = 1 << 20
SPOOLED_BYTES = 32 << 20
EARLIEST = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REWRITTEN = "rewritten: the files are as sealed, but the archive around them is not as it was made"
UNREADABLE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    UnicodeDecodeError,
)


class DossierUnreadable(ValueError):
    """The file is no dossier, or is larger than what is read safely; the message says which."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """One file of the manifest: its place, its hash, and the link of the chain it closes."""

    path: str
    size: int
    sha256: str
    link: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: nothing in ``faults`` means that every file is as it was sealed."""

    seal: str
    files: int
    faults: tuple[str, ...]

    @property
    def whole(self) -> bool:
        return not self.faults


def seal_archive(
    files: Mapping[str, bytes], about: Mapping[str, Any], *, made_at: datetime
) -> bytes:
    """A ZIP of the files in their order and their manifest; the same files give the same bytes.

    Raises:
        DossierUnreadable: a path is not a plain relative one, or the manifest's own.
    """
    links = list(_chain(files, _about_hash(about)))
    manifest = {
        "format": FORMAT,
        "made_at": made_at.astimezone(UTC).isoformat(),
        "about": dict(about),
        "algorithm": "SHA-256; link = sha256(previous link + path + size + sha256), newline between",
        "files": [
            {"path": one.path, "size": one.size, "sha256": one.sha256, "link": one.link}
            for one in links
        ],
        "seal": links[-1].link if links else _about_hash(about),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    buffer = BytesIO()
    _pack(buffer, [*files.items(), (MANIFEST, text.encode())])
    return buffer.getvalue()


def seal_of(files: Mapping[str, bytes], about: Mapping[str, Any]) -> str:
    """The last link of the chain: changing anything in the dossier changes it."""
    links = list(_chain(files, _about_hash(about)))
    return links[-1].link if links else _about_hash(about)


def verify_archive(source: IO[bytes], *, all_bytes_max: int = ALL_BYTES_MAX) -> Verdict:
    """Check a dossier offline: every file present, none added, each hash, the whole chain, and every byte around.

    Raises:
        DossierUnreadable: no dossier, encrypted, or beyond the limits of what is read.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            entries = _safe_entries(archive, all_bytes_max)
            manifest = _manifest(archive, entries)
            verdict = _compare(archive, entries, manifest)
            if verdict.whole and not _is_as_packed(source, archive, manifest):
                return replace(verdict, faults=(REWRITTEN,))
            return verdict
    except UNREADABLE as error:
        raise DossierUnreadable("the file is not a readable ZIP archive") from error


def _about_hash(about: Mapping[str, Any]) -> str:
    text = json.dumps(dict(about), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{GENESIS}\n{text}".encode()).hexdigest()


def _chain(files: Mapping[str, bytes], first: str) -> Iterator[Sealed]:
    previous = first
    for path, content in files.items():
        if not _is_plain(path) or path == MANIFEST:
            raise DossierUnreadable(f"'{path}' is no path of a dossier")
        digest = hashlib.sha256(content).hexdigest()
        previous = _link(previous, path, len(content), digest)
        yield Sealed(path, len(content), digest, previous)


def _link(previous: str, path: str, size: int, digest: str) -> str:
    return hashlib.sha256(f"{previous}\n{path}\n{size}\n{digest}".encode()).hexdigest()


def _pack(target: IO[bytes], files: Iterable[tuple[str, bytes]]) -> None:
    """Nothing compressed, one day for every entry: the same files always make the same bytes."""
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files:
            entry = zipfile.ZipInfo(path, EARLIEST)
            entry.create_system = UNIX
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def _is_as_packed(source: IO[bytes], archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> bool:
    """Whether packing the files again gives the archive byte for byte."""
    paths = [*(path for path, *_ in manifest["files"]), MANIFEST]
    with SpooledTemporaryFile(max_size=SPOOLED_BYTES) as again:
        _pack(again, ((path, archive.read(path)) for path in paths))
        again.seek(0)
        source.seek(0)
        while piece := source.read(CHUNK_BYTES):
            if again.read(len(piece)) != piece:
                return False
        return not again.read(1)


def _is_plain(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and "\\" not in path


def _safe_entries(archive: zipfile.ZipFile, all_bytes_max: int) -> dict[str, zipfile.ZipInfo]:
    """The entries by path, refused before anything is unpacked when they are too many, too large or hidden."""
    entries = archive.infolist()
    if len(entries) > FILES_MAX:
        raise DossierUnreadable(f"more than {FILES_MAX} files")
    if sum(entry.file_size for entry in entries) > all_bytes_max:
        raise DossierUnreadable(f"more than {all_bytes_max} bytes once unpacked")
    for entry in entries:
        if entry.file_size > FILE_BYTES_MAX:
            raise DossierUnreadable(f"'{entry.filename}' has more than {FILE_BYTES_MAX} bytes")
        if entry.flag_bits & 0x1:
            raise DossierUnreadable(f"'{entry.filename}' is encrypted")
    named = {entry.filename: entry for entry in entries}
    if len(named) != len(entries):
        raise DossierUnreadable("two files have the same name")
    return named


def _manifest(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, Any]:
    entry = entries.get(MANIFEST)
    if entry is None:
        raise DossierUnreadable(f"there is no {MANIFEST}: this is no evidence dossier")
    if entry.file_size > MANIFEST_BYTES_MAX:
        raise DossierUnreadable(f"{MANIFEST} is too large")
    try:
        found = json.loads(archive.read(entry))
        files = [
            (str(one["path"]), int(one["size"]), str(one["sha256"]), str(one["link"]))
            for one in found["files"]
        ]
        known = found["format"] == FORMAT and isinstance(found["about"], dict)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DossierUnreadable(f"{MANIFEST} cannot be read") from error
    if not known:
        raise DossierUnreadable(f"{MANIFEST} is not of the format {FORMAT}")
    return {"about": found["about"], "seal": str(found.get("seal")), "files": files}


def _compare(
    archive: zipfile.ZipFile,
    entries: Mapping[str, zipfile.ZipInfo],
    manifest: Mapping[str, Any],
) -> Verdict:
    faults: list[str] = []
    previous = _about_hash(manifest["about"])
    listed = {path for path, *_ in manifest["files"]}
    for path, size, digest, link in manifest["files"]:
        previous = _link(previous, path, size, digest)
        if link != previous:
            faults.append(f"chain broken at {path}")
        if path not in entries:
            faults.append(f"missing: {path}")
        elif _fingerprint(archive, entries[path]) != (size, digest):
            faults.append(f"changed: {path}")
    faults += [f"added: {path}" for path in sorted(set(entries) - listed - {MANIFEST})]
    if manifest["seal"] != previous:
        faults.append("the seal is not that of the chain")
    return Verdict(manifest["seal"], len(manifest["files"]), tuple(faults))


def _fingerprint(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> tuple[int, str] | None:
    """Size and hash as really unpacked, in pieces; None for what cannot be unpacked or grows beyond its limit."""
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(entry) as content:
            while piece := content.read(CHUNK_BYTES):
                size += len(piece)
                if size > FILE_BYTES_MAX:
                    return None
                digest.update(piece)
    except UNREADABLE:
        return None
    return size, digest.hexdigest()
