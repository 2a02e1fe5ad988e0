"""Rules about whether the receivable can change hands."""

from __future__ import annotations

from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.question import Check, Question
from pricing.facts import AssignmentClause, ReceivableKind

PREPAYMENT_TYPE = "386"
FACTORED_TYPES = frozenset({"393", "396"})

NOT_AN_INVOICE = Check("NOT_AN_INVOICE", Family.ASSIGNABILITY, Unit.TEXT, "CMF art. L313-23")
DEPOSIT_INVOICE = Check("DEPOSIT_INVOICE", Family.ASSIGNABILITY, Unit.TEXT, "UNTDID 1001, 386")
ALREADY_ASSIGNED = Check("ALREADY_ASSIGNED", Family.ASSIGNABILITY, Unit.TEXT, "CMF art. L313-27")
DUPLICATE_INVOICE = Check("DUPLICATE_INVOICE", Family.ASSIGNABILITY, Unit.TEXT, "CGI art. 289")
PAYEE_DIFFERS = Check("PAYEE_DIFFERS", Family.ASSIGNABILITY, Unit.TEXT, "EN 16931, BG-10")
ASSIGNMENT_RESTRICTED = Check(
    "ASSIGNMENT_RESTRICTED", Family.ASSIGNABILITY, Unit.TEXT, "C. com. art. L442-3 c)"
)


def is_an_invoice(asked: Question) -> Finding | None:
    """Refuse a credit note: it gives money back, there is nothing to assign."""
    kind = asked.receivable.kind
    if kind is ReceivableKind.INVOICE:
        return NOT_AN_INVOICE.ok(str(kind))
    return NOT_AN_INVOICE.refused(str(kind))


def is_no_deposit(asked: Question) -> Finding | None:
    """Refuse a deposit invoice: nothing was delivered for it yet."""
    if asked.receivable.type_code == PREPAYMENT_TYPE:
        return DEPOSIT_INVOICE.refused(asked.receivable.type_code)
    return DEPOSIT_INVOICE.ok(asked.receivable.type_code)


def not_already_assigned(asked: Question) -> Finding | None:
    """Refuse a receivable that stands on a live deed, here or by its own type code.

    Source: CMF art. L313-27: the first assignment holds against everyone from its date.
    """
    if asked.receivable.live_assignment or asked.receivable.type_code in FACTORED_TYPES:
        return ALREADY_ASSIGNED.refused("yes", "no")
    return ALREADY_ASSIGNED.ok("no", "no")


def is_unique(asked: Question) -> Finding | None:
    """Stop while another document bears the same number with other content."""
    if asked.receivable.duplicate:
        return DUPLICATE_INVOICE.blocked(
            asked.receivable.number, by=Party.ASSIGNOR, remedy="RESOLVE_DUPLICATE"
        )
    return DUPLICATE_INVOICE.ok(asked.receivable.number)


def payee_is_assignor(asked: Question) -> Finding | None:
    """Stop when the invoice is payable to someone else: it may be financed already."""
    if asked.receivable.payee_differs:
        return PAYEE_DIFFERS.blocked("yes", "no", by=Party.ASSIGNOR, remedy="EXPLAIN_PAYEE")
    return PAYEE_DIFFERS.ok("no", "no")


def assignment_not_forbidden(asked: Question) -> Finding | None:
    """Weigh a clause that forbids the assignment.

    Between French traders it is void for a contract signed before 26 April 2019 or
    from 5 December 2020: a warning. In between, abroad, or with an unknown date, the
    debtor's consent is needed.

    Source: C. com. art. L442-3 c) and its history.
    """
    clause = str(asked.receivable.assignment_clause)
    match asked.receivable.assignment_clause:
        case AssignmentClause.NONE:
            return ASSIGNMENT_RESTRICTED.ok(clause)
        case AssignmentClause.UNKNOWN:
            return ASSIGNMENT_RESTRICTED.warning(clause, by=Party.ASSIGNOR, remedy="CHECK_CONTRACT")
        case AssignmentClause.FORBIDDEN:
            if _clause_is_void(asked):
                return ASSIGNMENT_RESTRICTED.warning(clause)
            return ASSIGNMENT_RESTRICTED.blocked(clause, by=Party.DEBTOR, remedy="GET_CONSENT")


def _clause_is_void(asked: Question) -> bool:
    signed_on = asked.receivable.contract_signed_on
    void = asked.law["assignment_clause_void"]
    if signed_on is None or asked.debtor.country != "FR" or not void.covers(signed_on):
        return False
    return bool(void.on(signed_on).value)


RULES = (
    is_an_invoice,
    is_no_deposit,
    not_already_assigned,
    is_unique,
    payee_is_assignor,
    assignment_not_forbidden,
)
