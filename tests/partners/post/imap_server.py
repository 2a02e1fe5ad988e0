"""A real IMAP server on this machine, in a process of its own; mails are put in as another program would."""

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.partners.post.mailbox import a_free_port

USER, PASSWORD = "replies", "s3cret/é"


@dataclass(frozen=True)
class ImapServer:
    port: int

    @property
    def url(self) -> str:
        return f"imap://{USER}:s3cret%2F%C3%A9@127.0.0.1:{self.port}/INBOX"

    def receive(self, *mails: bytes) -> None:
        """Put mails in the mailbox."""
        with self._signed_in() as server:
            for mail in mails:
                assert server.append("INBOX", None, None, mail)[0] == "OK"

    def count(self) -> int:
        with self._signed_in() as server:
            return int(server.select("INBOX", readonly=True)[1][0] or 0)

    @contextmanager
    def _signed_in(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=5) as server:
            server.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield server


@contextmanager
def an_imap_server() -> Iterator[ImapServer]:
    port = a_free_port()
    command = [Path(sys.executable).parent / "pymap", "--host", "127.0.0.1", "--port", str(port)]
    account = ["--no-tls", "dict", "--demo-user", USER, "--demo-password", PASSWORD]
    with subprocess.Popen(
        [*command, *account], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            _wait_until_it_answers(port)
            yield ImapServer(port)
        finally:
            process.terminate()
            process.wait(5)


def _wait_until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=1).logout()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the IMAP server did not start")
