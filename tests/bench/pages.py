"""How long the main pages take with 10 000 receivables in one tenant, against a bare Flask page."""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.commands.database import hashed
from portal.config import Settings
from portal.demo.companies import settle_lenders
from portal.embedded import database_server
from portal.receivables.models import Receivable
from portal.runtime import Runtime
from portal.upgrade import bring_up_to_date, measure_tables
from tests.bench.measuring import Section, milliseconds, percentile
from tests.browser.conftest import a_free_port
from tests.builders.organisations import a_member, an_assignor
from tests.builders.receivables import a_debtor

RECEIVABLES = 10_000
DEBTORS = 40
REQUESTS = 40
PASSWORD = secrets.token_urlsafe(12)
PAGES: dict[str, str] = {
    "home": "/home/",
    "receivables, first page": "/receivables/",
    "receivables, searched and sorted": "/receivables/?q=000123&sort=-outstanding",
    "one receivable": "/receivables/{receivable}",
    "who to chase": "/collections/",
    "debtors": "/debtors/",
}


def section() -> Section:
    with tempfile.TemporaryDirectory(prefix="encaisse-bench-") as place:
        Path(place).chmod(0o755)
        with database_server(Path(place) / "postgres") as address:
            settings = replace(Settings(), database_url=address, var_directory=Path(place))
            bring_up_to_date(settings)
            email, receivable = _fill(settings)
            with _served(settings) as site:
                rows = _measure(site, email, receivable)
    return Section(
        "Pages",
        f"{RECEIVABLES:,} receivables and {DEBTORS} debtors in one tenant; gunicorn, one process of four "
        f"threads; {REQUESTS} requests one after another; the bare page is served by the same process in the same run.",
        ("page", "p50", "p95", "p50 against the bare page"),
        rows,
    )


def _fill(settings: Settings) -> tuple[str, UUID]:
    runtime = Runtime.start(settings)
    password = hashed(runtime, PASSWORD)
    with runtime.transaction() as session:
        settle_lenders(session, settings, Clock().instant())
        assignor = an_assignor(session)
        member = a_member(session, assignor, password=password)
        debtors = [a_debtor(session, assignor).id for _ in range(DEBTORS)]
        first = _receivables(session, assignor.id, debtors)
    measure_tables(settings)
    runtime.engine.dispose()
    return member.email, first


def _receivables(session: Session, assignor_id: UUID, debtors: list[UUID]) -> UUID:
    today = Clock().day()
    rows = []
    for number in range(RECEIVABLES):
        issued_on = today - timedelta(days=number % 120)
        rows.append(
            {
                "id": uuid4(),
                "assignor_id": assignor_id,
                "debtor_id": debtors[number % len(debtors)],
                "number": f"F-{number:06d}",
                "number_key": f"F{number:06d}",
                "type_code": "380",
                "currency": "EUR",
                "face_cents": 100_000 + number,
                "issued_on": issued_on,
                "due_on": issued_on + timedelta(days=60),
                "fingerprint": uuid4().hex,
                "created_at": Clock().instant(),
            }
        )
    session.execute(insert(Receivable), rows)
    found: UUID = rows[0]["id"]
    return found


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    port = a_free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "PORTAL_VAR": str(settings.var_directory),
        "PORTAL_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "gunicorn", "tests.bench.site:app", "--threads", "4"]
    process = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--log-level", "error"], env=environment
    )
    try:
        _wait(f"http://127.0.0.1:{port}/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _measure(site: str, email: str, receivable: UUID) -> list[tuple[str, ...]]:
    with httpx.Client(base_url=site, follow_redirects=True, timeout=30) as client:
        _sign_in(client, email)
        bare = _timed(client, "/bare/")
        rows = [("bare Flask page", milliseconds(bare[0]), milliseconds(bare[1]), "1 ×")]
        for title, path in PAGES.items():
            middle, slow = _timed(client, path.format(receivable=receivable))
            rows.append(
                (title, milliseconds(middle), milliseconds(slow), f"{middle / bare[0]:.0f} ×")
            )
    return rows


def _timed(client: httpx.Client, path: str) -> tuple[float, float]:
    taken = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - started)
        answer.raise_for_status()
    return percentile(taken, 0.50), percentile(taken, 0.95)


def _sign_in(client: httpx.Client, email: str) -> None:
    form = client.get("/sign-in").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert token
    answer = client.post(
        "/sign-in", data={"email": email, "password": PASSWORD, "csrf_token": token.group(1)}
    )
    answer.raise_for_status()
    assert "/sign-in" not in str(answer.url), "the benchmark could not sign in"


def _wait(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise TimeoutError(address)
