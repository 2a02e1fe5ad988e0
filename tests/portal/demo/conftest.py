"""The demonstration, loaded once for all the tests that look at it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.demo.loading import load
from portal.runtime import Runtime
from portal.upgrade import bring_up_to_date
from tests.conftest import fresh_database


@dataclass(frozen=True, slots=True)
class LoadedDemo:
    """A process at work on a database that has the demonstration."""

    runtime: Runtime
    steps: tuple[str, ...]


@pytest.fixture(scope="session")
def demo(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedDemo]:
    """Its transactions really commit: it has a database of its own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    directory: Path = tmp_path_factory.mktemp("demo")
    settings = replace(
        Settings(),
        database_url=fresh_database(server_url, f"tests_demo_{worker}"),
        var_directory=directory,
    )
    bring_up_to_date(settings)
    runtime = Runtime.start(settings)
    yield LoadedDemo(runtime, tuple(load(runtime, lambda: "hashed elsewhere")))
    runtime.engine.dispose()


@pytest.fixture
def looking(demo: LoadedDemo) -> Iterator[Session]:
    """A session of the system on the loaded demonstration; what a test changes is undone."""
    with demo.runtime.transaction() as session:
        yield session
        session.rollback()
