"""Reading a mailbox on a real IMAP server."""

from collections.abc import Iterator

import pytest

from partners.post import mailbox as reading
from partners.post.mailbox import (
    Mailbox,
    MailboxAddressUnsound,
    MailboxRefused,
    MailboxUnreached,
)
from tests.partners.post.imap_server import ImapServer, an_imap_server
from tests.partners.post.mailbox import a_free_port
from tests.partners.post.mails import an_answer


@pytest.fixture(scope="module")
def imap() -> Iterator[ImapServer]:
    with an_imap_server() as server:
        yield server


def test_mails_are_read_oldest_first_and_once(imap: ImapServer):
    with Mailbox.from_url(imap.url).opened() as before:
        start = max(before.after(0, 100), default=0)
    imap.receive(an_answer(Subject="un"), an_answer(Subject="deux"), an_answer(Subject="trois"))

    with Mailbox.from_url(imap.url).opened() as opened:
        first, second = opened.after(start, 2)
        contents = [opened.fetch(uid).content for uid in (first, second)]
        (third,) = opened.after(second, 10)
        nothing = opened.after(third, 10)

    assert b"Subject: un" in contents[0]
    assert b"Subject: deux" in contents[1]
    assert nothing == []


def test_a_mail_too_large_gives_its_headers_only(imap: ImapServer, monkeypatch):
    imap.receive(an_answer(Subject="lourd", text="x" * 5000))
    monkeypatch.setattr(reading, "MAIL_BYTES_MAX", 2000)

    with Mailbox.from_url(imap.url).opened() as opened:
        fetched = opened.fetch(opened.after(0, 100)[-1])

    assert not fetched.is_whole
    assert b"Subject: lourd" in fetched.content
    assert b"xxx" not in fetched.content


def test_wrong_credentials_and_no_server_are_told_apart(imap: ImapServer):
    wrong = Mailbox.from_url(f"imap://replies:wrong@127.0.0.1:{imap.port}/INBOX")
    with pytest.raises(MailboxRefused), wrong.opened():
        pass
    absent = Mailbox.from_url(imap.url.replace("/INBOX", "/NoFolder"))
    with pytest.raises(MailboxRefused, match="NoFolder"), absent.opened():
        pass
    dead = Mailbox.from_url(f"imap://a:b@127.0.0.1:{a_free_port()}/INBOX")
    with pytest.raises(MailboxUnreached), dead.opened():
        pass


def test_another_machine_is_read_over_tls_only():
    far = Mailbox.from_url("imaps://user:p%40ss@mail.example/Answers")

    assert (far.port, far.with_tls, far.password, far.folder) == (993, True, "p@ss", "Answers")
    assert "p@ss" not in repr(far) + far.name
    for url in ("imap://user:x@mail.example", "http://mail.example", "imaps://mail.example"):
        with pytest.raises(MailboxAddressUnsound):
            Mailbox.from_url(url)
