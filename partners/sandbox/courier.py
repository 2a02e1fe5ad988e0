"""Calling the portal's webhooks back: signed, retried with growing pauses, written down."""

import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from partners.lenders.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from partners.sandbox.agenda import Agenda
from partners.sandbox.lenders import lender_secret
from partners.sandbox.settings import MovableClock, SandboxSettings

logger = logging.getLogger(__name__)

DELIVERIES_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver one event; `outcome` is the HTTP status, or "unreached"."""

    event: str
    lender: str
    attempt: int
    outcome: str


class Courier:
    """Delivers events to the callback URL each dossier came with."""

    def __init__(self, settings: SandboxSettings, clock: MovableClock, agenda: Agenda) -> None:
        self._settings = settings
        self._clock = clock
        self._agenda = agenda
        self._client = httpx.Client(timeout=settings.callback_seconds, follow_redirects=False)
        self.deliveries: deque[Delivery] = deque(maxlen=DELIVERIES_KEPT)

    def deliver(
        self, lender: str, url: str, event: Mapping[str, Any], *, after_seconds: float = 0
    ) -> None:
        """Have one event delivered; a dossier without a callback URL is read by polling."""
        if url:
            self._agenda.after(after_seconds, lambda: self._attempt(lender, url, event, 1))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _attempt(self, lender: str, url: str, event: Mapping[str, Any], attempt: int) -> None:
        outcome = self._post(lender, url, event)
        self.deliveries.append(Delivery(event["id"], lender, attempt, outcome))
        if outcome.startswith("2") or attempt >= self._settings.callback_attempts:
            return
        pause = self._settings.pace_seconds * 2 ** (attempt - 1)
        self._agenda.after(pause, lambda: self._attempt(lender, url, event, attempt + 1))

    def _post(self, lender: str, url: str, event: Mapping[str, Any]) -> str:
        body = json.dumps(event, ensure_ascii=False).encode()
        at = self._clock.now()
        secret = lender_secret(lender, self._settings.seed)
        headers = {
            "Content-Type": "application/json",
            ID_HEADER: event["id"],
            TIMESTAMP_HEADER: str(int(at.timestamp())),
            SIGNATURE_HEADER: signature(secret, event["id"], at, body),
        }
        try:
            return str(self._client.post(url, content=body, headers=headers).status_code)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            logger.info("webhook not delivered", extra={"cause": type(error).__name__})
            return "unreached"
