"""Telling which debtor a document names, or entering a new one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from partners.formats.identifiers import is_siren, plain, siren_of
from partners.vocabulary.invoices import PartyRead
from portal.debtors.models import Debtor, DebtorSegment

PUBLIC_SIREN_FIRST_DIGITS = ("1", "2")


class DebtorMatcher:
    """Finds or enters the debtors of one assignor while documents come in; remembers those it met."""

    def __init__(self, session: Session, assignor_id: UUID, assignor_siren: str | None) -> None:
        self._session = session
        self._assignor_id = assignor_id
        self._assignor_siren = assignor_siren
        self._met: dict[str, Debtor] = {}

    def debtor_of(self, buyer: PartyRead, *, maybe_consumer: bool, at: datetime) -> Debtor:
        """The debtor that ``buyer`` names, entered when it is new; a known one gains what it lacked."""
        key = identity_key(buyer)
        debtor = self._met.get(key) or self._known(key) or self._namesake(buyer)
        if debtor is None:
            debtor = self._entered(key, buyer, maybe_consumer=maybe_consumer, at=at)
        else:
            _complete(debtor, key, buyer)
        self._met[key] = debtor
        return debtor

    def forget(self) -> None:
        """Drop what an undone savepoint may have entered."""
        self._met.clear()

    def _known(self, key: str) -> Debtor | None:
        return self._session.scalar(
            select(Debtor).where(
                Debtor.assignor_id == self._assignor_id, Debtor.identity_key == key
            )
        )

    def _namesake(self, buyer: PartyRead) -> Debtor | None:
        """The only debtor of that name, when one of the two has no identifier to contradict it."""
        namesakes = self._session.scalars(
            select(Debtor)
            .where(
                Debtor.assignor_id == self._assignor_id,
                func.lower(Debtor.name) == (buyer.name or "").strip().lower(),
            )
            .limit(2)
        ).all()
        if len(namesakes) != 1:
            return None
        has_identifier = bool(_siren(buyer) or buyer.vat_id)
        known_has_one = bool(namesakes[0].siren or namesakes[0].vat_id)
        return None if has_identifier and known_has_one else namesakes[0]

    def _entered(self, key: str, buyer: PartyRead, *, maybe_consumer: bool, at: datetime) -> Debtor:
        siren = _siren(buyer)
        debtor = Debtor(
            assignor_id=self._assignor_id,
            identity_key=key,
            name=(buyer.name or siren or buyer.vat_id or key).strip(),
            siren=siren,
            siret=buyer.siret if len(buyer.siret or "") == 14 else None,
            vat_id=buyer.vat_id,
            country=(buyer.country or "FR")[:2],
            address=_address(buyer),
            segment=segment_of(siren, maybe_consumer=maybe_consumer),
            related_party=bool(siren) and siren == self._assignor_siren,
            contact_email=buyer.email,
            created_at=at,
        )
        self._session.add(debtor)
        self._session.flush()
        return debtor


def identity_key(party: PartyRead) -> str:
    """What tells one debtor from another: SIREN, else VAT number, else the name without its accents."""
    return _siren(party) or party.vat_id or plain(party.name or "") or "?"


def segment_of(siren: str | None, *, maybe_consumer: bool) -> DebtorSegment:
    """Public bodies have SIREN that start with 1 or 2 (INSEE)."""
    if siren and siren.startswith(PUBLIC_SIREN_FIRST_DIGITS):
        return DebtorSegment.PUBLIC
    return DebtorSegment.CONSUMER if maybe_consumer and not siren else DebtorSegment.PRIVATE


def _siren(party: PartyRead) -> str | None:
    found = siren_of(party)
    return found if found and is_siren(found) else None


def _address(party: PartyRead) -> str | None:
    town = " ".join(part for part in (party.postcode, party.city) if part)
    return ", ".join(part for part in (party.address, town) if part) or None


def _complete(debtor: Debtor, key: str, buyer: PartyRead) -> None:
    """Give a known debtor the identifiers and address it lacked; never overwrite what it has."""
    siren = _siren(buyer)
    if siren and not debtor.siren:
        debtor.siren, debtor.identity_key = siren, key
        debtor.segment = segment_of(siren, maybe_consumer=False)
    debtor.vat_id = debtor.vat_id or buyer.vat_id
    debtor.address = debtor.address or _address(buyer)
    debtor.contact_email = debtor.contact_email or buyer.email
