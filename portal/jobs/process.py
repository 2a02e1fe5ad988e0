"""What a job receives from the process that runs it, as far as domain packages need to know it."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.config import Settings
from portal.db import Viewer


class Process(Protocol):
    """`portal.runtime.Runtime`, seen from below."""

    @property
    def settings(self) -> Settings:
        """Every setting."""

    def transaction(self, viewer: Viewer = ...) -> AbstractContextManager[Session]:
        """One transaction for one viewer; the system unless said otherwise."""

    def clock(self, session: Session) -> Clock:
        """The calendar; a demonstration may have moved it forward."""
