"""Rules about limits: how much of one debtor a lender takes."""

from __future__ import annotations

from pricing.eligibility.amount import comparable
from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.policy import OverLimit
from pricing.eligibility.question import POLICY, Check, Question
from pricing.money import Money

DEBTOR_LIMIT = Check("DEBTOR_LIMIT", Family.CONCENTRATION, Unit.AMOUNT, POLICY)
DEBTOR_LIMIT_MISSING = Check("DEBTOR_LIMIT_MISSING", Family.CONCENTRATION, Unit.TEXT, POLICY)
CONCENTRATION = Check("CONCENTRATION", Family.CONCENTRATION, Unit.RATE, POLICY)


def debtor_has_limit(asked: Question) -> Finding | None:
    """Stop until the lender or its insurer has set a limit on the debtor, where it needs one."""
    if not asked.policy.limit_required:
        return None
    if asked.debtor.credit_limit is None:
        return DEBTOR_LIMIT_MISSING.blocked("no", "yes", by=Party.LENDER, remedy="ASK_LIMIT")
    return DEBTOR_LIMIT_MISSING.ok("yes", "yes")


def within_debtor_limit(asked: Question) -> Finding | None:
    """Compare what the debtor would owe in all with its limit.

    The part above is left out, or stops the receivable, or is only told, as the
    lender's policy says; when nothing fits, it stops until the debtor pays.
    """
    limit = asked.debtor.credit_limit
    if limit is None or not comparable(asked.net, limit):
        return None
    covered = covered_by_limit(asked.net, asked.debtor.outstanding, limit)
    after = asked.debtor.outstanding + asked.net
    amounts = {"covered_cents": covered.cents, "uncovered_cents": (asked.net - covered).cents}
    if covered == asked.net:
        return DEBTOR_LIMIT.ok(after.cents, limit.cents)
    stops = asked.policy.over_limit is OverLimit.BLOCK or not covered
    if stops and asked.policy.over_limit is not OverLimit.WARN:
        stopped = DEBTOR_LIMIT.blocked(
            after.cents, limit.cents, by=Party.LENDER, remedy="RAISE_LIMIT"
        )
        return stopped.with_params(**amounts)
    return DEBTOR_LIMIT.warning(after.cents, limit.cents).with_params(**amounts)


def within_concentration(asked: Question) -> Finding | None:
    """Compare the debtor's share of the assignor's book with the lender's largest share.

        share = (debtor's outstanding + net) / (assignor's outstanding + net)

    The part above is left out; when nothing fits, it stops until the book widens. An
    assignor without any other receivable is not measured.
    """
    most = asked.policy.concentration_max
    room = concentration_room(asked)
    if most is None or room is None:
        return None
    share = (asked.debtor.outstanding + asked.net).share_of(asked.assignor.outstanding + asked.net)
    if share <= most:
        return CONCENTRATION.ok(str(share), str(most))
    amounts = {"covered_cents": room.cents, "uncovered_cents": (asked.net - room).cents}
    if room:
        return CONCENTRATION.warning(str(share), str(most)).with_params(**amounts)
    stopped = CONCENTRATION.blocked(str(share), str(most), by=Party.ASSIGNOR, remedy="WIDEN_BOOK")
    return stopped.with_params(**amounts)


def covered_by_limit(net: Money, outstanding: Money, limit: Money) -> Money:
    """The part of ``net`` that fits under ``limit`` beside ``outstanding``, never negative."""
    return net.at_most((limit - outstanding).at_least(net.zero()))


def concentration_room(asked: Question) -> Money | None:
    """The part of the receivable within the largest share; ``None`` when it is not measured."""
    most, book = asked.policy.concentration_max, asked.assignor.outstanding
    if most is None or not book or not comparable(asked.net, book):
        return None
    allowed = (book + asked.net).portion(most) - asked.debtor.outstanding
    return asked.net.at_most(allowed.at_least(asked.net.zero()))


def within_limits(asked: Question) -> Money:
    """What may be financed once every limit that leaves a part out is applied."""
    eligible, limit = asked.net, asked.debtor.credit_limit
    cuts = asked.policy.over_limit is not OverLimit.WARN
    if cuts and limit is not None and comparable(eligible, limit):
        eligible = covered_by_limit(eligible, asked.debtor.outstanding, limit)
    room = concentration_room(asked)
    return eligible if room is None else eligible.at_most(room)


RULES = (
    debtor_has_limit,
    within_debtor_limit,
    within_concentration,
)
