"""Mails that come back: answers linked to what they answer, undelivered ones that stop the next message."""

import time
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, func, select

from partners.exchange.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from portal.clock import machine_time
from portal.config import Settings
from portal.db import SYSTEM, Viewer, ViewerKind, transaction
from portal.documents.models import Document
from portal.documents.store import DocumentStore
from portal.messages import inbound
from portal.messages.carrying import message_id_header
from portal.messages.delivery import run_send_message
from portal.messages.inbound import run_read_mailbox, take_in
from portal.messages.models import (
    InboundKind,
    InboundMessage,
    Message,
    MessageState,
    RejectionReason,
)
from portal.messages.outbox import Draft, write
from portal.messages.rejections import rejection_of, restore
from portal.messages.reply_address import message_at, reply_address
from portal.messages.tracking import tracking_of
from portal.runtime import Runtime
from tests.builders.organisations import an_assignor
from tests.conftest import NOW
from tests.partners.post.imap_server import an_imap_server
from tests.partners.post.mailbox import a_mail_server
from tests.partners.post.mails import a_complaint, a_nested_mail, an_answer, an_undelivered
from tests.portal.messages.posting import MAIL_SECRET, REPLIES, a_post_office


@pytest.fixture(scope="module")
def runtime(committing_settings: Settings, committing_engine: Engine) -> Runtime:
    store = DocumentStore.at(committing_settings.documents_address)
    return Runtime(replace(committing_settings, reply_address=REPLIES), committing_engine, store)


def a_reminder(runtime: Runtime, *, owner: UUID | None = None, to: str = "") -> Message:
    with transaction(runtime.engine, SYSTEM) as session:
        draft = Draft(
            kind="reminder_r1",
            dedupe_key=uuid4().hex,
            to_address=to or f"{uuid4().hex}@debiteur.example",
            from_name="Menuiserie Exemple via Encaisse",
            reply_to="compta@menuiserie.example",
            subject="Facture F-1",
            body_text="Bonjour\n",
            organisation_id=owner or an_assignor(session).id,
            receivable_id=uuid4(),
            debtor_id=uuid4(),
        )
        return write(session, draft, at=NOW)


def taken(runtime: Runtime, raw: bytes) -> InboundMessage:
    with transaction(runtime.engine, SYSTEM) as session:
        return take_in(session, runtime, raw, at=NOW)


def send(runtime: Runtime, message: Message) -> Message:
    run_send_message(runtime, message_id=str(message.id))
    with transaction(runtime.engine, SYSTEM) as session:
        return session.get_one(Message, message.id)


def header_of(runtime: Runtime, message: Message) -> str:
    return message_id_header(message.id, runtime.settings)


def rejected(runtime: Runtime, message: Message):
    with transaction(runtime.engine, SYSTEM) as session:
        return rejection_of(session, message.organisation_id, message.to_address.upper())


def test_an_answer_to_the_signed_address_is_linked_to_the_debt_and_kept_whole(runtime: Runtime):
    reminder = a_reminder(runtime)
    raw = an_answer(To=reply_address(runtime.settings, reminder.id).upper(), Message_ID="<a1@x>")

    kept = taken(runtime, raw)
    again = taken(runtime, b"Received: by another road\r\n" + raw)

    assert again.id == kept.id
    assert kept.kind is InboundKind.REPLY
    assert (kept.organisation_id, kept.receivable_id, kept.debtor_id, kept.answers_message_id) == (
        reminder.organisation_id,
        reminder.receivable_id,
        reminder.debtor_id,
        reminder.id,
    )
    assert kept.body_text.startswith("Bonjour")
    with transaction(runtime.engine, SYSTEM) as session:
        document = session.get_one(Document, kept.raw_document_id)
        assert runtime.documents.get(document.sha256) == raw


def test_an_answer_by_message_id_alone_is_linked_too(runtime: Runtime):
    reminder = a_reminder(runtime)

    kept = taken(runtime, an_answer(In_Reply_To=header_of(runtime, reminder), Message_ID="<a2@x>"))

    assert kept.answers_message_id == reminder.id


def test_an_address_that_we_did_not_sign_leads_nowhere_and_the_mail_waits_for_the_operator(
    runtime: Runtime,
):
    reminder = a_reminder(runtime)
    ours = reply_address(runtime.settings, reminder.id)
    forged = ours.replace(ours[-40:-24], "a" * 16)

    kept = taken(runtime, an_answer(To=forged, Message_ID="<a3@x>"))

    assert message_at(runtime.settings, ours) == reminder.id
    assert message_at(runtime.settings, forged) is None
    assert (kept.organisation_id, kept.raw_document_id) == (None, None)
    assert runtime.documents.get(kept.raw_sha256)
    seen_by = {
        kind: _sees(runtime, Viewer(kind, reminder.organisation_id), kept.id)
        for kind in (ViewerKind.OPERATOR, ViewerKind.ASSIGNOR)
    }
    assert seen_by == {ViewerKind.OPERATOR: True, ViewerKind.ASSIGNOR: False}


def _sees(runtime: Runtime, viewer: Viewer, inbound_id: UUID) -> bool:
    with transaction(runtime.engine, viewer) as session:
        return session.get(InboundMessage, inbound_id) is not None


def test_a_tenants_answer_is_seen_by_it_alone(runtime: Runtime):
    mine, other = a_reminder(runtime), a_reminder(runtime)
    kept = taken(runtime, an_answer(In_Reply_To=header_of(runtime, mine), Message_ID="<a4@x>"))

    owner = Viewer(ViewerKind.ASSIGNOR, mine.organisation_id)
    stranger = Viewer(ViewerKind.ASSIGNOR, other.organisation_id)
    operator = Viewer(ViewerKind.OPERATOR, other.organisation_id)
    assert [_sees(runtime, one, kept.id) for one in (owner, stranger, operator)] == [
        True,
        False,
        False,
    ]


def test_an_undelivered_mail_rejects_the_address_until_a_person_restores_it(runtime: Runtime):
    reminder = a_reminder(runtime)
    report = an_undelivered(
        header_of(runtime, reminder), to=reply_address(runtime.settings, reminder.id)
    )

    kept = taken(runtime, report)
    taken(runtime, report)

    assert kept.kind is InboundKind.BOUNCE
    rejection = rejected(runtime, reminder)
    assert rejection.reason is RejectionReason.BOUNCED
    assert "no such user" in rejection.detail
    with transaction(runtime.engine, SYSTEM) as session:
        assert tracking_of(session, [reminder.id])[reminder.id].status.value == "bounced"
    next_one = a_reminder(runtime, owner=reminder.organisation_id, to=reminder.to_address)
    with a_mail_server() as (url, mailbox):
        reached = replace(runtime, settings=replace(runtime.settings, smtp_url=url))
        stopped = send(reached, next_one)
        assert (stopped.state, stopped.failure) == (MessageState.FAILED, "address_rejected")
        with transaction(runtime.engine, SYSTEM) as session:
            restore(session, session.merge(rejection), by=None, at=NOW)
        after = a_reminder(runtime, owner=reminder.organisation_id, to=reminder.to_address)
        assert send(reached, after).state is MessageState.SENT
    assert len(mailbox.received) == 1


@pytest.mark.parametrize(
    ("action", "status", "said", "told"),
    [
        ("delayed", "4.4.1", "smtp; 421 later", "delayed"),
        ("failed", "5.2.2", "smtp; 552 5.2.2 full", "bounced"),
    ],
)
def test_a_delay_or_a_full_box_does_not_reject_the_address(runtime, action, status, said, told):
    reminder = a_reminder(runtime)
    about = header_of(runtime, reminder)

    taken(runtime, an_undelivered(about, action=action, status=status, said=said))

    assert rejected(runtime, reminder) is None
    with transaction(runtime.engine, SYSTEM) as session:
        assert tracking_of(session, [reminder.id])[reminder.id].status.value == told


def test_a_complaint_rejects_the_address(runtime: Runtime):
    reminder = a_reminder(runtime)

    kept = taken(runtime, a_complaint(header_of(runtime, reminder)))

    assert kept.kind is InboundKind.COMPLAINT
    assert rejected(runtime, reminder).reason is RejectionReason.COMPLAINED


def test_an_address_refused_at_the_door_is_rejected_at_once(runtime: Runtime):
    reminder, blocked = a_reminder(runtime), a_reminder(runtime)
    with a_mail_server() as (url, mailbox):
        reached = replace(runtime, settings=replace(runtime.settings, smtp_url=url))
        mailbox.refuse_recipient = "550 5.1.1 no such person"
        assert send(reached, reminder).state is MessageState.FAILED
        mailbox.refuse_recipient = "550 5.7.1 policy"
        assert send(reached, blocked).state is MessageState.FAILED

    assert rejected(runtime, reminder) is not None
    assert rejected(runtime, blocked) is None


def test_answers_go_to_the_assignor_and_to_the_mailbox_that_is_read(runtime: Runtime):
    reminder = a_reminder(runtime)
    with a_mail_server() as (url, mailbox):
        sent = send(replace(runtime, settings=replace(runtime.settings, smtp_url=url)), reminder)

    (got,) = mailbox.received
    answers = [address.addr_spec for address in got["Reply-To"].addresses]
    assert answers == ["compta@menuiserie.example", reply_address(runtime.settings, reminder.id)]
    assert got["From"].addresses[0].display_name == "Menuiserie Exemple via Encaisse"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe"] is None
    assert f"Message-ID: {header_of(runtime, reminder)}" in sent.headers


def test_a_hostile_mail_is_kept_and_not_opened(runtime: Runtime):
    kept = taken(runtime, a_nested_mail(60))
    noise = taken(runtime, b"\x00\xff no mail at all")

    assert (kept.kind, kept.from_address) == (InboundKind.UNREADABLE, "a@b.example")
    assert "nested" in kept.failure
    assert (noise.kind, noise.from_address) == (InboundKind.UNREADABLE, "")


def counted(runtime: Runtime, header_id: str) -> int:
    with transaction(runtime.engine, SYSTEM) as session:
        query = select(func.count()).where(InboundMessage.header_id == header_id)
        return session.scalar(query) or 0


def test_the_mailbox_is_read_once_even_after_a_crash_between_two_mails(
    runtime: Runtime, monkeypatch
):
    with an_imap_server() as server:
        reading = replace(runtime, settings=replace(runtime.settings, mailbox_url=server.url))
        ids = [f"<{uuid4()}@debiteur.example>" for _ in range(3)]
        server.receive(*(an_answer(Message_ID=one) for one in ids))
        moved = inbound.move_position
        calls = []

        def crashing(session, source, position, *, mark=""):
            calls.append(position)
            if len(calls) == 2:
                raise RuntimeError("killed")
            moved(session, source, position, mark=mark)

        with monkeypatch.context() as patched:
            patched.setattr(inbound, "move_position", crashing)
            with pytest.raises(RuntimeError, match="killed"):
                run_read_mailbox(reading)
        assert [counted(runtime, one) for one in ids] == [1, 0, 0]
        run_read_mailbox(reading)
        run_read_mailbox(reading)

        assert [counted(runtime, one) for one in ids] == [1, 1, 1]
        assert server.count() == 3


def test_a_mailbox_that_cannot_be_reached_is_read_later(runtime: Runtime):
    settings = replace(runtime.settings, mailbox_url="imap://a:b@127.0.0.1:9/INBOX")

    started = time.monotonic()
    run_read_mailbox(replace(runtime, settings=settings))

    assert time.monotonic() - started < 5


def test_a_mail_handed_over_by_webhook_is_signed_or_refused(runtime: Runtime):
    reminder = a_reminder(runtime)
    raw = an_answer(In_Reply_To=header_of(runtime, reminder), Message_ID="<hook@x>")
    with a_post_office(runtime) as (reached, _):
        at = machine_time()
        headers = {ID_HEADER: "mail-1", TIMESTAMP_HEADER: str(int(at.timestamp()))}
        url = f"{reached.settings.public_url}/api/v1/post/mail"
        answers = [
            httpx.post(
                url,
                content=raw,
                headers={**headers, SIGNATURE_HEADER: signature(secret, "mail-1", at, raw)},
            )
            for secret in ("another", MAIL_SECRET, MAIL_SECRET)
        ]

    assert [one.status_code for one in answers] == [401, 202, 202]
    assert answers[1].json()["inbound"] == answers[2].json()["inbound"]
    assert counted(runtime, "<hook@x>") == 1
