"""Rules about how much may be financed."""

from __future__ import annotations

from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.question import POLICY, Check, Question
from pricing.money import Money

CURRENCY = Check("CURRENCY", Family.AMOUNT, Unit.TEXT, POLICY)
NOTHING_ELIGIBLE = Check("NOTHING_ELIGIBLE", Family.AMOUNT, Unit.AMOUNT, "CMF art. L313-23")
AMOUNT_TOO_SMALL = Check("AMOUNT_TOO_SMALL", Family.AMOUNT, Unit.AMOUNT, POLICY)
AMOUNT_TOO_LARGE = Check("AMOUNT_TOO_LARGE", Family.AMOUNT, Unit.AMOUNT, POLICY)
DISPUTED = Check("DISPUTED", Family.AMOUNT, Unit.AMOUNT, "C. civ. art. 1346-5")
CREDIT_NOTE = Check("CREDIT_NOTE", Family.AMOUNT, Unit.AMOUNT, "CMF art. L313-27")
PART_PAID = Check("PART_PAID", Family.AMOUNT, Unit.AMOUNT, "C. civ. art. 1342")
RETENTION = Check("RETENTION", Family.AMOUNT, Unit.RATE, "Loi 71-584, art. 1")
SUBCONTRACT = Check("SUBCONTRACT", Family.AMOUNT, Unit.AMOUNT, "Loi 75-1334, art. 13-1")


def currency_accepted(asked: Question) -> Finding | None:
    """Refuse a currency the lender does not fund."""
    accepted = ", ".join(sorted(asked.policy.currencies))
    currency = asked.receivable.face.currency
    if currency in asked.policy.currencies:
        return CURRENCY.ok(currency, accepted)
    return CURRENCY.refused(currency, accepted)


def something_is_eligible(asked: Question) -> Finding | None:
    """Refuse a receivable wholly paid or credited; a wholly disputed one is blocked instead."""
    if asked.net:
        return NOTHING_ELIGIBLE.ok(asked.net.cents, 1)
    if asked.receivable.disputed and asked.receivable.open_amount:
        return None
    return NOTHING_ELIGIBLE.refused(asked.net.cents, 1)


def amount_large_enough(asked: Question) -> Finding | None:
    """Refuse a receivable under the lender's least amount."""
    least = asked.policy.amount_min
    if least is None or not comparable(asked.net, least):
        return None
    if asked.net >= least:
        return AMOUNT_TOO_SMALL.ok(asked.net.cents, least.cents)
    return AMOUNT_TOO_SMALL.refused(asked.net.cents, least.cents)


def amount_small_enough(asked: Question) -> Finding | None:
    """Refuse a receivable above the lender's largest amount."""
    most = asked.policy.amount_max
    if most is None or not comparable(asked.net, most):
        return None
    if asked.net <= most:
        return AMOUNT_TOO_LARGE.ok(asked.net.cents, most.cents)
    return AMOUNT_TOO_LARGE.refused(asked.net.cents, most.cents)


def disputed_part_excluded(asked: Question) -> Finding | None:
    """Leave the disputed part out; stop when nothing else is left.

    Source: C. civ. art. 1346-5: the debtor opposes to the lender what it opposes to the assignor.
    """
    disputed = asked.receivable.disputed
    if not disputed:
        return DISPUTED.ok(0, 0)
    if asked.net:
        return DISPUTED.warning(disputed.cents, 0, left_cents=asked.net.cents)
    return DISPUTED.blocked(
        disputed.cents, 0, by=Party.DEBTOR, remedy="SETTLE_DISPUTE", left_cents=0
    )


def credit_notes_deducted(asked: Question) -> Finding | None:
    """Tell that credit notes reduce what is financed.

    Source: CMF art. L313-27: none may be issued after the deed without the lender's consent.
    """
    return _deducted(CREDIT_NOTE, asked.receivable.credited, asked.net)


def payments_deducted(asked: Question) -> Finding | None:
    """Tell that payments already received reduce what is financed."""
    return _deducted(PART_PAID, asked.receivable.paid, asked.net)


def subcontractor_part_excluded(asked: Question) -> Finding | None:
    """Leave out the work of a subcontractor: the main contractor may not assign that part.

    Source: loi 75-1334, art. 13-1.
    """
    return _deducted(SUBCONTRACT, asked.receivable.subcontracted, asked.net)


def retention_excluded(asked: Question) -> Finding | None:
    """Leave out what the debtor keeps until the works are accepted; warn of the legal cap.

    Source: loi 71-584, art. 1.
    """
    rate = asked.receivable.retention_rate
    parameter = asked.law["works_retention_rate_max"]
    covered = parameter.covers(asked.receivable.issued_on)
    cap = parameter.on(asked.receivable.issued_on).amount if covered else None
    if not rate:
        return RETENTION.ok(str(rate))
    return RETENTION.warning(
        str(rate), str(cap) if cap else None, kept_cents=asked.receivable.retention.cents
    )


def comparable(one: Money, other: Money) -> bool:
    """Whether two amounts are in one currency; the currency rule speaks when they are not."""
    return one.currency == other.currency


def _deducted(check: Check, deducted: Money, left: Money) -> Finding:
    if not deducted:
        return check.ok(0, 0)
    return check.warning(deducted.cents, 0, left_cents=left.cents)


RULES = (
    currency_accepted,
    something_is_eligible,
    amount_large_enough,
    amount_small_enough,
    disputed_part_excluded,
    credit_notes_deducted,
    payments_deducted,
    subcontractor_part_excluded,
    retention_excluded,
)
