"""Rules about who owes."""

from __future__ import annotations

from pricing.eligibility.finding import Family, Finding, Party, Unit
from pricing.eligibility.question import POLICY, Check, Question
from pricing.facts import DebtorSegment
from pricing.money import Money
from pricing.products.quote import Product

NOT_B2B = Check("NOT_B2B", Family.DEBTOR, Unit.TEXT, "CMF art. L313-23")
DEBTOR_UNIDENTIFIED = Check("DEBTOR_UNIDENTIFIED", Family.DEBTOR, Unit.TEXT, "CMF art. L313-23")
PUBLIC_DEBTOR = Check("PUBLIC_DEBTOR", Family.DEBTOR, Unit.TEXT, "CMF art. R313-17")
RELATED_PARTY = Check("RELATED_PARTY", Family.DEBTOR, Unit.TEXT, POLICY)
FOREIGN_DEBTOR = Check("FOREIGN_DEBTOR", Family.DEBTOR, Unit.TEXT, POLICY)
SET_OFF_RISK = Check("SET_OFF_RISK", Family.DEBTOR, Unit.TEXT, "C. civ. art. 1347 ; 1346-5")
DEBTOR_PAYS_LATE = Check("DEBTOR_PAYS_LATE", Family.DEBTOR, Unit.DAYS, POLICY)
DEBTOR_OVERDUE_SHARE = Check("DEBTOR_OVERDUE_SHARE", Family.DEBTOR, Unit.RATE, POLICY)


def debtor_acts_professionally(asked: Question) -> Finding | None:
    """Refuse a consumer: only professional debts may be assigned by a Dailly deed.

    Source: CMF art. L313-23.
    """
    segment = str(asked.debtor.segment)
    if asked.debtor.segment is DebtorSegment.CONSUMER:
        return NOT_B2B.refused(segment)
    return NOT_B2B.ok(segment)


def debtor_is_identified(asked: Question) -> Finding | None:
    """Stop until a French debtor has its SIREN: the deed must designate who owes.

    Source: CMF art. L313-23.
    """
    if asked.debtor.segment is DebtorSegment.CONSUMER or asked.debtor.country != "FR":
        return None
    if asked.debtor.siren is None:
        return DEBTOR_UNIDENTIFIED.blocked(None, by=Party.ASSIGNOR, remedy="GIVE_SIREN")
    return DEBTOR_UNIDENTIFIED.ok(asked.debtor.siren)


def public_debtor_accepted(asked: Question) -> Finding | None:
    """Refuse a public buyer a lender does not take; else ask for the certificate.

    A bill of exchange cannot be drawn on a public buyer, so a discount is refused.

    Source: CMF art. R313-17; CCP art. R2191-45 s. for the certificate.
    """
    if asked.debtor.segment is not DebtorSegment.PUBLIC:
        return PUBLIC_DEBTOR.ok(str(asked.debtor.segment))
    if not asked.policy.public_debtors or asked.product is Product.DISCOUNT:
        return PUBLIC_DEBTOR.refused("public")
    if asked.receivable.transferability_certificate:
        return PUBLIC_DEBTOR.ok("public")
    return PUBLIC_DEBTOR.warning("public", by=Party.ASSIGNOR, remedy="GET_CERTIFICATE")


def debtor_is_independent(asked: Question) -> Finding | None:
    """Refuse a debtor that shares its owners or managers with the assignor."""
    siren = asked.debtor.siren
    own = siren is not None and siren in asked.assignor.related_sirens | {asked.assignor.siren}
    if own or asked.debtor.segment is DebtorSegment.RELATED:
        return RELATED_PARTY.refused(siren)
    return RELATED_PARTY.ok(siren)


def debtor_country_accepted(asked: Question) -> Finding | None:
    """Refuse a debtor in a country whose law or courts the lender does not take."""
    accepted = ", ".join(sorted(asked.policy.countries))
    if asked.debtor.country in asked.policy.countries:
        return FOREIGN_DEBTOR.ok(asked.debtor.country, accepted)
    return FOREIGN_DEBTOR.refused(asked.debtor.country, accepted)


def debtor_is_no_supplier(asked: Question) -> Finding | None:
    """Warn when the assignor also buys from its debtor, who could set off what it is owed.

    Source: C. civ. art. 1347, 1346-5.
    """
    if asked.debtor.also_supplies_assignor:
        return SET_OFF_RISK.warning("yes", "no")
    return SET_OFF_RISK.ok("no", "no")


def debtor_pays_in_time(asked: Question) -> Finding | None:
    """Warn when the debtor's mean delay is above what the lender likes."""
    limit, late = asked.policy.mean_days_late_max, asked.debtor.mean_days_late
    if limit is None or late is None:
        return None
    if late <= limit:
        return DEBTOR_PAYS_LATE.ok(late, limit)
    return DEBTOR_PAYS_LATE.warning(late, limit)


def debtor_overdue_share_acceptable(asked: Question) -> Finding | None:
    """Stop while too much of what the debtor owes is past due; payment lifts it."""
    limit, debtor = asked.policy.overdue_rate_max, asked.debtor
    if limit is None or debtor.outstanding <= Money(0, debtor.outstanding.currency):
        return None
    share = debtor.overdue.share_of(debtor.outstanding)
    if share <= limit:
        return DEBTOR_OVERDUE_SHARE.ok(str(share), str(limit))
    return DEBTOR_OVERDUE_SHARE.blocked(
        str(share),
        str(limit),
        by=Party.DEBTOR,
        remedy="COLLECT_OVERDUE",
        overdue_cents=debtor.overdue.cents,
    )


RULES = (
    debtor_acts_professionally,
    debtor_is_identified,
    public_debtor_accepted,
    debtor_is_independent,
    debtor_country_accepted,
    debtor_is_no_supplier,
    debtor_pays_in_time,
    debtor_overdue_share_acceptable,
)
