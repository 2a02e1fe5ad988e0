"""Mails that come in, written by anyone."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.post import inbound
from partners.post.inbound import MailRefused, plain_text, read_mail
from tests.partners.post.mails import a_nested_mail, an_answer, an_undelivered


def test_an_answer_is_taken_apart():
    mail = read_mail(
        an_answer(
            In_Reply_To="<one@encaisse.example>", References="<zero@x> <one@encaisse.example>"
        )
    )

    assert (mail.from_name, mail.from_address) == (
        "Comptabilité Exemple",
        "compta@debiteur.example",
    )
    assert mail.text == "Bonjour,\n\nRéglé ce jour par virement."
    assert mail.subject == "Re: Facture F-1"
    assert mail.in_reply_to == "<one@encaisse.example>"
    assert mail.references == ("<zero@x>", "<one@encaisse.example>")
    assert mail.written_at.isoformat() == "2026-11-23T07:00:00+00:00"
    assert not mail.is_automatic
    assert mail.report is None


def test_files_are_carried_and_an_html_answer_is_read_without_its_formatting():
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("<p>Nous <b>contestons</b></p><script>x()</script><p>la facture</p>", "html")
    mail.add_attachment(
        b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="avoir é.pdf"
    )

    read = read_mail(mail.as_bytes())

    assert read.text == "Nous contestons\nla facture"
    assert [(one.filename, one.media_type, one.content) for one in read.attachments] == [
        ("avoir é.pdf", "application/pdf", b"%PDF-1.7 x")
    ]


def test_an_absence_message_and_a_report_are_known_as_written_by_machines():
    assert read_mail(an_answer(Auto_Submitted="auto-replied")).is_automatic
    assert read_mail(an_undelivered("<x@y>")).is_automatic
    assert read_mail(an_undelivered("<x@y>")).report is not None


@pytest.mark.parametrize("charset", ["x-nowhere", "rot13", "zlib", "utf-16", "utf-8\x00", ""])
def test_a_wrong_character_set_does_not_lose_the_answer(charset):
    raw = (
        f"From: a@b.example\r\nContent-Type: text/plain; charset={charset}\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n".encode()
        + "Payé le 12".encode("latin-1")
    )

    assert isinstance(read_mail(raw).text, str)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (a_nested_mail(40), "nested"),
        (a_nested_mail(150), "nested"),
        (b"From: a@b\r\n" + b"X: y\r\n" * 600 + b"\r\n", "headers"),
        (b"no headers at all", "sender"),
        (b"", "sender"),
    ],
)
def test_a_hostile_mail_is_refused_by_name(raw, why):
    with pytest.raises(MailRefused, match=why):
        read_mail(raw)


def test_limits_hold_at_their_edge(monkeypatch):
    monkeypatch.setattr(inbound, "MAIL_BYTES_MAX", len(an_answer()))

    assert read_mail(an_answer()).from_address
    with pytest.raises(MailRefused, match="bytes"):
        read_mail(an_answer() + b"\n")


@given(st.binary(max_size=300))
def test_whatever_comes_is_read_or_refused(noise):
    for raw in (
        noise,
        b"From: a@b\r\nContent-Type: multipart/report;" + noise,
        an_answer() + noise,
    ):
        try:
            read = read_mail(raw)
        except MailRefused:
            continue
        assert "\0" not in read.text + read.subject + read.from_address + read.message_id


def test_formatting_is_dropped_and_words_kept():
    assert plain_text("<style>p{}</style>a<br>b&eacute;<img src=http://x/y>") == "a\nbé"
