"""What became of one event of a lender."""

import enum
from dataclasses import dataclass


class Verdict(enum.StrEnum):
    """Applied, without effect (said already, or overtaken), waiting for an earlier one, or refused."""

    APPLIED = "applied"
    IGNORED = "ignored"
    WAITS = "waits"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict and its reason; stored with the event as ``verdict:code``."""

    verdict: Verdict
    code: str = ""

    @property
    def is_final(self) -> bool:
        return self.verdict is not Verdict.WAITS

    def __str__(self) -> str:
        return f"{self.verdict.value}:{self.code}" if self.code else self.verdict.value


APPLIED = Outcome(Verdict.APPLIED)


def ignored(code: str) -> Outcome:
    """It changes nothing, and that is right."""
    return Outcome(Verdict.IGNORED, code)


def waits(code: str) -> Outcome:
    """Something said before it has not arrived or happened yet."""
    return Outcome(Verdict.WAITS, code)


def refused(code: str) -> Outcome:
    """It contradicts what is known: not applied, and a person is told."""
    return Outcome(Verdict.REFUSED, code)
