"""A runtime whose transactions commit, with the sandbox's lenders reached over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from partners.sandbox.server import RunningSandbox, serve
from partners.sandbox.settings import SandboxSettings
from portal.config import Settings
from portal.documents.store import DocumentStore
from portal.runtime import Runtime


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore.at(str(tmp_path))


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """The fictional lenders, answering quickly."""
    with serve(SandboxSettings(pace_seconds=0.02, hang_seconds=1.6)) as running:
        yield running


@pytest.fixture
def runtime(
    committing_settings: Settings, committing_engine: Engine, store: DocumentStore
) -> Runtime:
    """What jobs are given: their transactions really commit."""
    impatient = replace(committing_settings, lender_timeout_seconds=1, lender_attempts=2)
    return Runtime(impatient, committing_engine, store)
