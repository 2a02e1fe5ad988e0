"""Linking a credit note that did not say which invoice it corrects."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.audit.trail import record
from portal.debtors.models import Debtor
from portal.receivables.importing import ask_for_quotes
from portal.receivables.lookup import Filters, Financed, list_receivables
from portal.receivables.models import CreditNote, Receivable
from portal.receivables.position import OPEN, position_of
from pricing.money import Money

CHOICES_MAX = 200


class CreditNoteNotFound(LookupError):
    """No such credit note, or not the viewer's: both look the same."""


class CreditNoteRefused(Exception):
    """The credit note cannot be linked to this invoice; nothing was changed."""

    code = "credit_note_refused"


class CreditNoteAlreadyLinked(CreditNoteRefused):
    code = "credit_note_already_linked"


class CreditNoteOfAnotherDebtor(CreditNoteRefused):
    code = "credit_note_of_another_debtor"


class CreditNoteInAnotherCurrency(CreditNoteRefused):
    code = "credit_note_in_another_currency"


class CreditedInvoiceAssigned(CreditNoteRefused):
    """The invoice belongs to a lender: what is owed on it changes only with its consent (CMF art. L313-27)."""

    code = "credited_invoice_assigned"


class CreditNoteLargerThanOwed(CreditNoteRefused):
    """More than what is still owed on the invoice; ``owed`` is that much."""

    code = "credit_note_larger_than_owed"

    def __init__(self, number: str, owed: Money) -> None:
        self.number, self.owed = number, owed
        super().__init__(f"{owed} is still owed on {number}")


def link_credit_note(
    session: Session,
    credit_note: CreditNote,
    receivable: Receivable,
    *,
    by: UUID | None,
    at: datetime,
) -> None:
    """Let a credit note lower what is owed on an invoice; both are locked by whoever found them.

    Raises:
        CreditNoteRefused: one of its kinds says why; nothing was changed.
    """
    if credit_note.receivable_id is not None:
        raise CreditNoteAlreadyLinked(credit_note.number)
    if receivable.debtor_id != credit_note.debtor_id:
        raise CreditNoteOfAnotherDebtor(receivable.number)
    if receivable.currency != credit_note.currency:
        raise CreditNoteInAnotherCurrency(receivable.currency)
    position = position_of(session, receivable.id)
    if position.deed_id is not None:
        raise CreditedInvoiceAssigned(receivable.number)
    if credit_note.amount_cents > position.outstanding_cents:
        owed = Money(position.outstanding_cents, receivable.currency)
        raise CreditNoteLargerThanOwed(receivable.number, owed)
    credit_note.receivable_id = receivable.id
    session.flush()
    facts = {"receivable": receivable.id, "amount_cents": credit_note.amount_cents}
    record(
        session,
        credit_note.assignor_id,
        "credit_note_linked",
        "credit_note",
        credit_note.id,
        facts,
        by=by,
        at=at,
    )
    ask_for_quotes(session, credit_note.assignor_id)


def find_credit_note(
    session: Session, credit_note_id: UUID, *, debtor: Debtor, lock: bool = False
) -> CreditNote:
    """One credit note of the debtor; ``lock`` it before linking it.

    Raises:
        CreditNoteNotFound: it does not exist, or is another debtor's.
    """
    query = select(CreditNote).where(
        CreditNote.id == credit_note_id,
        CreditNote.assignor_id == debtor.assignor_id,
        CreditNote.debtor_id == debtor.id,
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        raise CreditNoteNotFound(str(credit_note_id))
    return found


def unlinked_credit_notes(session: Session, debtor: Debtor) -> list[CreditNote]:
    """The debtor's credit notes that lower no invoice yet, oldest first."""
    return list(
        session.scalars(
            select(CreditNote)
            .where(
                CreditNote.assignor_id == debtor.assignor_id,
                CreditNote.debtor_id == debtor.id,
                CreditNote.receivable_id.is_(None),
            )
            .order_by(CreditNote.issued_on, CreditNote.number_key)
            .limit(CHOICES_MAX)
        )
    )


def invoices_open_to_credit(session: Session, debtor: Debtor, *, today: date) -> Sequence[Row[Any]]:
    """The debtor's invoices on which something is owed and that no lender holds, by due date."""
    wanted = Filters(debtor_id=debtor.id, statuses=OPEN, financed=Financed.NO)
    return list_receivables(
        session, debtor.assignor_id, wanted, today=today, sort="due", per_page=CHOICES_MAX
    ).rows
