"""E-mail over a real SMTP server."""

from datetime import UTC, datetime

import pytest

from partners.post.adapter import PostRefused, PostUnanswered, PostUnreached
from partners.post.smtp import (
    Email,
    MailAddressUnsound,
    MailServer,
)
from partners.vocabulary.post import Attachment
from tests.partners.post.mailbox import a_free_port, a_mail_server

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def an_email(**given) -> Email:
    return Email(
        **{
            "message_id": "<one@encaisse.example>",
            "sender": "Encaisse <no-reply@encaisse.example>",
            "to_address": "fournisseurs@debiteur.example",
            "subject": "Facture F-1 échue",
            "text": "Bonjour,\n\nété\n.\n",
            "written_at": AT,
            **given,
        }
    )


def test_a_message_arrives_with_its_attachment_and_in_the_assignors_name():
    pdf = b"%PDF-1.7 \xff\x00 example"
    with a_mail_server() as (url, mailbox):
        email = an_email(
            from_name="Menuiserie Exemple via Encaisse",
            reply_to=("compta@exemple.example",),
            html="<p>été</p>",
            attachments=(Attachment("F-1.pdf", "application/pdf", pdf),),
        )
        with MailServer.from_url(url).envelope(email) as envelope:
            envelope.deliver()

    (got,) = mailbox.received
    assert got["From"] == "Menuiserie Exemple via Encaisse <no-reply@encaisse.example>"
    assert got["Reply-To"].addresses[0].addr_spec == "compta@exemple.example"
    assert got["Message-ID"] == "<one@encaisse.example>"
    assert got["Subject"] == "Facture F-1 échue"
    assert "été" in got.get_body(("plain",)).get_content()
    (attached,) = got.iter_attachments()
    assert attached.get_filename() == "F-1.pdf"
    assert attached.get_content() == pdf


def test_nothing_leaves_until_it_is_delivered():
    with a_mail_server() as (url, mailbox), MailServer.from_url(url).envelope(an_email()):
        pass

    assert mailbox.received == []


@pytest.mark.parametrize(
    ("answer", "kind"), [("450 busy", PostUnreached), ("550 unknown here", PostRefused)]
)
def test_a_refusal_of_the_recipient_says_whether_to_try_again(answer, kind):
    with a_mail_server() as (url, mailbox):
        mailbox.refuse_recipient = answer
        with pytest.raises(kind, match=answer[:3]), MailServer.from_url(url).envelope(an_email()):
            pass


@pytest.mark.parametrize(
    ("answer", "kind"), [("452 full", PostUnreached), ("554 no thanks", PostRefused)]
)
def test_a_refusal_of_the_content_says_whether_to_try_again(answer, kind):
    with a_mail_server() as (url, mailbox):
        mailbox.refuse_content = answer
        with pytest.raises(kind), MailServer.from_url(url).envelope(an_email()) as envelope:
            envelope.deliver()


def test_a_line_cut_after_the_content_leaves_a_doubt():
    with a_mail_server() as (url, mailbox):
        mailbox.hang_up_after_content = True
        with (
            pytest.raises(PostUnanswered),
            MailServer.from_url(url).envelope(an_email()) as envelope,
        ):
            envelope.deliver()


def test_a_server_that_is_down_is_unreached():
    with (
        pytest.raises(PostUnreached),
        MailServer.from_url(f"smtp://127.0.0.1:{a_free_port()}").envelope(an_email()),
    ):
        pass


def test_an_address_that_cannot_be_written_is_refused_and_not_retried():
    with (
        pytest.raises(PostRefused),
        MailServer.from_url("smtp://127.0.0.1:9").envelope(an_email(to_address="nobody\nBcc: x@y")),
    ):
        pass


def test_the_address_says_how_the_line_is_protected():
    far = MailServer.from_url("smtp://user:p%40ss@mail.example")
    assert (far.port, far.starttls, far.user, far.password) == (587, True, "user", "p@ss")
    assert "p@ss" not in repr(far)
    assert MailServer.from_url("smtps://mail.example").port == 465
    assert not MailServer.from_url("smtp://localhost:1025").starttls
    with pytest.raises(MailAddressUnsound):
        MailServer.from_url("http://mail.example")
