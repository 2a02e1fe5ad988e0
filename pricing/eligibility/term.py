"""Rules about when the receivable was born and when it falls due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from pricing.calendar import FROM_DELIVERY, TermRule, due_date
from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.question import POLICY, Check, Question
from pricing.facts import DebtorSegment, ReceivableFacts
from pricing.parameters import LegalParameters

OVERDUE = Check("OVERDUE", Family.TERM, Unit.DATE, POLICY)
TENOR_TOO_SHORT = Check("TENOR_TOO_SHORT", Family.TERM, Unit.DAYS, POLICY)
TENOR_TOO_LONG = Check("TENOR_TOO_LONG", Family.TERM, Unit.DAYS, POLICY)
INVOICE_TOO_OLD = Check("INVOICE_TOO_OLD", Family.TERM, Unit.DAYS, POLICY)
ISSUED_LATER = Check("ISSUED_LATER", Family.TERM, Unit.DATE, "CGI art. 289, I")
DUE_BEFORE_ISSUE = Check("DUE_BEFORE_ISSUE", Family.TERM, Unit.DATE, "C. com. art. L441-9")
TERM_ABOVE_LEGAL_CAP = Check(
    "TERM_ABOVE_LEGAL_CAP", Family.TERM, Unit.DATE, "C. com. art. L441-10, I"
)

END_OF_MONTH = (TermRule.EOM45_A, TermRule.EOM45_B)
CAP_PARAMETERS: Mapping[TermRule, str] = {
    TermRule.NET60: "payment_term_days_max",
    TermRule.EOM45_A: "payment_term_days_end_of_month",
    TermRule.EOM45_B: "payment_term_days_end_of_month",
    TermRule.PERIODIC45: "payment_term_days_periodic",
    TermRule.TRANSPORT30: "payment_term_days_transport",
    TermRule.PERISHABLE30: "payment_term_days_perishable",
    TermRule.PERISHABLE30_DECADE: "payment_term_days_perishable",
    TermRule.LIVESTOCK20: "payment_term_days_livestock",
    TermRule.ALCOHOL30_EOM: "payment_term_days_alcohol",
    TermRule.DEFAULT30: "payment_term_days_default",
}


def not_past_due(asked: Question) -> Finding | None:
    """Refuse a receivable whose due date has passed: a lender funds a time to wait."""
    due_on, on = asked.receivable.due_on.isoformat(), asked.on.isoformat()
    if asked.receivable.due_on >= asked.on:
        return OVERDUE.ok(due_on, on)
    return OVERDUE.refused(due_on, on)


def tenor_long_enough(asked: Question) -> Finding | None:
    """Refuse a receivable due too soon; one already past due has its own finding."""
    days = (asked.receivable.due_on - asked.on).days
    if days < 0:
        return None
    if days >= asked.policy.tenor_days_min:
        return TENOR_TOO_SHORT.ok(days, asked.policy.tenor_days_min)
    return TENOR_TOO_SHORT.refused(days, asked.policy.tenor_days_min)


def tenor_short_enough(asked: Question) -> Finding | None:
    """Stop a receivable due too late: waiting brings it within the lender's longest tenor."""
    longest = asked.policy.tenor_days_max
    days = (asked.receivable.due_on - asked.on).days
    if days <= longest:
        return TENOR_TOO_LONG.ok(days, longest)
    from_on = asked.receivable.due_on - timedelta(days=longest)
    return TENOR_TOO_LONG.blocked(
        days,
        longest,
        by=Party.ASSIGNOR,
        remedy="WAIT_UNTIL",
        eligible_from_on=from_on.isoformat(),
    )


def invoice_recent_enough(asked: Question) -> Finding | None:
    """Refuse an invoice older than the lender takes."""
    limit = asked.policy.invoice_age_days_max
    if limit is None:
        return None
    age = (asked.on - asked.receivable.issued_on).days
    if age <= limit:
        return INVOICE_TOO_OLD.ok(age, limit)
    return INVOICE_TOO_OLD.refused(age, limit)


def already_issued(asked: Question) -> Finding | None:
    """Stop an invoice dated after today: correct the date, or wait for it.

    Source: CGI art. 289, I.
    """
    issued_on, on = asked.receivable.issued_on.isoformat(), asked.on.isoformat()
    if asked.receivable.issued_on <= asked.on:
        return ISSUED_LATER.ok(issued_on, on)
    return ISSUED_LATER.blocked(
        issued_on, on, by=Party.ASSIGNOR, remedy="WAIT_UNTIL", eligible_from_on=issued_on
    )


def due_after_issue(asked: Question) -> Finding | None:
    """Stop an invoice due before it was issued: one of its dates is wrong.

    Source: C. com. art. L441-9.
    """
    due_on, issued_on = asked.receivable.due_on, asked.receivable.issued_on
    if due_on >= issued_on:
        return DUE_BEFORE_ISSUE.ok(due_on.isoformat(), issued_on.isoformat())
    return DUE_BEFORE_ISSUE.blocked(
        due_on.isoformat(), issued_on.isoformat(), by=Party.ASSIGNOR, remedy="CORRECT_DATES"
    )


def term_within_statutory_cap(asked: Question) -> Finding | None:
    """Warn when the agreed term is longer than the law allows.

    The debt stays assignable, but the clause exposes the debtor to a fine and lenders
    price it. The cap is the one in force when the invoice was issued.

    Source: C. com. art. L441-10, I and L441-11, II; CCP R2192-10 for public buyers.
    """
    if asked.debtor.segment is DebtorSegment.CONSUMER:
        return None
    capped = statutory_cap(asked.receivable, asked.law)
    if capped is None:
        return None
    cap, source = capped
    due_on = asked.receivable.due_on
    if due_on <= cap:
        return TERM_ABOVE_LEGAL_CAP.ok(due_on.isoformat(), cap.isoformat())
    return TERM_ABOVE_LEGAL_CAP.warning(
        due_on.isoformat(), cap.isoformat(), source=source, over_days=(due_on - cap).days
    )


def statutory_cap(receivable: ReceivableFacts, law: LegalParameters) -> tuple[date, str] | None:
    """The last legal due date and its text; ``None`` when the delivery or the law is not known.

    A contract that chose "45 days end of month" without saying which computation is
    given the later of the two; that choice is recognised from ``terms_code``.
    """
    issued_on, delivered_on = receivable.issued_on, receivable.delivered_on
    candidates = []
    for rule in _cap_rules(receivable):
        parameter = law[_cap_parameter(rule, receivable)]
        if not parameter.covers(issued_on) or (rule in FROM_DELIVERY and delivered_on is None):
            return None
        cap = parameter.on(issued_on)
        day = due_date(rule, issued_on=issued_on, delivered_on=delivered_on, days=cap.days)
        candidates.append((day, cap.source))
    return max(candidates)


def _cap_rules(receivable: ReceivableFacts) -> tuple[TermRule, ...]:
    if _is_public(receivable):
        return (TermRule.NET60,)
    sector = [rule for rule in CAP_PARAMETERS if rule == receivable.sector_rule]
    if sector:
        return tuple(sector)
    if receivable.terms_code in END_OF_MONTH or receivable.terms_code == "EOM45":
        return END_OF_MONTH
    return (TermRule.NET60,)


def _cap_parameter(rule: TermRule, receivable: ReceivableFacts) -> str:
    return "payment_term_days_public" if _is_public(receivable) else CAP_PARAMETERS[rule]


def _is_public(receivable: ReceivableFacts) -> bool:
    return receivable.debtor.segment is DebtorSegment.PUBLIC


RULES = (
    not_past_due,
    tenor_long_enough,
    tenor_short_enough,
    invoice_recent_enough,
    already_issued,
    due_after_issue,
    term_within_statutory_cap,
)
