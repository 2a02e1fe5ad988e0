"""What is known of receivables to collect, loaded for many at once: accounts, financing, promises, past reminders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.collections.answers.kept_or_broken import last_broken
from portal.collections.dunning.addresses import postal_address
from portal.collections.dunning.blocks import blocked, rejected_addresses
from portal.collections.dunning.choosing import chosen_scenarios
from portal.collections.dunning.models import Scenario
from portal.collections.dunning.steps import (
    DEFAULT_STEPS,
    PROMISE_GRACE_DAYS,
    Case,
    Past,
    Step,
    placed,
)
from portal.collections.models import Reminder, ReminderState
from portal.collections.reasons import Suppression
from portal.debtors.models import Debtor, DebtorSegment
from portal.documents.models import Document, DocumentKind
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from portal.messages.outbox import telephone_number
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
    scenario: Scenario | None = None
    steps: tuple[Step, ...] = DEFAULT_STEPS

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenario found for one receivable, or that nothing is sent automatically."""

    scenario: Scenario | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for many receivables, beside their own rows."""

    past: Mapping[UUID, dict[str, Past]]
    blocks: Mapping[UUID, Suppression]
    chosen: Mapping[UUID, Chosen]
    steps: Mapping[UUID, tuple[Step, ...]]
    rejected: frozenset[UUID]
    broken: Mapping[UUID, date]


def case_files(
    session: Session,
    assignor: Organisation,
    receivable_ids: Collection[UUID],
    *,
    today: date,
) -> dict[UUID, CaseFile]:
    """The files of an assignor's receivables that have a due date, by id; the same queries whatever their number.

    ``today`` is the day on which what holds a receivable back is judged.
    """
    scenarios = active_scenarios(session, assignor.id)
    known = _Known(
        _past(session, assignor.id, receivable_ids),
        blocked(session, assignor.id, receivable_ids, today),
        _chosen(session, assignor.id, receivable_ids, scenarios),
        {one.id: steps_of(one) for one in scenarios.values()},
        rejected_addresses(session, assignor.id, receivable_ids),
        last_broken(session, assignor.id, receivable_ids),
    )
    accounts = accounts_of(session, assignor.id, receivable_ids)
    return {
        row.Receivable.id: _file(row, accounts[row.Receivable.id], assignor, known)
        for row in _rows(session, assignor.id, receivable_ids)
    }


def active_scenarios(session: Session, assignor_id: UUID) -> dict[str, Scenario]:
    """The version of each scenario that runs, by slug."""
    rows = session.scalars(
        select(Scenario).where(
            Scenario.assignor_id == assignor_id,
            Scenario.activated_at.is_not(None),
            Scenario.retired_at.is_(None),
        )
    )
    return {row.slug: row for row in rows}


def steps_of(scenario: Scenario) -> tuple[Step, ...]:
    """The steps of a scenario, counted from the due date, in the order of their days."""
    return placed(written_steps(scenario))


def written_steps(scenario: Scenario) -> tuple[Step, ...]:
    """The steps as they were written, for whoever edits them."""
    return tuple(Step.from_row(row) for row in scenario.steps)


def contacts_since(
    session: Session, assignor_id: UUID, debtor_ids: Collection[UUID], day: date
) -> dict[UUID, int]:
    """How many messages and calls each debtor had from that day on; a grouped message counts once."""
    rows = session.execute(
        select(
            Receivable.debtor_id,
            func.count(func.coalesce(Reminder.message_id, Reminder.id).distinct()).label(
                "contacts"
            ),
        )
        .join(Reminder, Reminder.receivable_id == Receivable.id)
        .where(
            Reminder.assignor_id == assignor_id,
            Receivable.debtor_id.in_(debtor_ids),
            Reminder.decided_on >= day,
            Reminder.state.in_((ReminderState.SENT, ReminderState.TO_CALL)),
        )
        .group_by(Receivable.debtor_id)
    )
    return {row.debtor_id: row.contacts for row in rows}


def week_before(day: date) -> date:
    """The first of the seven days that end with this one."""
    return day - timedelta(days=6)


def _chosen(
    session: Session,
    assignor_id: UUID,
    receivable_ids: Collection[UUID],
    scenarios: Mapping[str, Scenario],
) -> dict[UUID, Chosen]:
    choice = chosen_scenarios(assignor_id).where(Receivable.id.in_(receivable_ids)).subquery()
    rows = session.execute(select(choice.c.receivable_id, choice.c.slug, choice.c.opted_out))
    return {
        receivable_id: Chosen(scenarios.get(slug or ""), bool(opted_out))
        for receivable_id, slug, opted_out in rows
    }


def _file(
    row: Row[Any], account: ReceivableAccount, assignor: Organisation, known: _Known
) -> CaseFile:
    receivable: Receivable = row.Receivable
    chosen = known.chosen.get(receivable.id, Chosen())
    scenario = chosen.scenario
    return CaseFile(
        receivable=receivable,
        debtor=receivable.debtor,
        account=account,
        case=_case(row, account, assignor, known, chosen),
        assignee=_assignee(row),
        invoice_id=receivable.document_id if row.document_kind is DocumentKind.INVOICE else None,
        scenario=scenario,
        steps=known.steps[scenario.id] if scenario else DEFAULT_STEPS,
    )


def _rows(
    session: Session, assignor_id: UUID, receivable_ids: Collection[UUID]
) -> Sequence[Row[Any]]:
    return session.execute(
        select(
            Receivable,
            POSITION.c.outstanding_cents,
            POSITION.c.paid_cents,
            POSITION.c.due_on,
            POSITION.c.last_paid_on,
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
            POSITION.c.receivable_id.in_(receivable_ids),  # a view told nothing is read whole
            Receivable.due_on.is_not(None),
        )
    ).all()


def _case(
    row: Row[Any],
    account: ReceivableAccount,
    assignor: Organisation,
    known: _Known,
    chosen: Chosen,
) -> Case:
    receivable: Receivable = row.Receivable
    debtor: Debtor = receivable.debtor
    paid = sum(one.principal_cents for one in account.settled)
    return Case(
        receivable_id=receivable.id,
        due_on=row.due_on,
        outstanding_cents=row.outstanding_cents,
        claimable_cents=account.claimed.cents - paid,
        right=_right(row),
        paid_cents=row.paid_cents,
        credited_cents=account.credited_cents,
        disputed_cents=account.disputed_cents,
        cancelled=account.cancelled,
        promised_for=row.promised_for,
        promise_grace_days=(
            chosen.scenario.promise_grace_days if chosen.scenario else PROMISE_GRACE_DAYS
        ),
        broken_on=known.broken.get(receivable.id),
        insolvent_since=account.insolvent_since,
        has_address=bool(debtor.contact_email),
        address_bad=receivable.id in known.rejected,
        consumer=debtor.segment is DebtorSegment.CONSUMER,
        has_phone=telephone_number(debtor.contact_phone or "", country=debtor.country) is not None,
        has_postal_address=_can_be_written_to(debtor, assignor),
        has_plan=chosen.scenario is not None,
        opted_out=chosen.opted_out,
        blocked=known.blocks.get(receivable.id),
        last_paid_on=row.last_paid_on,
        consented=assignor.reminders_consented_at is not None,
        assignee_account_known=bool(row.collection_iban),
        past=known.past.get(receivable.id, {}),
    )


def _can_be_written_to(debtor: Debtor, assignor: Organisation) -> bool:
    own = assignor.address_line and assignor.postal_code and assignor.city
    return bool(own) and postal_address(debtor.address, debtor.country) is not None


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
