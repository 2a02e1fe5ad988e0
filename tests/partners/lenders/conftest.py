"""A sandbox on a free port, and a listener that stands for the portal's webhook address."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread

import pytest

from partners.exchange.webhooks import WebhookRefused, verify_webhook
from partners.lenders.rest import RestLender
from partners.sandbox.lenders import lender_secret
from partners.sandbox.server import RunningSandbox, serve
from partners.sandbox.settings import SandboxSettings
from tests.partners.lenders.dossiers import instant


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with serve(SandboxSettings(pace_seconds=0.03, hang_seconds=1, at=instant)) as running:
        yield running


@pytest.fixture
def portal() -> Iterator["Portal"]:
    portal = Portal()
    yield portal
    portal.close()


class Portal:
    """Receives webhooks at `url/<lender>`, verifies them and keeps them in order of arrival."""

    def __init__(self) -> None:
        self.bodies = []
        self.refusals = []
        self.failures_left = 0
        self._arrived = Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, args=[0.05])
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def wait_for_bodies(self, count, seconds=30):
        """The first `count` bodies; fails the test when they do not come."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.bodies) >= count, seconds)
            assert arrived, f"{len(self.bodies)} of {count} webhooks came; refused: {self.refusals}"
            return self.bodies[:count]

    def wait_for(self, count, seconds=30):
        """The first `count` webhooks in our words."""
        return [RestLender().read_event(body) for body in self.wait_for_bodies(count, seconds)]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def receive(self, lender, headers, body):
        with self._arrived:
            if self.failures_left:
                self.failures_left -= 1
                return 503
            try:
                webhook = verify_webhook(headers, body, [lender_secret(lender)], at=instant())
            except WebhookRefused as refusal:
                self.refusals.append(refusal)
                return refusal.http_status
            self.bodies.append(webhook.body)
            self._arrived.notify_all()
            return 204

    def _handler(portal):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                lender = self.path.rsplit("/", 1)[-1]
                self.send_response(portal.receive(lender, dict(self.headers), body))
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler
