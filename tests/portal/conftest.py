"""A database of its own for tests whose transactions really commit."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from portal.config import Settings
from portal.db import connect
from portal.upgrade import application_url, bring_up_to_date
from tests.conftest import fresh_database


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
