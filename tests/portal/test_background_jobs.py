"""Jobs: born with the transaction that causes them, and finished even when their worker is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.jobs.queue import Job, enqueue
from portal.runtime import Runtime
from portal.upgrade import bring_up_to_date
from portal.worker import JOBS, PERIODS
from tests.conftest import fresh_database

SLOW_WORKER = """
import sys, time
from pathlib import Path
import portal.worker as worker
from portal.config import Settings
import os

def slow(runtime, note):
    with Path(note).open("a") as log:
        log.write("began\\n"); log.flush()
        if log.tell() <= len("began\\n"):
            time.sleep(60)
        log.write("finished\\n")

sys.modules["slow_job"] = type(sys)("slow_job")
sys.modules["slow_job"].run = slow
worker.JOBS = {worker.Job.SEND_MESSAGE: "slow_job:run"}
worker.PERIODS = {}
worker.MISSED_HEARTBEAT_SECONDS = 2.0
worker.HEARTBEAT_SECONDS = 0.5
worker.RECOVERY_PERIOD = "* * * * * *"
worker.work(Settings.from_environ(os.environ))
"""


@pytest.fixture
def runtime(server_url: str, tmp_path: Path) -> Iterator[Runtime]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    settings = replace(
        Settings(),
        database_url=fresh_database(server_url, f"jobs_{worker}"),
        var_directory=tmp_path,
    )
    bring_up_to_date(settings)
    made = Runtime.start(settings)
    yield made
    made.engine.dispose()


@contextmanager
def a_worker(runtime: Runtime) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "DATABASE_URL": runtime.settings.database_url}
    process = subprocess.Popen([sys.executable, "-c", SLOW_WORKER], env=environment)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(20)


def wait_for(note: Path, words: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if note.exists() and words in note.read_text():
            return
        time.sleep(0.1)
    raise AssertionError(
        f"{words!r} never came: {note.read_text() if note.exists() else 'nothing'}"
    )


def test_a_job_asked_for_in_an_undone_transaction_never_existed(session: Session):
    with session.begin_nested() as savepoint:
        enqueue(session, Job.SEND_MESSAGE, message_id="1")
        savepoint.rollback()

    assert session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0


def test_a_job_whose_worker_is_killed_is_finished_by_another(runtime: Runtime, tmp_path: Path):
    note = tmp_path / "note.txt"
    with runtime.transaction() as session:
        enqueue(session, Job.SEND_MESSAGE, note=str(note))

    with a_worker(runtime) as first:
        wait_for(note, "began")
        first.send_signal(signal.SIGKILL)
        first.wait(10)
    assert "finished" not in note.read_text()
    with a_worker(runtime):
        wait_for(note, "finished")

    with runtime.transaction() as session:
        states = session.execute(
            text("SELECT status::text FROM procrastinate_jobs WHERE task_name = 'send_message'")
        ).scalars()
        assert note.read_text() == "began\nbegan\nfinished\n"
        assert set(states) <= {"succeeded", "doing"}


def test_every_job_and_every_period_has_a_function():
    from pkgutil import resolve_name

    assert set(JOBS) == set(Job)
    assert set(PERIODS) <= set(Job)
    assert all(callable(resolve_name(path)) for path in JOBS.values())
