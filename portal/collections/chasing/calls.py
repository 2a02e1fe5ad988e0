"""Calls to debtors: what each led to, and what follows from it without another click."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.clock import PARIS
from portal.collections.answers.disputes import open_dispute
from portal.collections.answers.promises import record_promise
from portal.collections.chasing.models import CallOutcome, DebtorCall, FollowUp, FollowUpKind
from portal.collections.dunning.casefile import written_steps
from portal.collections.dunning.models import Scenario
from portal.collections.models import DisputeReason, Reminder, ReminderState
from portal.collections.worklist import called_since
from portal.debtors.models import Debtor
from portal.receivables.models import Receivable
from portal.receivables.position import positions_of
from pricing.calendar import add_business_days

BANK_DAYS = 2
"""Business days a transfer takes to be seen after the day it was announced for."""


class CallRefused(ValueError):
    """The outcome lacks something; ``code`` says what."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Heard:
    """What the caller noted. ``on`` is the day promised or announced, or the day to call again."""

    outcome: CallOutcome
    on: date | None = None
    note: str | None = None
    receivable_id: UUID | None = None
    dispute_reason: DisputeReason | None = None


@dataclass(frozen=True, slots=True)
class Debt:
    """One debt to speak of on the telephone; whole cents."""

    receivable_id: UUID
    number: str
    due_on: date
    owed_cents: int
    disputed_cents: int
    currency: str

    @property
    def cents(self) -> int:
        """What may be asked."""
        return max(self.owed_cents - self.disputed_cents, 0)


def note_call(
    session: Session, debtor: Debtor, heard: Heard, *, by: UUID | None, at: datetime
) -> DebtorCall:
    """Note a call and set what comes next; the follow-ups that were due are done by it.

    ==============  ===================================================================
    no answer       call again on the day given, else on the next business day
    promise         a promise on everything late: reminders wait for its day
    will pay on     nothing waits: the account is looked at once the bank had its time
    dispute         the invoice is contested, and the rest is still collected
    wrong number    the number is taken away, and somebody finds another
    other           the note says it; called again on the day given, if one is
    ==============  ===================================================================

    Raises:
        CallRefused: ``day_missing``, ``day_past``, ``note_missing``, ``invoice_missing``, ``reason_missing``
            or ``nothing_late``.
        PromiseRefused, DisputeRefused: from those acts.
    """
    today = at.astimezone(PARIS).date()
    _refuse_incomplete(heard, today)
    call = DebtorCall(
        assignor_id=debtor.assignor_id,
        debtor_id=debtor.id,
        outcome=heard.outcome,
        note=_noted(debtor, heard),
        made_at=at,
        made_by=by,
    )
    session.add(call)
    finish_due(session, debtor, today, by=by, at=at)
    _follow(session, debtor, heard, today, by=by, at=at)
    facts = {"outcome": heard.outcome.value}
    trail.record(session, debtor.assignor_id, "note_call", "debtor", debtor.id, facts, by=by, at=at)
    return call


def _follow(
    session: Session, debtor: Debtor, heard: Heard, today: date, *, by: UUID | None, at: datetime
) -> None:
    match heard.outcome:
        case CallOutcome.NO_ANSWER:
            on = heard.on or add_business_days(today, 1)
            come_back(session, debtor, FollowUpKind.CALL_AGAIN, on, by=by, at=at)
        case CallOutcome.PROMISE:
            _promise(session, debtor, heard, today, by=by, at=at)
        case CallOutcome.WILL_PAY_ON:
            on = add_business_days(heard.on or today, BANK_DAYS)
            come_back(session, debtor, FollowUpKind.CHECK_PAYMENT, on, by=by, at=at)
        case CallOutcome.DISPUTE:
            _dispute(session, debtor, heard, by=by, at=at)
        case CallOutcome.WRONG_NUMBER:
            debtor.contact_phone = None
            on = add_business_days(today, 1)
            come_back(session, debtor, FollowUpKind.FIND_NUMBER, on, by=by, at=at)
        case CallOutcome.OTHER:
            if heard.on:
                come_back(session, debtor, FollowUpKind.CALL_AGAIN, heard.on, by=by, at=at)
    session.flush()


def come_back(
    session: Session,
    debtor: Debtor,
    kind: FollowUpKind,
    on: date,
    *,
    by: UUID | None,
    at: datetime,
    because: str | None = None,
    for_member: UUID | None = None,
    note_id: UUID | None = None,
) -> FollowUp:
    """Come back to a debtor on a day."""
    follow_up = FollowUp(
        assignor_id=debtor.assignor_id,
        debtor_id=debtor.id,
        kind=kind,
        due_on=on,
        for_member=for_member,
        note_id=note_id,
        because=because,
        created_at=at,
        created_by=by,
    )
    session.add(follow_up)
    session.flush()
    return follow_up


def finish_due(
    session: Session, debtor: Debtor, until: date, *, by: UUID | None, at: datetime
) -> None:
    """What was to be come back to until that day is done, but for what asks one member alone."""
    session.flush()
    session.execute(
        update(FollowUp)
        .where(
            FollowUp.assignor_id == debtor.assignor_id,
            FollowUp.debtor_id == debtor.id,
            FollowUp.kind != FollowUpKind.MENTION,
            FollowUp.due_on <= until,
            FollowUp.done_at.is_(None),
        )
        .values(done_at=at, done_by=by)
    )


def debts_of(session: Session, debtor: Debtor, *, today: date) -> list[Debt]:
    """What a debtor owes that is late, the oldest first."""
    row = positions_of(debtor.assignor_id, today).c
    rows = session.execute(
        select(
            row.id, row.number, row.due_on, row.outstanding_cents, row.disputed_cents, row.currency
        )
        .where(row.debtor_id == debtor.id, row.outstanding_cents > 0, row.due_on < today)
        .order_by(row.due_on, row.id)
    )
    return [Debt(*found) for found in rows]


def scripts_of(session: Session, debtor: Debtor) -> Sequence[tuple[str, str]]:
    """What scenarios planned to say, for the calls nobody has made yet: (invoice number, script)."""
    rows = session.execute(
        select(Receivable.number, Reminder.step_code, Scenario)
        .join(Reminder, Reminder.receivable_id == Receivable.id)
        .join(Scenario, Scenario.id == Reminder.scenario_id)
        .where(
            Receivable.assignor_id == debtor.assignor_id,
            Receivable.debtor_id == debtor.id,
            Reminder.state == ReminderState.TO_CALL,
            ~called_since(Reminder.created_at, debtor.id),
        )
        .order_by(Reminder.created_at, Receivable.number)
    ).all()
    found = []
    for number, code, scenario in rows:
        script = next((one.script for one in written_steps(scenario) if one.code == code), None)
        found.append((number, script or ""))
    return found


def _refuse_incomplete(heard: Heard, today: date) -> None:
    if heard.outcome in (CallOutcome.PROMISE, CallOutcome.WILL_PAY_ON) and heard.on is None:
        raise CallRefused("day_missing")
    if heard.on is not None and heard.on < today:
        raise CallRefused("day_past")
    if heard.outcome is CallOutcome.OTHER and not (heard.note or "").strip():
        raise CallRefused("note_missing")
    if heard.outcome is CallOutcome.DISPUTE and heard.receivable_id is None:
        raise CallRefused("invoice_missing")
    if heard.outcome is CallOutcome.DISPUTE and heard.dispute_reason is None:
        raise CallRefused("reason_missing")


def _noted(debtor: Debtor, heard: Heard) -> str | None:
    note = (heard.note or "").strip()
    if heard.outcome is CallOutcome.WRONG_NUMBER and debtor.contact_phone:
        note = f"{debtor.contact_phone} : {note}" if note else debtor.contact_phone
    return note or None


def _promise(
    session: Session, debtor: Debtor, heard: Heard, today: date, *, by: UUID | None, at: datetime
) -> None:
    asked = [debt for debt in debts_of(session, debtor, today=today) if debt.cents]
    if not asked or heard.on is None:
        raise CallRefused("nothing_late")
    for debt in asked:
        record_promise(
            session,
            session.get_one(Receivable, debt.receivable_id),
            amount_cents=debt.cents,
            promised_for=heard.on,
            note=heard.note,
            by=by,
            at=at,
        )


def _dispute(
    session: Session, debtor: Debtor, heard: Heard, *, by: UUID | None, at: datetime
) -> None:
    receivable = session.get(Receivable, heard.receivable_id)
    if receivable is None or receivable.debtor_id != debtor.id or heard.dispute_reason is None:
        raise CallRefused("invoice_missing")
    open_dispute(
        session,
        receivable,
        amount_cents=None,
        reason=heard.dispute_reason,
        note=heard.note,
        by=by,
        at=at,
    )
