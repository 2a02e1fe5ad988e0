"""What lenders tell us, stored as received before anything is understood; each event once."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from partners.lenders.adapter import LenderAdapter
from partners.lenders.registry import known_adapters
from partners.lenders.rest import RestLender
from partners.vocabulary.lending import LenderReply
from portal.funding.models import LenderEvent, Submission
from portal.lenders.models import LenderProfile

WEBHOOK = "webhook"
WORKSPACE = "workspace"
ANSWER = "answer"
POLL = "poll"


def store_event(
    session: Session,
    submission: Submission,
    *,
    event_key: str,
    origin: str,
    body: Mapping[str, Any],
    sent_by: UUID | None,
    at: datetime,
) -> tuple[LenderEvent, bool]:
    """Keep one event of the lender of ``submission``; (event, whether it is new)."""
    stored = session.scalar(
        insert(LenderEvent)
        .values(
            id=uuid4(),
            lender_id=submission.lender_id,
            submission_id=submission.id,
            event_key=event_key,
            origin=origin,
            body=json.loads(json.dumps(dict(body), default=str)),
            sent_by=sent_by,
            received_at=at,
        )
        .on_conflict_do_nothing(index_elements=["lender_id", "event_key"])
        .returning(LenderEvent.id)
    )
    event = session.scalars(
        select(LenderEvent).where(
            LenderEvent.lender_id == submission.lender_id, LenderEvent.event_key == event_key
        )
    ).one()
    return event, stored is not None


def store_reply(
    session: Session, submission: Submission, reply: LenderReply, *, origin: str, at: datetime
) -> tuple[LenderEvent, bool]:
    """Keep what a call to the lender answered, in the words of the published contract."""
    body = contract_body(reply, submission.id, at)
    key = reply.event_id or hashlib.sha256(repr(reply).encode()).hexdigest()
    return store_event(
        session, submission, event_key=key, origin=origin, body=body, sent_by=None, at=at
    )


def read_stored(event: LenderEvent, profile: LenderProfile) -> LenderReply:
    """The event in our words: webhooks in the lender's own, everything else in the contract's.

    Raises:
        LenderUnanswered: it cannot be read.
    """
    kind: type[LenderAdapter] = RestLender
    if event.origin == WEBHOOK:
        kind = known_adapters()[profile.adapter]
    return kind(None, lender=profile.slug).read_event(event.body, submission_id=event.submission_id)


def heard_up_to(session: Session, submission_id: UUID) -> int:
    """The last place, in the lender's own order, before which nothing is missing; zero without order."""
    held = set(
        session.scalars(
            select(LenderEvent.body["sequence"].as_integer()).where(
                LenderEvent.submission_id == submission_id
            )
        )
    )
    place = 0
    while place + 1 in held:
        place += 1
    return place


def contract_body(reply: LenderReply, submission_id: UUID, at: datetime) -> dict[str, Any]:
    """A reply heard at ``at``, written in the words of docs/lender-api.md, as `RestLender.decode` reads it."""
    body: dict[str, Any] = {
        "id": reply.event_id,
        "dossier": str(submission_id),
        "reference": reply.reference,
        "status": reply.status.value,
        "raw_status": reply.raw_status,
        "sequence": reply.sequence,
        "occurred_at": (reply.happened_at or at).isoformat(),
    }
    if reply.reason or reply.reason_code:
        body["reason"] = {"code": reply.reason_code, "text": reply.reason}
    return body | _told(reply)


def _told(reply: LenderReply) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if reply.terms is not None:
        told["terms"] = _terms(reply)
    if reply.requested_documents:
        told["requested_documents"] = [
            {"kind": one.kind, "label": one.label, "receivable_number": one.receivable_number}
            for one in reply.requested_documents
        ]
    if reply.deed_dated_on is not None:
        told["deed_dated_on"] = reply.deed_dated_on.isoformat()
    if reply.notified_on is not None:
        told["notified_on"] = reply.notified_on.isoformat()
        told["collection_consent"] = reply.collection_consent
    if reply.amount is not None and reply.value_date is not None:
        told["payment"] = {
            "amount_cents": reply.amount.cents,
            "currency": reply.amount.currency,
            "value_date": reply.value_date.isoformat(),
            "reference": reply.payment_reference,
            "receivable_number": reply.receivable_number,
        }
    return told


def _terms(reply: LenderReply) -> dict[str, Any]:
    terms = reply.terms
    assert terms is not None  # noqa: S101 - the caller looked
    return {
        "face_cents": terms.face_cents,
        "currency": terms.currency,
        "advance_cents": terms.advance_cents,
        "reserve_cents": terms.reserve_cents,
        "net_proceeds_cents": terms.net_proceeds_cents,
        "valid_until": terms.valid_until.isoformat(),
        "value_date": terms.value_date.isoformat(),
        "advance_rate": None if terms.advance_rate is None else str(terms.advance_rate),
        "annual_rate": None if terms.annual_rate is None else str(terms.annual_rate),
        "teg": None
        if terms.teg is None
        else {
            "rate": str(terms.teg.rate),
            "period_rate": str(terms.teg.period_rate),
            "period_days": str(terms.teg.period_days),
            "method": terms.teg.method or None,
        },
        "fees": [
            {
                "code": fee.code,
                "label": fee.label,
                "amount_cents": fee.amount_cents,
                "vat_cents": fee.vat_cents,
                "taken": fee.taken.value,
            }
            for fee in terms.fees
        ],
        "with_recourse": terms.with_recourse,
        "debtor_notice": terms.debtor_notice,
        "expected_repayment_on": terms.expected_repayment_on.isoformat()
        if terms.expected_repayment_on
        else None,
        "conditions": list(terms.conditions),
    }
