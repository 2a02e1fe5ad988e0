"""Keeping the sandbox's calendar with the demonstration's, so that its lenders live on the same day."""

import httpx

from portal.runtime import Runtime

ANSWER_SECONDS = 5.0


def run_follow_calendar(runtime: Runtime) -> None:
    """Move the sandbox to the demonstration's present; running twice moves it to the same instant.

    Raises:
        httpx.HTTPError: the sandbox does not answer; the job is tried again.
    """
    if not runtime.settings.is_demo:
        return
    with runtime.transaction() as session:
        now = runtime.clock(session).instant()
    answer = httpx.post(
        f"{runtime.settings.sandbox_url}/control/clock",
        json={"at": now.isoformat()},
        timeout=ANSWER_SECONDS,
    )
    answer.raise_for_status()
