"""The real application over the test's own transaction, and a client that checks what every page owes its reader."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from time import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login.utils import _create_identifier
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Settings
from portal.db import SYSTEM, look_as
from portal.documents.store import DocumentStore
from portal.http.caller import ORGANISATION_KEY
from portal.http.limits import limiter
from portal.identity.models import Member, Organisation
from portal.runtime import Runtime
from portal.translations import compile_catalogues
from tests.conftest import NOW

CSRF_SECRET = "raw-token-of-the-tests"


class PageDuties(HTMLParser):
    """Reads a page and collects what it fails to give its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.titles, self.headings = 0, 0
        self.labels: set[str] = set()
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.forms: list[dict[str, bool]] = []
        self.inside_label, self.inside_svg = 0, 0
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inside_svg += tag == "svg"
        self.titles += tag == "title" and not self.inside_svg
        self.headings += tag == "h1"
        if tag == "label":
            self.inside_label += 1
            self.labels.add(given.get("for") or "")
        if tag == "form":
            self.forms.append(
                {"post": (given.get("method") or "").lower() == "post", "csrf": False}
            )
        if tag in ("input", "select", "textarea"):
            self._field(tag, given)
        if "style" in given:
            self.faults.append(f"<{tag}> has an inline style")
        self.faults += [f"<{tag}> has an inline {name}" for name in given if name.startswith("on")]
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("an inline script")

    def handle_endtag(self, tag: str) -> None:
        self.inside_label -= tag == "label"
        self.inside_svg -= tag == "svg"

    def _field(self, tag: str, given: dict[str, str | None]) -> None:
        if given.get("name") == "csrf_token" and self.forms:
            self.forms[-1]["csrf"] = True
        if given.get("type") in ("hidden", "submit", "button"):
            return
        if not (self.inside_label or given.get("aria-label") or given.get("aria-labelledby")):
            self.fields.append((tag, given))

    def found(self) -> list[str]:
        faults = list(self.faults)
        if self.titles != 1:
            faults.append(f"{self.titles} titles")
        if self.headings != 1:
            faults.append(f"{self.headings} h1")
        faults += [
            f"<{tag} name={given.get('name')}> has no label"
            for tag, given in self.fields
            if given.get("id") not in self.labels
        ]
        faults += [
            "a POST form without csrf_token" for f in self.forms if f["post"] and not f["csrf"]
        ]
        return faults


def faults_of(html: str) -> list[str]:
    """What a page fails to give its reader; empty when all is well."""
    duties = PageDuties()
    duties.feed(html)
    return duties.found()


def without_tokens(answer: TestResponse) -> str:
    """A page's text as any reader would compare it: tokens change from one second to the next."""
    return re.sub(r'"X-CSRFToken": "[^"]*"|name="csrf_token" value="[^"]*"', "", answer.text)


class CheckingClient(FlaskClient):
    """A browser without JavaScript: sends the CSRF token, and checks each page it is given.

    ``csrf=False`` leaves the token out; ``page=False`` skips the check (fragments are skipped anyway).
    """

    watched: Session

    def open(self, *args: Any, csrf: bool = True, page: bool = True, **given: Any) -> TestResponse:
        method = given.get("method", "GET")
        if csrf and method not in ("GET", "HEAD") and not given.get("json"):
            body = given.get("data")
            if body is None or isinstance(body, dict):
                given["data"] = {"csrf_token": self.csrf_token(), **(body or {})}
        elif csrf and given.get("json") is not None:
            given["headers"] = {"X-CSRFToken": self.csrf_token(), **(given.get("headers") or {})}
        self.watched.flush()
        given.setdefault("buffered", True)
        response = super().open(*args, **given)
        look_as(self.watched, SYSTEM)
        html = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        if page and "<html" in html:
            assert faults_of(html) == []
        return response

    def csrf_token(self) -> str:
        with self.session_transaction() as cookie:
            cookie["csrf_token"] = CSRF_SECRET
        secret = self.application.secret_key
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(CSRF_SECRET))


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    compile_catalogues()


@pytest.fixture(scope="session")
def _application(settings: Settings) -> Flask:
    """Built once: only the runtime's connection changes from test to test; it is always ``NOW``."""
    ready = replace(settings, rate_limit_storage="memory://")
    documents = DocumentStore.at(ready.documents_address)
    runtime = Runtime(ready, None, documents, read_clock=lambda: NOW)  # type: ignore[arg-type]
    app = create_app(runtime)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture
def app(_application: Flask, connection: Connection, session: Session) -> Iterator[Flask]:
    """The real application; whatever its requests commit is undone after the test."""
    unbound: Runtime = _application.extensions["runtime"]
    session.connection()
    limiter.reset()
    _application.extensions["runtime"] = replace(unbound, engine=connection)
    _application.test_client_class = type("Client", (CheckingClient,), {"watched": session})
    yield _application
    _application.extensions["runtime"] = unbound


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """A visitor who has not signed in."""
    visitor = app.test_client()
    assert isinstance(visitor, CheckingClient)
    return visitor


@pytest.fixture
def client_of(app: Flask) -> Callable[..., CheckingClient]:
    """Signs a member in without the sign-in page: ``client_of(member)``, ``client_of(member, organisation)``."""

    def sign_in(member: Member, organisation: Organisation | None = None) -> CheckingClient:
        visitor = app.test_client()
        agent = {"User-Agent": "tests"}
        visitor.environ_base = {**visitor.environ_base, "HTTP_USER_AGENT": "tests"}
        with app.test_request_context(headers=agent, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
            identifier = _create_identifier()
        with visitor.session_transaction() as cookie:
            cookie["_user_id"] = member.fs_uniquifier
            cookie["_id"] = identifier
            cookie["_fresh"] = True
            cookie["fs_paa"] = time()
            if organisation is not None:
                cookie[ORGANISATION_KEY] = str(organisation.id)
        assert isinstance(visitor, CheckingClient)
        return visitor

    return sign_in
