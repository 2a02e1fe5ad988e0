"""Who to chase today: debtors ranked by what may be asked x the chance of payment x urgency, with the reasons.

One line is one debtor, because a person calls a company about all it owes. What nobody may ask today is not
counted: disputed parts, promises and plans that hold, claims a lender, an agency or a court has, money that has
arrived and waits to be matched. The rates are those of `pricing.recovery`; SQL applies them to every debt at once.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    RowMapping,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session

from portal.assignments.models import Deed
from portal.collections.answers.models import PaymentPlan
from portal.collections.answers.states import AGREED_PLANS
from portal.collections.chasing.absences import follower
from portal.collections.chasing.models import DebtorCall, FollowUp, FollowUpKind
from portal.collections.dunning.choosing import segment_expression
from portal.collections.dunning.models import DebtorPlacement
from portal.collections.models import Promise, Reminder, ReminderState
from portal.debtors.models import Debtor
from portal.payments.legal_standing import LEGAL_STANDING
from portal.payments.models import Payment, PaymentAllocation
from portal.receivables.position import positions_of
from pricing.recovery import Payer, Reason, RecoveryTable, recovery_table

PER_PAGE = 25
PROMISE_KEPT_DAYS = 5
"""How long after its day a promise not judged yet still holds a debt back."""
BROKEN_LATELY_DAYS = 60

AnySelect = Select[*tuple[Any, ...]]


class Share(enum.StrEnum):
    """Whose debtors a list shows: mine and nobody's, nobody's alone, or everybody's."""

    MINE = "mine"
    NOBODYS = "nobodys"
    EVERYBODYS = "everybodys"


@dataclass(frozen=True, slots=True)
class Asked:
    """One list: for a member, on a day."""

    assignor_id: UUID
    member_id: UUID
    today: date
    share: Share = Share.MINE
    search: str = ""


@dataclass(frozen=True, slots=True)
class ToChase:
    """One debtor to chase today. Whole cents; ``rate`` is the share expected to be paid of what may be asked."""

    debtor_id: UUID
    name: str
    phone: str | None
    payer: Payer
    collector_id: UUID | None
    cents: int
    late_cents: int
    debts: int
    days_late: int
    rate: Decimal
    urgency: Decimal
    weight: Decimal
    reasons: tuple[Reason, ...]


def list_to_chase(
    session: Session,
    asked: Asked,
    *,
    page: int = 1,
    per_page: int = PER_PAGE,
    only: Sequence[UUID] | None = None,
) -> list[ToChase]:
    """One page of the list, the most worthwhile first; one query whatever the number of debts."""
    query = _ranked(asked)
    found = query.subquery("found")
    wanted: AnySelect = select(found).where(_shown(found, asked))
    if only is not None:
        wanted = wanted.where(found.c.debtor_id.in_(only))
    wanted = wanted.order_by(found.c.weight.desc(), found.c.debtor_id)
    rows = session.execute(wanted.limit(per_page).offset((page - 1) * per_page))
    return [_line(row) for row in rows.mappings()]


def count_to_chase(session: Session, asked: Asked) -> Mapping[Share, int]:
    """How many debtors each share would show, in one query."""
    found = _ranked(asked).subquery("found")
    counted = session.execute(
        select(*(func.count().filter(_in_share(found, one, asked)) for one in Share)).where(
            _searched(found, asked)
        )
    ).one()
    return dict(zip(Share, map(int, counted), strict=True))


def next_to_chase(session: Session, asked: Asked, *, after: UUID) -> UUID | None:
    """The debtor that follows in the list, once one has been dealt with; None at its end."""
    rows = list_to_chase(session, asked, per_page=2)
    return next((row.debtor_id for row in rows if row.debtor_id != after), None)


def _line(row: RowMapping) -> ToChase:
    reasons = tuple(one for one in Reason if row[one.value])
    cents = int(row["cents"])
    return ToChase(
        debtor_id=row["debtor_id"],
        name=row["name"],
        phone=row["contact_phone"],
        payer=Payer(row["payer"]),
        collector_id=row["collector_id"],
        cents=cents,
        late_cents=int(row["late_cents"]),
        debts=int(row["debts"]),
        days_late=max(int(row["oldest"]), 0),
        rate=Decimal(row["expected"]) / cents if cents else Decimal(0),
        urgency=Decimal(row["urgency"]),
        weight=Decimal(row["weight"]),
        reasons=reasons,
    )


def _shown(found: Subquery, asked: Asked) -> ColumnElement[bool]:
    return and_(_in_share(found, asked.share, asked), _searched(found, asked))


def _searched(found: Subquery, asked: Asked) -> ColumnElement[bool]:
    return found.c.name.icontains(asked.search, autoescape=True)


def _in_share(found: Subquery, share: Share, asked: Asked) -> ColumnElement[bool]:
    followed_by = found.c.follower_id
    match share:
        case Share.MINE:
            mine = or_(followed_by == asked.member_id, followed_by.is_(None))
            return or_(mine, found.c[Reason.MENTIONED.value])
        case Share.NOBODYS:
            return and_(followed_by.is_(None))
        case Share.EVERYBODYS:
            return and_(literal(True))


def _ranked(asked: Asked) -> AnySelect:
    """Every debtor with something to do today, its figures, reasons and weight."""
    table = recovery_table(asked.today)
    debts = _summed(_debts(asked), table, asked)
    follow_ups, calls = _follow_ups(asked), _calls_planned(asked)
    broken = _broken(asked)
    reasons: dict[Reason, ColumnElement[bool]] = {
        Reason.PROMISE_BROKEN: broken.c.debtor_id.is_not(None),
        Reason.CALL_PLANNED: calls.c.debtor_id.is_not(None),
        Reason.FOLLOW_UP_DUE: func.coalesce(follow_ups.c.due, False),
        Reason.MENTIONED: func.coalesce(follow_ups.c.mentioned, False),
        Reason.AGES_SOON: func.coalesce(debts.c.ages_soon, False),
        Reason.NEVER_REMINDED: func.coalesce(debts.c.never_reminded, False),
    }
    urgency = literal(Decimal(1), Numeric) + sum(
        (
            case((true, literal(table.urgency[one], Numeric)), else_=literal(Decimal(0), Numeric))
            for one, true in reasons.items()
        ),
        start=literal(Decimal(0), Numeric),
    )
    expected = func.coalesce(debts.c.expected, 0)
    asks_for_it = or_(
        reasons[Reason.CALL_PLANNED], reasons[Reason.FOLLOW_UP_DUE], reasons[Reason.MENTIONED]
    )
    waits = func.coalesce(follow_ups.c.later, False)
    return (
        select(
            Debtor.id.label("debtor_id"),
            Debtor.name,
            Debtor.contact_phone,
            Debtor.collector_id,
            follower(asked.assignor_id, Debtor.collector_id, asked.today).label("follower_id"),
            func.coalesce(segment_expression(), Payer.UNKNOWN.value).label("payer"),
            func.coalesce(debts.c.cents, 0).label("cents"),
            func.coalesce(debts.c.late_cents, 0).label("late_cents"),
            func.coalesce(debts.c.debts, 0).label("debts"),
            func.coalesce(debts.c.oldest, 0).label("oldest"),
            expected.label("expected"),
            urgency.label("urgency"),
            (expected * urgency).label("weight"),
            *(true.label(one.value) for one, true in reasons.items()),
        )
        .outerjoin(DebtorPlacement, DebtorPlacement.debtor_id == Debtor.id)
        .outerjoin(debts, debts.c.debtor_id == Debtor.id)
        .outerjoin(follow_ups, follow_ups.c.debtor_id == Debtor.id)
        .outerjoin(calls, calls.c.debtor_id == Debtor.id)
        .outerjoin(broken, broken.c.debtor_id == Debtor.id)
        .where(
            Debtor.assignor_id == asked.assignor_id,
            or_(Debtor.insolvent_since.is_(None), reasons[Reason.MENTIONED]),
            or_(asks_for_it, and_(debts.c.late_cents > 0, ~waits)),
        )
    )


def _debts(asked: Asked) -> CTE:
    """What may be asked of each debt that is late, or that a scenario says to call about."""
    row = positions_of(asked.assignor_id, asked.today).c
    deed_told = select(Deed.id).where(Deed.id == row.deed_id, Deed.notified_on.is_not(None))
    called = select(Reminder.id).where(
        Reminder.assignor_id == asked.assignor_id,
        Reminder.receivable_id == row.id,
        Reminder.state == ReminderState.TO_CALL,
    )
    return (
        select(
            row.id.label("receivable_id"),
            row.debtor_id,
            (row.outstanding_cents - row.disputed_cents).label("cents"),
            cast(literal(asked.today, Date) - row.due_on, Integer).label("age"),
        )
        .where(
            row.outstanding_cents > row.disputed_cents,
            row.due_on.is_not(None),
            or_(row.due_on < asked.today, called.exists()),
            ~deed_told.exists(),
            ~_held(row, asked),
        )
        .cte("debts")
    )


def _held(row: Any, asked: Asked) -> ColumnElement[bool]:
    """Whether something else is under way, so that nobody asks for this debt today."""
    owner, standing = asked.assignor_id, LEGAL_STANDING.c
    promised = select(Promise.id).where(
        Promise.assignor_id == owner,
        Promise.receivable_id == row.id,
        Promise.cancelled_at.is_(None),
        Promise.broken_on.is_(None),
        Promise.promised_for >= asked.today - timedelta(days=PROMISE_KEPT_DAYS),
    )
    planned = select(PaymentPlan.id).where(
        PaymentPlan.assignor_id == owner,
        PaymentPlan.receivable_id == row.id,
        PaymentPlan.state.in_(AGREED_PLANS),
    )
    resting = select(standing.receivable_id).where(
        standing.assignor_id == owner,
        or_(standing.written_off_at.is_not(None), standing.handed_over_on.is_not(None)),
    )
    return or_(
        promised.exists(),
        planned.exists(),
        row.id.in_(resting),
        row.debtor_id.in_(_money_to_match(asked)),
    )


def _money_to_match(asked: Asked) -> Select[Any]:
    allocated = (
        select(
            PaymentAllocation.payment_id,
            func.sum(
                PaymentAllocation.principal_cents
                + PaymentAllocation.interest_cents
                + PaymentAllocation.indemnity_cents
            ).label("cents"),
        )
        .where(
            PaymentAllocation.assignor_id == asked.assignor_id,
            PaymentAllocation.undone_at.is_(None),
        )
        .group_by(PaymentAllocation.payment_id)
        .subquery("allocated")
    )
    return (
        select(Payment.debtor_id)
        .outerjoin(allocated, allocated.c.payment_id == Payment.id)
        .where(
            Payment.assignor_id == asked.assignor_id,
            Payment.debtor_id.is_not(None),
            Payment.undone_at.is_(None),
            Payment.received_on <= asked.today,
            Payment.amount_cents > func.coalesce(allocated.c.cents, 0),
        )
    )


def _summed(debts: CTE, table: RecoveryTable, asked: Asked) -> Subquery:
    """The debts of each debtor, each at the rate of its age and payer."""
    rate = values(
        column("payer", String),
        column("first_day", Integer),
        column("last_day", Integer),
        column("paid_rate", Numeric),
        name="rate",
    ).data([(payer.value, *others) for payer, *others in table.spans()])
    reminded = (
        select(Reminder.receivable_id)
        .where(
            Reminder.assignor_id == asked.assignor_id,
            Reminder.state.in_((ReminderState.SENT, ReminderState.TO_CALL)),
        )
        .distinct()
        .subquery("reminded")
    )
    age = debts.c.age
    return (
        select(
            debts.c.debtor_id,
            func.sum(debts.c.cents).label("cents"),
            func.sum(debts.c.cents).filter(age > 0).label("late_cents"),
            func.count().label("debts"),
            func.max(age).label("oldest"),
            func.sum(debts.c.cents * rate.c.paid_rate).label("expected"),
            func.bool_or(or_(*(age.between(*span) for span in table.soon_spans()))).label(
                "ages_soon"
            ),
            and_(func.max(age) > 0, func.count(reminded.c.receivable_id) == 0).label(
                "never_reminded"
            ),
        )
        .select_from(debts)
        .join(Debtor, Debtor.id == debts.c.debtor_id)
        .outerjoin(DebtorPlacement, DebtorPlacement.debtor_id == Debtor.id)
        .join(
            rate,
            and_(
                rate.c.payer == func.coalesce(segment_expression(), Payer.UNKNOWN.value),
                age.between(rate.c.first_day, rate.c.last_day),
            ),
        )
        .outerjoin(reminded, reminded.c.receivable_id == debts.c.receivable_id)
        .group_by(debts.c.debtor_id)
        .subquery("summed")
    )


def _follow_ups(asked: Asked) -> Subquery:
    mine = or_(FollowUp.for_member.is_(None), FollowUp.for_member == asked.member_id)
    is_mention = FollowUp.kind == FollowUpKind.MENTION
    return (
        select(
            FollowUp.debtor_id,
            func.bool_or(and_(FollowUp.due_on <= asked.today, ~is_mention, mine)).label("due"),
            func.bool_or(and_(is_mention, FollowUp.for_member == asked.member_id)).label(
                "mentioned"
            ),
            func.bool_or(and_(FollowUp.due_on > asked.today, ~is_mention)).label("later"),
        )
        .where(FollowUp.assignor_id == asked.assignor_id, FollowUp.done_at.is_(None))
        .group_by(FollowUp.debtor_id)
        .subquery("follow_ups")
    )


def _calls_planned(asked: Asked) -> Subquery:
    """Debtors whom a scenario says to call, and whom nobody has called since."""
    row = positions_of(asked.assignor_id, asked.today).c
    return (
        select(row.debtor_id)
        .join(Reminder, Reminder.receivable_id == row.id)
        .where(
            Reminder.assignor_id == asked.assignor_id,
            Reminder.state == ReminderState.TO_CALL,
            row.outstanding_cents > 0,
            ~called_since(Reminder.created_at, row.debtor_id),
        )
        .distinct()
        .subquery("calls_planned")
    )


def called_since(planned_at: Any, debtor_id: Any) -> ColumnElement[bool]:
    """Whether somebody called the debtor after that instant."""
    later = and_(DebtorCall.debtor_id == debtor_id, DebtorCall.made_at >= planned_at)
    return select(DebtorCall.id).where(later).exists()


def _broken(asked: Asked) -> Subquery:
    """Debtors that broke a promise lately on a debt still owed."""
    row = positions_of(asked.assignor_id, asked.today).c
    return (
        select(row.debtor_id)
        .join(Promise, Promise.receivable_id == row.id)
        .where(
            Promise.assignor_id == asked.assignor_id,
            Promise.broken_on >= asked.today - timedelta(days=BROKEN_LATELY_DAYS),
            row.outstanding_cents > 0,
        )
        .distinct()
        .subquery("broken")
    )
