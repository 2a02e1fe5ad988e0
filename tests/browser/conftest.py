"""The whole product, started as its users start it, and a real Chromium."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import fresh_database

READY_SECONDS = 300
WAIT_MS = 15_000


@dataclass(frozen=True)
class Site:
    """A running product: where browsers reach it, and what it wrote."""

    address: str
    log: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def site(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`portal run` on a database of its own: web, worker and sandbox, with the demonstration loaded.

    TEST_SITE_URL names one that runs already, to write journeys without starting it each time.
    """
    if given := os.environ.get("TEST_SITE_URL"):
        yield Site(given, Path(os.devnull))
        return
    var = tmp_path_factory.mktemp("site")
    web, sandbox = a_free_port(), a_free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": fresh_database(server_url, "browser"),
        "PORTAL_MODE": "demo",
        "PORTAL_VAR": str(var),
        "PORTAL_PORT": str(web),
        "PORTAL_PUBLIC_URL": f"http://127.0.0.1:{web}",
        "PORTAL_SANDBOX_URL": f"http://127.0.0.1:{sandbox}",
        "PORTAL_WEB_WORKERS": "1",
    }
    log = var / "site.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal", "run"], env=environment, stdout=output, stderr=output
        )
    try:
        _wait_until_ready(process, web, log)
        yield Site(f"http://127.0.0.1:{web}", log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture
def someone(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Give one more person a browser of their own, with nothing remembered; options as Playwright's.

    The test fails when a script fails on one of their pages.
    """
    expect.set_options(timeout=WAIT_MS)
    failures: list[str] = []
    contexts: list[BrowserContext] = []

    def arrive(**options: Any) -> Page:
        asked = {"locale": "fr-FR", "viewport": {"width": 1280, "height": 900}, **options}
        context = browser.new_context(base_url=site.address, **asked)
        context.set_default_timeout(WAIT_MS)
        context.on("weberror", lambda failed: failures.append(str(failed.error)))
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
    assert failures == []


@pytest.fixture
def page(someone: Callable[..., Page]) -> Page:
    """The browser of the journey's first person."""
    return someone()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).is_success:
                return
        time.sleep(0.2)
    pytest.fail(f"the product did not start:\n{log.read_text()[-4000:]}")
