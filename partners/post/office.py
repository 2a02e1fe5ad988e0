"""The line to a post office that speaks our contract (`docs/post-api.md`): signed, bounded, never repeated here.

The worker sends again later, under the same key.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

import httpx

from partners.exchange.reading import UnreadableMessage, read_json_object
from partners.exchange.signing import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    request_content,
    signature,
)
from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached

ANSWER_BYTES_MAX = 1_048_576
PROOF_BYTES_MAX = 10_000_000
IDEMPOTENCY_HEADER = "Idempotency-Key"

_MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class PostConnection:
    """How to reach the post office.

    Attributes:
        secrets: live signing secrets, newest first; ours sign with the first, theirs are accepted under any.
        callback_url: where it tells us what becomes of a message.
    """

    base_url: str
    secrets: tuple[str, ...] = field(repr=False)
    callback_url: str = ""
    connect_seconds: float = 3.0
    answer_seconds: float = 15.0


class PostOffice:
    """One open line; close it after use, or use it as a context manager.

    Args:
        at: gives the instant a request is signed.
    """

    def __init__(self, connection: PostConnection, *, at: Callable[[], datetime]) -> None:
        self._connection = connection
        self._at = at
        self._client = httpx.Client(
            base_url=connection.base_url.rstrip("/"),
            timeout=httpx.Timeout(connection.answer_seconds, connect=connection.connect_seconds),
            headers={"User-Agent": "encaisse/0.1"},
            follow_redirects=False,
        )

    @property
    def callback_url(self) -> str:
        """Where the post office calls us back."""
        return self._connection.callback_url

    def __enter__(self) -> "PostOffice":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def post(self, path: str, body: Mapping[str, Any], *, key: str) -> Mapping[str, Any]:
        """The answer to a JSON message sent under its key.

        Raises:
            PostUnreached, PostUnanswered: send again later under the same key.
            PostRefused: a person must look.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._object(self._call("POST", path, content, key, ANSWER_BYTES_MAX))

    def fetch(self, path: str) -> Mapping[str, Any]:
        """The JSON found at ``path``, its query included. Raises as `post`."""
        return self._object(self._call("GET", path, b"", f"read:{path}", ANSWER_BYTES_MAX))

    def download(self, path: str) -> bytes:
        """The file found at ``path``. Raises as `post`."""
        return self._call("GET", path, b"", f"read:{path}", PROOF_BYTES_MAX)

    def _call(self, method: str, path: str, content: bytes, key: str, bytes_max: int) -> bytes:
        request = self._client.build_request(method, path, content=content or None)
        request.headers.update(self._headers(method, request.url, content, key))
        ends_at = monotonic() + self._connection.answer_seconds
        try:
            response = self._client.send(request, stream=True)
            try:
                answer = _limited(response, ends_at, bytes_max)
            finally:
                response.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise PostUnreached("no connection to the post office") from error
        except httpx.HTTPError as error:
            raise PostUnanswered("the post office did not answer in full") from error
        if response.status_code in _MAY_PASS:
            raise PostUnanswered(f"the post office answered {response.status_code}")
        if not response.is_success:
            raise PostRefused(f"{response.status_code}{_problem(answer)}")
        return answer

    def _headers(self, method: str, url: httpx.URL, content: bytes, key: str) -> dict[str, str]:
        at = self._at()
        signed = request_content(method, url.raw_path.decode("ascii"), content)
        return {
            "Content-Type": "application/json",
            IDEMPOTENCY_HEADER: key,
            ID_HEADER: key,
            TIMESTAMP_HEADER: str(int(at.timestamp())),
            SIGNATURE_HEADER: signature(self._connection.secrets[0], key, at, signed),
        }

    def _object(self, answer: bytes) -> Mapping[str, Any]:
        try:
            return read_json_object(answer)
        except UnreadableMessage as error:
            raise PostUnanswered("the post office sent an answer we cannot read") from error


def _limited(response: httpx.Response, ends_at: float, bytes_max: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > bytes_max:
            raise PostUnanswered(f"an answer holds at most {bytes_max} bytes")
        if monotonic() > ends_at:
            raise PostUnanswered("the answer was still coming when its time was over")
    return bytes(body)


def _problem(answer: bytes) -> str:
    """The post office's own explanation, when it follows RFC 9457."""
    try:
        problem = read_json_object(answer)
    except UnreadableMessage:
        return ""
    told = problem.get("detail") or problem.get("title")
    return f": {told[:300]}" if isinstance(told, str) else ""
