"""Mails as they travel, written for these tests: answers, undelivered, complaints."""

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart


def an_answer(**headers: str) -> bytes:
    mail = EmailMessage()
    text = headers.pop("text", "Bonjour,\n\nRéglé ce jour par virement.\n")
    given = {
        "From": "Comptabilité Exemple <compta@debiteur.example>",
        "To": "replies@encaisse.example",
        "Subject": "Re: Facture F-1",
        "Message-ID": "<answer-1@debiteur.example>",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0100",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in given.items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def an_undelivered(
    about: str,
    *,
    to: str = "replies@encaisse.example",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "smtp; 550 5.1.1 <gone@debiteur.example>: no such user",
) -> bytes:
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.debiteur.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report-1@mx.debiteur.example>
Date: Mon, 23 Nov 2026 08:05:00 +0100
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="edge"

--edge
Content-Type: text/plain; charset=utf-8

Your message could not be delivered.

--edge
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.debiteur.example
Arrival-Date: Mon, 23 Nov 2026 08:00:00 +0100

Final-Recipient: rfc822; gone@debiteur.example
Action: {action}
Status: {status}
Diagnostic-Code: {said}

--edge
Content-Type: text/rfc822-headers

Message-ID: {about}
Subject: Facture F-1

--edge--
""".replace("\n", "\r\n").encode()


def a_complaint(about: str, *, feedback: str = "abuse") -> bytes:
    return f"""\
From: feedback@mailbox.example
To: replies@encaisse.example
Subject: FW: Facture F-1
Message-ID: <complaint-1@mailbox.example>
Date: Mon, 23 Nov 2026 09:05:00 +0100
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="edge"

--edge
Content-Type: text/plain

This is an email abuse report.

--edge
Content-Type: message/feedback-report

Feedback-Type: {feedback}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Rcpt-To: <buyer@debiteur.example>

--edge
Content-Type: message/rfc822

From: no-reply@encaisse.example
Message-ID: {about}
Subject: Facture F-1

Bonjour

--edge--
""".replace("\n", "\r\n").encode()


def a_nested_mail(depth: int) -> bytes:
    whole = MIMEMultipart()
    whole["From"], whole["Message-ID"] = "a@b.example", "<deep@b.example>"
    inner = whole
    for _ in range(depth):
        part = MIMEMultipart()
        inner.attach(part)
        inner = part
    return whole.as_bytes()
