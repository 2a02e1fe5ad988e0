"""E-mail over SMTP: what is known after each failure decides whether to try again, ask a person, or give up."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached, RecipientRefused
from partners.post.bounces import is_address_fault
from partners.vocabulary.post import Attachment

PERMANENT = 500


class MailAddressUnsound(ValueError):
    """The server's address cannot be used as given; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Email:
    """One message to one address.

    Attributes:
        message_id: the same however often it is sent.
        reply_to: where answers go: the writer's address, and ours when we read answers for it.
        envelope_sender: where mail servers return what they cannot deliver; the sender's if None.
        in_reply_to: the Message-ID answered, so that readers see one conversation.
    """

    message_id: str
    sender: str
    to_address: str
    subject: str
    text: str
    written_at: datetime
    to_name: str | None = None
    from_name: str | None = None
    reply_to: tuple[str, ...] = ()
    envelope_sender: str | None = None
    in_reply_to: str | None = None
    html: str | None = None
    locale: str = "fr"
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where messages are handed over. ``starttls`` is required unless the server is on this machine."""

    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls_from_start: bool = False
    starttls: bool = True
    timeout_seconds: float = 20.0

    @classmethod
    def from_url(cls, url: str) -> "MailServer":
        """The server at ``smtp://user:password@host:port``, or ``smtps://`` for TLS from the start.

        Raises:
            MailAddressUnsound: another scheme, or no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise MailAddressUnsound("write smtp://user:password@host:port (or smtps://)")
        implicit = parts.scheme == "smtps"
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        return cls(
            host=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls_from_start=implicit,
            starttls=not implicit and not local,
        )

    @contextmanager
    def envelope(self, email: Email) -> Iterator["Envelope"]:
        """Present sender and recipient; the body leaves only with `Envelope.deliver`.

        Raises:
            PostUnreached: no connection, a time-out, or a refusal that may pass.
            RecipientRefused: the address is refused for good.
        PostRefused: the sender, the message or the credentials are refused for good.
        """
        try:
            content = as_mime(email)
            returned_to = email.envelope_sender or parseaddr(email.sender)[1]
        except (ValueError, IndexError) as error:
            raise PostRefused(f"the message cannot be written: {type(error).__name__}") from error
        with _not_left_yet():
            server = self._connect()
        try:
            with _not_left_yet():
                _accepted(server.mail(returned_to))
                _accepted_recipient(server.rcpt(email.to_address))
            yield Envelope(server, content)
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls_from_start:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout_seconds, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        server.ehlo()
        if self.starttls:
            server.starttls(context=context)
            server.ehlo()
        if self.user is not None:
            server.login(self.user, self.password or "")
        return server


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message whose sender and recipient the server accepted."""

    server: smtplib.SMTP
    content: bytes

    def deliver(self) -> str:
        """Hand the message over; the server's own words of acceptance.

        Raises:
            PostUnreached, PostRefused: the server refused it, for now or for good.
            PostUnanswered: the connection broke before its answer.
        """
        try:
            code, answer = self.server.data(self.content)
        except smtplib.SMTPDataError as error:
            _raise_for(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            raise PostUnanswered(type(error).__name__) from error
        _accepted((code, answer))
        return f"{code} {_words(answer)}"

    @property
    def headers(self) -> str:
        """The headers as they leave, for the file."""
        return self.content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")


def as_mime(email: Email) -> bytes:
    """The message as it travels: text, HTML, attachments, and headers that mail servers expect."""
    message = EmailMessage(policy=SMTP_POLICY.clone(cte_type="7bit"))
    name, address = parseaddr(email.sender)
    message["From"] = _address(email.from_name or name, address)
    message["To"] = _address(email.to_name or "", email.to_address)
    if email.reply_to:
        message["Reply-To"] = [_address(email.from_name or "", one) for one in email.reply_to]
    if email.in_reply_to:
        message["In-Reply-To"] = email.in_reply_to
        message["References"] = email.in_reply_to
    message["Subject"] = email.subject
    message["Date"] = format_datetime(email.written_at)
    message["Message-ID"] = email.message_id
    message["Content-Language"] = email.locale
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.text)
    if email.html:
        message.add_alternative(email.html, subtype="html")
    for one in email.attachments:
        main, _, sub = one.media_type.partition("/")
        message.add_attachment(
            one.content, maintype=main, subtype=sub or "octet-stream", filename=one.filename
        )
    return message.as_bytes()


def _address(name: str, address: str) -> Address:
    bare = "".join(char for char in name if char.isprintable()).strip()
    return Address(display_name=bare, addr_spec=address)


@contextmanager
def _not_left_yet() -> Iterator[None]:
    """Every failure before the body is sent means that nothing left."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise PostRefused(f"{error.smtp_code}: the mail server refuses our credentials") from error
    except smtplib.SMTPResponseException as error:
        _raise_for(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        raise PostUnreached(type(error).__name__) from error


def _accepted(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code >= 400:
        _raise_for(code, said)


def _accepted_recipient(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code >= PERMANENT and is_address_fault(f"{code} {_words(said)}"):
        raise RecipientRefused(f"{code}: {_words(said)}")
    _accepted(answer)


def _words(said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(words.split())[:200]


def _raise_for(code: int, said: bytes | str) -> None:
    text = f"{code}: {_words(said)}"
    if code >= PERMANENT:
        raise PostRefused(text)
    raise PostUnreached(text)
