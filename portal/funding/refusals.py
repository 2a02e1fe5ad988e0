"""Why an assignor's act on a financing is refused: one class per fact, its words in refusals.toml."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pricing.wording import known_locale, placeholder_texts


class FundingRefused(Exception):
    """Nothing was changed; ``code`` has its text, ``params`` fill it."""

    code = "funding_refused"

    def __init__(self, **params: str | int) -> None:
        self.params: Mapping[str, str | int] = params
        super().__init__(refusal_text(self, "en"))


class NothingSelected(FundingRefused):
    code = "nothing_selected"


class TooManyReceivables(FundingRefused):
    code = "too_many_receivables"


class NoProductChosen(FundingRefused):
    code = "no_product_chosen"


class ReceivableUnknown(FundingRefused):
    code = "receivable_unknown"


class ReceivableIncomplete(FundingRefused):
    code = "receivable_incomplete"


class AlreadyAssigned(FundingRefused):
    code = "already_assigned"


class NothingLeftToFinance(FundingRefused):
    code = "nothing_left_to_finance"


class ReceivablePastDue(FundingRefused):
    code = "receivable_past_due"


class ReceivableChanged(FundingRefused):
    code = "receivable_changed"


class CurrenciesMixed(FundingRefused):
    code = "currencies_mixed"


class DisclosureNotSeen(FundingRefused):
    code = "disclosure_not_seen"


class ConsentMissing(FundingRefused):
    code = "consent_missing"


class OfferUnknown(FundingRefused):
    code = "offer_unknown"


class OfferExpired(FundingRefused):
    code = "offer_expired"


class OfferNotOpen(FundingRefused):
    code = "offer_not_open"


class AnotherOfferAccepted(FundingRefused):
    code = "another_offer_accepted"


class DeedNotReady(FundingRefused):
    code = "deed_not_ready"


class DeedHasChanged(FundingRefused):
    code = "deed_has_changed"


class SignatoryNameDiffers(FundingRefused):
    code = "signatory_name_differs"


class TooLateToWithdraw(FundingRefused):
    code = "too_late_to_withdraw"


class NothingWasAsked(FundingRefused):
    code = "nothing_was_asked"


def refusal_text(refusal: FundingRefused, locale: str) -> str:
    """The refusal in the reader's language: what, why, what to do."""
    written = _texts()[refusal.code][known_locale(locale)]
    return written.format(**placeholder_texts(refusal.params, known_locale(locale)))


def refusal_codes() -> frozenset[str]:
    """Every code that has a text."""
    return frozenset(_texts())


@cache
def _texts() -> dict[str, dict[str, str]]:
    source = files("portal.funding").joinpath("refusals.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
