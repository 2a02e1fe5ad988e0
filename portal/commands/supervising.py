"""Several processes started together, watched together, and stopped together."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

STOP_SECONDS = 15.0
WATCH_SECONDS = 0.3


class AlreadyRunning(Exception):
    """Another start holds the lock of this directory."""


class PortTaken(Exception):
    """Something else listens where we should."""


class ProcessEnded(Exception):
    """A process ended although nobody asked it to."""


@contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Hold the lock of a directory while running; it frees itself if the process is killed.

    Raises:
        AlreadyRunning: another process holds it; the message names its process id.
    """
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise AlreadyRunning(handle.read().strip() or "unknown") from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def refuse_taken_port(port: int, setting: str) -> None:
    """Say which setting to change when a port is in use.

    Raises:
        PortTaken: something listens on it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} is in use by another program; stop it, or choose another: {setting}=…"
            ) from error


@dataclass(slots=True)
class Supervisor:
    """Children in the order they were started; the end of one is the end of all."""

    children: list[tuple[str, subprocess.Popen[bytes]]] = field(default_factory=list)
    asked_to_stop: bool = False

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one child in its own process group, so that Ctrl-C reaches it through us only."""
        child = subprocess.Popen(command, env=dict(environment), start_new_session=True)
        self.children.append((name, child))

    def wait_for_port(self, port: int, seconds: float) -> None:
        """Wait until a child listens.

        Raises:
            ProcessEnded: a child ended meanwhile.
            TimeoutError: nothing listens after ``seconds``.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.asked_to_stop:
            self.refuse_dead_child()
            with socket.socket() as probe:
                probe.settimeout(0.5)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        if not self.asked_to_stop:
            raise TimeoutError(f"nothing answers on port {port} after {seconds:.0f} seconds")

    def watch(self) -> None:
        """Stay until asked to stop, or until a child ends by itself."""
        while not self.asked_to_stop:
            self.refuse_dead_child()
            time.sleep(WATCH_SECONDS)

    def refuse_dead_child(self) -> None:
        for name, child in self.children:
            if child.poll() is not None:
                raise ProcessEnded(f"{name} ended by itself with status {child.returncode}")

    def stop_on_signals(self) -> None:
        """Ctrl-C and TERM ask for an orderly stop."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def stop(self) -> None:
        """End every child, the last started first; one that does not listen is killed."""
        for _, child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for name, child in reversed(self.children):
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                sys.stderr.write(f"{name} did not stop in time and was killed\n")
                child.kill()
                child.wait()
        self.children.clear()
