"""Undelivered mails and complaints, as mail servers report them."""

from email import message_from_bytes

import pytest

from partners.post.bounces import ReportKind, is_address_fault, read_report
from tests.partners.post.mails import a_complaint, an_answer, an_undelivered

OURS = "<4b6d8a0e-1111-4222-8333-944455556666@encaisse.example>"


def report_of(raw: bytes):
    return read_report(message_from_bytes(raw))


def test_an_undelivered_mail_says_which_address_is_wrong_and_about_which_message():
    report = report_of(an_undelivered(OURS))

    assert report.kind is ReportKind.BOUNCED
    assert report.recipient == "gone@debiteur.example"
    assert report.raw == "failed 5.1.1"
    assert "no such user" in report.detail
    assert report.about == OURS
    assert report.address_fault


@pytest.mark.parametrize(
    ("action", "status", "said", "kind", "fault"),
    [
        ("failed", "5.2.2", "smtp; 552 5.2.2 mailbox full", ReportKind.BOUNCED, False),
        ("failed", "5.0.0", "smtp; 550 5.7.1 blocked by policy", ReportKind.BOUNCED, False),
        ("failed", "5.0.0", "smtp; 550 user unknown", ReportKind.BOUNCED, True),
        ("failed", "5.4.4", "", ReportKind.BOUNCED, True),
        ("delayed", "4.4.1", "smtp; 421 try later", ReportKind.DELAYED, False),
        ("delivered", "2.0.0", "", ReportKind.DELIVERED, False),
    ],
)
def test_only_a_wrong_or_closed_address_is_a_fault_of_the_address(
    action, status, said, kind, fault
):
    report = report_of(an_undelivered(OURS, action=action, status=status, said=said))

    assert (report.kind, report.address_fault) == (kind, fault)


def test_the_senders_own_faults_are_not_the_addresss():
    assert not is_address_fault("550 5.1.8 bad sender's system address")
    assert is_address_fault("550 unknown here")
    assert not is_address_fault("554 no thanks")


def test_a_complaint_is_read_and_a_withdrawn_one_is_not():
    report = report_of(a_complaint(OURS))

    assert report.kind is ReportKind.COMPLAINED
    assert (report.recipient, report.raw, report.about) == (
        "buyer@debiteur.example",
        "abuse",
        OURS,
    )
    assert report_of(a_complaint(OURS, feedback="not-spam")) is None


def test_an_ordinary_answer_is_no_report():
    assert report_of(an_answer()) is None
