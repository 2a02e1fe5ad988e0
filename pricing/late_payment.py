"""What may be asked from a late debtor today: principal, penalties day by day, 40 euros once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pricing.accrual import ONE_DAY, Accrual, RateRule, accrual, stretches
from pricing.calendar import DayCount
from pricing.facts import DebtorSegment
from pricing.money import Money, total
from pricing.parameters import LegalParameters
from pricing.penalty_rates import (
    PenaltyRate,
    RateUnknown,
    contract_rate_floor,
    default_penalty_rate,
    legal_interest_rate,
    public_penalty_rate,
    semester_start,
)


class Imputation(StrEnum):
    """What a part payment extinguishes first (C. civ. art. 1343-1: interest, unless agreed)."""

    INTEREST_FIRST = "interest_first"
    PRINCIPAL_FIRST = "principal_first"


class LateFlag(StrEnum):
    """What the reader of a statement must be told."""

    RATE_UNKNOWN = "RATE_UNKNOWN"
    RATE_BELOW_FLOOR = "RATE_BELOW_FLOOR"
    FLOOR_NOT_TESTABLE = "FLOOR_NOT_TESTABLE"
    STOPPED_BY_INSOLVENCY = "STOPPED_BY_INSOLVENCY"
    FORMAL_NOTICE_NEEDED = "FORMAL_NOTICE_NEEDED"


class BelowFloor(StrEnum):
    """What the user makes of a contract rate under three times the legal rate: the text is silent."""

    KEEP = "keep"
    FLOOR = "floor"
    DEFAULT_RATE = "default_rate"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from the debtor; it stops interest after ``paid_on``."""

    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """How this debt is penalised.

    ``contract_rate`` (fraction of one, per year) replaces the default rate; ``below_floor``
    is what the user chose to do in the semesters where it is too low. A consumer owes
    interest only after ``formal_notice_on``. The day count is ours where the law is
    silent; it is printed on every statement.
    """

    segment: DebtorSegment = DebtorSegment.PRIVATE
    contract_rate: Decimal | None = None
    below_floor: BelowFloor = BelowFloor.KEEP
    formal_notice_on: date | None = None
    day_count: DayCount = DayCount.ACT_365F
    imputation: Imputation = Imputation.INTEREST_FIRST


@dataclass(frozen=True, slots=True)
class AmountDue:
    """A statement of one receivable on one day.

    ``penalties`` is what is still due of ``penalties_accrued`` (rounded once, half up),
    ``indemnity`` what is still due of the 40 euros, if they were charged at all; ``costs``
    what was really spent beyond them, on justification;
    ``overpaid`` is what the debtor paid beyond everything. With ``RATE_UNKNOWN`` among
    the flags, penalties stop on the eve of ``rate_unknown_from`` and are a minimum.
    """

    on: date
    days_past_due: int
    principal: Money
    penalties: Money
    penalties_accrued: Money
    indemnity: Money
    indemnity_charged: bool
    costs: Money
    overpaid: Money
    accruals: tuple[Accrual, ...]
    day_count: DayCount
    flags: tuple[LateFlag, ...] = ()
    rate_unknown_from: date | None = None

    @property
    def total(self) -> Money:
        """Everything that may be asked today."""
        return total((self.principal, self.penalties, self.indemnity, self.costs))


def amount_due_today(
    principal: Money,
    due_on: date,
    today: date,
    law: LegalParameters,
    *,
    terms: PenaltyTerms | None = None,
    payments: Sequence[Payment] = (),
    insolvency_opened_on: date | None = None,
    justified_costs: Money | None = None,
) -> AmountDue:
    """What may be asked from the debtor ``today`` for one receivable.

        days      = every day after the due date, up to the payment or today, inclusive
        penalties = sum over days of unpaid principal x rate of the day's semester / basis
        indemnity = 40 euros once, when the debtor is a professional and late
        costs     = what was spent beyond the indemnity, when the creditor proves it
        total     = principal + penalties + indemnity + costs

    The rate is the contract's, else the ECB rate of the semester + 10 points; a public
    buyer owes + 8 points, frozen when interest started; a consumer owes no indemnity,
    and interest (the contract's rate, else the legal rate) only from the day after a
    formal notice. Penalties are never compounded and bear no VAT. They stop
    on the eve of the judgment that opens an insolvency; a debt due on or after that
    judgment bears no indemnity.

    Args:
        principal: what is claimed, VAT included, without any part in dispute.
        payments: every payment, also those before the due date; later than today ignored.
        justified_costs: recovery costs with their proofs, in all; what exceeds the
            indemnity is asked for, where the indemnity itself may be.

    Source: C. com. art. L441-10, II and D441-5; C. civ. art. 1231-5, 1231-6, 1343-1;
    décret 2013-269, art. 8-9; C. com. art. L622-28.
    Worked cases: tests/pricing/cases/late_payment.toml.
    """
    terms = terms or PenaltyTerms()
    received = sorted((p for p in payments if p.paid_on <= today), key=lambda p: p.paid_on)
    account = _Account(principal)
    for payment in received:
        if payment.paid_on <= due_on:
            account.receive(payment.amount, Imputation.PRINCIPAL_FIRST)
    last = _last_accrual_day(today, insolvency_opened_on)
    if account.principal and today > due_on:
        account.indemnity = _indemnity(due_on, insolvency_opened_on, terms.segment, law, principal)
        account.indemnity_charged = account.indemnity
    _accrue(account, [p for p in received if p.paid_on > due_on], due_on, last, terms, law)
    return AmountDue(
        on=today,
        days_past_due=max(0, (today - due_on).days) if account.principal else 0,
        principal=account.principal,
        penalties=account.penalties_due,
        penalties_accrued=account.penalties_accrued,
        indemnity=account.indemnity,
        indemnity_charged=bool(account.indemnity_charged),
        costs=_costs_beyond(account, justified_costs),
        overpaid=account.overpaid,
        accruals=tuple(account.accruals),
        day_count=terms.day_count,
        flags=_flags(account, terms, due_on, today, insolvency_opened_on, law),
        rate_unknown_from=account.rate_unknown_from,
    )


@dataclass(slots=True)
class _Account:
    """What the debtor owes as days pass and payments come."""

    principal: Money
    indemnity: Money = field(init=False)
    overpaid: Money = field(init=False)
    penalties_paid: Money = field(init=False)
    accruals: list[Accrual] = field(default_factory=list)
    rate_unknown_from: date | None = None
    indemnity_charged: Money = field(init=False)

    def __post_init__(self) -> None:
        self.indemnity = self.overpaid = self.penalties_paid = self.principal.zero()
        self.indemnity_charged = self.principal.zero()

    @property
    def penalties_accrued(self) -> Money:
        exact = sum((accrual.amount for accrual in self.accruals), Decimal(0))
        return Money.rounded(exact, self.principal.currency)

    @property
    def penalties_due(self) -> Money:
        return (self.penalties_accrued - self.penalties_paid).at_least(self.principal.zero())

    def receive(self, amount: Money, imputation: Imputation) -> None:
        if imputation is Imputation.INTEREST_FIRST:
            left = self._pay_principal(self._pay_penalties(amount))
        else:
            left = self._pay_penalties(self._pay_principal(amount))
        self.overpaid = self.overpaid + self._pay_indemnity(left)

    def _pay_principal(self, amount: Money) -> Money:
        part = amount.at_most(self.principal)
        self.principal = self.principal - part
        return amount - part

    def _pay_penalties(self, amount: Money) -> Money:
        part = amount.at_most(self.penalties_due)
        self.penalties_paid = self.penalties_paid + part
        return amount - part

    def _pay_indemnity(self, amount: Money) -> Money:
        part = amount.at_most(self.indemnity)
        self.indemnity = self.indemnity - part
        return amount - part


def _rate_rule(terms: PenaltyTerms, first_day: date, law: LegalParameters) -> RateRule:
    if terms.contract_rate is not None:
        agreed = terms.contract_rate
        return lambda day: _agreed_rate(agreed, terms, day, law)
    if terms.segment is DebtorSegment.CONSUMER:
        return lambda day: PenaltyRate(legal_interest_rate(day, law), "C. civ. 1231-6 ; CMF L313-2")
    if terms.segment is DebtorSegment.PUBLIC:
        return lambda _: public_penalty_rate(first_day, law)
    return lambda day: default_penalty_rate(day, law)


def _agreed_rate(
    agreed: Decimal, terms: PenaltyTerms, day: date, law: LegalParameters
) -> PenaltyRate:
    """The contract's rate on ``day``, or what the user chose in its place where it is too low."""
    floor = None if terms.below_floor is BelowFloor.KEEP else _floor(terms, day, law)
    if floor is None or agreed >= floor:
        return PenaltyRate(agreed, "Contrat ; C. com. L441-10, II")
    if terms.below_floor is BelowFloor.DEFAULT_RATE:
        return default_penalty_rate(day, law)
    return PenaltyRate(floor, "3 × CMF L313-2 ; C. com. L441-10, II")


def _floor(terms: PenaltyTerms, day: date, law: LegalParameters) -> Decimal | None:
    """The lowest rate a contract between businesses may set; ``None`` when nothing says it."""
    if terms.segment is DebtorSegment.CONSUMER:
        return None
    try:
        return contract_rate_floor(day, law)
    except RateUnknown:
        return None


def _first_accrual_day(terms: PenaltyTerms, due_on: date) -> date | None:
    """The day after the due date; for a consumer, after the formal notice too, or never."""
    if terms.segment is not DebtorSegment.CONSUMER:
        return due_on + ONE_DAY
    if terms.formal_notice_on is None:
        return None
    return max(due_on, terms.formal_notice_on) + ONE_DAY


def _costs_beyond(account: _Account, justified: Money | None) -> Money:
    nothing = account.principal.zero()
    if justified is None or not account.indemnity_charged:
        return nothing
    return (justified - account.indemnity_charged).at_least(nothing)


def _last_accrual_day(today: date, insolvency_opened_on: date | None) -> date:
    if insolvency_opened_on is None:
        return today
    return min(today, insolvency_opened_on - ONE_DAY)


def _indemnity(
    due_on: date,
    insolvency_opened_on: date | None,
    segment: DebtorSegment,
    law: LegalParameters,
    principal: Money,
) -> Money:
    stayed = insolvency_opened_on is not None and due_on >= insolvency_opened_on
    if segment is DebtorSegment.CONSUMER or stayed or not law["recovery_indemnity"].covers(due_on):
        return principal.zero()
    return Money.rounded(law["recovery_indemnity"].on(due_on).amount, principal.currency)


def _accrue(
    account: _Account,
    payments: Sequence[Payment],
    due_on: date,
    last: date,
    terms: PenaltyTerms,
    law: LegalParameters,
) -> None:
    start = _first_accrual_day(terms, due_on)
    if start is None:
        for payment in payments:
            account.receive(payment.amount, terms.imputation)
        return
    rate = _rate_rule(terms, start, law)
    for payment in payments:
        _accrue_until(account, start, min(payment.paid_on, last), terms.day_count, rate)
        account.receive(payment.amount, terms.imputation)
        start = max(start, payment.paid_on + ONE_DAY)
    _accrue_until(account, start, last, terms.day_count, rate)


def _accrue_until(
    account: _Account, start: date, end: date, day_count: DayCount, rate: RateRule
) -> None:
    if not account.principal or account.rate_unknown_from:
        return
    for first, last in stretches(start, end, []):
        try:
            found = rate(first)
        except RateUnknown:
            account.rate_unknown_from = first
            return
        account.accruals.append(accrual(account.principal, first, last, found, day_count))


def _flags(
    account: _Account,
    terms: PenaltyTerms,
    due_on: date,
    today: date,
    insolvency_opened_on: date | None,
    law: LegalParameters,
) -> tuple[LateFlag, ...]:
    floors = _floors(account, terms, law)
    found = {
        LateFlag.RATE_UNKNOWN: account.rate_unknown_from is not None,
        LateFlag.RATE_BELOW_FLOOR: any(
            floor is not None and terms.contract_rate is not None and terms.contract_rate < floor
            for floor in floors
        ),
        LateFlag.FLOOR_NOT_TESTABLE: None in floors,
        LateFlag.STOPPED_BY_INSOLVENCY: insolvency_opened_on is not None
        and insolvency_opened_on <= today,
        LateFlag.FORMAL_NOTICE_NEEDED: today > due_on
        and terms.segment is DebtorSegment.CONSUMER
        and (terms.formal_notice_on is None or terms.formal_notice_on > today),
    }
    return tuple(flag for flag, raised in found.items() if raised)


def _floors(account: _Account, terms: PenaltyTerms, law: LegalParameters) -> list[Decimal | None]:
    """The floor of each semester in which a contract rate ran; ``None`` where no legal rate is recorded."""
    if terms.contract_rate is None or terms.segment is DebtorSegment.CONSUMER:
        return []
    semesters = {semester_start(one.from_on) for one in account.accruals}
    return [_floor(terms, semester, law) for semester in sorted(semesters)]
