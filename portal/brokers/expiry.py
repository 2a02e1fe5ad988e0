"""Ending mandates whose time is over: the job."""

from portal.brokers.mandates import expire_mandates
from portal.jobs.process import Process


def run_expire_mandates(process: Process) -> None:
    """End every mandate past its last day, and every request left without an answer."""
    with process.transaction() as session:
        clock = process.clock(session)
        expire_mandates(session, at=clock.instant(), on=clock.day())
