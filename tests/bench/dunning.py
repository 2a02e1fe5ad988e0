"""What a morning's reminders cost with a million open receivables, of which a hundred thousand have a step due."""

import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, pool, text

from portal.collections.dunning.due_set import Due, batches, find_due, remind_batch
from portal.collections.dunning.scenarios import Proposal, activate_scenario, propose_scenario
from portal.collections.dunning.sending import Tally
from portal.collections.dunning.steps import Step, Tone
from portal.config import Settings
from portal.db import owner_url
from portal.embedded import database_server
from portal.runtime import Runtime
from portal.upgrade import bring_up_to_date, measure_tables
from tests.bench.measuring import Section
from tests.builders.organisations import an_assignor

ASSIGNORS = 10
RECEIVABLES = 100_000
DEBTORS = 2_000
TOLD_BEFORE = 10
DONE_SAMPLE = 10
MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 7, tzinfo=UTC)
STEPS = (
    Step("R1", 1, grouped=True),
    Step("R2", 8, Tone.FIRM, grouped=True, document=True),
    Step("R3", 15, Tone.FINAL, grouped=True, document=True),
)
DEBTOR_ROWS = """
    INSERT INTO debtor (id, assignor_id, identity_key, name, country, segment, related_party,
                        assignment_restricted, contact_email, locale, created_at)
    SELECT gen_random_uuid(), :assignor, 'd' || n, 'Débiteur ' || n, 'FR', 'private', false, false,
           'd' || n || '@debiteur.example', 'fr', now()
    FROM generate_series(1, :debtors) AS n
"""
RECEIVABLE_ROWS = """
    WITH known AS (SELECT id, row_number() OVER () - 1 AS place FROM debtor WHERE assignor_id = :assignor)
    INSERT INTO receivable (id, assignor_id, debtor_id, number, number_key, type_code, currency, net_cents,
                            vat_cents, face_cents, prepaid_cents, retention_cents, issued_on, due_on,
                            payee_is_seller, missing, warnings, fingerprint, created_at)
    SELECT gen_random_uuid(), :assignor, known.id, 'F-' || n, 'F-' || n, '380', 'EUR', 100000, 20000, 120000, 0, 0,
           CAST(:today AS date) - 150,
           CASE WHEN n % 10 = 0 THEN CAST(:today AS date) - 9
                WHEN n % 10 = 1 THEN CAST(:today AS date) - 90
                ELSE CAST(:today AS date) + 10 + n % 50 END,
           true, '[]', '[]', :assignor || '-' || n, now()
    FROM generate_series(0, :receivables - 1) AS n JOIN known ON known.place = (n / 10) % :debtors
"""
REMINDER_ROWS = """
    INSERT INTO reminder (id, assignor_id, receivable_id, scenario_id, step_code, channel, dunning_level,
                          planned_on, decided_on, state, created_at)
    SELECT gen_random_uuid(), r.assignor_id, r.id, :scenario, code, 'email', level, r.due_on, r.due_on + 20,
           'sent', now()
    FROM receivable r, (VALUES ('R1', 1), ('R2', 2), ('R3', 3)) AS step (code, level)
    WHERE r.assignor_id = :assignor AND r.due_on < CAST(:today AS date) - 60
"""


def section() -> Section:
    with tempfile.TemporaryDirectory(prefix="encaisse-bench-") as place:
        Path(place).chmod(0o755)
        with database_server(Path(place) / "postgres") as address:
            settings = replace(Settings(), database_url=address, var_directory=Path(place))
            bring_up_to_date(settings)
            runtime = Runtime.start(settings)
            assignors = _fill(runtime, settings)
            rows = _measure(runtime, assignors)
            runtime.engine.dispose()
    return Section(
        "Dunning",
        f"{ASSIGNORS * RECEIVABLES:,} open receivables of {ASSIGNORS} assignors, a tenth of them with a firm step due"
        f" (five invoices of a debtor in one message, with its numbered PDF), a tenth reminded to the end already. The"
        f" due steps are found for all; {DONE_SAMPLE} batches are sent, and the whole morning is their time carried to"
        " all the messages, with one worker.",
        ("what", "figure"),
        rows,
    )


def _fill(runtime: Runtime, settings: Settings) -> list[UUID]:
    found = []
    owner = create_engine(owner_url(settings.database_url), poolclass=pool.NullPool)
    for _ in range(ASSIGNORS):
        with runtime.transaction() as session:
            assignor = an_assignor(session)
            said = Proposal(steps=STEPS)
            scenario = propose_scenario(session, assignor.id, said, by=None, at=MORNING)
            activate_scenario(session, scenario, assignor, by=None, at=MORNING)
        given = {"assignor": assignor.id, "scenario": scenario.id, "today": MONDAY}
        given |= {"debtors": DEBTORS, "receivables": RECEIVABLES}
        with owner.begin() as connection:
            for rows in (DEBTOR_ROWS, RECEIVABLE_ROWS, REMINDER_ROWS):
                connection.execute(text(rows), given)
        found.append(assignor.id)
    measure_tables(settings)
    return found


def _measure(runtime: Runtime, assignors: list[UUID]) -> list[tuple[str, ...]]:
    due: dict[UUID, list[Due]] = {}
    started = time.perf_counter()
    for assignor_id in assignors:
        with runtime.transaction() as session:
            due[assignor_id] = find_due(session, assignor_id, MONDAY)
    finding = time.perf_counter() - started
    after_finding = _megabytes()
    first = assignors[0]
    sample = list(islice(batches(due[first]), DONE_SAMPLE))
    tally, started = Tally(), time.perf_counter()
    with _counted(runtime.engine) as queries:
        for batch in sample:
            with runtime.transaction() as session:
                remind_batch(session, runtime.documents, first, batch, at=MORNING, tally=tally)
    doing = time.perf_counter() - started
    steps = sum(len(one) for one in due.values())
    messages = tally.messages * steps / sum(map(len, sample))
    left = _still_due(runtime, first, due[first], sample)
    return [
        ("steps found due", f"{steps:,}"),
        ("finding them, all assignors", f"{finding:.1f} s"),
        ("peak memory once they are found", f"{after_finding:,.0f} MB"),
        ("messages written in the sample", f"{tally.messages:,}"),
        ("each message, its PDF included", f"{doing / tally.messages * 1000:.1f} ms"),
        ("statements per message", f"{len(queries) / tally.messages:.1f}"),
        ("peak memory after the sample", f"{_megabytes():,.0f} MB"),
        ("steps of the sample still due afterwards", str(left)),
        (
            "the whole morning, one worker",
            f"{(finding + doing / tally.messages * messages) / 60:.0f} min",
        ),
    ]


def _still_due(runtime: Runtime, assignor_id: UUID, due: list[Due], sample: list[list[Due]]) -> int:
    with runtime.transaction() as session:
        again = set(find_due(session, assignor_id, MONDAY + timedelta(days=1)))
    return len(again & {one for batch in sample for one in batch} & set(due))


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
