"""A portal that the sandbox's post office can call back, over real HTTP, with transactions that commit."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.serving import make_server

from partners.sandbox.lenders import lender_secret
from partners.sandbox.server import QuietHandler, RunningSandbox, serve
from partners.sandbox.settings import SandboxSettings
from partners.sandbox.stage import POST
from partners.vocabulary.post import Channel, PostalAddress
from portal.app import create_app
from portal.db import SYSTEM, transaction
from portal.documents.models import DocumentKind
from portal.documents.store import keep
from portal.messages.hearing import run_fetch_proof
from portal.messages.models import Message, MessageEvent
from portal.messages.outbox import Draft, write
from portal.messages.tracking import Tracking, tracking_of
from portal.runtime import Runtime
from tests.builders.organisations import an_assignor
from tests.conftest import NOW
from tests.partners.post.mailbox import a_free_port

MAIL_SECRET = "a-secret-for-mails"
REPLIES = "replies@encaisse.example"
SENDER = PostalAddress(("3 rue des Copeaux",), "35000", "RENNES")
WAIT_SECONDS = 30


@contextmanager
def a_post_office(runtime: Runtime) -> Iterator[tuple[Runtime, RunningSandbox]]:
    """The same runtime, reached by the sandbox's post office and reaching it."""
    port = a_free_port()
    with serve(SandboxSettings(pace_seconds=0.02, hang_seconds=0.2)) as sandbox:
        settings = replace(
            runtime.settings,
            post_url=f"{sandbox.url}/post",
            post_secret=lender_secret(POST),
            public_url=f"http://127.0.0.1:{port}",
            mail_secret=MAIL_SECRET,
            reply_address=REPLIES,
        )
        reached = replace(runtime, settings=settings)
        server = make_server(
            "127.0.0.1", port, create_app(reached), threaded=True, request_handler=QuietHandler
        )
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        try:
            yield reached, sandbox
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def a_letter(
    runtime: Runtime, *, line: str = "1 quai Exemple", channel: Channel = Channel.REGISTERED_LETTER
) -> UUID:
    with transaction(runtime.engine, SYSTEM) as session:
        assignor = an_assignor(session)
        notice = keep(
            session,
            runtime.documents,
            owner_id=assignor.id,
            kind=DocumentKind.FORMAL_NOTICE,
            filename="mise-en-demeure.pdf",
            media_type="application/pdf",
            content=b"%PDF-1.7 notice",
            by=None,
            at=NOW,
        )
        draft = Draft(
            kind="formal_notice",
            dedupe_key=uuid4().hex,
            to_address="fournisseurs@debiteur.example",
            to_name="Débiteur Exemple SAS",
            to_postal=PostalAddress((line,), "75001", "PARIS"),
            from_name=assignor.legal_name,
            from_postal=SENDER,
            subject="Mise en demeure",
            body_text="Mise en demeure\n",
            organisation_id=assignor.id,
            attachment_ids=(notice.id,),
            debtor_id=uuid4(),
            channel=channel,
        )
        return write(session, draft, at=NOW).id


def an_sms(runtime: Runtime, phone: str) -> UUID:
    with transaction(runtime.engine, SYSTEM) as session:
        draft = Draft(
            kind="reminder_r1",
            dedupe_key=uuid4().hex,
            to_address=phone,
            from_name="Menuiserie",
            subject="Facture F-1",
            body_text="Votre facture F-1 est échue.",
            organisation_id=an_assignor(session).id,
            channel=Channel.SMS,
        )
        return write(session, draft, at=NOW).id


def message_now(runtime: Runtime, message_id: UUID) -> Message:
    with transaction(runtime.engine, SYSTEM) as session:
        return session.get_one(Message, message_id)


def tracking_now(runtime: Runtime, message_id: UUID) -> Tracking | None:
    with transaction(runtime.engine, SYSTEM) as session:
        return tracking_of(session, [message_id]).get(message_id)


def words_now(runtime: Runtime, message_id: UUID) -> list[str]:
    """What the post said, in the order in which it happened; our own hand-over, told by our clock, left out."""
    with transaction(runtime.engine, SYSTEM) as session:
        return list(
            session.scalars(
                select(MessageEvent.raw_status)
                .where(MessageEvent.message_id == message_id, MessageEvent.raw_status != "accepted")
                .order_by(MessageEvent.happened_at, MessageEvent.heard_at)
            )
        )


def wait_until(holds: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + WAIT_SECONDS
    while not holds():
        assert time.monotonic() < ends_at, "it did not happen in time"
        time.sleep(0.02)


def fetch_proofs(runtime: Runtime, message_id: UUID) -> None:
    """What the queue's workers do for each event that comes with a proof."""
    with transaction(runtime.engine, SYSTEM) as session:
        events = session.scalars(
            select(MessageEvent.id).where(
                MessageEvent.message_id == message_id, MessageEvent.proof_reference.is_not(None)
            )
        ).all()
    for event_id in events:
        run_fetch_proof(runtime, event_id=str(event_id))
