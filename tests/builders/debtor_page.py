"""A debtor's link, its creditor's card account, and a payment service that answers over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from partners.sandbox import card_http
from partners.sandbox.card_desk import CardDesk
from partners.sandbox.server import QuietHandler
from portal.collections.debtor_page.card_keys import CardKeys, keep_account
from portal.collections.debtor_page.links import address_of, link_for
from portal.collections.debtor_page.models import CardAccount, DebtorLink
from portal.config import Settings
from portal.receivables.models import Receivable
from tests.conftest import NOW

SECRET_KEY = "sk_test_demonstration"
WEBHOOK_SECRET = "whsec_of_the_tests"


@contextmanager
def a_card_service() -> Iterator[tuple[CardDesk, str]]:
    """The stand-in of the payment service, in a thread: its state, and where it answers."""
    app = Flask("card service")
    app.extensions["card_desk"] = desk = CardDesk()
    app.register_blueprint(card_http.routes)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    desk.public_url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield desk, desk.public_url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_card_account(
    session: Session, settings: Settings, assignor: Any, **given: Any
) -> CardAccount:
    """An account whose test key was tried, with card and debit offered."""
    account = keep_account(
        session,
        settings,
        assignor.id,
        CardKeys(SECRET_KEY, WEBHOOK_SECRET),
        webhook_token=f"token-{assignor.id}",
        live=False,
        by=None,
        at=NOW,
    )
    account.by_debit = True
    for name, value in given.items():
        setattr(account, name, value)
    session.flush()
    return account


def a_link(
    session: Session, settings: Settings, *receivables: Receivable
) -> tuple[DebtorLink, str]:
    """A live link on some invoices, and its token."""
    address = link_for(session, settings, receivables, by=None, at=NOW)
    for link in session.scalars(select(DebtorLink)):
        if address_of(settings, link.id) == address:
            return link, address.rsplit("/", 1)[1]
    raise AssertionError("the link was not kept")
