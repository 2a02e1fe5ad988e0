"""Which lenders a dossier goes to, and why each of the others is left out."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from pricing.money import Money

LENDERS_PER_REQUEST_MAX = 10


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be financed: the product, the sum of the faces, how many receivables."""

    product: str
    face: Money
    receivable_count: int
    chosen_lenders: frozenset[str] | None = None
    """The lenders the assignor ticked; None when it asks them all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One lender's appetite, and what its policy said of these receivables.

    Attributes:
        capacity_left: what it may still lend, None without a ceiling.
        blocking_findings: codes of its policy's findings that stop the dossier.
        indicative_net: our own price of its tariff, used to order lenders.
    """

    lender: str
    products: frozenset[str]
    is_open: bool = True
    dossier_min: Money | None = None
    dossier_max: Money | None = None
    receivables_max: int | None = None
    capacity_left: Money | None = None
    currencies: frozenset[str] = frozenset({"EUR"})
    blocking_findings: tuple[str, ...] = ()
    indicative_net: Money | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One reason a lender is not asked; `params` fill the text of its code."""

    lender: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routing:
    """Who is asked, best indicative price first, and every reason for the others."""

    asked: tuple[str, ...]
    excluded: tuple[Exclusion, ...]


Check = Callable[[Demand, Candidate], Exclusion | None]


def product_is_offered(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The lender has a tariff for this product."""
    if demand.product in candidate.products:
        return None
    return Exclusion(candidate.lender, "product_not_offered", {"product": demand.product})


def lender_is_chosen(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The assignor did not leave this lender out."""
    if demand.chosen_lenders is None or candidate.lender in demand.chosen_lenders:
        return None
    return Exclusion(candidate.lender, "not_chosen")


def lender_is_open(_: Demand, candidate: Candidate) -> Exclusion | None:
    """The lender takes new dossiers at present."""
    return None if candidate.is_open else Exclusion(candidate.lender, "paused")


def currency_is_accepted(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The lender lends in this currency."""
    if demand.face.currency in candidate.currencies:
        return None
    return Exclusion(candidate.lender, "currency_not_accepted", {"currency": demand.face.currency})


def dossier_is_large_enough(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The faces reach the lender's smallest dossier."""
    low = candidate.dossier_min
    if low is None or demand.face.currency != low.currency or demand.face.cents >= low.cents:
        return None
    return Exclusion(candidate.lender, "dossier_too_small", {"threshold_cents": low.cents})


def dossier_is_small_enough(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The faces stay under the lender's largest dossier."""
    high = candidate.dossier_max
    if high is None or demand.face.currency != high.currency or demand.face.cents <= high.cents:
        return None
    return Exclusion(candidate.lender, "dossier_too_large", {"threshold_cents": high.cents})


def receivables_are_few_enough(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The lender takes that many receivables in one dossier."""
    most = candidate.receivables_max
    if most is None or demand.receivable_count <= most:
        return None
    return Exclusion(candidate.lender, "too_many_receivables", {"threshold": most})


def capacity_is_left(demand: Demand, candidate: Candidate) -> Exclusion | None:
    """The lender may still lend this much."""
    left = candidate.capacity_left
    if left is None or demand.face.currency != left.currency or demand.face.cents <= left.cents:
        return None
    return Exclusion(candidate.lender, "capacity_exhausted")


def policy_is_met(_: Demand, candidate: Candidate) -> Exclusion | None:
    """None of the lender's own rules stops these receivables."""
    if not candidate.blocking_findings:
        return None
    codes = ", ".join(dict.fromkeys(candidate.blocking_findings))
    return Exclusion(candidate.lender, "policy_not_met", {"findings": codes})


CHECKS: tuple[Check, ...] = (
    product_is_offered,
    lender_is_chosen,
    lender_is_open,
    currency_is_accepted,
    dossier_is_large_enough,
    dossier_is_small_enough,
    receivables_are_few_enough,
    capacity_is_left,
    policy_is_met,
)


def route(
    demand: Demand,
    candidates: Iterable[Candidate],
    *,
    lenders_max: int = LENDERS_PER_REQUEST_MAX,
) -> Routing:
    """Ask every lender that nothing excludes, the best indicative price first.

    A lender that does not offer the product has that one reason; any other learns all
    of its reasons. Beyond `lenders_max` the least attractive are left out, and told so.
    """
    excluded: list[Exclusion] = []
    fitting: list[Candidate] = []
    for candidate in candidates:
        reasons = _reasons(demand, candidate)
        excluded.extend(reasons)
        if not reasons:
            fitting.append(candidate)
    fitting.sort(key=_best_price_first)
    excluded.extend(
        Exclusion(candidate.lender, "enough_lenders_asked", {"threshold": lenders_max})
        for candidate in fitting[lenders_max:]
    )
    return Routing(tuple(c.lender for c in fitting[:lenders_max]), tuple(excluded))


def exclusion_text(code: str, language: str) -> str:
    """The sentence of an exclusion code, with `{placeholders}` for its params.

    Raises:
        KeyError: no such code or language in `routing_texts.toml`.
    """
    return _texts()[code][language]


def exclusion_codes() -> frozenset[str]:
    """Every code that has a text."""
    return frozenset(_texts())


def _reasons(demand: Demand, candidate: Candidate) -> list[Exclusion]:
    missing = product_is_offered(demand, candidate)
    if missing is not None:
        return [missing]
    found = (check(demand, candidate) for check in CHECKS)
    return [exclusion for exclusion in found if exclusion is not None]


def _best_price_first(candidate: Candidate) -> tuple[bool, int, str]:
    net = candidate.indicative_net
    return (net is None, -net.cents if net is not None else 0, candidate.lender)


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = files("partners.lenders").joinpath("routing_texts.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
