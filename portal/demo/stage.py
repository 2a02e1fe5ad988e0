"""Where the demonstration's stories are played: everyone at their own pace, everything in the order of time."""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from partners.sandbox.book import Book, DossierFile
from portal.clock import PARIS
from portal.demo.receivables import Arrivals
from portal.documents.store import DocumentStore
from portal.identity.models import Member, Organisation
from portal.messages.models import Message, MessageState
from portal.runtime import Runtime

Story = Generator[datetime, datetime, None]
"""What one deal, or one member, does: yields the instant of its next act, is resumed when it has come."""


class StoryDoesNotHold(Exception):
    """A service refused what a story tells: the demonstration no longer fits the product."""


@dataclass(slots=True)
class Stage:
    """One transaction's worth of past: the calendar stands at ``at`` and only moves forward."""

    session: Session
    runtime: Runtime
    founded: Mapping[str, UUID]
    members: Mapping[str, Member]
    arrivals: Mapping[str, Arrivals]
    book: Book
    now: datetime
    desks: dict[UUID, DossierFile] = field(default_factory=dict)
    last_job: int = 0

    @property
    def store(self) -> DocumentStore:
        return self.runtime.documents

    @property
    def today(self) -> date:
        """The day the demonstration is loaded, in Paris."""
        return self.now.astimezone(PARIS).date()

    def organisation(self, key: str) -> Organisation:
        return self.session.get_one(Organisation, self.founded[key])

    def ago(self, days: int, at: str = "10:00") -> datetime:
        """That hour in Paris so many days ago; on a working day, and never after now."""
        day = self.today - timedelta(days=days)
        day -= timedelta(days=max(0, day.weekday() - 4))
        return min(datetime.combine(day, time.fromisoformat(at), PARIS), self.now)

    def before(self, hours: float) -> datetime:
        """So many hours before now, whatever the day."""
        return self.now - timedelta(hours=hours)

    def play(self, stories: Iterable[Story]) -> int:
        """Play every story to its end, their acts in the order of time; how many acts there were."""
        order, acts = count(), 0
        waiting: list[tuple[datetime, int, Story]] = []
        for story in stories:
            heappush(waiting, (next(story), next(order), story))
        while waiting:
            at, _, story = heappop(waiting)
            self._let_history_enter(at)
            acts += 1
            try:
                following = story.send(at)
            except StopIteration:
                following = None
            self.forget_jobs()
            if following is not None:
                heappush(waiting, (max(following, at), next(order), story))
        self._let_history_enter(self.now)
        return acts

    def forget_jobs(self) -> None:
        """What has just been asked of the worker belongs to the past: it must not happen now."""
        self.session.flush()
        self.session.execute(
            text("DELETE FROM procrastinate_jobs WHERE id > :last"), {"last": self.last_job}
        )

    def keep_jobs(self, *tasks: str) -> None:
        """Leave the jobs of these names, just asked for, to the worker; forget the others."""
        self.session.flush()
        self.session.execute(
            text("DELETE FROM procrastinate_jobs WHERE id > :last AND NOT task_name = ANY(:tasks)"),
            {"last": self.last_job, "tasks": list(tasks)},
        )
        newest = self.session.scalar(text("SELECT max(id) FROM procrastinate_jobs"))
        self.last_job = int(newest or self.last_job)

    def close_outbox(self) -> None:
        """Every message of the past was dealt with when it was written: it is kept, to be read."""
        self.session.flush()
        self.session.execute(
            update(Message)
            .where(Message.state == MessageState.QUEUED)
            .values(state=MessageState.KEPT)
        )

    def _let_history_enter(self, at: datetime) -> None:
        for arrivals in self.arrivals.values():
            arrivals.up_to(at.astimezone(PARIS).date())


def every_working_day(stage: Stage, first: int, at: str, act: Callable[[datetime], None]) -> Story:
    """Do the same thing at the same hour on each working day since so many days ago."""
    for days in range(first, -1, -1):
        day = stage.today - timedelta(days=days)
        instant = datetime.combine(day, time.fromisoformat(at), PARIS)
        if day.weekday() < 5 and instant <= stage.now:
            act((yield instant))
