"""A formal notice sent as a registered letter through the outbox; what the post says becomes its dates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from partners.vocabulary.post import Channel, PostalAddress, PostStatus
from portal.collections.dunning.addresses import postal_address
from portal.collections.legal.models import FormalNotice, LetterReturn
from portal.collections.legal.notices import (
    record_deposit,
    record_presentation,
    record_receipt,
    record_return,
)
from portal.collections.legal.refusals import LegalActRefused
from portal.identity.models import Organisation
from portal.messages.outbox import Draft, write
from portal.messages.tracking import Tracking, tracking_of
from portal.receivables.models import Receivable

RETURNS = {
    PostStatus.UNCLAIMED: LetterReturn.UNCLAIMED,
    PostStatus.REFUSED: LetterReturn.REFUSED,
    PostStatus.RETURNED: LetterReturn.UNKNOWN_ADDRESS,
}


def send_registered(session: Session, notice: FormalNotice, *, at: datetime) -> None:
    """Hand the notice to the post as a registered letter in the assignor's name; asking twice sends once.

    Raises:
        LegalActRefused: ``already_recorded``, ``postal_address_needed`` or ``own_address_needed``.
    """
    if notice.deposited_on is not None or notice.message_id is not None:
        raise LegalActRefused("already_recorded")
    receivable = session.get_one(Receivable, notice.receivable_id)
    assignor = session.get_one(Organisation, notice.assignor_id)
    debtor = receivable.debtor
    to = postal_address(debtor.address, debtor.country)
    if to is None:
        raise LegalActRefused("postal_address_needed")
    draft = Draft(
        kind="formal_notice",
        dedupe_key=f"formal_notice:{notice.id}",
        to_address=to.one_line,
        to_name=debtor.name,
        to_postal=to,
        from_name=assignor.legal_name,
        from_postal=_own_address(assignor),
        reply_to=assignor.reply_to,
        subject=f"Mise en demeure, facture {receivable.number}",
        body_text="Lettre recommandée avec avis de réception : la mise en demeure jointe.",
        organisation_id=notice.assignor_id,
        attachment_ids=(notice.document_id,),
        receivable_id=receivable.id,
        debtor_id=debtor.id,
        channel=Channel.REGISTERED_LETTER,
    )
    notice.message_id = write(session, draft, at=at).id
    session.flush()


def follow_post(session: Session, notice: FormalNotice, *, at: datetime) -> bool:
    """Read what the post said of the letter into the notice's dates; whether anything was new."""
    if notice.message_id is None:
        return False
    told = tracking_of(session, [notice.message_id]).get(notice.message_id)
    if told is None:
        return False
    before = _dates(notice)
    proofs: dict[PostStatus, UUID] = {one.status: one.document_id for one in told.proofs}
    if told.deposited_on and notice.deposited_on is None:
        record_deposit(
            session,
            notice,
            max(told.deposited_on, notice.written_on),
            reference=None,
            proof_id=proofs.get(PostStatus.DEPOSITED),
            by=None,
            at=at,
        )
    if notice.deposited_on is not None:
        _follow_delivery(session, notice, told, proofs, at=at)
    return _dates(notice) != before


def _follow_delivery(
    session: Session,
    notice: FormalNotice,
    told: Tracking,
    proofs: dict[PostStatus, UUID],
    *,
    at: datetime,
) -> None:
    if told.presented_on and notice.presented_on is None and notice.received_on is None:
        record_presentation(session, notice, told.presented_on, by=None, at=at)
    ended = notice.received_on is not None or notice.returned_on is not None
    proof_id = proofs.get(told.status)
    if told.received_on and not ended:
        record_receipt(session, notice, told.received_on, proof_id=proof_id, by=None, at=at)
    elif told.status in RETURNS and told.ended_on and not ended:
        reason = RETURNS[told.status]
        record_return(session, notice, told.ended_on, reason, proof_id=proof_id, by=None, at=at)


def _own_address(assignor: Organisation) -> PostalAddress:
    if not (assignor.address_line and assignor.postal_code and assignor.city):
        raise LegalActRefused("own_address_needed")
    return PostalAddress(
        (assignor.address_line,), assignor.postal_code, assignor.city, assignor.country
    )


def _dates(notice: FormalNotice) -> tuple[object, ...]:
    return notice.deposited_on, notice.presented_on, notice.received_on, notice.returned_on
