"""Rules about insolvency and the life of the companies."""

from __future__ import annotations

from datetime import date

from pricing.eligibility.finding import Family, Finding, Unit
from pricing.eligibility.question import POLICY, Check, Question

DEBTOR_INSOLVENT = Check("DEBTOR_INSOLVENT", Family.INSOLVENCY, Unit.DATE, "C. com. art. L622-7")
SELLER_INSOLVENT = Check("SELLER_INSOLVENT", Family.INSOLVENCY, Unit.DATE, "C. com. art. L632-1")
DEBTOR_STRUCK_OFF = Check(
    "DEBTOR_STRUCK_OFF", Family.INSOLVENCY, Unit.TEXT, "C. com. art. R123-125"
)
SELLER_STRUCK_OFF = Check(
    "SELLER_STRUCK_OFF", Family.INSOLVENCY, Unit.TEXT, "C. com. art. R123-125"
)
SELLER_TOO_YOUNG = Check("SELLER_TOO_YOUNG", Family.INSOLVENCY, Unit.MONTHS, POLICY)


def debtor_is_solvent(asked: Question) -> Finding | None:
    """Refuse a debtor in insolvency: debts born before the judgment may not be paid.

    Source: C. com. art. L622-7.
    """
    return _no_procedure(DEBTOR_INSOLVENT, asked.debtor.insolvency_opened_on, asked.on)


def assignor_is_solvent(asked: Question) -> Finding | None:
    """Refuse an assignor in insolvency: its acts may be void and its powers limited.

    Source: C. com. art. L632-1, L622-7.
    """
    return _no_procedure(SELLER_INSOLVENT, asked.assignor.insolvency_opened_on, asked.on)


def debtor_is_active(asked: Question) -> Finding | None:
    """Refuse a debtor struck off the register: no one can pay or be sued for it."""
    return _registered(DEBTOR_STRUCK_OFF, asked.debtor.struck_off)


def assignor_is_active(asked: Question) -> Finding | None:
    """Refuse an assignor struck off the register: it can sign nothing."""
    return _registered(SELLER_STRUCK_OFF, asked.assignor.struck_off)


def assignor_old_enough(asked: Question) -> Finding | None:
    """Refuse a company younger than the lender takes."""
    least, months = asked.policy.months_of_activity_min, asked.assignor.months_of_activity
    if least is None or months is None:
        return None
    if months >= least:
        return SELLER_TOO_YOUNG.ok(months, least)
    return SELLER_TOO_YOUNG.refused(months, least)


def _no_procedure(check: Check, opened_on: date | None, on: date) -> Finding:
    if opened_on is None or opened_on > on:
        return check.ok(None)
    return check.refused(opened_on.isoformat())


def _registered(check: Check, struck_off: bool) -> Finding:
    return check.refused("yes", "no") if struck_off else check.ok("no", "no")


RULES = (
    debtor_is_solvent,
    assignor_is_solvent,
    debtor_is_active,
    assignor_is_active,
    assignor_old_enough,
)
