"""The role × action table, asked of the real pages one role at a time."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.http.access import access_of
from portal.http.limits import limiter
from portal.identity.models import OrganisationKind, Role
from portal.identity.permissions import PERMISSIONS, Action
from tests.builders.organisations import a_member, an_organisation

ClientOf = Callable[..., FlaskClient]


def pages_of(app: Flask) -> list[tuple[Rule, str, Action]]:
    """Every page that asks for an action, with the method to try it by."""
    found = []
    for rule in app.url_map.iter_rules():
        needed = access_of(app, rule.endpoint)
        if isinstance(needed, Action):
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            found.append((rule, method, needed))
    return found


def address_of(rule: Rule) -> str:
    """The page's address, about something that does not exist."""
    chosen = re.sub(r"<any\(([^,)]+)[^>]*>", r"\1", rule.rule)
    numbered = re.sub(r"<int[^>]*>", "1", chosen)
    return re.sub(r"<[^>]*>", str(uuid4()), numbered)


@pytest.mark.parametrize(("kind", "role"), sorted(PERMISSIONS))
def test_a_role_opens_the_pages_of_its_actions_and_no_other(
    app: Flask, session: Session, client_of: ClientOf, kind: OrganisationKind, role: Role
):
    browser = client_of(a_member(session, an_organisation(session, kind), role))
    opened, closed = [], []

    for rule, method, needed in pages_of(app):
        limiter.reset()
        answer = browser.open(address_of(rule), method=method, page=False)
        allowed = needed in PERMISSIONS[kind, role]
        if allowed and answer.status_code == 403:
            closed.append(f"{method} {rule.rule}")
        if not allowed and answer.status_code != 403:
            opened.append(f"{method} {rule.rule}: {answer.status_code}")

    assert opened == []
    assert closed == []


def test_every_page_of_a_member_is_refused_to_a_visitor(app: Flask, client: FlaskClient):
    for rule, method, _needed in pages_of(app):
        answer = client.open(address_of(rule), method=method, page=False)

        assert answer.status_code in (302, 401), rule.rule


def test_no_post_is_accepted_without_its_token(app: Flask, client: FlaskClient):
    for rule in app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith(("/api/", "/webhooks/")):
            continue
        answer = client.post(
            address_of(rule), data={"email": "a@b.example"}, csrf=False, page=False
        )

        assert answer.status_code == 400, rule.rule
