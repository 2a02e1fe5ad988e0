"""`python -m partners.sandbox`: the sandbox as a process of its own."""

import argparse
import signal
import sys
from pathlib import Path
from typing import NoReturn

from partners.sandbox.server import LOCALHOST, build
from partners.sandbox.settings import SandboxSettings

DEFAULT_PORT = 8089


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted; 2 when the port is taken."""
    asked = _parser().parse_args(arguments)
    settings = SandboxSettings(
        seed=asked.seed,
        pace_seconds=asked.pace,
        hang_seconds=asked.hang,
        state_path=asked.state,
    )
    try:
        sandbox = build(settings, host=asked.host, port=asked.port)
    except OSError:
        sys.stderr.write(f"Port {asked.port} is taken: stop what uses it or choose --port.\n")
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout.write(f"Sandbox: {sandbox.url} (register: {sandbox.register_url})\n")
    sys.stdout.flush()
    try:
        sandbox.run()
    except KeyboardInterrupt:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m partners.sandbox",
        description="Fictional lenders and a fictional company register, over HTTP.",
    )
    parser.add_argument("--host", default=LOCALHOST)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes any free port")
    parser.add_argument("--seed", default="sandbox", help="the lenders' secrets derive from it")
    parser.add_argument("--pace", type=float, default=1.0, help="seconds between a lender's steps")
    parser.add_argument("--hang", type=float, default=30.0, help="seconds a silent lender waits")
    parser.add_argument("--state", type=Path, help="JSON file where dossiers survive a restart")
    return parser


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
