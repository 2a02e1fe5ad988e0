"""What an assignor says of a debtor: whom to write to, in which language, and who it is."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.formats.identifiers import compact, is_siren
from portal.audit.trail import record
from portal.debtors.matching import segment_of
from portal.debtors.models import Debtor, DebtorSegment


class SirenRefused(ValueError):
    """Not nine digits with a right key (INSEE)."""


class DebtorAlreadyKnown(Exception):
    """Another debtor of the assignor has this SIREN."""

    def __init__(self, debtor_id: UUID) -> None:
        self.debtor_id = debtor_id
        super().__init__(str(debtor_id))


@dataclass(frozen=True, slots=True)
class DebtorDetails:
    """What can be changed by hand."""

    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None
    segment: DebtorSegment
    locale: str
    assignment_restricted: bool
    related_party: bool
    siren: str | None = None


def describe_debtor(
    session: Session, debtor: Debtor, details: DebtorDetails, *, by: UUID | None, at: datetime
) -> None:
    """Change a debtor's contact and nature; a SIREN is taken only where there was none.

    Raises:
        SirenRefused: the SIREN's key is wrong.
        DebtorAlreadyKnown: the SIREN is another debtor's.
    """
    if details.siren and not debtor.siren:
        _identify(session, debtor, compact(details.siren))
    debtor.contact_name = details.contact_name
    debtor.contact_email = details.contact_email
    debtor.contact_phone = details.contact_phone
    debtor.segment = details.segment
    debtor.locale = details.locale
    debtor.assignment_restricted = details.assignment_restricted
    debtor.related_party = details.related_party
    session.flush()
    record(
        session,
        debtor.assignor_id,
        "debtor_described",
        "debtor",
        debtor.id,
        {"segment": debtor.segment.value, "siren": bool(debtor.siren)},
        by=by,
        at=at,
    )


def _identify(session: Session, debtor: Debtor, siren: str) -> None:
    if not is_siren(siren):
        raise SirenRefused(siren)
    other = session.scalar(
        select(Debtor.id).where(
            Debtor.assignor_id == debtor.assignor_id,
            Debtor.identity_key == siren,
            Debtor.id != debtor.id,
        )
    )
    if other is not None:
        raise DebtorAlreadyKnown(other)
    debtor.siren = debtor.identity_key = siren
    if debtor.segment is not DebtorSegment.PUBLIC:
        debtor.segment = segment_of(siren, maybe_consumer=False)
