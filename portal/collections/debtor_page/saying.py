"""What the debtor says on its page: written in its creditor's name, as said by the debtor through the link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.promises import record_promise
from portal.collections.debtor_page.models import (
    DebtorLink,
    DebtorWord,
    PlanRequest,
    WordKind,
    WordState,
)
from portal.collections.models import DisputeReason
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.receivables.models import Receivable

WORDS_PER_DAY = 20
FILE_BYTES_MAX = 10_000_000
FILE_KINDS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}
INSTALMENTS_MIN, INSTALMENTS_MAX = 2, 24
METHODS = ("transfer", "cheque", "card", "direct_debit", "other")


class WordRefused(ValueError):
    """What was said cannot be taken as it is; ``code`` says why and ``field`` where."""

    def __init__(self, code: str, field: str = "form") -> None:
        self.code, self.field = code, field
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file the debtor joins."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of a plan."""

    due_on: date
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Saying:
    """Somebody speaking through a link; the session sees as the creditor meanwhile. ``form_token`` is said once."""

    session: Session
    link: DebtorLink
    form_token: str
    at: datetime

    @property
    def today(self) -> date:
        return self.at.astimezone(PARIS).date()

    def paid(
        self, receivable: Receivable, *, paid_on: date, amount_cents: int, method: str, note: str
    ) -> DebtorWord:
        """“Paid on … by …”: reminders wait until the assignor has looked at its bank account.

        Raises:
            WordRefused: ``day_to_come``, ``day_too_old``, ``amount_not_positive``, ``method_unknown`` or `too_often`.
        """
        if paid_on > self.today:
            raise WordRefused("day_to_come", "paid_on")
        if paid_on < receivable.issued_on:
            raise WordRefused("day_too_old", "paid_on")
        if amount_cents <= 0:
            raise WordRefused("amount_not_positive", "paid_amount")
        if method not in METHODS:
            raise WordRefused("method_unknown", "method")
        return self._say(
            WordKind.PAID,
            receivable,
            state=WordState.WAITING,
            day=paid_on,
            amount_cents=amount_cents,
            method=method,
            note=note or None,
        )

    def promise(
        self, receivable: Receivable, *, amount_cents: int, promised_for: date, note: str
    ) -> DebtorWord:
        """“I shall pay … on …”.

        Raises:
            WordRefused: `too_often`.
            PromiseRefused: see `record_promise`.
        """
        known = self._known()
        if known is not None:
            return known
        made = record_promise(
            self.session,
            receivable,
            amount_cents=amount_cents,
            promised_for=promised_for,
            note=note or None,
            by=None,
            at=self.at,
        )
        return self._say(
            WordKind.PROMISE,
            receivable,
            subject_id=made.id,
            day=promised_for,
            amount_cents=amount_cents,
            note=note or None,
        )

    def dispute(
        self,
        receivable: Receivable,
        *,
        amount_cents: int | None,
        reason: DisputeReason,
        note: str,
        store: DocumentStore,
        file: GivenFile | None = None,
    ) -> DebtorWord:
        """Contest all (``amount_cents`` None) or a part, with a reason and perhaps a file.

        Raises:
            WordRefused: the file cannot be taken, or `too_often`.
            DisputeRefused: see `open_dispute`.
        """
        known = self._known()
        if known is not None:
            return known
        media_type = media_type_of(file) if file else ""
        made = open_dispute(
            self.session,
            receivable,
            amount_cents=amount_cents,
            reason=reason,
            note=note or None,
            by=None,
            at=self.at,
        )
        document_id = self._keep(store, file, media_type) if file else None
        return self._say(
            WordKind.DISPUTE,
            receivable,
            subject_id=made.id,
            amount_cents=made.amount_cents,
            method=reason.value,
            note=note or None,
            document_id=document_id,
        )

    def plan(
        self,
        receivable: Receivable,
        *,
        instalments: Sequence[Instalment],
        asked_cents: int,
        note: str,
    ) -> DebtorWord:
        """Propose to pay in instalments, which add up to what is asked today; the assignor answers.

        Raises:
            WordRefused: too few or too many, days not in order, or a sum that differs.
        """
        known = self._known()
        if known is not None:
            return known
        self._refuse_odd_plan(instalments, asked_cents)
        request = PlanRequest(
            assignor_id=receivable.assignor_id,
            debtor_id=receivable.debtor_id,
            receivable_id=receivable.id,
            link_id=self.link.id,
            instalments=[
                {"due_on": one.due_on.isoformat(), "amount_cents": one.amount_cents}
                for one in instalments
            ],
            note=note or None,
            asked_at=self.at,
        )
        self.session.add(request)
        self.session.flush()
        return self._say(
            WordKind.PLAN,
            receivable,
            state=WordState.WAITING,
            subject_id=request.id,
            amount_cents=asked_cents,
            day=instalments[-1].due_on,
            note=note or None,
        )

    def contact(self, *, name: str, email: str, phone: str) -> DebtorWord:
        """“Write to somebody else”: applied once the assignor has confirmed it.

        Raises:
            WordRefused: ``nothing_said`` or `too_often`.
        """
        if not (name or email or phone):
            raise WordRefused("nothing_said", "contact_email")
        return self._say(
            WordKind.CONTACT,
            None,
            state=WordState.WAITING,
            contact_name=name or None,
            contact_email=email or None,
            contact_phone=phone or None,
        )

    def _refuse_odd_plan(self, instalments: Sequence[Instalment], asked_cents: int) -> None:
        days = [one.due_on for one in instalments]
        if not INSTALMENTS_MIN <= len(days) <= INSTALMENTS_MAX:
            raise WordRefused("instalments_number", "instalments")
        if days[0] < self.today or any(later <= sooner for sooner, later in pairwise(days)):
            raise WordRefused("instalments_days", "instalments")
        if any(one.amount_cents <= 0 for one in instalments):
            raise WordRefused("amount_not_positive", "instalments")
        if sum(one.amount_cents for one in instalments) != asked_cents:
            raise WordRefused("instalments_sum", "instalments")

    def _keep(self, store: DocumentStore, file: GivenFile, media_type: str) -> UUID:
        kept = keep(
            self.session,
            store,
            owner_id=self.link.assignor_id,
            kind=DocumentKind.EVIDENCE,
            filename=file.name,
            media_type=media_type,
            content=file.content,
            by=None,
            at=self.at,
        )
        return kept.id

    def _known(self) -> DebtorWord | None:
        return self.session.scalar(
            select(DebtorWord).where(
                DebtorWord.link_id == self.link.id, DebtorWord.form_token == self.form_token
            )
        )

    def _say(
        self,
        kind: WordKind,
        receivable: Receivable | None,
        *,
        state: WordState = WordState.NOTED,
        **said: Any,
    ) -> DebtorWord:
        known = self._known()
        if known is not None:
            return known
        self._refuse_too_often()
        word = DebtorWord(
            assignor_id=self.link.assignor_id,
            debtor_id=self.link.debtor_id,
            link_id=self.link.id,
            receivable_id=receivable.id if receivable else None,
            kind=kind,
            state=state,
            form_token=self.form_token,
            said_at=self.at,
            **said,
        )
        self.session.add(word)
        self.session.flush()
        facts = {"by": "debtor", "link": self.link.id, "receivable": word.receivable_id}
        trail.record(
            self.session, word.assignor_id, f"debtor_said_{kind.value}", "debtor_word", word.id,
            facts, by=None, at=self.at,
        )  # fmt: skip
        return word

    def _refuse_too_often(self) -> None:
        since = self.at - timedelta(days=1)
        said = self.session.scalar(
            select(func.count(DebtorWord.id)).where(
                DebtorWord.link_id == self.link.id, DebtorWord.said_at > since
            )
        )
        if (said or 0) >= WORDS_PER_DAY:
            raise WordRefused("too_often")


def media_type_of(file: GivenFile) -> str:
    """What a file is, by its first bytes and not by its name.

    Raises:
        WordRefused: ``file_empty``, ``file_too_large`` or ``file_kind``.
    """
    if not file.content:
        raise WordRefused("file_empty", "file")
    if len(file.content) > FILE_BYTES_MAX:
        raise WordRefused("file_too_large", "file")
    for start, media_type in FILE_KINDS.items():
        if file.content.startswith(start):
            return media_type
    raise WordRefused("file_kind", "file")


def equal_instalments(asked_cents: int, number: int, first_on: date) -> list[Instalment]:
    """So many monthly payments that add up to the cent; the first ones carry the cents left over.

    A day that a month does not have becomes its last one.
    """
    share, left = divmod(asked_cents, number)
    return [
        Instalment(_months_after(first_on, index), share + (1 if index < left else 0))
        for index in range(number)
    ]


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
