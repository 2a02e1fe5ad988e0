"""Which court a request is filed with, from the debtor's seat and the parties' quality; the user confirms it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from pricing.money import Money


class PartyQuality(StrEnum):
    """What a party is in law; nobody is taken for a trader unless the user says so."""

    TRADER = "trader"
    NOT_TRADER = "not_trader"
    CONSUMER = "consumer"
    UNKNOWN = "unknown"


class CourtKind(StrEnum):
    """The kinds of court that make an order for payment."""

    COMMERCIAL = "commercial"
    ECONOMIC = "economic"
    COMMERCIAL_CHAMBER = "commercial_chamber"
    JUDICIAL = "judicial"


class CourtDoubt(StrEnum):
    """What the user must settle, because the facts of the file do not."""

    QUALITY_UNKNOWN = "quality_unknown"
    SEAT_UNKNOWN = "seat_unknown"
    DISTRICT_TO_CONFIRM = "district_to_confirm"
    ABROAD = "abroad"
    CONSUMER_CREDIT_OR_LEASE = "consumer_credit_or_lease"
    CONTRIBUTION = "contribution"


@dataclass(frozen=True, slots=True)
class CourtProposal:
    """The kinds of court that may be right, the likeliest first, with what the user must settle.

    ``seat`` is the town of the one economic court of the département, where there is one;
    the other courts' names are not recorded and are written by the user.
    """

    kinds: tuple[CourtKind, ...]
    department: str | None
    seat: str | None
    doubts: tuple[CourtDoubt, ...]
    sources: tuple[str, ...]


def department_of(postal_code: str | None) -> str | None:
    """The département a postal code begins with; None when it cannot be read.

    A few communes have the code of a neighbouring département: the user confirms.
    """
    if postal_code is None or not re.fullmatch(r"\d{5}", postal_code):
        return None
    if postal_code.startswith("20"):
        return "2A" if postal_code[2] in "01" else "2B"
    return postal_code[:3] if postal_code.startswith(("97", "98")) else postal_code[:2]


def propose_court(
    postal_code: str | None,
    on: date,
    *,
    creditor: PartyQuality,
    debtor: PartyQuality,
    claim: Money,
    country: str = "FR",
) -> CourtProposal:
    """The court of the place where the debtor lives or sits; between traders, the commercial one.

    Twelve commercial courts are economic courts (TAE) from 2025 to 2028; in the Moselle, the
    Bas-Rhin and the Haut-Rhin, the commercial chamber of the judicial court sits instead.

    Source: CPC art. 1406; C. com. art. L731-1; loi 2023-1059, art. 26.
    """
    table = _courts()
    venue = str(table["sources"]["venue"])
    if country != "FR":
        return CourtProposal((), None, None, (CourtDoubt.ABROAD,), (venue,))
    department = department_of(postal_code)
    doubts = [] if department else [CourtDoubt.SEAT_UNKNOWN]
    if creditor is debtor is PartyQuality.TRADER:
        kinds, seat, sources = _between_traders(department, on, table)
    elif PartyQuality.UNKNOWN in (creditor, debtor) and debtor is not PartyQuality.CONSUMER:
        commercial, seat, sources = _between_traders(department, on, table)
        kinds = (*commercial, CourtKind.JUDICIAL)
        sources = (*sources, str(table["sources"]["judicial"]))
        doubts.append(CourtDoubt.QUALITY_UNKNOWN)
    else:
        kinds, seat = (CourtKind.JUDICIAL,), None
        sources = (str(table["sources"]["judicial"]),)
    if debtor is PartyQuality.CONSUMER:
        doubts.append(CourtDoubt.CONSUMER_CREDIT_OR_LEASE)
    if CourtKind.ECONOMIC in kinds and claim.cents > int(table["contribution"]["over"]):
        doubts.append(CourtDoubt.CONTRIBUTION)
        sources = (*sources, str(table["sources"]["contribution"]))
    doubts.append(CourtDoubt.DISTRICT_TO_CONFIRM)
    return CourtProposal(kinds, department, seat, tuple(doubts), (*sources, venue))


def _between_traders(
    department: str | None, on: date, table: dict[str, Any]
) -> tuple[tuple[CourtKind, ...], str | None, tuple[str, ...]]:
    if department in table["chamber"]["departments"]:
        return (CourtKind.COMMERCIAL_CHAMBER,), None, (str(table["chamber"]["source"]),)
    source = str(table["sources"]["commercial"])
    economic = table["economic"]
    seats = {code: town for town, code in economic["seats"].items()}
    if department in seats and economic["since"] <= on <= economic["until"]:
        kinds = (CourtKind.ECONOMIC, CourtKind.COMMERCIAL)
        return kinds, seats[department], (source, str(economic["source"]))
    return (CourtKind.COMMERCIAL,), None, (source,)


@cache
def _courts() -> dict[str, Any]:
    return tomllib.loads(resources.files("pricing").joinpath("courts.toml").read_text("utf-8"))
