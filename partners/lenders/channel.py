"""How a message reaches a lender over HTTP, and what it means when it does not.

Three failures call for three actions: `LenderUnreached` (certainly not arrived),
`LenderUnanswered` (unknown: ask again under the same key) and `LenderRefusedMessage`
(a person must look).
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from time import sleep as real_sleep
from types import MappingProxyType
from typing import Any, Protocol

import httpx
import tenacity

from partners.exchange.reading import UnreadableMessage, read_json_object
from partners.exchange.signing import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    request_content,
    signature,
)
from partners.vocabulary.lending import (
    LenderRefusedMessage,
    LenderUnanswered,
    LenderUnreached,
)

logger = logging.getLogger(__name__)

ANSWER_BYTES_MAX = 1_048_576
IDEMPOTENCY_HEADER = "Idempotency-Key"

_WORTH_REPEATING = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class LenderConnection:
    """How to reach one lender.

    Attributes:
        secrets: live signing secrets, newest first; ours sign with the first, theirs
            are accepted under any.
        callback_url: where the lender sends its webhooks.
        answer_seconds: how long one call may take in all.
        attempts: calls made before giving up, for failures that may be repeated.
    """

    lender: str
    base_url: str
    secrets: tuple[str, ...] = field(repr=False)
    callback_url: str = ""
    connect_seconds: float = 3.0
    answer_seconds: float = 15.0
    attempts: int = 3
    pause_seconds: float = 0.4


class Channel(Protocol):
    """What an adapter needs to speak to its lender."""

    def send(
        self, path: str, body: Mapping[str, Any], *, idempotency_key: str
    ) -> Mapping[str, Any]:
        """The lender's answer to a message that may be repeated under its key."""

    def fetch(self, path: str, params: Mapping[str, str] = ...) -> Mapping[str, Any]:
        """What the lender holds at `path`."""

    def close(self) -> None:
        """Let go of the connections."""


class HttpChannel:
    """JSON over HTTPS with time-outs, signed requests and safe repetition.

    Connection failures, 429 and 5xx are repeated a few times with growing pauses:
    every message bears its idempotency key, so the lender acts once. A time-out
    while waiting for the answer is not repeated here, the worker asks again later.

    Args:
        at: gives the instant a request is signed.
        transport: another httpx transport, for tests.
        sleep: waits between attempts.
    """

    def __init__(
        self,
        connection: LenderConnection,
        *,
        at: Callable[[], datetime],
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = real_sleep,
    ) -> None:
        self._connection = connection
        self._at = at
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=connection.base_url.rstrip("/"),
            timeout=httpx.Timeout(connection.answer_seconds, connect=connection.connect_seconds),
            headers={"User-Agent": "encaisse/0.1", "Accept": "application/json"},
            follow_redirects=False,
            transport=transport,
        )

    def send(
        self, path: str, body: Mapping[str, Any], *, idempotency_key: str
    ) -> Mapping[str, Any]:
        """Post `body` as JSON under its key and read the answer.

        Raises:
            LenderUnreached, LenderUnanswered: ask again later under the same key.
            LenderRefusedMessage: a person must look.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._repeat(lambda: self._call("POST", path, content, {}, idempotency_key))

    def fetch(
        self, path: str, params: Mapping[str, str] = MappingProxyType({})
    ) -> Mapping[str, Any]:
        """Read what the lender holds at `path`. Raises as `send`."""
        return self._repeat(lambda: self._call("GET", path, b"", params, f"read:{path}"))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _repeat(self, call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._connection.attempts),
            wait=tenacity.wait_random_exponential(self._connection.pause_seconds, max=5),
            retry=tenacity.retry_if_exception(_may_be_repeated),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(call)

    def _call(
        self, method: str, path: str, content: bytes, params: Mapping[str, str], key: str
    ) -> Mapping[str, Any]:
        request = self._client.build_request(
            method, path, content=content or None, params=dict(params) or None
        )
        request.headers.update(self._headers(method, request.url, content, key))
        ends_at = monotonic() + self._connection.answer_seconds
        try:
            response = self._client.send(request, stream=True)
            try:
                answer = _limited_body(response, ends_at)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise LenderUnreached(f"no connection to {self._connection.lender}") from error
        except httpx.HTTPError as error:
            raise LenderUnanswered(f"{self._connection.lender} did not answer in full") from error
        return self._read(response.status_code, answer)

    def _headers(self, method: str, url: httpx.URL, content: bytes, key: str) -> dict[str, str]:
        at = self._at()
        line = url.raw_path.decode("ascii")
        made = signature(
            self._connection.secrets[0], key, at, request_content(method, line, content)
        )
        return {
            "Content-Type": "application/json",
            IDEMPOTENCY_HEADER: key,
            ID_HEADER: key,
            TIMESTAMP_HEADER: str(int(at.timestamp())),
            SIGNATURE_HEADER: made,
        }

    def _read(self, status: int, answer: bytes) -> Mapping[str, Any]:
        lender = self._connection.lender
        if status in _WORTH_REPEATING:
            raise _Overloaded(f"{lender} answered {status}")
        if not 200 <= status < 300:
            logger.warning("message refused", extra={"lender": lender, "status": status})
            raise LenderRefusedMessage(f"{lender} answered {status}{_problem(answer)}")
        try:
            return read_json_object(answer)
        except UnreadableMessage as error:
            raise LenderUnanswered(f"{lender} sent an answer we cannot read") from error


class _Overloaded(LenderUnanswered):
    """The lender said it cannot answer now; repeating under the same key is safe."""


def _may_be_repeated(error: BaseException) -> bool:
    return isinstance(error, LenderUnreached | _Overloaded)


def _limited_body(response: httpx.Response, ends_at: float) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise LenderUnanswered(f"an answer holds at most {ANSWER_BYTES_MAX} bytes")
        if monotonic() > ends_at:
            raise LenderUnanswered("the answer was still coming when its time was over")
    return bytes(body)


def _problem(answer: bytes) -> str:
    """The lender's own explanation, when it follows RFC 9457."""
    try:
        problem = read_json_object(answer)
    except UnreadableMessage:
        return ""
    told = problem.get("detail") or problem.get("title")
    return f": {told[:300]}" if isinstance(told, str) else ""
