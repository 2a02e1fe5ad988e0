"""Messages leave once, or say why not: over a real SMTP server, with transactions that commit."""

from dataclasses import replace
from threading import Thread
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from portal.config import Settings
from portal.db import SYSTEM, transaction
from portal.documents.models import DocumentKind
from portal.documents.store import DocumentStore, keep
from portal.messages.delivery import (
    ATTEMPTS_MAX,
    LONGEST_WAIT,
    run_send_message,
    send_again,
    wait_before,
)
from portal.messages.models import Message, MessageState
from portal.messages.outbox import Draft, write
from portal.messages.states import MESSAGE_TRANSITIONS
from portal.runtime import Runtime
from portal.states import IllegalTransition, reachable
from tests.builders.organisations import an_assignor
from tests.conftest import NOW
from tests.partners.post.mailbox import a_free_port, a_mail_server


@pytest.fixture
def process(committing_settings: Settings, committing_engine: Engine) -> Runtime:
    store = DocumentStore.at(committing_settings.documents_address)
    return Runtime(committing_settings, committing_engine, store)


def reaching(process: Runtime, url: str) -> Runtime:
    return replace(process, settings=replace(process.settings, smtp_url=url))


def a_message(process: Runtime, kind: str = "reminder_r1") -> UUID:
    with transaction(process.engine, SYSTEM) as session:
        assignor = an_assignor(session)
        invoice = keep(
            session,
            process.documents,
            owner_id=assignor.id,
            kind=DocumentKind.INVOICE,
            filename="F-1.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.7 invoice",
            by=None,
            at=NOW,
        )
        draft = Draft(
            kind=kind,
            dedupe_key=uuid4().hex,
            to_address="fournisseurs@debiteur.example",
            subject="Facture",
            body_text="Bonjour\n",
            from_name=f"{assignor.legal_name} via Encaisse",
            reply_to="compta@exemple.example",
            organisation_id=assignor.id,
            attachment_ids=(invoice.id,),
        )
        return write(session, draft, at=NOW).id


def send(process: Runtime, message_id: UUID) -> Message:
    run_send_message(process, message_id=str(message_id))
    return now(process, message_id)


def now(process: Runtime, message_id: UUID) -> Message:
    with transaction(process.engine, SYSTEM) as session:
        message = session.get(Message, message_id)
        assert message is not None
        return message


def waiting_jobs(process: Runtime, message_id: UUID) -> int:
    with transaction(process.engine, SYSTEM) as session:
        return session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'message_id' = :id"),
            {"id": str(message_id)},
        )


def test_a_message_leaves_once_with_the_invoice(process: Runtime):
    message_id = a_message(process)
    with a_mail_server() as (url, mailbox):
        reached = reaching(process, url)
        sent = send(reached, message_id)
        send(reached, message_id)

    assert sent.state is MessageState.SENT
    assert sent.sent_at is not None
    (got,) = mailbox.received
    assert got["Message-ID"] == f"<{message_id}@encaisse.example>"
    assert [one.get_filename() for one in got.iter_attachments()] == ["F-1.pdf"]


def test_two_workers_at_once_send_one_message(process: Runtime):
    message_id = a_message(process)
    with a_mail_server() as (url, mailbox):
        reached = reaching(process, url)
        workers = [Thread(target=send, args=(reached, message_id)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    assert len(mailbox.received) == 1


def test_without_a_mail_server_a_message_is_kept_for_the_operator(process: Runtime):
    assert send(process, a_message(process)).state is MessageState.KEPT


def test_a_server_that_is_down_is_tried_again_later(process: Runtime):
    message_id = a_message(process)
    before = waiting_jobs(process, message_id)

    late = send(reaching(process, f"smtp://127.0.0.1:{a_free_port()}"), message_id)

    assert late.state is MessageState.QUEUED
    assert (late.attempts, late.failure) == (1, "unreached: ConnectionRefusedError")
    assert waiting_jobs(process, message_id) == before + 1
    with a_mail_server() as (url, mailbox):
        assert send(reaching(process, url), message_id).state is MessageState.SENT
    assert len(mailbox.received) == 1


def test_a_message_that_never_gets_through_fails_and_a_person_may_send_it_again(process: Runtime):
    message_id = a_message(process)
    dead = reaching(process, f"smtp://127.0.0.1:{a_free_port()}")
    for _ in range(ATTEMPTS_MAX):
        failed = send(dead, message_id)

    assert failed.state is MessageState.FAILED
    with transaction(process.engine, SYSTEM) as session:
        send_again(session, session.get(Message, message_id), by=None, at=NOW)
    with a_mail_server() as (url, mailbox):
        assert send(reaching(process, url), message_id).state is MessageState.SENT
    assert len(mailbox.received) == 1


def test_an_address_refused_for_good_is_not_tried_again(process: Runtime):
    message_id = a_message(process)
    with a_mail_server() as (url, mailbox):
        mailbox.refuse_recipient = "550 no such person"
        failed = send(reaching(process, url), message_id)

    assert failed.state is MessageState.FAILED
    assert failed.failure == "refused: 550: no such person"


@pytest.mark.parametrize(
    ("kind", "received", "state"),
    [("reminder_r1", 0, MessageState.FAILED), ("reset_password", 1, MessageState.SENT)],
)
def test_after_a_crash_while_sending_a_debtor_is_not_written_to_twice(
    process: Runtime, kind: str, received: int, state: MessageState
):
    message_id = a_message(process, kind)
    with transaction(process.engine, SYSTEM) as session:
        session.get(Message, message_id).state = MessageState.SENDING

    with a_mail_server() as (url, mailbox):
        found = send(reaching(process, url), message_id)

    assert len(mailbox.received) == received
    assert found.state is state
    if state is MessageState.FAILED:
        assert found.failure == "interrupted"


def test_a_line_cut_before_the_answer_leaves_a_reminder_to_a_person(process: Runtime):
    message_id = a_message(process)
    with a_mail_server() as (url, mailbox):
        mailbox.hang_up_after_content = True
        found = send(reaching(process, url), message_id)

    assert found.state is MessageState.FAILED
    assert found.failure is not None
    assert found.failure.startswith("no_answer")


def test_a_message_sent_cannot_be_sent_again(process: Runtime):
    message_id = a_message(process)
    with a_mail_server() as (url, _):
        send(reaching(process, url), message_id)

    with transaction(process.engine, SYSTEM) as session, pytest.raises(IllegalTransition):
        send_again(session, session.get(Message, message_id), by=None, at=NOW)


def test_waits_grow_and_stay_bounded():
    waits = [wait_before(attempt) for attempt in range(1, 20)]

    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


def test_every_state_of_a_message_is_reached():
    assert reachable(MESSAGE_TRANSITIONS, MessageState.QUEUED) == set(MessageState)
