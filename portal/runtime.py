"""What a running process shares: settings, the engine, the document store, the calendar."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.clock import Clock, machine_time
from portal.config import Settings
from portal.db import SYSTEM, Viewer, connect, transaction
from portal.documents.store import DocumentStore
from portal.identity.models import DemoCalendar
from portal.upgrade import application_url, refuse_unsafe_role


@dataclass(frozen=True, slots=True)
class Runtime:
    """Made once per process by its entry point, and passed down."""

    settings: Settings
    engine: Engine
    documents: DocumentStore
    read_clock: Callable[[], datetime] = machine_time

    @classmethod
    def start(cls, settings: Settings) -> "Runtime":
        """Connect as the role that cannot bypass row-level security, or refuse to start."""
        engine = connect(application_url(settings))
        with engine.connect() as connection:
            refuse_unsafe_role(connection)
        return cls(settings, engine, DocumentStore.at(settings.documents_address))

    @classmethod
    @contextmanager
    def running(cls, settings: Settings) -> Iterator["Runtime"]:
        """The same for the time of one command: every connection is given back at the end."""
        runtime = cls.start(settings)
        try:
            yield runtime
        finally:
            runtime.engine.dispose()

    @contextmanager
    def transaction(self, viewer: Viewer = SYSTEM) -> Iterator[Session]:
        """One transaction for one viewer; jobs look as the system unless they say otherwise."""
        with transaction(self.engine, viewer) as session:
            yield session

    def clock(self, session: Session) -> Clock:
        """The calendar, advanced by as many days as the demonstration says; never in production."""
        advanced = (
            session.scalar(select(DemoCalendar.advanced_days)) if self.settings.is_demo else 0
        )
        return Clock(advanced or 0, self.read_clock)
