"""Calling the portal's webhooks back: signed, retried with growing pauses, written down."""

import json
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import httpx

from partners.exchange.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from partners.sandbox.agenda import Agenda
from partners.sandbox.lenders import lender_secret
from partners.sandbox.settings import SandboxSettings

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
    """Delivers events to the callback URL each dossier came with, one dossier's in order."""

    def __init__(self, settings: SandboxSettings, agenda: Agenda) -> None:
        self._settings = settings
        self._agenda = agenda
        self._client = httpx.Client(timeout=settings.callback_seconds, follow_redirects=False)
        self._lock = Lock()
        self._lines: dict[str, deque[tuple[str, str, Mapping[str, Any]]]] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=DELIVERIES_KEPT)

    def deliver(self, lender: str, url: str, event: Mapping[str, Any]) -> None:
        """Have one event delivered after those before it of the same dossier or message.

        What came without a callback URL is read by polling.
        """
        if not url:
            return
        dossier = event["dossier"] if "dossier" in event else event["message"]
        with self._lock:
            is_first = dossier not in self._lines
            self._lines.setdefault(dossier, deque()).append((lender, url, event))
        if is_first:
            self._agenda.after(0, lambda: self._attempt(dossier, 1))

    def clear(self) -> None:
        """Forget what is waiting and what was delivered."""
        with self._lock:
            self._lines.clear()
            self.deliveries.clear()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _attempt(self, dossier: str, attempt: int) -> None:
        with self._lock:
            line = self._lines.get(dossier)
            if not line:
                return
            lender, url, event = line[0]
        outcome = self._post(lender, url, event)
        self.deliveries.append(Delivery(event["id"], lender, attempt, outcome))
        if not outcome.startswith("2") and attempt < self._settings.callback_attempts:
            pause = self._settings.pace_seconds * 2 ** (attempt - 1)
            self._agenda.after(pause, lambda: self._attempt(dossier, attempt + 1))
        elif self._advance(dossier):
            self._agenda.after(0, lambda: self._attempt(dossier, 1))

    def _advance(self, dossier: str) -> bool:
        """Take the delivered event off its line; whether another one waits behind it."""
        with self._lock:
            line = self._lines.get(dossier)
            if line:
                line.popleft()
            if not line:
                self._lines.pop(dossier, None)
            return bool(line)

    def _post(self, lender: str, url: str, event: Mapping[str, Any]) -> str:
        body = json.dumps(event, ensure_ascii=False).encode()
        # The demo's calendar may be moved; a signature's age is measured on real clocks.
        at = self._settings.at()
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
