"""What one sandbox is started with, and the time it lives in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Lock
from time import time

from partners.sandbox.lenders import DEFAULT_SEED, SandboxLender, fictional_lenders


def machine_instant() -> datetime:
    """The machine's clock; the sandbox is a program of its own, this is its entry point."""
    return datetime.fromtimestamp(time(), UTC)


class RegisterMode(StrEnum):
    """How the register behaves; `sandbox:429`, `sandbox:500` or `sandbox:slow` in q forces it."""

    NORMAL = "normal"
    TOO_MANY = "429"
    FAILING = "500"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Everything a sandbox needs.

    Attributes:
        seed: the lenders' secrets derive from it, on both sides.
        pace_seconds: pause before each step a lender takes by itself.
        hang_seconds: how long a silent lender keeps a caller waiting.
        callback_attempts: deliveries of one webhook before it is given up.
        state_path: where dossiers survive a restart; None keeps them in memory.
        verify_signatures: refuse requests that the portal did not sign.
    """

    seed: str = DEFAULT_SEED
    pace_seconds: float = 1.0
    hang_seconds: float = 30.0
    callback_attempts: int = 6
    callback_seconds: float = 5.0
    state_path: Path | None = None
    verify_signatures: bool = True
    lenders: tuple[SandboxLender, ...] = field(default_factory=fictional_lenders)
    at: Callable[[], datetime] = machine_instant


class MovableClock:
    """The instant in the sandbox; tests and the demo may move it to another day."""

    def __init__(self, at: Callable[[], datetime]) -> None:
        self._at = at
        self._shift = timedelta()
        self._lock = Lock()

    def now(self) -> datetime:
        """The sandbox's instant, UTC-aware."""
        with self._lock:
            return self._at() + self._shift

    def move_to(self, instant: datetime) -> datetime:
        """Make it `instant` now; time goes on from there."""
        with self._lock:
            self._shift = instant - self._at()
        return instant
