"""Reading an IMAP mailbox, oldest first, without marking or moving anything in it.

How far it was read is the caller's to remember: the folder's UIDVALIDITY and the last UID. A folder that was
made anew changes its UIDVALIDITY, and is read from its start: mails known already are then known again.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from partners.post.inbound import MAIL_BYTES_MAX

HEADERS_BYTES_MAX = 200_000

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


class MailboxAddressUnsound(ValueError):
    """The mailbox's address cannot be used as given; the message says how to write it."""


class MailboxUnreached(Exception):
    """The mailbox cannot be read now, and may later."""


class MailboxRefused(Exception):
    """The server refuses our credentials or has no such folder: a person must look."""


@dataclass(frozen=True, slots=True)
class FetchedMail:
    """One mail as the mailbox holds it; only its headers when it is too large to be taken."""

    uid: int
    content: bytes
    size_bytes: int

    @property
    def is_whole(self) -> bool:
        return self.size_bytes <= MAIL_BYTES_MAX


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mails come in. Without TLS only on this machine."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str
    with_tls: bool
    timeout_seconds: float = 20.0

    @classmethod
    def from_url(cls, url: str) -> "Mailbox":
        """The mailbox at ``imaps://user:password@host:port/folder``; ``imap://`` on this machine only.

        Raises:
            MailboxAddressUnsound: another scheme, no host or no user.
        """
        parts = urlsplit(url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme not in ("imaps", "imap") or not parts.hostname or not parts.username:
            raise MailboxAddressUnsound("write imaps://user:password@host:port/INBOX")
        if parts.scheme == "imap" and not local:
            raise MailboxAddressUnsound("a mailbox on another machine is read over TLS: imaps://")
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if parts.scheme == "imaps" else 143),
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            with_tls=parts.scheme == "imaps",
        )

    @property
    def name(self) -> str:
        """What tells this mailbox from another, without its password."""
        return f"imap:{self.user}@{self.host}:{self.port}/{self.folder}"

    @contextmanager
    def opened(self) -> Iterator["OpenMailbox"]:
        """The folder, open for reading only.

        Raises:
            MailboxUnreached: no connection, or it broke.
            MailboxRefused: the credentials or the folder are refused.
        """
        server = self._connect()
        try:
            with _failures_named():
                yield OpenMailbox(server, _selected(server, self.folder))
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()

    def _connect(self) -> imaplib.IMAP4:
        with _failures_named():
            server: imaplib.IMAP4
            if self.with_tls:
                server = imaplib.IMAP4_SSL(
                    self.host,
                    self.port,
                    ssl_context=ssl.create_default_context(),
                    timeout=self.timeout_seconds,
                )
            else:
                server = imaplib.IMAP4(self.host, self.port, timeout=self.timeout_seconds)
            try:
                self._sign_in(server)
            except BaseException:
                server.shutdown()
                raise
            return server

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        if "AUTH=PLAIN" in server.capabilities:
            said = f"\0{self.user}\0{self.password}".encode()
            server.authenticate("PLAIN", lambda _: said)
        else:
            server.login(self.user, self.password)


@dataclass(frozen=True, slots=True)
class OpenMailbox:
    """A folder being read; ``uid_validity`` says which life of the folder its UIDs belong to."""

    server: imaplib.IMAP4
    uid_validity: str

    def after(self, uid: int, limit: int) -> list[int]:
        """The UIDs that follow, oldest first, at most ``limit``."""
        _, found = self.server.uid("SEARCH", "UID", f"{uid + 1}:*")
        listed = (found[0] or b"").split() if found else []
        # `n:*` always names the last mail, even one before n.
        return sorted(one for one in map(int, listed) if one > uid)[:limit]

    def fetch(self, uid: int) -> FetchedMail | None:
        """One mail, or its headers when it is larger than `MAIL_BYTES_MAX`; None when it is gone."""
        _, answer = self.server.uid("FETCH", str(uid), "(RFC822.SIZE)")
        told = _SIZE.search(b" ".join(_flat(answer)))
        if told is None:
            return None
        size = int(told[1])
        wanted = (
            "(BODY.PEEK[])"
            if size <= MAIL_BYTES_MAX
            else f"(BODY.PEEK[HEADER]<0.{HEADERS_BYTES_MAX}>)"
        )
        _, answer = self.server.uid("FETCH", str(uid), wanted)
        content = next((one[1] for one in answer if isinstance(one, tuple)), None)
        return FetchedMail(uid, bytes(content), size) if content is not None else None


def _selected(server: imaplib.IMAP4, folder: str) -> str:
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    answered, _ = server.select(f'"{quoted}"', readonly=True)
    if answered != "OK":
        raise MailboxRefused(f"no folder '{folder}'")
    _, told = server.response("UIDVALIDITY")
    first = told[0] if told else None
    return first.decode("ascii", "replace") if isinstance(first, bytes) else ""


def _flat(answer: list[object]) -> list[bytes]:
    return [
        part
        for one in answer
        for part in (one if isinstance(one, tuple) else (one,))
        if isinstance(part, bytes)
    ]


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.abort, OSError) as error:
        raise MailboxUnreached(type(error).__name__) from error
    except (imaplib.IMAP4.error, UnicodeEncodeError) as error:
        raise MailboxRefused(" ".join(str(error).split())[:200]) from error
