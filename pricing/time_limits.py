"""Time limits of the legal road: by when an order is served, opposed, a claim declared. It shows; the user decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pricing.calendar import add_months, next_business_day
from pricing.parameters import LegalParameters


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The last day to act, or the first day from which one may, and the text that says so."""

    on: date
    source: str


def procedural_limit(name: str, start: date, law: LegalParameters) -> TimeLimit:
    """The last day of the period ``name`` that starts on ``start``, both counted as the code says.

    Months end on the same day number, or on the last day of the month; days do not count
    the day of the act; a period that ends on a Saturday, a Sunday or one of the eleven
    holidays runs to the next working day.

    Raises:
        NoLegalValue: the text of that day is not recorded.

    Source: CPC art. 641, 642.
    """
    ends, source = _end(name, start, law)
    return TimeLimit(next_business_day(ends), f"{source} ; CPC 641, 642")


def order_service_limit(ordered_on: date, law: LegalParameters) -> TimeLimit:
    """The last day to have an order for payment served; later it is void.

    The date of the order, not today's, says which text applies.

    Source: CPC art. 1411.
    """
    return procedural_limit("order_service_months", ordered_on, law)


def opposition_limit(served_on: date, law: LegalParameters) -> TimeLimit:
    """The last day to oppose an order served on the debtor in person.

    When it was not served in person, pass the day of the first act that was, or of the
    first measure that blocked assets.

    Source: CPC art. 1416.
    """
    return procedural_limit("order_opposition_months", served_on, law)


def enforceable_from(ordered_on: date, served_on: date, law: LegalParameters) -> TimeLimit:
    """The first day on which an order that nobody opposed may be enforced.

    Two months after service for orders made from 1 September 2026; before, the day after
    the last day to oppose it.

    Source: CPC art. 1422.
    """
    if law["order_enforcement_months"].covers(ordered_on):
        wait = law["order_enforcement_months"].on(ordered_on)
        return TimeLimit(add_months(served_on, wait.days), wait.source)
    last = opposition_limit(served_on, law)
    return TimeLimit(last.on + timedelta(days=1), f"CPC 1422 ; {last.source}")


def deposit_limit(started_on: date, law: LegalParameters) -> TimeLimit:
    """The last day to deposit the registry's costs before the commercial court, else the act lapses.

    Source: CPC art. 1425.
    """
    return procedural_limit("commercial_deposit_days", started_on, law)


def declaration_limit(
    published_on: date, law: LegalParameters, *, abroad: bool = False
) -> TimeLimit:
    """The last day to post the declaration of a claim in the debtor's insolvency.

    ``published_on`` is the day of the BODACC; nothing is computed before it is known.

    Source: C. com. art. R622-24.
    """
    suffix = "_abroad" if abroad else ""
    return procedural_limit(f"claim_declaration_months{suffix}", published_on, law)


def relief_limit(published_on: date, law: LegalParameters) -> TimeLimit:
    """The last day to ask to be relieved of a declaration made too late.

    Source: C. com. art. L622-26.
    """
    return procedural_limit("claim_relief_months", published_on, law)


def title_recovery_limit(published_on: date, law: LegalParameters) -> TimeLimit:
    """The last day to claim back goods sold with retention of title.

    Source: C. com. art. L624-9.
    """
    return procedural_limit("title_recovery_months", published_on, law)


def publication_expected_by(judgment_on: date, law: LegalParameters) -> TimeLimit:
    """By when the opening judgment should be published; it starts the periods above.

    Source: C. com. art. R621-8.
    """
    return TimeLimit(*_end("judgment_publication_days", judgment_on, law))


@dataclass(frozen=True, slots=True)
class UncontestedClaimLimits:
    """The steps of an uncontested commercial claim after its order was served."""

    contest_until: TimeLimit
    record_from: TimeLimit

    def serve_record_by(self, recorded_on: date, law: LegalParameters) -> TimeLimit:
        """The last day to serve the record once the registrar made it enforceable."""
        return procedural_limit("uncontested_service_months", recorded_on, law)


def uncontested_claim_limits(served_on: date, law: LegalParameters) -> UncontestedClaimLimits:
    """One month to pay or contest, then eight more days: the two periods add up.

    Source: CPCE art. L126-1 to L126-5 (no implementing decree is published).
    """
    contest_until = procedural_limit("uncontested_contest_months", served_on, law)
    wait = law["uncontested_record_days"].on(served_on)
    record_from = contest_until.on + timedelta(days=wait.days)
    return UncontestedClaimLimits(contest_until, TimeLimit(record_from, wait.source))


def _end(name: str, start: date, law: LegalParameters) -> tuple[date, str]:
    parameter = law[name]
    value = parameter.on(start)
    if parameter.unit == "month":
        return add_months(start, value.days), value.source
    return start + timedelta(days=value.days), value.source
