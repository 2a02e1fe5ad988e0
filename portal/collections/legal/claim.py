"""One claim as the legal road needs it: what is owed, who owes it, what was done, what is in the file."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.collections.legal.limitation import interruptions_of, limitation_day
from portal.collections.legal.models import ClaimReview, FormalNotice, Insolvency, PaymentOrder
from portal.collections.legal.notices import effective_on
from portal.collections.legal.refusals import LegalActRefused
from portal.collections.models import Reminder, ReminderState
from portal.debtors.models import Debtor, DebtorSegment
from portal.identity.models import Organisation
from portal.payments.account import Statement, accounts_of, statement
from portal.receivables.models import Receivable
from pricing.court import CourtKind, PartyQuality
from pricing.legal_routes import ClaimFacts
from pricing.limitation import Interruption
from pricing.money import Money
from pricing.parameters import LegalParameters


@dataclass(frozen=True, slots=True)
class Claim:
    """A receivable with its due date, on a day; ``review`` is what the user said of it, if anything."""

    receivable: Receivable
    assignor: Organisation
    asked: Statement
    due_on: date
    review: ClaimReview | None
    notices: tuple[FormalNotice, ...]
    orders: tuple[PaymentOrder, ...]
    insolvency: Insolvency | None
    interruptions: tuple[Interruption, ...]
    limitation_on: date
    reminders_sent: int

    @property
    def debtor(self) -> Debtor:
        return self.receivable.debtor

    @property
    def debtor_quality(self) -> PartyQuality:
        """The user's word; a consumer of the debtor's file is one without being told."""
        if self.debtor.segment is DebtorSegment.CONSUMER:
            return PartyQuality.CONSUMER
        return self.review.debtor_quality if self.review else PartyQuality.UNKNOWN

    @property
    def creditor_quality(self) -> PartyQuality:
        return self.review.creditor_quality if self.review else PartyQuality.UNKNOWN

    @property
    def notice_on(self) -> date | None:
        """The first day on which a formal notice had its effect."""
        return min(filter(None, (effective_on(one) for one in self.notices)), default=None)

    @property
    def court(self) -> CourtKind | None:
        """The court the user confirmed for the latest request, if any."""
        return self.orders[-1].court_kind if self.orders else None

    @property
    def documents(self) -> frozenset[str]:
        """The codes of the documents the file holds; the account can always be made."""
        one = self.receivable
        held = {
            "invoice": one.document_id is not None,
            "order": bool(one.order_reference or one.contract_reference),
            "delivery_proof": one.delivery_proof_id is not None,
            "formal_notice": any(notice.deposited_on for notice in self.notices),
            "account": True,
        }
        return frozenset(code for code, there in held.items() if there)

    def facts(self) -> ClaimFacts:
        """The facts that the conditions of the texts are set beside."""
        return ClaimFacts(
            today=self.asked.on,
            principal=self.asked.principal,
            interest=self.asked.penalties,
            due_on=self.due_on,
            disputed=Money(self.asked.account.disputed_cents, self.asked.account.currency),
            limitation_on=self.limitation_on,
            creditor=self.creditor_quality,
            debtor=self.debtor_quality,
            insolvent_since=self.debtor.insolvent_since,
            reminders_sent=self.reminders_sent,
            notice_on=self.notice_on,
            documents=self.documents,
            answers=dict(self.review.answers) if self.review else {},
            court=self.court,
        )


def claim_of(
    session: Session, receivable: Receivable, *, today: date, law: LegalParameters
) -> Claim:
    """Everything known of one claim on a day.

    Raises:
        LegalActRefused: ``no_due_date``: the invoice is still a draft.
    """
    if receivable.due_on is None:
        raise LegalActRefused("no_due_date")
    account = accounts_of(session, receivable.assignor_id, [receivable.id])[receivable.id]
    review = review_of(session, receivable.id)
    interruptions = interruptions_of(session, [receivable.id]).get(receivable.id, ())
    return Claim(
        receivable=receivable,
        assignor=session.get_one(Organisation, receivable.assignor_id),
        asked=statement(account, today, law),
        due_on=receivable.due_on,
        review=review,
        notices=notices_of(session, receivable.id),
        orders=orders_of(session, receivable.id),
        insolvency=insolvency_of(session, receivable.debtor_id),
        interruptions=interruptions,
        limitation_on=limitation_day(
            receivable,
            law,
            carriage=review.carriage if review else False,
            interruptions=interruptions,
        ),
        reminders_sent=_reminders_sent(session, receivable.id),
    )


def review_of(session: Session, receivable_id: UUID) -> ClaimReview | None:
    """What the user said of a claim, if anything."""
    return session.scalar(select(ClaimReview).where(ClaimReview.receivable_id == receivable_id))


def notices_of(session: Session, receivable_id: UUID) -> tuple[FormalNotice, ...]:
    """The formal notices of a claim that were not cancelled, oldest first."""
    return tuple(
        session.scalars(
            select(FormalNotice)
            .where(FormalNotice.receivable_id == receivable_id, FormalNotice.cancelled_at.is_(None))
            .order_by(FormalNotice.created_at, FormalNotice.id)
        )
    )


def orders_of(session: Session, receivable_id: UUID) -> tuple[PaymentOrder, ...]:
    """The requests for an order on a claim, oldest first."""
    return tuple(
        session.scalars(
            select(PaymentOrder)
            .where(PaymentOrder.receivable_id == receivable_id)
            .order_by(PaymentOrder.created_at, PaymentOrder.id)
        )
    )


def insolvency_of(session: Session, debtor_id: UUID) -> Insolvency | None:
    """The proceedings open against a debtor, the latest if several."""
    return session.scalar(
        select(Insolvency)
        .where(Insolvency.debtor_id == debtor_id, Insolvency.closed_on.is_(None))
        .order_by(Insolvency.judgment_on.desc())
        .limit(1)
    )


def _reminders_sent(session: Session, receivable_id: UUID) -> int:
    found = session.scalar(
        select(func.count()).where(
            Reminder.receivable_id == receivable_id, Reminder.state == ReminderState.SENT
        )
    )
    return int(found or 0)
