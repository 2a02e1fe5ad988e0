"""Keeping files byte for byte under their SHA-256, on any fsspec file system."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import fsspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.documents.models import Document, DocumentGrant, DocumentKind

FILENAME_LENGTH_MAX = 120


class DocumentDamaged(Exception):
    """The stored bytes are no longer the ones that were kept."""


@dataclass(frozen=True, slots=True)
class DocumentStore:
    """Bytes by content address: the same content is stored once, and a name never reaches the file system."""

    files: Any
    root: str

    @classmethod
    def at(cls, address: str) -> "DocumentStore":
        """A store at any fsspec address: a directory, ``s3://bucket/prefix``, ``memory://``…"""
        files, root = fsspec.core.url_to_fs(address)
        return cls(files, root)

    def put(self, content: bytes) -> str:
        """Store the content and return its SHA-256 in hexadecimal."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if not self.files.exists(path):
            self.files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            partial = f"{path}.{uuid4().hex}"
            self.files.pipe_file(partial, content)
            self.files.mv(partial, path)
        return digest

    def get(self, digest: str) -> bytes:
        """The content kept under ``digest``.

        Raises:
            DocumentDamaged: it is missing, or no longer hashes to its address.
        """
        try:
            content: bytes = self.files.cat_file(self._path(digest))
        except FileNotFoundError as error:
            raise DocumentDamaged(f"document {digest} is missing from the store") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise DocumentDamaged(f"document {digest} was altered in the store")
        return content

    def _path(self, digest: str) -> str:
        return f"{self.root}/{digest[:2]}/{digest}"


def keep(
    session: Session,
    store: DocumentStore,
    *,
    owner_id: UUID,
    kind: DocumentKind,
    filename: str,
    media_type: str,
    content: bytes,
    by: UUID | None,
    at: datetime,
) -> Document:
    """Keep a file for an organisation; the same file under the same name is kept once."""
    digest = store.put(content)
    name = safe_filename(filename)
    known = session.scalar(
        select(Document).where(
            Document.owner_id == owner_id, Document.sha256 == digest, Document.filename == name
        )
    )
    if known is not None:
        return known
    document = Document(
        owner_id=owner_id,
        kind=kind,
        filename=name,
        media_type=media_type,
        sha256=digest,
        size_bytes=len(content),
        stored_at=at,
        stored_by=by,
    )
    session.add(document)
    session.flush()
    return document


def grant(
    session: Session,
    document: Document,
    organisation_id: UUID,
    *,
    submission_id: UUID,
    at: datetime,
) -> None:
    """Let a lender read one document as long as one submission to it lasts; repeating is harmless."""
    known = session.scalar(
        select(DocumentGrant).where(
            DocumentGrant.document_id == document.id,
            DocumentGrant.submission_id == submission_id,
        )
    )
    if known is None:
        session.add(
            DocumentGrant(
                document_id=document.id,
                owner_id=document.owner_id,
                organisation_id=organisation_id,
                submission_id=submission_id,
                granted_at=at,
            )
        )


def end_grants(session: Session, submission_id: UUID, *, at: datetime) -> None:
    """Take back every document given for a submission; those given for another one stay readable."""
    session.flush()
    session.execute(
        update(DocumentGrant)
        .where(DocumentGrant.submission_id == submission_id, DocumentGrant.ended_at.is_(None))
        .values(ended_at=at)
    )


def safe_filename(name: str) -> str:
    """The name as shown and downloaded: no path, no control character, not too long."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in bare if char.isprintable()).strip(" .")
    return printable[-FILENAME_LENGTH_MAX:] or "document"
