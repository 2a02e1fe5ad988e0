"""Telling lenders what the assignor decided, and sending them the signed deed; they date it, not us."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from partners.lenders.adapter import LenderAdapter
from partners.vocabulary.lending import DocumentRef, LenderRefusedMessage, LenderReply, SignedDeed
from portal.assignments.models import Deed
from portal.assignments.release import NOT_SIGNED, undo_acceptance
from portal.assignments.states import DeedState
from portal.audit import trail
from portal.documents.models import Document
from portal.funding.dossier import document_ref
from portal.funding.events import ANSWER
from portal.funding.messages import tell_assignor
from portal.funding.models import FundingRequest, LenderEvent, Offer, Submission
from portal.funding.refusals import NothingWasAsked
from portal.funding.states import SubmissionState
from portal.funding.submissions import note_refusal, record_answers
from portal.identity.models import Organisation
from portal.jobs.queue import Job, enqueue
from portal.lenders.connections import LenderLine, line_to
from portal.runtime import Runtime
from pricing.money import Money


def run_tell_lender(
    runtime: Runtime, submission_id: str, act: str, subject: str = "", documents: str = ""
) -> None:
    """Tell a lender what the assignor did; raises, to be tried again, when it does not answer.

    ``act``: "accept" (``subject``: the offer's key), "withdraw" (the reason), "documents" (the
    key of the lender's demand; ``documents``: ids separated by commas).
    """
    with runtime.transaction() as session:
        submission = session.get(Submission, UUID(submission_id))
        if submission is None or _is_pointless(session, submission, act):
            return
        line = line_to(session, runtime.settings, submission.lender_id)
        refs = _refs(session, runtime, submission, documents)
    try:
        with line.open(runtime.read_clock) as lender:
            reply = _tell(lender, UUID(submission_id), act, subject, refs)
    except LenderRefusedMessage:
        with runtime.transaction() as session:
            at = runtime.clock(session).instant()
            refused_by_lender(session, UUID(submission_id), act, at=at)
        return
    record_answers(runtime, UUID(submission_id), [reply], origin=ANSWER)


def run_send_deed(runtime: Runtime, deed_id: str) -> None:
    """Send a signed deed to its assignee; safe to repeat, the lender knows its key."""
    with runtime.transaction() as session:
        deed = session.get(Deed, UUID(deed_id))
        if deed is None or deed.state is not DeedState.SIGNED:
            return
        line, signed, offer_key = _ready_to_send(session, runtime, deed)
    try:
        with line.open(runtime.read_clock) as lender:
            lender.accept_offer(signed.submission_id, offer_key)
            reply = lender.send_deed(signed)
    except LenderRefusedMessage:
        with runtime.transaction() as session:
            at = runtime.clock(session).instant()
            refused_by_lender(session, signed.submission_id, "deed", at=at)
        return
    with runtime.transaction() as session:
        sent = session.get_one(Deed, UUID(deed_id), with_for_update=True)
        at = runtime.clock(session).instant()
        if sent.delivered_at is None:
            sent.delivered_at = at
            trail.record(session, sent.assignor_id, "deed_sent", "deed", sent.id, by=None, at=at)
        _take_up_waiting(session, signed.submission_id)
    record_answers(runtime, signed.submission_id, [reply], origin=ANSWER)


def send_pieces(
    session: Session,
    submission: Submission,
    documents: Sequence[Document],
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    """Answer a lender's demand for documents, already granted to it.

    Raises:
        NothingWasAsked: this lender waits for no document.
    """
    if submission.state is not SubmissionState.INFO_REQUESTED or not documents:
        raise NothingWasAsked
    trail.record(
        session,
        submission.assignor_id,
        "documents_sent",
        "submission",
        submission.id,
        {"documents": [document.id for document in documents]},
        by=by,
        at=at,
    )
    enqueue(
        session,
        Job.TELL_LENDER,
        submission_id=submission.id,
        act="documents",
        subject=_demand_key(session, submission),
        documents=",".join(str(document.id) for document in documents),
        one_at_a_time=f"submission:{submission.id}",
    )


def _demand_key(session: Session, submission: Submission) -> str:
    """The lender's own key of its last demand: what an answer refers to."""
    look = select(LenderEvent.event_key).where(
        LenderEvent.submission_id == submission.id,
        LenderEvent.body["status"].as_string() == "info_requested",
    )
    return session.scalar(look.order_by(LenderEvent.received_at.desc()).limit(1)) or ""


def refused_by_lender(session: Session, submission_id: UUID, act: str, *, at: datetime) -> None:
    """A lender refused our message. A refused acceptance frees the debts, if nothing is signed yet."""
    submission = session.get_one(Submission, submission_id)
    note_refusal(session, submission, act, at=at)
    deed = session.scalar(
        select(Deed)
        .join(Offer, Offer.id == Deed.offer_id)
        .where(Offer.submission_id == submission_id, Deed.state.in_(NOT_SIGNED))
        .with_for_update(of=Deed)
    )
    if act != "accept" or deed is None:
        return
    undo_acceptance(session, deed, reason_code="refused_by_lender", by=None, at=at)
    tell_assignor(
        session,
        deed.assignor_id,
        "acceptance_refused",
        f"deed:{deed.id}",
        deed.request_id,
        at=at,
        lender=session.get_one(Organisation, deed.lender_id).legal_name,
        reference=session.get_one(FundingRequest, deed.request_id).reference,
    )


def _tell(
    lender: LenderAdapter, submission_id: UUID, act: str, subject: str, refs: Sequence[DocumentRef]
) -> LenderReply:
    if act == "accept":
        return lender.accept_offer(submission_id, subject)
    if act == "documents":
        return lender.send_documents(submission_id, subject, refs)
    return lender.withdraw(submission_id, subject)


def _is_pointless(session: Session, submission: Submission, act: str) -> bool:
    """An acceptance undone since it was enqueued is not announced."""
    if act != "accept":
        return False
    accepted = session.scalar(
        select(Deed.id)
        .join(Offer, Offer.id == Deed.offer_id)
        .where(Offer.submission_id == submission.id, Deed.released_at.is_(None))
    )
    return accepted is None


def _refs(
    session: Session, runtime: Runtime, submission: Submission, documents: str
) -> list[DocumentRef]:
    wanted = [UUID(one) for one in documents.split(",") if one]
    found = session.scalars(select(Document).where(Document.id.in_(wanted)))
    return [document_ref(one, runtime.settings, submission.lender_id) for one in found]


def _ready_to_send(
    session: Session, runtime: Runtime, deed: Deed
) -> tuple[LenderLine, SignedDeed, str]:
    offer = session.get_one(Offer, deed.offer_id)
    sha256, signed_at = deed.document_sha256 or "", deed.signed_at or deed.created_at
    signed = SignedDeed(
        deed_id=deed.id,
        submission_id=offer.submission_id,
        kind=deed.product.value,
        sha256=sha256,
        content=runtime.documents.get(sha256),
        receivable_count=len(offer.submission.lines),
        face_total=Money(offer.face_cents, offer.currency),
        signatory=deed.signatory_name or "",
        signed_at=signed_at,
    )
    return line_to(session, runtime.settings, deed.lender_id), signed, offer.partner_key


def _take_up_waiting(session: Session, submission_id: UUID) -> None:
    """What the lender said before the deed was with it is read again."""
    submission = session.get_one(Submission, submission_id)
    for event_id in session.scalars(
        select(LenderEvent.id).where(
            LenderEvent.submission_id == submission_id, LenderEvent.processed_at.is_(None)
        )
    ):
        enqueue(
            session,
            Job.APPLY_LENDER_EVENT,
            event_id=event_id,
            one_at_a_time=f"request:{submission.request_id}",
        )
