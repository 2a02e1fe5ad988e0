"""Writing the audit trail, and proving that nobody has rewritten it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry

GENESIS = "0" * 64


def record(
    session: Session,
    organisation_id: UUID,
    action: str,
    subject_kind: str,
    subject_id: UUID | str,
    facts: Mapping[str, Any] | None = None,
    *,
    by: UUID | None,
    at: datetime,
) -> AuditEntry:
    """Add one entry to an organisation's chain, in the caller's transaction.

    ``facts`` holds identifiers and codes: never a name, an IBAN or a secret.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"),
        {"key": f"audit:{organisation_id}"},
    )
    last = session.scalar(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence.desc())
        .limit(1)
    )
    entry = AuditEntry(
        organisation_id=organisation_id,
        sequence=last.sequence + 1 if last else 1,
        happened_at=at,
        member_id=by,
        action=action,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        facts=json.loads(json.dumps(dict(facts or {}), default=str)),
        previous_hash=last.entry_hash if last else GENESIS,
    )
    entry.entry_hash = entry_hash(entry)
    session.add(entry)
    session.flush()
    return entry


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and its predecessor's hash, in canonical JSON."""
    content = {
        "organisation": str(entry.organisation_id),
        "sequence": entry.sequence,
        "happened_at": entry.happened_at.astimezone(UTC).isoformat(),
        "member": str(entry.member_id) if entry.member_id else None,
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_id],
        "facts": entry.facts,
        "previous": entry.previous_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def broken_links(session: Session, organisation_id: UUID) -> list[int]:
    """The sequence numbers whose content, order or link no longer holds; empty when the chain is whole."""
    expected_sequence, expected_previous, broken = 1, GENESIS, []
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=1000)
    )
    for entry in entries:
        whole = (
            entry.sequence == expected_sequence
            and entry.previous_hash == expected_previous
            and entry.entry_hash == entry_hash(entry)
        )
        if not whole:
            broken.append(entry.sequence)
        expected_sequence, expected_previous = entry.sequence + 1, entry.entry_hash
    return broken
