"""The whole product, started as its users start it, and a real Chromium."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import fresh_database

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
READY_SECONDS = 120
AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"


@dataclass(frozen=True)
class Site:
    """A running product: where browsers, operators and the sandbox reach it."""

    address: str
    sandbox: str
    environment: dict[str, str]
    log: Path

    def portal(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a ``portal`` command against the same database."""
        return subprocess.run(
            [sys.executable, "-m", "portal", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def site(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`portal run` on a database of its own: web, worker and sandbox, with the demonstration loaded."""
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
    found = Site(f"http://127.0.0.1:{web}", f"http://127.0.0.1:{sandbox}", environment, log)
    try:
        _wait_until_ready(process, web, log)
        yield found
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is needed: apt-get install chromium"
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS) as opened,
    ):
        yield opened


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A browser of one person, with nothing remembered."""
    opened = browser.new_context(
        base_url=site.address, locale="fr-FR", viewport={"width": 1280, "height": 900}
    )
    opened.set_default_timeout(10_000)
    expect.set_options(timeout=10_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page that fails the test when a script on it fails."""
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    return opened


def sign_in(page: Page, email: str, password: str) -> None:
    """Come in by the front door."""
    page.goto("/login")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()


def accessibility_violations(page: Page) -> list[str]:
    """What axe-core finds wrong, one line each; WCAG 2.2 A and AA."""
    page.evaluate(AXE.read_text())
    result = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail(f"the product did not start:\n{log.read_text()[-4000:]}")
