"""A document store of the test's own."""

from pathlib import Path

import pytest

from portal.documents.store import DocumentStore


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore.at(str(tmp_path))
