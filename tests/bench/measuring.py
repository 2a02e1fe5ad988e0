"""Timing, and tables of what was timed."""

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One table of docs/benchmarks.md."""

    title: str
    intro: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def markdown(self) -> str:
        lines = [
            f"## {self.title}",
            "",
            self.intro,
            "",
            "| " + " | ".join(self.header) + " |",
            "|" + "|".join("---" for _ in self.header) + "|",
            *("| " + " | ".join(row) + " |" for row in self.rows),
            "",
        ]
        return "\n".join(lines)


def seconds_each(work: Callable[[], object], *, at_least: float = 1.0, rounds: int = 3) -> float:
    """The best of a few rounds' mean time of one call, in seconds; each round lasts a moment."""
    work()
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        calls, started = 0, time.perf_counter()
        while time.perf_counter() - started < at_least / rounds:
            work()
            calls += 1
        best = min(best, (time.perf_counter() - started) / calls)
    return best


def percentile(values: Sequence[float], share: float) -> float:
    """The value under which ``share`` of the sorted values lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[round(share * 100) - 1]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
