"""What the debtor sees of its invoices through a link: what is due and why, whom to pay, what was paid and said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.assignments.models import Assignment, Deed
from portal.collections.amounts import AmountToday, explain
from portal.collections.debtor_page.models import (
    CardCheckout,
    DebtorLink,
    DebtorLinkLine,
    DebtorWord,
)
from portal.collections.dunning.casefile import financing_state
from portal.collections.models import Dispute, Promise
from portal.documents.models import Document
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from portal.payments.account import accounts_of, statement
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.models import Receivable
from pricing.collection_right import CollectionParty, collection_right
from pricing.parameters import law as current_law


class NotCovered(LookupError):
    """The link does not show this."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Whom the debtor pays, and where. Without an account, it stands in the notice of the assignment."""

    name: str
    iban: str | None
    is_assignee: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One invoice as the debtor sees it on a day."""

    receivable: Receivable
    amount: AmountToday
    payee: Payee
    stopped: bool = False

    @property
    def asked_cents(self) -> int:
        return 0 if self.stopped else self.amount.total_cents

    @property
    def disputed_cents(self) -> int:
        return self.amount.statement.account.disputed_cents


@dataclass(frozen=True, slots=True)
class PaidPart:
    """What one payment settled of an invoice."""

    received_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class Story:
    """What was paid, promised, disputed and said about one invoice."""

    payments: Sequence[PaidPart]
    promises: Sequence[Promise]
    disputes: Sequence[Dispute]
    words: Sequence[DebtorWord]
    checkouts: Sequence[CardCheckout]


def shown_by(session: Session, link: DebtorLink, *, today: date) -> list[Shown]:
    """The invoices of a link, the oldest due first; four queries whatever their number."""
    receivables = session.scalars(
        select(Receivable)
        .join(DebtorLinkLine, DebtorLinkLine.receivable_id == Receivable.id)
        .where(DebtorLinkLine.link_id == link.id)
        .order_by(Receivable.due_on, Receivable.number)
    ).all()
    ids = [one.id for one in receivables]
    creditor = session.get_one(Organisation, link.assignor_id)
    accounts = accounts_of(session, link.assignor_id, ids)
    assignees = assignees_of(session, ids)
    law = current_law()
    return [
        Shown(
            receivable=one,
            amount=explain(statement(accounts[one.id], today, law)),
            payee=assignees.get(one.id) or _creditor_as_payee(one, creditor),
            stopped=one.debtor.insolvent_since is not None and one.debtor.insolvent_since <= today,
        )
        for one in receivables
    ]


def shown_one(session: Session, link: DebtorLink, receivable_id: UUID, *, today: date) -> Shown:
    """One invoice of a link.

    Raises:
        NotCovered: the link does not show it.
    """
    for one in shown_by(session, link, today=today):
        if one.receivable.id == receivable_id:
            return one
    raise NotCovered(receivable_id)


def assignees_of(session: Session, receivable_ids: Collection[UUID]) -> Mapping[UUID, Payee]:
    """Who must be paid instead of the assignor: those a notified assignment names."""
    rows = session.execute(
        select(
            Assignment.receivable_id,
            Organisation.legal_name,
            LenderProfile.collection_iban,
            Deed.product,
            Deed.dated_on,
        )
        .join(Deed, Deed.id == Assignment.deed_id)
        .join(Organisation, Organisation.id == Deed.lender_id)
        .outerjoin(LenderProfile, LenderProfile.organisation_id == Deed.lender_id)
        .where(
            Assignment.receivable_id.in_(receivable_ids),
            Assignment.released_at.is_(None),
            Deed.notified_on.is_not(None),
        )
    )
    found = {}
    for receivable_id, name, iban, product, dated_on in rows:
        state = financing_state(product, dated=dated_on is not None, notified=True)
        if collection_right(state, lender_consent=None).payee is CollectionParty.ASSIGNEE:
            found[receivable_id] = Payee(name, iban, is_assignee=True)
    return found


def story_of(session: Session, link: DebtorLink, receivable_id: UUID) -> Story:
    """What was paid and said about an invoice, the latest first."""
    return Story(
        payments=_payments(session, receivable_id),
        promises=session.scalars(
            select(Promise)
            .where(Promise.receivable_id == receivable_id, Promise.cancelled_at.is_(None))
            .order_by(Promise.recorded_at.desc())
        ).all(),
        disputes=session.scalars(
            select(Dispute)
            .where(Dispute.receivable_id == receivable_id)
            .order_by(Dispute.opened_on.desc())
        ).all(),
        words=session.scalars(
            select(DebtorWord)
            .where(DebtorWord.link_id == link.id, DebtorWord.receivable_id == receivable_id)
            .order_by(DebtorWord.said_at.desc())
        ).all(),
        checkouts=session.scalars(
            select(CardCheckout)
            .where(CardCheckout.link_id == link.id, CardCheckout.receivable_id == receivable_id)
            .order_by(CardCheckout.created_at.desc())
        ).all(),
    )


def invoice_of(session: Session, receivable: Receivable) -> Document | None:
    """The invoice as it was received, where there is one that the link shows."""
    if receivable.document_id is None:
        return None
    return session.get(Document, receivable.document_id)


def _payments(session: Session, receivable_id: UUID) -> list[PaidPart]:
    rows = session.execute(
        select(
            Payment.received_on,
            PaymentAllocation.principal_cents
            + PaymentAllocation.interest_cents
            + PaymentAllocation.indemnity_cents,
        )
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(
            PaymentAllocation.receivable_id == receivable_id,
            PaymentAllocation.undone_at.is_(None),
            Payment.undone_at.is_(None),
        )
        .order_by(Payment.received_on.desc())
    )
    return [PaidPart(received_on, cents) for received_on, cents in rows]


def _creditor_as_payee(receivable: Receivable, creditor: Organisation) -> Payee:
    return Payee(receivable.payee_name or creditor.legal_name, receivable.iban or creditor.iban)
