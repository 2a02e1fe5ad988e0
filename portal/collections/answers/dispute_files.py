"""How a dispute is handled: its owner and day, what is said in it, how it ends, who else must know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.audit import trail
from portal.collections.answers.disputes import close_dispute
from portal.collections.answers.models import DisputeFile, DisputeFlag, DisputeWord, Speaker
from portal.collections.answers.refusals import AnswerRefused
from portal.collections.debtor_page.models import DebtorWord, WordKind
from portal.collections.models import Dispute, DisputeOutcome
from portal.identity.models import Member, Organisation
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose
from portal.receivables.models import CreditNote, Receivable
from pricing.calendar import next_business_day
from pricing.wording import known_locale

ANSWER_DAYS = 10
REMINDED_AHEAD_DAYS = 2
TEXT_CHARS_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Said:
    """One thing said, with who said it by name when a member did."""

    word: DisputeWord
    member_name: str | None


def open_file(
    session: Session,
    dispute: Dispute,
    *,
    owner_id: UUID | None,
    at: datetime,
    answer_by: date | None = None,
) -> DisputeFile:
    """Give a dispute its file: an owner, a day to answer, and what was said when it was opened.

    Opening it twice gives the same file.
    """
    known = file_of(session, dispute)
    if known is not None:
        return known
    found = DisputeFile(
        assignor_id=dispute.assignor_id,
        dispute_id=dispute.id,
        owner_id=owner_id,
        answer_by=answer_by or next_business_day(dispute.opened_on + timedelta(days=ANSWER_DAYS)),
    )
    session.add(found)
    session.flush()
    _first_word(session, dispute, at=at)
    return found


def open_missing_files(session: Session, assignor_id: UUID, *, at: datetime) -> int:
    """Open the file of every open dispute that has none; how many there were."""
    disputes = session.scalars(
        select(Dispute)
        .outerjoin(DisputeFile, DisputeFile.dispute_id == Dispute.id)
        .where(
            Dispute.assignor_id == assignor_id,
            Dispute.closed_on.is_(None),
            DisputeFile.id.is_(None),
        )
    ).all()
    for dispute in disputes:
        open_file(session, dispute, owner_id=dispute.opened_by, at=at)
    return len(disputes)


def file_of(session: Session, dispute: Dispute) -> DisputeFile | None:
    """The file of a dispute; None before it was opened."""
    return session.scalar(select(DisputeFile).where(DisputeFile.dispute_id == dispute.id))


def give_to(
    session: Session,
    file: DisputeFile,
    *,
    owner_id: UUID | None,
    answer_by: date,
    by: UUID | None,
    at: datetime,
) -> None:
    """Another owner or another day; its reminder starts again."""
    file.owner_id, file.answer_by, file.reminded_on = owner_id, answer_by, None
    _record(session, "give_dispute", file, by=by, at=at)


def say_in_dispute(
    session: Session,
    dispute: Dispute,
    speaker: Speaker,
    text: str,
    *,
    document_ids: Sequence[UUID] = (),
    inbound_id: UUID | None = None,
    by: UUID | None,
    at: datetime,
) -> DisputeWord:
    """Add what was said, with its evidence.

    Raises:
        AnswerRefused: ``word_missing``: neither words nor document.
    """
    if not text.strip() and not document_ids:
        raise AnswerRefused("word_missing", "text")
    word = DisputeWord(
        assignor_id=dispute.assignor_id,
        dispute_id=dispute.id,
        speaker=speaker,
        text=text.strip()[:TEXT_CHARS_MAX],
        document_ids=[str(one) for one in document_ids],
        inbound_id=inbound_id,
        said_at=at,
        said_by=by,
    )
    session.add(word)
    session.flush()
    return word


def conversation(session: Session, dispute: Dispute) -> list[Said]:
    """What was said in a dispute, from the first word."""
    rows = session.execute(
        select(DisputeWord, Member.name, Member.email)
        .outerjoin(Member, Member.id == DisputeWord.said_by)
        .where(DisputeWord.dispute_id == dispute.id)
        .order_by(DisputeWord.said_at, DisputeWord.id)
    )
    return [Said(word, name or email) for word, name, email in rows]


def conclude(
    session: Session,
    dispute: Dispute,
    outcome: DisputeOutcome,
    *,
    given_up_cents: int | None = None,
    note: str = "",
    by: UUID | None,
    at: datetime,
) -> DisputeFile:
    """Close with an outcome; founded or settled, it proposes the credit note still to be made.

    Raises:
        AnswerRefused: ``settled_amount`` out of bounds, or ``not_possible_now`` when it is closed.
    """
    if dispute.closed_on is not None:
        raise AnswerRefused("not_possible_now")
    credit = _to_credit(dispute, outcome, given_up_cents)
    file = open_file(session, dispute, owner_id=by, at=at)
    close_dispute(session, dispute, outcome, by=by, at=at)
    file.credit_cents, file.outcome_note = credit, note.strip()[:500] or None
    session.flush()
    _tell_end(session, dispute)
    return file


def link_credit(
    session: Session, file: DisputeFile, credit_note_id: UUID, *, by: UUID | None, at: datetime
) -> None:
    """Say which credit note ended the dispute.

    Raises:
        AnswerRefused: ``credit_note_unknown``: not of this debtor.
    """
    dispute = session.get_one(Dispute, file.dispute_id)
    receivable = session.get_one(Receivable, dispute.receivable_id)
    note = session.get(CreditNote, credit_note_id)
    if note is None or note.debtor_id != receivable.debtor_id:
        raise AnswerRefused("credit_note_unknown", "credit_note")
    file.credit_note_id = note.id
    _record(session, "link_dispute_credit", file, by=by, at=at)


def flag_to_lenders(session: Session, assignor_id: UUID, *, at: datetime) -> int:
    """Tell of each open dispute the lender on whose live deed the receivable stands, and only it; once."""
    live = and_(Assignment.receivable_id == Dispute.receivable_id, Assignment.released_at.is_(None))
    told = and_(DisputeFlag.dispute_id == Dispute.id, DisputeFlag.lender_id == Deed.lender_id)
    rows = session.execute(
        select(Dispute, Deed, Receivable)
        .join(Assignment, live)
        .join(Deed, Deed.id == Assignment.deed_id)
        .join(Receivable, Receivable.id == Dispute.receivable_id)
        .outerjoin(DisputeFlag, told)
        .where(
            Dispute.assignor_id == assignor_id,
            Dispute.closed_on.is_(None),
            DisputeFlag.id.is_(None),
        )
    ).all()
    for dispute, deed, receivable in rows:
        _flag(session, dispute, deed, receivable, at=at)
    return len(rows)


def _flag(
    session: Session, dispute: Dispute, deed: Deed, receivable: Receivable, *, at: datetime
) -> None:
    flag = DisputeFlag(
        assignor_id=dispute.assignor_id,
        lender_id=deed.lender_id,
        deed_id=deed.id,
        dispute_id=dispute.id,
        receivable_number=receivable.number,
        amount_cents=dispute.amount_cents,
        currency=receivable.currency,
        reason=dispute.reason,
        opened_on=dispute.opened_on,
        flagged_at=at,
    )
    session.add(flag)
    session.flush()
    _write_to_lender(session, flag, deed, receivable, at=at)


def _first_word(session: Session, dispute: Dispute, *, at: datetime) -> None:
    """What the debtor said on its page, with its file, or what the member noted for it."""
    told = session.scalar(
        select(DebtorWord).where(
            DebtorWord.assignor_id == dispute.assignor_id,
            DebtorWord.kind == WordKind.DISPUTE,
            DebtorWord.subject_id == dispute.id,
        )
    )
    documents = [told.document_id] if told is not None and told.document_id else []
    if not (dispute.note or documents):
        return
    say_in_dispute(
        session,
        dispute,
        Speaker.DEBTOR if dispute.opened_by is None else Speaker.NOTE,
        dispute.note or "",
        document_ids=documents,
        by=dispute.opened_by,
        at=told.said_at if told is not None else at,
    )


def flags_on(session: Session, lender_id: UUID, deed_id: UUID) -> Sequence[DisputeFlag]:
    """What a lender was told of disputes on the receivables of one deed, the latest first."""
    return session.scalars(
        select(DisputeFlag)
        .where(DisputeFlag.lender_id == lender_id, DisputeFlag.deed_id == deed_id)
        .order_by(DisputeFlag.flagged_at.desc())
    ).all()


def remind_owners(session: Session, assignor_id: UUID, *, today: date, at: datetime) -> int:
    """Write once to the owner of each dispute whose day comes near; how many there were."""
    rows = session.execute(
        select(DisputeFile, Dispute, Receivable)
        .join(Dispute, Dispute.id == DisputeFile.dispute_id)
        .join(Receivable, Receivable.id == Dispute.receivable_id)
        .where(
            DisputeFile.assignor_id == assignor_id,
            Dispute.closed_on.is_(None),
            DisputeFile.reminded_on.is_(None),
            DisputeFile.answer_by <= today + timedelta(days=REMINDED_AHEAD_DAYS),
        )
        .with_for_update(of=DisputeFile)
    ).all()
    for file, dispute, receivable in rows:
        file.reminded_on = today
        _write_to_owner(session, file, dispute, receivable, at=at)
    session.flush()
    return len(rows)


def _to_credit(dispute: Dispute, outcome: DisputeOutcome, given_up_cents: int | None) -> int | None:
    if outcome is DisputeOutcome.UNFOUNDED:
        return None
    if outcome is DisputeOutcome.FOUNDED:
        return dispute.amount_cents
    if given_up_cents is None or not 0 < given_up_cents <= dispute.amount_cents:
        raise AnswerRefused("settled_amount", "given_up")
    return given_up_cents


def _tell_end(session: Session, dispute: Dispute) -> None:
    for flag in session.scalars(select(DisputeFlag).where(DisputeFlag.dispute_id == dispute.id)):
        flag.outcome, flag.closed_on = dispute.outcome, dispute.closed_on
    session.flush()


def _write_to_lender(
    session: Session, flag: DisputeFlag, deed: Deed, receivable: Receivable, *, at: datetime
) -> None:
    lender = session.get_one(Organisation, flag.lender_id)
    company = session.get_one(Organisation, flag.assignor_id)
    if not lender.email:
        return
    wording = compose(
        "dispute_flagged",
        known_locale(lender.locale),
        company=company.legal_name,
        number=flag.receivable_number,
        debtor=receivable.debtor.name,
        reference=deed.reference,
        cents=flag.amount_cents,
        currency=flag.currency,
        opened_on=flag.opened_on,
    )
    write(
        session,
        Draft(
            kind="dispute_flagged",
            dedupe_key=f"dispute_flagged:{flag.id}",
            to_address=lender.email,
            to_name=lender.legal_name,
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=wording.locale,
            organisation_id=lender.id,
        ),
        at=at,
    )


def _write_to_owner(
    session: Session, file: DisputeFile, dispute: Dispute, receivable: Receivable, *, at: datetime
) -> None:
    assignor = session.get_one(Organisation, file.assignor_id)
    owner = session.get(Member, file.owner_id) if file.owner_id else None
    address = owner.email if owner else assignor.email
    if not address:
        return
    wording = compose(
        "dispute_due",
        known_locale(assignor.locale),
        number=receivable.number,
        debtor=receivable.debtor.name,
        cents=dispute.amount_cents,
        currency=receivable.currency,
        answer_by=file.answer_by,
    )
    write(
        session,
        Draft(
            kind="dispute_due",
            dedupe_key=f"dispute_due:{file.id}:{file.answer_by}",
            to_address=address,
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=wording.locale,
            organisation_id=assignor.id,
            receivable_id=receivable.id,
        ),
        at=at,
    )


def _record(
    session: Session, action: str, file: DisputeFile, *, by: UUID | None, at: datetime
) -> None:
    session.flush()
    facts = {"dispute": file.dispute_id, "answer_by": file.answer_by}
    trail.record(session, file.assignor_id, action, "dispute", file.dispute_id, facts, by=by, at=at)
