"""The one place where the clock is read; everything below an entry point receives the day and the instant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def machine_time() -> datetime:
    """The machine's present instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Now, moved forward by whole days when a demonstration has advanced its calendar."""

    advanced_days: int = 0
    read: Callable[[], datetime] = machine_time

    def instant(self) -> datetime:
        """The present instant, aware, in UTC."""
        return self.read() + timedelta(days=self.advanced_days)

    def day(self) -> date:
        """The business day: the calendar date in Paris."""
        return self.instant().astimezone(PARIS).date()
