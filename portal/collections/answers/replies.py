"""Replies sorted for a person: what each seems to say, proposed as one act; nothing is applied by the machine."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.answers.dispute_files import open_file, say_in_dispute
from portal.collections.answers.disputes import DisputeRefused, open_dispute
from portal.collections.answers.models import ReplyState, SortedReply, Speaker
from portal.collections.answers.promises import PromiseRefused, record_promise
from portal.collections.answers.refusals import AnswerRefused
from portal.collections.answers.sorting import Meaning, own_words, sort_reply
from portal.collections.lookup import CollectionNotFound, owed_on
from portal.collections.models import DisputeReason
from portal.debtors.models import Debtor
from portal.jobs.process import Process
from portal.messages.models import InboundKind, InboundMessage
from portal.receivables.models import Receivable

PER_PAGE = 25
SORTED_AT_ONCE = 200


class ReplyNotFound(CollectionNotFound):
    """It does not exist, or belongs to someone else."""


class ReplyAction(enum.StrEnum):
    """What a person does with a reply."""

    NOTE_PROMISE = "note_promise"
    OPEN_DISPUTE = "open_dispute"
    CORRECT_CONTACT = "correct_contact"
    LOOK_AT_BANK = "look_at_bank"
    SEND_COPY = "send_copy"
    SET_ASIDE = "set_aside"


PROPOSED: Mapping[Meaning, ReplyAction] = {
    Meaning.PAID: ReplyAction.LOOK_AT_BANK,
    Meaning.PROMISE: ReplyAction.NOTE_PROMISE,
    Meaning.DISPUTE: ReplyAction.OPEN_DISPUTE,
    Meaning.WRONG_CONTACT: ReplyAction.CORRECT_CONTACT,
    Meaning.WANTS_COPY: ReplyAction.SEND_COPY,
    Meaning.OUT_OF_OFFICE: ReplyAction.SET_ASIDE,
    Meaning.OTHER: ReplyAction.SET_ASIDE,
}


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """One reply with the mail it comes from, and the debt it is about when it is known."""

    reply: SortedReply
    mail: InboundMessage
    receivable: Receivable | None
    debtor: Debtor | None

    @property
    def said(self) -> str:
        """The debtor's own words, without what it quotes."""
        return own_words(self.mail.body_text) or self.mail.body_text

    @property
    def proposed(self) -> ReplyAction:
        return PROPOSED[self.reply.meaning]


def run_sort_replies(process: Process, **_: object) -> None:
    """Sort every reply not sorted yet, a few hundred at a time."""
    while True:
        with process.transaction() as session:
            if sort_waiting(session, at=process.clock(session).instant()) < SORTED_AT_ONCE:
                return


def sort_waiting(session: Session, *, at: datetime) -> int:
    """Sort the oldest replies not sorted yet; how many there were. Bounces and complaints are not replies."""
    mails = session.scalars(
        select(InboundMessage)
        .outerjoin(SortedReply, SortedReply.inbound_id == InboundMessage.id)
        .where(
            InboundMessage.kind == InboundKind.REPLY,
            InboundMessage.organisation_id.is_not(None),
            InboundMessage.debtor_id.is_not(None) | InboundMessage.receivable_id.is_not(None),
            SortedReply.id.is_(None),
        )
        .order_by(InboundMessage.received_at, InboundMessage.id)
        .limit(SORTED_AT_ONCE)
        .with_for_update(of=InboundMessage, skip_locked=True)
    ).all()
    for mail in mails:
        session.add(_sorted(mail, at))
    session.flush()
    return len(mails)


def counts_of(session: Session, assignor_id: UUID) -> dict[Meaning, int]:
    """How many replies wait, by what they seem to say."""
    rows = session.execute(
        select(SortedReply.meaning, func.count())
        .where(SortedReply.assignor_id == assignor_id, SortedReply.state == ReplyState.WAITING)
        .group_by(SortedReply.meaning)
    )
    return {meaning: int(count) for meaning, count in rows}


def list_replies(
    session: Session,
    assignor_id: UUID,
    *,
    meaning: Meaning | None = None,
    waiting: bool = True,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Sequence[ReplyLine]:
    """One page of replies, waiting or decided, the latest first."""
    query = _lines().where(
        SortedReply.assignor_id == assignor_id,
        (SortedReply.state == ReplyState.WAITING) == waiting,
    )
    if meaning is not None:
        query = query.where(SortedReply.meaning == meaning)
    order = InboundMessage.received_at.desc() if waiting else SortedReply.decided_at.desc()
    rows = session.execute(
        query.order_by(order, SortedReply.id).limit(per_page).offset((page - 1) * per_page)
    )
    return [ReplyLine(*row) for row in rows]


def count_decided(session: Session, assignor_id: UUID) -> int:
    """How many replies were acted upon or set aside."""
    found = session.scalar(
        select(func.count()).where(
            SortedReply.assignor_id == assignor_id, SortedReply.state != ReplyState.WAITING
        )
    )
    return int(found or 0)


def find_reply(session: Session, reply_id: UUID, *, assignor_id: UUID) -> ReplyLine:
    """One reply, held while it is decided.

    Raises:
        ReplyNotFound: it does not exist, or belongs to someone else.
    """
    row = session.execute(
        _lines()
        .where(SortedReply.id == reply_id, SortedReply.assignor_id == assignor_id)
        .with_for_update(of=SortedReply)
    ).first()
    if row is None:
        raise ReplyNotFound(reply_id)
    return ReplyLine(*row)


def note_promise(
    session: Session,
    line: ReplyLine,
    receivable: Receivable,
    *,
    promised_for: date | None,
    amount_cents: int | None,
    by: UUID | None,
    at: datetime,
) -> None:
    """Record the promise a reply makes; of all that is owed when it names no amount.

    Raises:
        AnswerRefused: no day, a day past, or an amount that does not fit.
    """
    _refuse_decided(line)
    if promised_for is None:
        raise AnswerRefused("day_past", "promised_for")
    try:
        record_promise(
            session,
            receivable,
            amount_cents=owed_on(session, receivable) if amount_cents is None else amount_cents,
            promised_for=promised_for,
            note=line.said[:500],
            by=by,
            at=at,
        )
    except PromiseRefused as refusal:
        raise AnswerRefused(refusal.code, "promised_for") from refusal
    decide(session, line, ReplyAction.NOTE_PROMISE, by=by, at=at)


def dispute_from(
    session: Session,
    line: ReplyLine,
    receivable: Receivable,
    reason: DisputeReason,
    *,
    amount_cents: int | None,
    by: UUID | None,
    at: datetime,
) -> None:
    """Open the dispute a reply tells of: its words and files begin the conversation.

    Raises:
        AnswerRefused: nothing is left to contest, or an amount that does not fit.
    """
    _refuse_decided(line)
    try:
        dispute = open_dispute(
            session,
            receivable,
            amount_cents=amount_cents,
            reason=reason,
            note=line.said[:200],
            by=by,
            at=at,
        )
    except DisputeRefused as refusal:
        raise AnswerRefused(refusal.code, "disputed") from refusal
    open_file(session, dispute, owner_id=by, at=at)
    say_in_dispute(
        session,
        dispute,
        Speaker.DEBTOR,
        line.said,
        document_ids=[UUID(one) for one in line.mail.attachment_ids],
        inbound_id=line.mail.id,
        by=None,
        at=line.mail.received_at,
    )
    decide(session, line, ReplyAction.OPEN_DISPUTE, by=by, at=at)


def correct_contact(
    session: Session, line: ReplyLine, email: str, *, by: UUID | None, at: datetime
) -> None:
    """Write to another address from now on.

    Raises:
        AnswerRefused: ``email_missing``, or ``invoice_missing`` when no debtor is known.
    """
    _refuse_decided(line)
    if "@" not in email or " " in email.strip():
        raise AnswerRefused("email_missing", "email")
    if line.debtor is None:
        raise AnswerRefused("invoice_missing")
    line.debtor.contact_email = email.strip().lower()[:200]
    decide(session, line, ReplyAction.CORRECT_CONTACT, by=by, at=at)


def decide(
    session: Session, line: ReplyLine, action: ReplyAction, *, by: UUID | None, at: datetime
) -> None:
    """Say what was done with a reply.

    Raises:
        AnswerRefused: ``answered``: somebody decided meanwhile.
    """
    _refuse_decided(line)
    reply = line.reply
    aside = action is ReplyAction.SET_ASIDE
    reply.state = ReplyState.SET_ASIDE if aside else ReplyState.DONE
    reply.action, reply.decided_at, reply.decided_by = action.value, at, by
    session.flush()
    facts = {"meaning": reply.meaning.value, "rule": reply.rule, "action": action.value}
    trail.record(
        session, reply.assignor_id, "decide_reply", "sorted_reply", reply.id, facts, by=by, at=at
    )


def _refuse_decided(line: ReplyLine) -> None:
    if line.reply.state is not ReplyState.WAITING:
        raise AnswerRefused("answered")


def _lines() -> Select[SortedReply, InboundMessage, Receivable, Debtor]:
    return (
        select(SortedReply, InboundMessage, Receivable, Debtor)
        .join(InboundMessage, InboundMessage.id == SortedReply.inbound_id)
        .outerjoin(Receivable, Receivable.id == InboundMessage.receivable_id)
        .outerjoin(
            Debtor, Debtor.id == func.coalesce(InboundMessage.debtor_id, Receivable.debtor_id)
        )
    )


def _sorted(mail: InboundMessage, at: datetime) -> SortedReply:
    written_on = (mail.written_at or mail.received_at).astimezone(PARIS).date()
    found = sort_reply(mail.subject, mail.body_text, automatic=mail.is_automatic, today=written_on)
    return SortedReply(
        assignor_id=mail.organisation_id,
        inbound_id=mail.id,
        meaning=found.meaning,
        rule=found.rule,
        words=found.words,
        day=found.day,
        amount_cents=found.amount_cents,
        sorted_at=at,
    )
