"""The fictional lenders: who they are, what they accept and charge, how they behave."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from partners.lenders.channel import LenderConnection
from pricing.eligibility.policy import LenderPolicy
from pricing.money import Money
from pricing.products.catalogue import Tariff, tariff_from_mapping
from pricing.products.quote import Product

DEFAULT_SEED = "sandbox"


class Behaviour(StrEnum):
    """How a fictional lender acts; its value after `sandbox:` in a dossier forces it."""

    AT_ONCE = "at_once"
    SLOW = "slow"
    ASKS_DOCUMENT = "asks_document"
    DECLINES = "declines"
    SILENT = "silent"
    LOSES_ANSWER = "loses_answer"
    TWICE = "twice"
    UNKNOWN_STATUS = "unknown_status"
    FAILS_THEN_RECOVERS = "fails_then_recovers"
    FAILS = "fails"
    WRONG_TOTAL = "wrong_total"
    OUT_OF_ORDER = "out_of_order"
    CHANGES_MIND = "changes_mind"
    UNREADABLE = "unreadable"
    REFUSES_MESSAGE = "refuses_message"


@dataclass(frozen=True, slots=True)
class RateCard:
    """One tariff with the policy that goes with it, as plain values.

    `tariff` is read by `pricing.products.catalogue.tariff_from_mapping`, `policy` by
    `LenderPolicy.from_mapping`.
    """

    slug: str
    title: str
    product: Product
    tariff: Mapping[str, Any]
    policy: Mapping[str, Any]

    def read_tariff(self) -> Tariff:
        """The tariff, ready to price."""
        return tariff_from_mapping(self.product, self.tariff)

    def read_policy(self) -> LenderPolicy:
        """The policy, ready to assess."""
        return LenderPolicy.from_mapping(self.policy)


@dataclass(frozen=True, slots=True)
class Appetite:
    """What a lender takes in one dossier, and in all."""

    dossier_min: Money
    dossier_max: Money
    receivables_max: int
    capacity: Money


@dataclass(frozen=True, slots=True)
class SandboxLender:
    """One fictional lender. `adapter` is "rest", or "workspace" when it works in the portal."""

    slug: str
    siren: str
    name: str
    regulatory_status: str
    regulatory_number: str
    adapter: str
    behaviour: Behaviour
    offer_days: int
    review_hours: int
    appetite: Appetite
    rate_cards: tuple[RateCard, ...]

    @property
    def products(self) -> frozenset[str]:
        """The values of the products it has a rate card for."""
        return frozenset(card.product.value for card in self.rate_cards)

    def card_for(self, product: str, *, with_recourse: bool | None = None) -> RateCard | None:
        """Its rate card for a product: the one with the recourse asked, else the first."""
        cards = [card for card in self.rate_cards if card.product.value == product]
        wanted = [card for card in cards if card.tariff.get("recourse") == with_recourse]
        return next(iter(wanted or cards), None)

    def connection(
        self, sandbox_url: str, callback_url: str, *, seed: str = DEFAULT_SEED
    ) -> LenderConnection:
        """How the portal reaches this lender in a sandbox running at `sandbox_url`."""
        return LenderConnection(
            lender=self.slug,
            base_url=f"{sandbox_url.rstrip('/')}/lenders/{self.slug}",
            secrets=(lender_secret(self.slug, seed),),
            callback_url=callback_url,
        )


def lender_secret(slug: str, seed: str = DEFAULT_SEED) -> str:
    """The signing secret shared with a fictional lender; fixed, since the demo needs it twice."""
    return hashlib.sha256(f"{seed}:{slug}".encode()).hexdigest()


@cache
def fictional_lenders() -> tuple[SandboxLender, ...]:
    """Every lender of `lenders.toml`, in its order."""
    text = files("partners.sandbox").joinpath("lenders.toml").read_text(encoding="utf-8")
    return tuple(_lender(entry) for entry in tomllib.loads(text)["lender"])


def _lender(entry: dict[str, Any]) -> SandboxLender:
    plain = {name: value for name, value in entry.items() if name not in _NESTED}
    appetite = entry["appetite"]
    return SandboxLender(
        **plain,
        behaviour=Behaviour(entry["behaviour"]),
        appetite=Appetite(
            dossier_min=Money.parse(appetite["dossier_min"]),
            dossier_max=Money.parse(appetite["dossier_max"]),
            receivables_max=appetite["receivables_max"],
            capacity=Money.parse(appetite["capacity"]),
        ),
        rate_cards=tuple(_rate_card(card) for card in entry["rate_card"]),
    )


def _rate_card(card: dict[str, Any]) -> RateCard:
    return RateCard(
        slug=card["slug"],
        title=card["title"],
        product=Product(card["product"]),
        tariff=card["tariff"],
        policy=card["policy"],
    )


_NESTED = frozenset({"appetite", "behaviour", "rate_card"})
