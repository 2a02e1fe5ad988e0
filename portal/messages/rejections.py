"""Addresses that refuse our messages: marked with the reason, left out afterwards, restored by a person.

- ``rejected_among(session, organisation_id, addresses) -> dict[str, RejectedAddress]``: which of these addresses
  an organisation must not write to, by address in lower case. One query, for a page or a whole run.
- ``rejection_of(session, organisation_id, address) -> RejectedAddress | None``: the same for one address.
- ``reject(session, organisation_id, address, ...)``, ``restore(session, rejection, *, by, at)``.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.messages.models import RejectedAddress, RejectionReason

DETAIL_CHARS_MAX = 500


class RejectionNotFound(LookupError):
    """The address is not rejected, or belongs to someone else's file."""


def rejected_among(
    session: Session, organisation_id: UUID, addresses: Iterable[str]
) -> dict[str, RejectedAddress]:
    """Which of these addresses the organisation must not write to, by address in lower case."""
    rows = session.scalars(
        select(RejectedAddress).where(
            RejectedAddress.organisation_id == organisation_id,
            RejectedAddress.address.in_({_plain(address) for address in addresses}),
            RejectedAddress.restored_at.is_(None),
        )
    )
    return {row.address: row for row in rows}


def rejection_of(session: Session, organisation_id: UUID, address: str) -> RejectedAddress | None:
    """Why the organisation must not write to this address; None when it may."""
    return rejected_among(session, organisation_id, [address]).get(_plain(address))


def find_rejection(
    session: Session, rejection_id: UUID, *, organisation_id: UUID
) -> RejectedAddress:
    """The organisation's own rejection, still standing.

    Raises:
        RejectionNotFound: there is none.
    """
    found = session.scalar(
        select(RejectedAddress).where(
            RejectedAddress.id == rejection_id,
            RejectedAddress.organisation_id == organisation_id,
            RejectedAddress.restored_at.is_(None),
        )
    )
    if found is None:
        raise RejectionNotFound(rejection_id)
    return found


def reject(
    session: Session,
    organisation_id: UUID,
    address: str,
    *,
    reason: RejectionReason,
    detail: str | None,
    message_id: UUID | None,
    by: UUID | None,
    at: datetime,
) -> bool:
    """Write no more to an address; False when that was already so."""
    kept = session.scalar(
        insert(RejectedAddress)
        .values(
            organisation_id=organisation_id,
            address=_plain(address),
            reason=reason,
            detail=detail[:DETAIL_CHARS_MAX] if detail else None,
            message_id=message_id,
            rejected_at=at,
        )
        .on_conflict_do_nothing()
        .returning(RejectedAddress.id)
    )
    if kept is None:
        return False
    trail.record(session, organisation_id, "reject_address", "address", kept, by=by, at=at)
    return True


def restore(session: Session, rejection: RejectedAddress, *, by: UUID | None, at: datetime) -> None:
    """A person says that the address is good after all; repeating changes nothing."""
    if rejection.restored_at is not None:
        return
    rejection.restored_at, rejection.restored_by = at, by
    trail.record(
        session,
        rejection.organisation_id,
        "restore_address",
        "address",
        rejection.id,
        by=by,
        at=at,
    )


def _plain(address: str) -> str:
    return address.strip().lower()
