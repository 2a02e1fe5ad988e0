"""Why a reminder is not sent now: each reason with its words in French and English."""

import enum
import tomllib
from functools import cache
from importlib import resources

from pricing.wording import known_locale


class Suppression(enum.StrEnum):
    """Why a step that is due does not go out, in the order in which the first true one is told."""

    CANCELLED = "cancelled"
    CREDITED = "credited"
    PAID = "paid"
    INSOLVENT = "insolvent"
    FACTOR_COLLECTS = "factor_collects"
    LENDER_CONSENT_NEEDED = "lender_consent_needed"
    BANK_PRESENTS_BILL = "bank_presents_bill"
    CONTRACT_FORBIDS = "contract_forbids"
    LENDER_ACCOUNT_UNKNOWN = "lender_account_unknown"
    DISPUTED = "disputed"
    NOTHING_CLAIMABLE = "nothing_claimable"
    BANK_MATCH_PENDING = "bank_match_pending"
    WRITTEN_OFF = "written_off"
    HANDED_OVER = "handed_over"
    SAID_PAID = "said_paid"
    DEBIT_UNDER_WAY = "debit_under_way"
    PLAN_RESPECTED = "plan_respected"
    PLAN_MISSED = "plan_missed"
    PROMISED = "promised"
    OPTED_OUT = "opted_out"
    NO_PLAN = "no_plan"
    NO_CONSENT = "no_consent"
    BELOW_MINIMUM = "below_minimum"
    NO_ADDRESS = "no_address"
    ADDRESS_BAD = "address_bad"
    CONSENT_NEEDED = "consent_needed"
    NO_PHONE = "no_phone"
    NO_POSTAL_ADDRESS = "no_postal_address"
    WEEKLY_CAP = "weekly_cap"


SETTLED = frozenset({Suppression.CANCELLED, Suppression.CREDITED, Suppression.PAID})
"""Nothing is owed any more."""

MAY_OVERRIDE = frozenset(
    {
        Suppression.PROMISED,
        Suppression.OPTED_OUT,
        Suppression.BELOW_MINIMUM,
        Suppression.WEEKLY_CAP,
    }
)
"""What a person may decide otherwise, knowing it."""

NEVER_BY_HAND = frozenset(Suppression) - MAY_OVERRIDE
"""What a person cannot override either."""


def words_of(code: str, locale: str) -> str:
    """The sentence shown for a reason code."""
    return _catalogue()[code][known_locale(locale)]


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files("portal.collections").joinpath("reasons.toml").read_text("utf-8")
    return tomllib.loads(text)
