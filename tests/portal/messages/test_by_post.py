"""Letters and texts, from the outbox to the post office and back, over real HTTP."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import httpx
import pypdf
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError

from partners.exchange.signing import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature
from partners.sandbox.lenders import lender_secret
from partners.sandbox.server import RunningSandbox
from partners.sandbox.stage import POST
from partners.vocabulary.post import Channel, PostStatus
from portal.clock import machine_time
from portal.config import Settings
from portal.db import SYSTEM, Viewer, ViewerKind, transaction
from portal.documents.models import Document, DocumentKind
from portal.documents.store import DocumentStore
from portal.messages.delivery import run_send_message
from portal.messages.hearing import run_poll_post
from portal.messages.models import Message, MessageEvent, MessageProof, MessageState
from portal.messages.outbox import Draft, DraftUnsuited, telephone_number, write
from portal.messages.tracking import history_of
from portal.runtime import Runtime
from tests.conftest import NOW
from tests.portal.messages.posting import (
    SENDER,
    a_letter,
    a_post_office,
    an_sms,
    fetch_proofs,
    message_now,
    tracking_now,
    wait_until,
    words_now,
)


@pytest.fixture(scope="module")
def alone(committing_settings: Settings, committing_engine: Engine) -> Runtime:
    store = DocumentStore.at(committing_settings.documents_address)
    return Runtime(committing_settings, committing_engine, store)


@pytest.fixture(scope="module")
def posted(alone: Runtime) -> Iterator[tuple[Runtime, RunningSandbox]]:
    with a_post_office(alone) as reached:
        yield reached


@pytest.fixture
def runtime(posted: tuple[Runtime, RunningSandbox]) -> Runtime:
    return posted[0]


@pytest.fixture
def sandbox(posted: tuple[Runtime, RunningSandbox]) -> RunningSandbox:
    return posted[1]


def send(runtime: Runtime, message_id) -> Message:
    run_send_message(runtime, message_id=str(message_id))
    return message_now(runtime, message_id)


def ended(runtime: Runtime, message_id) -> bool:
    tracking = tracking_now(runtime, message_id)
    return tracking is not None and tracking.ended_on is not None


def test_a_registered_letter_is_deposited_presented_and_received_with_its_proofs(runtime: Runtime):
    letter = a_letter(runtime)

    sent = send(runtime, letter)
    wait_until(lambda: ended(runtime, letter))
    fetch_proofs(runtime, letter)
    fetch_proofs(runtime, letter)

    assert sent.state is MessageState.SENT
    assert sent.partner_reference.startswith("RA-")
    assert sent.to_address == "1 quai Exemple, 75001 PARIS"
    tracking = tracking_now(runtime, letter)
    today = sent.sent_at.date()
    assert tracking.status is PostStatus.RECEIVED
    for day in (tracking.deposited_on, tracking.presented_on, tracking.received_on):
        assert abs(day - today) <= timedelta(days=1)
    assert [proof.status.value for proof in tracking.proofs] == [
        "deposited",
        "presented",
        "received",
    ]
    with transaction(runtime.engine, SYSTEM) as session:
        document = session.get_one(Document, tracking.proofs[0].document_id)
        assert document.owner_id == sent.organisation_id
        assert document.kind is DocumentKind.EVIDENCE
        content = runtime.documents.get(document.sha256)
    assert "Preuve de dépôt" in _words_of(content, runtime)


def _words_of(content: bytes, runtime: Runtime) -> str:
    path = runtime.settings.var_directory / f"{uuid4()}.pdf"
    path.write_bytes(content)
    return pypdf.PdfReader(path).pages[0].extract_text()


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("sandbox:refused", "refused", ["deposited", "presented", "refused"]),
        ("sandbox:unclaimed", "returned", ["deposited", "presented", "unclaimed", "returned"]),
        ("sandbox:returned", "returned", ["deposited", "returned"]),
        ("sandbox:twice", "received", ["deposited", "presented", "received"]),
    ],
)
def test_what_becomes_of_a_letter_is_told_as_it_happened(runtime: Runtime, line, status, words):
    letter = a_letter(runtime, line=line)

    send(runtime, letter)
    wait_until(lambda: words_now(runtime, letter) == words)

    assert tracking_now(runtime, letter).status.value == status


def test_events_that_come_in_the_wrong_order_tell_the_same_story(runtime: Runtime):
    letter = a_letter(runtime, line="sandbox:reversed")

    send(runtime, letter)
    wait_until(lambda: len(words_now(runtime, letter)) == 3)

    assert words_now(runtime, letter) == ["deposited", "presented", "received"]
    assert tracking_now(runtime, letter).status is PostStatus.RECEIVED


def test_events_whose_call_was_lost_are_read_by_polling_once(
    runtime: Runtime, sandbox: RunningSandbox
):
    letter = a_letter(runtime, line="sandbox:lost")
    send(runtime, letter)
    wait_until(lambda: len(sandbox.stage.post.carried[str(letter)].events) == 3)
    assert words_now(runtime, letter) == []

    run_poll_post(runtime)
    run_poll_post(runtime)

    assert words_now(runtime, letter) == ["deposited", "presented", "received"]


def test_a_word_that_we_do_not_know_waits_and_decides_nothing(runtime: Runtime):
    letter = a_letter(runtime, line="sandbox:unknown_word")

    send(runtime, letter)
    wait_until(lambda: "sorted_in_transit" in words_now(runtime, letter))

    tracking = tracking_now(runtime, letter)
    assert tracking.status is PostStatus.DEPOSITED
    assert tracking.ended_on is None


def test_after_a_crash_or_a_lost_answer_a_letter_is_sent_again_and_carried_once(
    runtime: Runtime, sandbox: RunningSandbox
):
    letter = a_letter(runtime, line="sandbox:unavailable")

    late = send(runtime, letter)
    with transaction(runtime.engine, SYSTEM) as session:
        session.get_one(Message, letter).state = MessageState.SENDING
    sent = send(runtime, letter)
    send(runtime, letter)

    assert (late.state, late.failure.partition(":")[0]) == (MessageState.QUEUED, "no_answer")
    assert sent.state is MessageState.SENT
    assert sandbox.stage.post.calls[str(letter)] == 2
    wait_until(lambda: ended(runtime, letter))
    assert words_now(runtime, letter) == ["deposited", "presented", "received"]
    assert tracking_now(runtime, letter).status is PostStatus.RECEIVED


def test_a_post_office_that_is_down_is_tried_again_later(runtime: Runtime):
    letter = a_letter(runtime)
    down = replace(runtime, settings=replace(runtime.settings, post_url="http://127.0.0.1:9/post"))

    late = send(down, letter)

    assert (late.state, late.attempts) == (MessageState.QUEUED, 1)
    assert late.failure.startswith("unreached")
    assert send(runtime, letter).state is MessageState.SENT


def test_a_letter_refused_for_good_fails_in_the_post_offices_words(runtime: Runtime):
    refused = send(runtime, a_letter(runtime, line="sandbox:rejected"))

    assert refused.state is MessageState.FAILED
    assert refused.failure == "refused: 422: this addressee is not served"


def test_without_a_post_office_a_letter_is_kept(alone: Runtime):
    assert send(alone, a_letter(alone)).state is MessageState.KEPT


@pytest.mark.parametrize(
    ("phone", "status"), [("+33600000099", "delivered"), ("+33600000001", "failed")]
)
def test_a_text_message_is_delivered_or_fails(runtime: Runtime, phone, status):
    sms = an_sms(runtime, phone)

    send(runtime, sms)
    wait_until(lambda: ended(runtime, sms))

    assert tracking_now(runtime, sms).status.value == status


def test_a_simple_letter_is_proven_deposited_and_no_more(runtime: Runtime):
    letter = a_letter(runtime, channel=Channel.LETTER)

    send(runtime, letter)
    wait_until(lambda: len(words_now(runtime, letter)) == 1)
    fetch_proofs(runtime, letter)

    tracking = tracking_now(runtime, letter)
    assert (tracking.status, tracking.received_on) == (PostStatus.DEPOSITED, None)
    assert len(tracking.proofs) == 1


def call_back(runtime: Runtime, body: dict, *, secret: str = "", at=None) -> httpx.Response:
    raw = json.dumps(body).encode()
    at = at or machine_time()
    made = signature(secret or lender_secret(POST), "call-1", at, raw)
    headers = {ID_HEADER: "call-1", TIMESTAMP_HEADER: str(int(at.timestamp()))}
    return httpx.post(
        f"{runtime.settings.public_url}/api/v1/post/events",
        content=raw,
        headers={**headers, SIGNATURE_HEADER: made, "Content-Type": "application/json"},
    )


def an_event(message_id, **given) -> dict:
    return {
        "id": f"post-{uuid4()}",
        "position": 1,
        "message": str(message_id),
        "reference": "RA-1",
        "status": "received",
        "occurred_at": "2026-11-24T09:00:00+01:00",
        **given,
    }


def test_nobody_else_can_say_that_a_letter_was_received(runtime: Runtime):
    letter = a_letter(runtime)
    told = an_event(letter)

    forged = call_back(runtime, told, secret="another")
    replayed = call_back(runtime, told, at=machine_time() - timedelta(hours=1))
    elsewhere = call_back(runtime, an_event(uuid4()))
    misshapen = call_back(runtime, an_event(letter, occurred_at="yesterday"))

    answers = [one.status_code for one in (forged, replayed, elsewhere, misshapen)]
    assert answers == [401, 401, 404, 422]
    assert tracking_now(runtime, letter) is None


def test_the_same_event_told_again_is_kept_once(runtime: Runtime):
    letter = a_letter(runtime)
    told = an_event(letter)

    first, second = call_back(runtime, told), call_back(runtime, told)

    assert (first.status_code, second.status_code) == (202, 200)
    with transaction(runtime.engine, SYSTEM) as session:
        assert [one.event.raw_status for one in history_of(session, letter)] == ["received"]


def test_another_tenant_sees_nothing_and_nobody_changes_what_was_said(runtime: Runtime):
    letter, other = a_letter(runtime), a_letter(runtime)
    send(runtime, letter)
    wait_until(lambda: ended(runtime, letter))
    fetch_proofs(runtime, letter)
    owner = message_now(runtime, letter).organisation_id
    stranger = message_now(runtime, other).organisation_id

    def seen(organisation_id) -> tuple[int, int]:
        viewer = Viewer(ViewerKind.ASSIGNOR, organisation_id)
        with transaction(runtime.engine, viewer) as session:
            events = select(MessageEvent).where(MessageEvent.message_id == letter)
            proofs = select(MessageProof).where(MessageProof.message_id == letter)
            return len(session.scalars(events).all()), len(session.scalars(proofs).all())

    assert seen(owner) == (4, 3)
    assert seen(stranger) == (0, 0)
    for table in ("message_event", "message_proof"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction(runtime.engine, SYSTEM) as session,
        ):
            session.execute(text(f"UPDATE {table} SET id = id"))
    invented = MessageEvent(
        message_id=letter,
        organisation_id=owner,
        event_key="invented",
        status=PostStatus.RECEIVED,
        raw_status="received",
        happened_at=NOW,
        heard_at=NOW,
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction(runtime.engine, Viewer(ViewerKind.ASSIGNOR, owner)) as session,
    ):
        session.add(invented)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"channel": Channel.LETTER}, "postal addresses"),
        ({"channel": Channel.REGISTERED_LETTER, "to_postal": SENDER}, "postal addresses"),
        (
            {"channel": Channel.REGISTERED_LETTER, "to_postal": SENDER, "from_postal": SENDER},
            "attach the document",
        ),
        ({"channel": Channel.REGISTERED_EMAIL}, "attach the document"),
        ({"channel": Channel.SMS}, "telephone number"),
        ({"channel": Channel.SMS, "to_address": "+33612345678", "body_text": "x" * 613}, "612"),
    ],
)
def test_a_draft_that_its_channel_cannot_carry_is_refused_when_written(session, given, why):
    draft = Draft(
        **{
            "kind": "reminder_r1",
            "dedupe_key": uuid4().hex,
            "to_address": "a@b.example",
            "subject": "F-1",
            "body_text": "Bonjour",
            **given,
        }
    )

    with pytest.raises(DraftUnsuited, match=why):
        write(session, draft, at=NOW)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("+32 470 12 34 56", "+32470123456"),
        ("12", None),
        ("standard", None),
    ],
)
def test_a_telephone_number_is_completed_or_refused(written, number):
    assert telephone_number(written) == number
