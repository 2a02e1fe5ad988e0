"""The roads open to a creditor, side by side: the conditions of each text beside the facts. No advice, no verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from pricing.court import CourtKind, PartyQuality
from pricing.money import Money
from pricing.parameters import LegalParameters
from pricing.wording import known_locale


class Route(StrEnum):
    """What a creditor may do next."""

    AMICABLE_AGENCY = "amicable_agency"
    SMALL_CLAIMS = "small_claims"
    UNCONTESTED = "uncontested"
    PAYMENT_ORDER = "payment_order"
    INTERIM = "interim"
    ORDINARY = "ordinary"
    STOP = "stop"


class Standing(StrEnum):
    """What the file says of a condition; the user qualifies what it does not say."""

    MET = "met"
    NOT_MET = "not_met"
    YOU_TELL_US = "you_tell_us"


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What the file knows of a claim on a day.

    ``answers`` is what the user ticked, by condition: it settles only what the file leaves
    open. ``documents`` are the codes of those in the file. ``court`` is the one the user
    confirmed.
    """

    today: date
    principal: Money
    interest: Money
    due_on: date
    disputed: Money
    limitation_on: date
    creditor: PartyQuality = PartyQuality.UNKNOWN
    debtor: PartyQuality = PartyQuality.UNKNOWN
    insolvent_since: date | None = None
    reminders_sent: int = 0
    notice_on: date | None = None
    documents: frozenset[str] = frozenset()
    answers: Mapping[str, bool] = field(default_factory=dict)
    court: CourtKind | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a text, and what the file says of it; ``fact`` is the amount or day it was read from."""

    code: str
    standing: Standing
    source: str
    fact: Money | date | int | None = None
    told_by_user: bool = False


@dataclass(frozen=True, slots=True)
class Cost:
    """An indicative cost, in cents when any public figure was read; a range when they differ."""

    code: str
    source: str
    read_on: date
    low_cents: int | None = None
    high_cents: int | None = None


@dataclass(frozen=True, slots=True)
class RouteView:
    """One road for one debt, as it is shown: nothing here says whether to take it."""

    route: Route
    articles: str
    conditions: tuple[Condition, ...]
    costs: tuple[Cost, ...]
    missing_documents: tuple[str, ...]
    limitation_on: date


def routes_for(
    facts: ClaimFacts, law: LegalParameters, *, uncontested_enabled: bool = False
) -> tuple[RouteView, ...]:
    """Every road with its conditions beside the facts of the file.

    The procedure of uncontested commercial claims shows only where it was switched on: no
    decree says yet how it runs.

    Source: the articles named on each road (`legal_routes.toml`).
    """
    shown = [one for one in Route if one is not Route.UNCONTESTED or uncontested_enabled]
    return tuple(_view(one, facts, law) for one in shown)


def route_words(route: Route, locale: str) -> tuple[str, str]:
    """The road's name, and how long it takes, in the reader's language."""
    language = known_locale(locale)
    table = _catalogue()["routes"][route.value]
    return str(table[language]), str(table[f"duration_{language}"])


def condition_words(code: str, locale: str) -> str:
    """The condition as its text puts it."""
    return str(_catalogue()["conditions"][code][known_locale(locale)])


def cost_words(code: str, locale: str) -> str:
    """What a cost is, and what is not known of it."""
    return str(_catalogue()["costs"][code][known_locale(locale)])


def document_words(code: str, locale: str) -> str:
    """The name of a document a road asks for."""
    return str(_catalogue()["documents"][code][known_locale(locale)])


def conditions_of(route: Route) -> tuple[str, ...]:
    """The codes of a road's conditions: the only ones a user may answer."""
    return tuple(_catalogue()["routes"][route.value]["conditions"])


def _view(route: Route, facts: ClaimFacts, law: LegalParameters) -> RouteView:
    table = _catalogue()["routes"][route.value]
    costs = (_cost(code, facts) for code in table["costs"])
    return RouteView(
        route=route,
        articles=table["articles"],
        conditions=tuple(_condition(code, facts, law) for code in table["conditions"]),
        costs=tuple(one for one in costs if one is not None),
        missing_documents=tuple(code for code in table["documents"] if code not in facts.documents),
        limitation_on=facts.limitation_on,
    )


def _condition(code: str, facts: ClaimFacts, law: LegalParameters) -> Condition:
    source = str(_catalogue()["conditions"][code]["source"])
    known, fact = _FROM_THE_FILE[code](facts, law) if code in _FROM_THE_FILE else (None, None)
    told = facts.answers.get(code)
    settled = told if known is None else known
    standing = Standing.YOU_TELL_US
    if settled is not None:
        standing = Standing.MET if settled else Standing.NOT_MET
    return Condition(code, standing, source, fact, known is None and told is not None)


Reading = tuple[bool | None, Money | date | int | None]


def _between_traders(facts: ClaimFacts) -> bool | None:
    """None while the quality of either is not known; a consumer settles it alone."""
    qualities = (facts.creditor, facts.debtor)
    if any(one in (PartyQuality.CONSUMER, PartyQuality.NOT_TRADER) for one in qualities):
        return False
    return None if PartyQuality.UNKNOWN in qualities else True


def _outside_traders(facts: ClaimFacts, _law: LegalParameters) -> Reading:
    between = _between_traders(facts)
    return (None if between is None else not between), None


def _attempted(facts: ClaimFacts, _law: LegalParameters) -> Reading:
    if facts.notice_on is not None:
        return True, facts.notice_on
    return (True if facts.reminders_sent else None), facts.reminders_sent


def _small(facts: ClaimFacts, law: LegalParameters) -> Reading:
    ceiling = Money.rounded(
        law["small_claims_max"].on(facts.today).amount, facts.principal.currency
    )
    claimed = facts.principal + facts.interest
    return claimed <= ceiling, claimed


_FROM_THE_FILE: dict[str, Callable[[ClaimFacts, LegalParameters], Reading]] = {
    "owed": lambda facts, _: (facts.principal.cents + facts.disputed.cents > 0, facts.principal),
    "due": lambda facts, _: (facts.due_on < facts.today, facts.due_on),
    "not_insolvent": lambda facts, _: (facts.insolvent_since is None, facts.insolvent_since),
    "undisputed": lambda facts, _: (facts.disputed.cents == 0, facts.disputed),
    "undisputed_part": lambda facts, _: (facts.principal.cents > 0, facts.principal),
    "amicable_attempt": _attempted,
    "within_limitation": lambda facts, _: (None, facts.limitation_on),
    "small_amount": _small,
    "not_between_traders": _outside_traders,
    "between_traders": lambda facts, _: (_between_traders(facts), None),
}
"""What the file itself says; the other conditions are the user's to tell. Limitation is never judged, only dated."""


def _cost(code: str, facts: ClaimFacts) -> Cost | None:
    """The cost in the facts' case; None when it does not arise before the court chosen, or for that amount."""
    table = _catalogue()["costs"][code]
    if facts.court is not None and not _arises_before(table.get("court"), facts.court):
        return None
    claim = facts.principal + facts.interest
    if claim.cents <= int(table.get("over", -1)):
        return None
    if "over" in table and facts.court not in (None, CourtKind.ECONOMIC):
        return None
    low, high = table.get("low"), table.get("high")
    if table.get("computed") == "service":
        low, high = _service_range(claim, table)
    return Cost(code, str(table["source"]), _catalogue()["read_on"], low, high)


def _arises_before(wanted: str | None, court: CourtKind) -> bool:
    if wanted is None:
        return True
    commercial = court in (CourtKind.COMMERCIAL, CourtKind.ECONOMIC)
    return (wanted == "commercial") is commercial


def _service_range(claim: Money, table: Mapping[str, Any]) -> tuple[int, int]:
    """The officer's fee for serving an order, by the amount claimed, VAT included."""
    times = next(
        Decimal(tier["times"])
        for tier in table["tiers"]
        if "up_to" not in tier or claim.cents <= tier["up_to"]
    )
    with_vat = 1 + Decimal(table["vat_rate"])
    fee = Money(int(table["base"]), claim.currency).portion(times)
    travel = Money(int(table["travel"]), claim.currency)
    return fee.portion(with_vat).cents, (fee + travel).portion(with_vat).cents


@cache
def _catalogue() -> dict[str, Any]:
    text = resources.files("pricing").joinpath("legal_routes.toml").read_text("utf-8")
    return tomllib.loads(text)
