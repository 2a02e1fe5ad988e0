"""The assignor's answers to what its debtors said, and what waits for one."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.debtor_page.models import (
    CardCheckout,
    DebtorWord,
    WordKind,
    WordState,
)
from portal.collections.debtor_page.states import CheckoutState
from portal.collections.reasons import Suppression
from portal.debtors.models import Debtor
from portal.payments.recording import PaidTwice, record_payment
from portal.receivables.models import Receivable
from pricing.money import Money

CLAIM_GRACE_DAYS = 10
DEBIT_DAYS = 14


class WordNotFound(LookupError):
    """It does not exist, or belongs to someone else."""


class WordAnswered(Exception):
    """It was answered meanwhile."""


def words_about(
    session: Session, assignor_id: UUID, receivable: Receivable
) -> Sequence[DebtorWord]:
    """What the debtor said about an invoice, and about whom to write to; the latest first."""
    about = (DebtorWord.receivable_id == receivable.id) | DebtorWord.receivable_id.is_(None)
    return session.scalars(
        select(DebtorWord)
        .where(
            DebtorWord.assignor_id == assignor_id,
            DebtorWord.debtor_id == receivable.debtor_id,
            about,
        )
        .order_by(DebtorWord.said_at.desc())
    ).all()


def checkouts_about(
    session: Session, assignor_id: UUID, receivable_id: UUID
) -> Sequence[CardCheckout]:
    """The payments by card or debit of an invoice that went further than a page opened, the latest first."""
    begun = (CheckoutState.PROCESSING, CheckoutState.PAID, CheckoutState.TAKEN_BACK)
    return session.scalars(
        select(CardCheckout)
        .where(
            CardCheckout.assignor_id == assignor_id,
            CardCheckout.receivable_id == receivable_id,
            CardCheckout.state.in_(begun),
        )
        .order_by(CardCheckout.created_at.desc())
    ).all()


def find_word(session: Session, word_id: UUID, *, assignor_id: UUID) -> DebtorWord:
    """One word, held while it is answered.

    Raises:
        WordNotFound: it does not exist, or belongs to someone else.
    """
    word = session.scalar(
        select(DebtorWord)
        .where(DebtorWord.id == word_id, DebtorWord.assignor_id == assignor_id)
        .with_for_update()
    )
    if word is None:
        raise WordNotFound(word_id)
    return word


def confirm(session: Session, word: DebtorWord, *, by: UUID | None, at: datetime) -> None:
    """It is so: the payment is recorded on the day the debtor named, or the contact is changed.

    Raises:
        WordAnswered: it was answered meanwhile, or is answered elsewhere (a plan).
        PaymentRefused: the payment cannot be recorded as the debtor told it.
    """
    _refuse_answered(word)
    if word.kind is WordKind.PAID:
        _record(session, word, by=by, at=at)
    else:
        _correct_contact(session, word)
    _answer(session, word, WordState.CONFIRMED, by=by, at=at)


def refuse(session: Session, word: DebtorWord, *, by: UUID | None, at: datetime) -> None:
    """It is not so: nothing was received, or the contact stays; reminders resume.

    Raises:
        WordAnswered: it was answered meanwhile, or is answered elsewhere (a plan).
    """
    _refuse_answered(word)
    _answer(session, word, WordState.REFUSED, by=by, at=at)


def held_by_the_debtors_word(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID], today: date
) -> dict[UUID, Suppression]:
    """Where nothing is asked: a claim to have paid waits for a look at the bank, a debit for the debtor's bank.

    One query whatever their number. Past their days of grace, reminders resume even if nobody looked.
    """
    claims = select(DebtorWord.receivable_id, literal(Suppression.SAID_PAID.value)).where(
        DebtorWord.assignor_id == assignor_id,
        DebtorWord.receivable_id.in_(receivable_ids),
        DebtorWord.kind == WordKind.PAID,
        DebtorWord.state == WordState.WAITING,
        DebtorWord.said_at >= _days_before(today, CLAIM_GRACE_DAYS),
    )
    debits = select(CardCheckout.receivable_id, literal(Suppression.DEBIT_UNDER_WAY.value)).where(
        CardCheckout.assignor_id == assignor_id,
        CardCheckout.receivable_id.in_(receivable_ids),
        CardCheckout.state == CheckoutState.PROCESSING,
        CardCheckout.created_at >= _days_before(today, DEBIT_DAYS),
    )
    held: Iterable[Any] = session.execute(union_all(claims, debits))
    return {receivable_id: Suppression(code) for receivable_id, code in held}


def _days_before(today: date, days: int) -> datetime:
    return datetime.combine(today - timedelta(days=days), time.min, PARIS)


def _refuse_answered(word: DebtorWord) -> None:
    if word.state is not WordState.WAITING or word.kind not in (WordKind.PAID, WordKind.CONTACT):
        raise WordAnswered(word.id)


def _answer(
    session: Session, word: DebtorWord, state: WordState, *, by: UUID | None, at: datetime
) -> None:
    word.state, word.answered_at, word.answered_by = state, at, by
    session.flush()
    facts = {"kind": word.kind.value, "receivable": word.receivable_id}
    trail.record(
        session, word.assignor_id, f"debtor_word_{state.value}", "debtor_word", word.id, facts,
        by=by, at=at,
    )  # fmt: skip


def _record(session: Session, word: DebtorWord, *, by: UUID | None, at: datetime) -> None:
    receivable = session.get_one(Receivable, word.receivable_id)
    amount = Money(word.amount_cents or 0, receivable.currency)

    def record(amounts: dict[UUID, Money]) -> None:
        record_payment(
            session,
            assignor_id=word.assignor_id,
            debtor_id=word.debtor_id,
            amounts=amounts,
            received_on=word.day or at.astimezone(PARIS).date(),
            amount=amount,
            dedupe_key=f"debtor-word:{word.id}",
            method=word.method,
            by=by,
            at=at,
        )

    try:
        record({receivable.id: amount})
    except PaidTwice as too_much:
        record({receivable.id: too_much.owed} if too_much.owed else {})


def _correct_contact(session: Session, word: DebtorWord) -> None:
    debtor = session.get_one(Debtor, word.debtor_id)
    debtor.contact_name = word.contact_name or debtor.contact_name
    debtor.contact_email = word.contact_email or debtor.contact_email
    debtor.contact_phone = word.contact_phone or debtor.contact_phone
