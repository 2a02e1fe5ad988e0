"""What is known of receivables to collect, loaded for many at once: accounts, financing, promises, past reminders."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.collections.dunning.steps import Case, Past, Step
from portal.collections.models import DunningPlan, Reminder
from portal.debtors.models import Debtor
from portal.documents.models import Document, DocumentKind
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from portal.payments.account import POSITION, ReceivableAccount, Statement, accounts_of, statement
from portal.receivables.models import Receivable
from pricing.collection_right import CollectionParty, CollectionRight, FinancingState
from pricing.collection_right import collection_right as right_of
from pricing.parameters import LegalParameters
from pricing.products.quote import Product


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who holds the receivable, once its deed is dated."""

    lender_id: UUID
    name: str
    iban: str | None
    product: Product
    notified_on: date | None


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One receivable with everything that collecting it needs."""

    receivable: Receivable
    debtor: Debtor
    account: ReceivableAccount
    case: Case
    assignee: Assignee | None
    invoice_id: UUID | None = None

    @property
    def to_assignee(self) -> bool:
        """Whether only the assignee can be paid."""
        return self.case.right.payee is CollectionParty.ASSIGNEE

    def statement(self, on: date, law: LegalParameters) -> Statement:
        return statement(self.account, on, law)


def financing_state(product: Product | None, *, dated: bool, notified: bool) -> FinancingState:
    """The line of the table of who may remind; a deed without its date assigns nothing yet (CMF L313-27)."""
    if product is None or not dated:
        return FinancingState.NOT_FINANCED
    match product:
        case Product.DAILLY:
            return (
                FinancingState.DAILLY_NOTIFIED if notified else FinancingState.DAILLY_NOT_NOTIFIED
            )
        case Product.FACTORING:
            return (
                FinancingState.FACTORING_NOTIFIED
                if notified
                else FinancingState.FACTORING_CONFIDENTIAL
            )
        case Product.ADVANCE:
            return FinancingState.ADVANCE
        case Product.DISCOUNT:
            return FinancingState.DISCOUNT


def case_files(
    session: Session,
    assignor: Organisation,
    receivable_ids: Collection[UUID],
    *,
    has_plan: bool = True,
) -> dict[UUID, CaseFile]:
    """The files of an assignor's receivables that have a due date, by id; four queries whatever their number."""
    accounts = accounts_of(session, assignor.id, receivable_ids)
    past = _past(session, assignor.id, receivable_ids)
    found = {}
    for row in _rows(session, assignor.id, receivable_ids):
        receivable: Receivable = row.Receivable
        account = accounts[receivable.id]
        if receivable.due_on is None:
            continue
        found[receivable.id] = CaseFile(
            receivable=receivable,
            debtor=receivable.debtor,
            account=account,
            case=_case(
                row,
                account,
                assignor,
                due_on=receivable.due_on,
                past=past.get(receivable.id, {}),
                has_plan=has_plan,
            ),
            assignee=_assignee(row),
            invoice_id=receivable.document_id
            if row.document_kind is DocumentKind.INVOICE
            else None,
        )
    return found


def active_plan(session: Session, assignor_id: UUID) -> DunningPlan | None:
    """The version that runs, if the assignor approved one."""
    return session.scalar(
        select(DunningPlan).where(
            DunningPlan.assignor_id == assignor_id,
            DunningPlan.activated_at.is_not(None),
            DunningPlan.retired_at.is_(None),
        )
    )


def steps_of(plan: DunningPlan) -> tuple[Step, ...]:
    """The steps of a plan, in the order of their days."""
    return tuple(sorted((Step.from_row(row) for row in plan.steps), key=lambda step: step.day))


def _rows(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> Sequence[Row[Any]]:
    return session.execute(
        select(
            Receivable,
            POSITION.c.outstanding_cents,
            POSITION.c.paid_cents,
            POSITION.c.promised_for,
            Deed.product,
            Deed.dated_on,
            Deed.notified_on,
            Deed.collection_consent,
            Organisation.id.label("lender_id"),
            Organisation.legal_name.label("lender_name"),
            LenderProfile.collection_iban,
            Document.kind.label("document_kind"),
        )
        .join(POSITION, POSITION.c.receivable_id == Receivable.id)
        .outerjoin(Deed, Deed.id == POSITION.c.deed_id)
        .outerjoin(Organisation, Organisation.id == POSITION.c.lender_id)
        .outerjoin(LenderProfile, LenderProfile.organisation_id == POSITION.c.lender_id)
        .outerjoin(Document, Document.id == Receivable.document_id)
        .where(
            Receivable.assignor_id == assignor_id,
            Receivable.id.in_(receivable_ids),
            Receivable.due_on.is_not(None),
        )
    ).all()


def _case(
    row: Row[Any],
    account: ReceivableAccount,
    assignor: Organisation,
    *,
    due_on: date,
    past: dict[str, Past],
    has_plan: bool,
) -> Case:
    receivable: Receivable = row.Receivable
    paid = sum(one.principal_cents for one in account.settled)
    return Case(
        receivable_id=receivable.id,
        due_on=due_on,
        outstanding_cents=row.outstanding_cents,
        claimable_cents=account.claimed.cents - paid,
        right=_right(row),
        paid_cents=row.paid_cents,
        credited_cents=account.credited_cents,
        disputed_cents=account.disputed_cents,
        cancelled=account.cancelled,
        promised_for=row.promised_for,
        insolvent_since=account.insolvent_since,
        has_address=bool(receivable.debtor.contact_email),
        has_plan=has_plan,
        consented=assignor.reminders_consented_at is not None,
        assignee_account_known=bool(row.collection_iban),
        past=past,
    )


def _right(row: Row[Any]) -> CollectionRight:
    state = financing_state(
        row.product, dated=row.dated_on is not None, notified=row.notified_on is not None
    )
    asked = state in (FinancingState.DAILLY_NOTIFIED, FinancingState.FACTORING_NOTIFIED)
    return right_of(state, lender_consent=bool(row.collection_consent) if asked else None)


def _assignee(row: Row[Any]) -> Assignee | None:
    if row.lender_id is None or row.dated_on is None:
        return None
    return Assignee(
        row.lender_id, row.lender_name, row.collection_iban, row.product, row.notified_on
    )


def _past(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> dict[UUID, dict[str, Past]]:
    rows = session.scalars(
        select(Reminder).where(
            Reminder.assignor_id == assignor_id, Reminder.receivable_id.in_(receivable_ids)
        )
    )
    found: dict[UUID, dict[str, Past]] = {}
    for row in rows:
        found.setdefault(row.receivable_id, {})[row.step_code] = Past(
            row.state, row.dunning_level, row.decided_on, row.reason_code
        )
    return found
