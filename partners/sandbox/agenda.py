"""What a lender does later: acts with their delay, run by a few threads, dropped on closing."""

import heapq
import itertools
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Thread
from time import monotonic

logger = logging.getLogger(__name__)

Act = Callable[[], None]


class Agenda:
    """Runs acts when their time comes; `close` drops those to come and waits for the others."""

    def __init__(self, threads: int = 8) -> None:
        self._ahead: list[tuple[float, int, Act]] = []
        self._order = itertools.count()
        self._changed = Condition()
        self._is_closed = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="sandbox")
        self._watch = Thread(target=self._watch_time, name="sandbox-agenda", daemon=True)
        self._watch.start()

    def after(self, seconds: float, act: Act) -> None:
        """Run `act` once `seconds` have passed; nothing after closing."""
        with self._changed:
            if not self._is_closed:
                heapq.heappush(self._ahead, (monotonic() + seconds, next(self._order), act))
                self._changed.notify()

    def clear(self) -> None:
        """Forget everything to come."""
        with self._changed:
            self._ahead.clear()

    def close(self) -> None:
        """Stop: what runs ends, what was to come does not happen."""
        with self._changed:
            self._is_closed = True
            self._ahead.clear()
            self._changed.notify()
        self._watch.join()
        self._pool.shutdown(wait=True)

    def _watch_time(self) -> None:
        with self._changed:
            while not self._is_closed:
                wait = self._ahead[0][0] - monotonic() if self._ahead else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, act = heapq.heappop(self._ahead)
                self._pool.submit(_run, act)


def _run(act: Act) -> None:
    try:
        act()
    except Exception:
        logger.exception("an act of the sandbox failed")
