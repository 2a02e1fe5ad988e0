"""Losses admitted: asked for with a reason, decided by a second member where there is one, noted for the accounts."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.legal.claim import Claim
from portal.collections.legal.models import WriteOff, WriteOffReason
from portal.collections.legal.refusals import LegalActRefused
from portal.documents.models import DocumentKind
from portal.documents.rendering import render
from portal.documents.store import DocumentStore, keep
from portal.identity.models import Membership, Organisation, OrganisationKind, Role
from portal.identity.permissions import PERMISSIONS, Action
from portal.receivables.models import Receivable
from portal.receivables.position import is_assigned, position_of
from pricing.limitation import UnpaidVat, unrecoverable_vat
from pricing.money import Money
from pricing.wording import amount_text, date_text

HERE = Path(__file__).parent
NOTE_LENGTH_MAX = 1_000
REASON_WORDS = {
    WriteOffReason.LIQUIDATION: "liquidation judiciaire du débiteur",
    WriteOffReason.PLAN_WAIVER: "remise consentie dans un plan de sauvegarde ou de redressement",
    WriteOffReason.FAILED_COLLECTION: "échec prouvé du recouvrement",
    WriteOffReason.TIME_LIMIT: "délai pour agir passé, selon le créancier",
    WriteOffReason.COMMERCIAL: "abandon commercial",
    WriteOffReason.SMALL_BALANCE: "solde minime",
}
VAT_BACK = frozenset(
    {WriteOffReason.LIQUIDATION, WriteOffReason.PLAN_WAIVER, WriteOffReason.FAILED_COLLECTION}
)
"""The reasons that CGI 272-1 and its commentary know of; the accountant decides."""


def ask_write_off(
    session: Session,
    claim: Claim,
    reason: WriteOffReason,
    note: str,
    *,
    vat_on_debits: bool,
    by: UUID | None,
    at: datetime,
) -> WriteOff:
    """Ask that what is left of a claim be admitted as lost.

    Raises:
        LegalActRefused: ``note_needed``, ``nothing_owed``, ``assigned`` or ``write_off_pending``.
    """
    receivable = claim.receivable
    if not note.strip():
        raise LegalActRefused("note_needed", "note")
    left = _left(session, receivable)
    if left <= 0:
        raise LegalActRefused("nothing_owed")
    if is_assigned(session, receivable.id):
        raise LegalActRefused("assigned")
    if live_write_off(session, receivable.id) is not None:
        raise LegalActRefused("write_off_pending")
    write_off = WriteOff(
        assignor_id=receivable.assignor_id,
        receivable_id=receivable.id,
        amount_cents=left,
        reason=reason,
        note=note.strip()[:NOTE_LENGTH_MAX],
        vat_on_debits=vat_on_debits,
        asked_at=at,
        asked_by=by,
    )
    session.add(write_off)
    session.flush()
    _trace(session, "ask_write_off", write_off, by=by, at=at)
    return write_off


def deciders_of(session: Session, assignor_id: UUID) -> int:
    """How many members of the assignor may decide on a loss."""
    roles = [
        role
        for (kind, role), actions in PERMISSIONS.items()
        if kind is OrganisationKind.ASSIGNOR and Action.APPROVE_WRITE_OFF in actions
    ]
    found = session.scalar(
        select(func.count()).where(
            Membership.organisation_id == assignor_id,
            Membership.revoked_at.is_(None),
            Membership.role.in_(roles),
        )
    )
    return int(found or 0)


def decide_write_off(
    session: Session,
    store: DocumentStore,
    write_off: WriteOff,
    *,
    approved: bool,
    by: UUID,
    role: Role,
    at: datetime,
) -> None:
    """Admit the loss or refuse it; alone only where one member has the right, and then the owner.

    Raises:
        LegalActRefused: ``already_recorded``, ``needs_second_member`` or ``amount_changed``.
    """
    if write_off.decided_at is not None:
        raise LegalActRefused("already_recorded")
    receivable = session.get_one(Receivable, write_off.receivable_id)
    alone = write_off.asked_by == by
    if alone and approved:
        several = deciders_of(session, write_off.assignor_id) > 1
        if several or role is not Role.OWNER:
            raise LegalActRefused("needs_second_member")
    if approved and _left(session, receivable) != write_off.amount_cents:
        raise LegalActRefused("amount_changed")
    write_off.approved, write_off.decided_at, write_off.decided_by = approved, at, by
    write_off.decided_alone = alone
    if approved:
        write_off.document_id = _note(session, store, write_off, receivable, at=at)
    action = "approve_write_off" if approved else "refuse_write_off"
    _trace(session, action, write_off, by=by, at=at)


def reverse_write_off(
    session: Session, write_off: WriteOff, *, by: UUID | None, at: datetime
) -> None:
    """The debt is collected again, or paid after all; doing it twice changes nothing.

    Raises:
        LegalActRefused: ``not_possible_now``: it was never approved.
    """
    if not write_off.approved:
        raise LegalActRefused("not_possible_now")
    if write_off.reversed_at is None:
        write_off.reversed_at, write_off.reversed_by = at, by
        _trace(session, "reverse_write_off", write_off, by=by, at=at)


def live_write_off(session: Session, receivable_id: UUID) -> WriteOff | None:
    """The loss asked for or admitted on a claim, unless refused or reversed."""
    return session.scalar(
        select(WriteOff).where(
            WriteOff.receivable_id == receivable_id,
            WriteOff.approved.is_not(False),
            WriteOff.reversed_at.is_(None),
        )
    )


def vat_of(write_off: WriteOff, receivable: Receivable) -> UnpaidVat | None:
    """The two amounts of the mention on the duplicate; None when the invoice's VAT is not known or is nil.

    Source: CGI art. 272-1; BOI-TVA-DED-40-10-20.
    """
    if not receivable.vat_cents or receivable.net_cents is None:
        return None
    unpaid = Money(write_off.amount_cents, receivable.currency)
    rate = Money(receivable.vat_cents, receivable.currency).share_of(
        Money(receivable.net_cents, receivable.currency)
    )
    return unrecoverable_vat(unpaid, unpaid.zero(), rate)


def _note(
    session: Session,
    store: DocumentStore,
    write_off: WriteOff,
    receivable: Receivable,
    *,
    at: datetime,
) -> UUID:
    document = keep(
        session,
        store,
        owner_id=write_off.assignor_id,
        kind=DocumentKind.WRITE_OFF,
        filename=f"passage-en-perte-{receivable.number}.pdf",
        media_type="application/pdf",
        content=render(
            "write_off", _note_facts(session, write_off, receivable, at), made_at=at, folder=HERE
        ),
        by=write_off.decided_by,
        at=at,
    )
    return document.id


def _note_facts(
    session: Session, write_off: WriteOff, receivable: Receivable, at: datetime
) -> dict[str, object]:
    assignor = session.get_one(Organisation, write_off.assignor_id)
    vat = vat_of(write_off, receivable) if write_off.reason in VAT_BACK else None

    def money(cents: int) -> str:
        return amount_text(cents, "fr", receivable.currency)

    return {
        "assignor": assignor.legal_name,
        "siren": assignor.siren or "",
        "debtor": receivable.debtor.name,
        "number": receivable.number,
        "issued_on": date_text(receivable.issued_on.isoformat(), "fr"),
        "decided_on": date_text(at.astimezone(PARIS).date().isoformat(), "fr"),
        "reason": REASON_WORDS[write_off.reason],
        "note": write_off.note,
        "amount": money(write_off.amount_cents),
        "net": money(vat.unpaid_net.cents) if vat else "",
        "vat": money(vat.vat.cents) if vat else "",
        "on_debits": write_off.vat_on_debits,
        "alone": write_off.decided_alone,
    }


def _left(session: Session, receivable: Receivable) -> int:
    return position_of(session, receivable.id).outstanding_cents


def _trace(
    session: Session, action: str, write_off: WriteOff, *, by: UUID | None, at: datetime
) -> None:
    session.flush()
    facts = {
        "receivable": write_off.receivable_id,
        "amount_cents": write_off.amount_cents,
        "reason": write_off.reason.value,
        "alone": write_off.decided_alone,
    }
    trail.record(
        session, write_off.assignor_id, action, "write_off", write_off.id, facts, by=by, at=at
    )
