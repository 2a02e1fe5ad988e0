"""Three kinds of failure, because they call for three different actions."""

import socket
from datetime import UTC, datetime
from threading import Thread

import httpx
import pytest

from partners.exchange.signing import is_signed_by, request_content
from partners.lenders.channel import ANSWER_BYTES_MAX, HttpChannel, LenderConnection
from partners.vocabulary.lending import (
    LenderRefusedMessage,
    LenderUnanswered,
    LenderUnreached,
)

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_channel(base_url="http://lender.test/api", *, transport=None, slept=None, **connection):
    reached = LenderConnection("a-bank", base_url, ("secret", "older"), **connection)
    waits = slept if slept is not None else []
    return HttpChannel(reached, at=lambda: AT, transport=transport, sleep=waits.append)


def answering(*responses):
    """A transport that gives each response in turn, the last one for ever; and what it saw."""
    seen = []

    def answer(request):
        seen.append(request)
        return responses[min(len(seen), len(responses)) - 1]

    return httpx.MockTransport(answer), seen


def send(channel):
    try:
        return channel.send("/dossiers", {"face_cents": 1}, idempotency_key="key-1")
    finally:
        channel.close()


def test_a_message_bears_its_key_and_a_signature_of_its_line_and_body():
    transport, (seen) = answering(httpx.Response(200, json={"ok": True}))

    assert send(a_channel(transport=transport)) == {"ok": True}

    (request,) = seen
    headers = request.headers
    assert headers["Idempotency-Key"] == headers["webhook-id"] == "key-1"
    signed = request_content("POST", "/api/dossiers", request.content)
    stated, sent_at = headers["webhook-signature"], headers["webhook-timestamp"]
    assert is_signed_by(stated, ["secret"], "key-1", sent_at, signed)
    elsewhere = request_content("POST", "/api/other", request.content)
    assert not is_signed_by(stated, ["secret"], "key-1", sent_at, elsewhere)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_failure_that_may_pass_is_repeated_under_the_same_key(status):
    transport, seen = answering(httpx.Response(status), httpx.Response(201, json={}))
    slept = []

    send(a_channel(transport=transport, slept=slept))

    assert [request.headers["Idempotency-Key"] for request in seen] == ["key-1", "key-1"]
    assert len(slept) == 1


def test_a_lender_that_stays_overloaded_is_unanswered_after_three_attempts():
    transport, seen = answering(httpx.Response(503))

    with pytest.raises(LenderUnanswered, match="503"):
        send(a_channel(transport=transport))

    assert len(seen) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 422])
def test_a_refused_message_is_never_repeated_and_says_why(status):
    told = {"detail": "SIREN inconnu"}
    transport, seen = answering(httpx.Response(status, json=told, headers={"location": "/x"}))

    with pytest.raises(LenderRefusedMessage, match="SIREN inconnu"):
        send(a_channel(transport=transport))

    assert len(seen) == 1


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b'"ok"', b"\xff\xfe", b'{"a":Infinity}']
)
def test_an_answer_that_is_no_json_object_is_silence(content):
    transport, _ = answering(httpx.Response(200, content=content))

    with pytest.raises(LenderUnanswered, match="cannot read"):
        send(a_channel(transport=transport))


def test_an_answer_without_end_is_cut_short():
    transport, _ = answering(httpx.Response(200, content=b" " * (ANSWER_BYTES_MAX + 1)))

    with pytest.raises(LenderUnanswered, match="at most"):
        send(a_channel(transport=transport))


def test_a_port_where_nobody_listens_is_unreached():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(LenderUnreached):
        send(a_channel(f"http://127.0.0.1:{port}"))


def test_a_connection_cut_after_the_message_left_is_unanswered():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hanging_up = Thread(target=_hang_up, args=[listener])
        hanging_up.start()

        with pytest.raises(LenderUnanswered):
            send(a_channel(f"http://127.0.0.1:{listener.getsockname()[1]}"))

        hanging_up.join()


def test_an_answer_that_trickles_in_is_given_up_when_its_time_is_over():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        trickling = Thread(target=_trickle, args=[listener])
        trickling.start()

        with pytest.raises(LenderUnanswered):
            send(a_channel(f"http://127.0.0.1:{listener.getsockname()[1]}", answer_seconds=0.4))

        trickling.join()


def test_the_secret_is_not_written_in_what_is_logged():
    assert "secret" not in repr(LenderConnection("a-bank", "http://x", ("s3cret-secret",))).replace(
        "secrets", ""
    )


def _hang_up(listener):
    caller, _ = listener.accept()
    with caller:
        caller.recv(65536)


def _trickle(listener):
    caller, _ = listener.accept()
    with caller:
        caller.recv(65536)
        try:
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            for _ in range(100):
                caller.sendall(b" ")
                caller.settimeout(0.05)
                if _closed(caller):
                    return
        except OSError:
            return


def _closed(caller):
    try:
        return caller.recv(1) == b""
    except TimeoutError:
        return False
