"""What may be asked from a late debtor today: principal, penalties day by day, 40 euros once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pricing.calendar import DayCount, add_months, year_fraction_between
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

ONE_DAY = timedelta(days=1)


class Imputation(StrEnum):
    """What a part payment extinguishes first (C. civ. art. 1343-1: interest, unless agreed)."""

    INTEREST_FIRST = "interest_first"
    PRINCIPAL_FIRST = "principal_first"


class LateFlag(StrEnum):
    """What the reader of a statement must be told."""

    RATE_UNKNOWN = "RATE_UNKNOWN"
    RATE_BELOW_FLOOR = "RATE_BELOW_FLOOR"
    STOPPED_BY_INSOLVENCY = "STOPPED_BY_INSOLVENCY"
    NO_STATUTORY_PENALTY = "NO_STATUTORY_PENALTY"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from the debtor; it stops interest after ``paid_on``."""

    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PenaltyTerms:
    """How this debt is penalised.

    ``contract_rate`` (fraction of one, per year) replaces the default rate. The day
    count is ours where the law is silent; it is printed on every statement.
    """

    segment: DebtorSegment = DebtorSegment.PRIVATE
    contract_rate: Decimal | None = None
    day_count: DayCount = DayCount.ACT_365F
    imputation: Imputation = Imputation.INTEREST_FIRST


@dataclass(frozen=True, slots=True)
class Accrual:
    """One stretch of days at one rate on one principal; ``amount`` is in euros, not rounded."""

    from_on: date
    to_on: date
    days: int
    principal: Money
    annual_rate: Decimal
    amount: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class AmountDue:
    """A statement of one receivable on one day.

    ``penalties`` is what is still due of ``penalties_accrued`` (rounded once, half up),
    ``indemnity`` what is still due of the 40 euros, if they were charged at all;
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
    overpaid: Money
    accruals: tuple[Accrual, ...]
    day_count: DayCount
    flags: tuple[LateFlag, ...] = ()
    rate_unknown_from: date | None = None

    @property
    def total(self) -> Money:
        """Everything that may be asked today."""
        return total((self.principal, self.penalties, self.indemnity))


def amount_due_today(
    principal: Money,
    due_on: date,
    today: date,
    law: LegalParameters,
    *,
    terms: PenaltyTerms | None = None,
    payments: Sequence[Payment] = (),
    insolvency_opened_on: date | None = None,
) -> AmountDue:
    """What may be asked from the debtor ``today`` for one receivable.

        days      = every day after the due date, up to the payment or today, inclusive
        penalties = sum over days of unpaid principal x rate of the day's semester / basis
        indemnity = 40 euros once, when the debtor is a professional and late
        total     = principal + penalties + indemnity

    The rate is the contract's, else the ECB rate of the semester + 10 points; a public
    buyer owes + 8 points, frozen when interest started; a consumer owes no statutory
    penalty and no indemnity. Penalties are never compounded and bear no VAT. They stop
    on the eve of the judgment that opens an insolvency; a debt due on or after that
    judgment bears no indemnity.

    Args:
        principal: what is claimed, VAT included, without any part in dispute.
        payments: every payment, also those before the due date; later than today ignored.

    Source: C. com. art. L441-10, II and D441-5; C. civ. art. 1343-1; décret 2013-269,
    art. 8-9; C. com. art. L622-28. Worked cases: tests/pricing/cases/late_payment.toml.
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
    charged = bool(account.indemnity)
    rate = _rate_rule(terms, due_on + ONE_DAY, law)
    _accrue(account, [p for p in received if p.paid_on > due_on], due_on, last, terms, rate)
    return AmountDue(
        on=today,
        days_past_due=max(0, (today - due_on).days) if account.principal else 0,
        principal=account.principal,
        penalties=account.penalties_due,
        penalties_accrued=account.penalties_accrued,
        indemnity=account.indemnity,
        indemnity_charged=charged,
        overpaid=account.overpaid,
        accruals=tuple(account.accruals),
        day_count=terms.day_count,
        flags=_flags(account, terms, due_on, today, insolvency_opened_on, law),
        rate_unknown_from=account.rate_unknown_from,
    )


def judgment_interest(
    principal: Money,
    from_on: date,
    to_on: date,
    law: LegalParameters,
    *,
    enforceable_on: date | None,
    creditor_is_business: bool = True,
    day_count: DayCount = DayCount.ACT_365F,
) -> tuple[Accrual, ...]:
    """Legal interest on a judgment debt, both days included, not rounded.

    The rate rises by 5 points from the day after the two months that follow the day
    the decision became enforceable.

    Raises:
        RateUnknown: a semester's legal rate is not recorded.

    Source: CMF art. L313-2, L313-3; C. civ. art. 1231-6, 1231-7.
    """
    increase_from = increased_from(enforceable_on, law) if enforceable_on else None

    def rate(day: date) -> PenaltyRate:
        increased = increase_from is not None and day >= increase_from
        increase = law["legal_rate_increase"].on(day).amount if increased else Decimal(0)
        legal = legal_interest_rate(day, law, creditor_is_business=creditor_is_business)
        return PenaltyRate(legal + increase, "CMF L313-2, L313-3")

    stops = [increase_from - ONE_DAY] if increase_from else []
    return tuple(
        _accrual(principal, start, end, rate(start), day_count)
        for start, end in _stretches(from_on, to_on, stops)
    )


def increased_from(enforceable_on: date, law: LegalParameters) -> date:
    """The first day of the increased legal rate.

    Source: CMF art. L313-3.
    """
    months = law["legal_rate_increase_months"].on(enforceable_on).days
    return add_months(enforceable_on, months) + ONE_DAY


@dataclass(slots=True)
class _Account:
    """What the debtor owes as days pass and payments come."""

    principal: Money
    indemnity: Money = field(init=False)
    overpaid: Money = field(init=False)
    penalties_paid: Money = field(init=False)
    accruals: list[Accrual] = field(default_factory=list)
    rate_unknown_from: date | None = None

    def __post_init__(self) -> None:
        self.indemnity = self.overpaid = self.penalties_paid = self.principal.zero()

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


RateRule = Callable[[date], PenaltyRate] | None


def _rate_rule(terms: PenaltyTerms, first_day: date, law: LegalParameters) -> RateRule:
    if terms.contract_rate is not None:
        agreed = PenaltyRate(terms.contract_rate, "Contrat ; C. com. L441-10, II")
        return lambda _: agreed
    if terms.segment is DebtorSegment.CONSUMER:
        return None
    if terms.segment is DebtorSegment.PUBLIC:
        return lambda _: public_penalty_rate(first_day, law)
    return lambda day: default_penalty_rate(day, law)


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
    rate: RateRule,
) -> None:
    start = due_on + ONE_DAY
    for payment in payments:
        _accrue_until(account, start, min(payment.paid_on, last), terms, rate)
        account.receive(payment.amount, terms.imputation)
        start = max(start, payment.paid_on + ONE_DAY)
    _accrue_until(account, start, last, terms, rate)


def _accrue_until(
    account: _Account, start: date, end: date, terms: PenaltyTerms, rate: RateRule
) -> None:
    if rate is None or not account.principal or account.rate_unknown_from:
        return
    for first, last in _stretches(start, end, []):
        try:
            found = rate(first)
        except RateUnknown:
            account.rate_unknown_from = first
            return
        account.accruals.append(_accrual(account.principal, first, last, found, terms.day_count))


def _stretches(start: date, end: date, stops: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Cut ``start``..``end`` (both included) after each semester and after each of ``stops``."""
    while start <= end:
        next_semester = semester_start(add_months(semester_start(start), 6))
        cuts = [next_semester - ONE_DAY, end, *(stop for stop in stops if stop >= start)]
        yield start, min(cuts)
        start = min(cuts) + ONE_DAY


def _accrual(
    principal: Money, first: date, last: date, rate: PenaltyRate, day_count: DayCount
) -> Accrual:
    share = year_fraction_between(first - ONE_DAY, last, day_count)
    return Accrual(
        from_on=first,
        to_on=last,
        days=(last - first).days + 1,
        principal=principal,
        annual_rate=rate.annual_rate,
        amount=principal.euros * rate.annual_rate * share,
        source=rate.source,
    )


def _flags(
    account: _Account,
    terms: PenaltyTerms,
    due_on: date,
    today: date,
    insolvency_opened_on: date | None,
    law: LegalParameters,
) -> tuple[LateFlag, ...]:
    found = {
        LateFlag.RATE_UNKNOWN: account.rate_unknown_from is not None,
        LateFlag.RATE_BELOW_FLOOR: _is_below_floor(account, terms, law),
        LateFlag.STOPPED_BY_INSOLVENCY: insolvency_opened_on is not None
        and insolvency_opened_on <= today,
        LateFlag.NO_STATUTORY_PENALTY: today > due_on
        and terms.segment is DebtorSegment.CONSUMER
        and terms.contract_rate is None,
    }
    return tuple(flag for flag, raised in found.items() if raised)


def _is_below_floor(account: _Account, terms: PenaltyTerms, law: LegalParameters) -> bool:
    if terms.contract_rate is None or terms.segment is DebtorSegment.CONSUMER:
        return False
    for accrual in account.accruals:
        try:
            if terms.contract_rate < contract_rate_floor(accrual.from_on, law):
                return True
        except RateUnknown:
            continue
    return False
