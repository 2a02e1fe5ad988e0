"""The sandbox as a server of threads, for tests, the supervisor and the command."""

import logging
import socket
from dataclasses import dataclass
from threading import Thread
from types import TracebackType

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from partners.sandbox.app import create_sandbox
from partners.sandbox.settings import SandboxSettings
from partners.sandbox.stage import Stage

LOCALHOST = "127.0.0.1"
POLL_SECONDS = 0.05

logger = logging.getLogger(__name__)


class QuietHandler(WSGIRequestHandler):
    """Answers without a line per request; the control API tells what happened."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        logger.debug("request", extra={"code": code, "size": size})


@dataclass(slots=True)
class RunningSandbox:
    """A sandbox that answers at `url` until it is closed; also a context manager."""

    url: str
    stage: Stage
    _server: BaseWSGIServer
    _thread: Thread | None = None

    @property
    def register_url(self) -> str:
        """What `CompanyRegister` takes as its base address."""
        return f"{self.url}/register"

    def start(self) -> "RunningSandbox":
        """Answer from a thread of this process."""
        self._thread = Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": POLL_SECONDS},
            name="sandbox-http",
            daemon=True,
        )
        self._thread.start()
        return self

    def run(self) -> None:
        """Answer from this thread until interrupted."""
        try:
            self._server.serve_forever()
        finally:
            self.close()

    def close(self) -> None:
        """Free those who wait, stop answering, end every thread."""
        self.stage.closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()
        self.stage.close()

    def __enter__(self) -> "RunningSandbox":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def build(
    settings: SandboxSettings | None = None, *, host: str = LOCALHOST, port: int = 0
) -> RunningSandbox:
    """A sandbox bound to its port (any free one for 0), not answering yet.

    Raises:
        OSError: the port is taken.
    """
    with socket.create_server((host, port)) as bound:
        stage = Stage(settings or SandboxSettings())
        server = make_server(
            host,
            bound.getsockname()[1],
            create_sandbox(stage=stage),
            threaded=True,
            request_handler=QuietHandler,
            fd=bound.fileno(),
        )
    return RunningSandbox(f"http://{host}:{server.port}", stage, server)


def serve(
    settings: SandboxSettings | None = None, *, host: str = LOCALHOST, port: int = 0
) -> RunningSandbox:
    """A sandbox already answering from a thread; close it when done. Raises as `build`."""
    return build(settings, host=host, port=port).start()
