"""What holds for every page, whatever it shows."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.http.access import access_of
from tests.builders.organisations import a_member, an_assignor


def test_every_page_says_who_may_open_it(app: Flask):
    silent = [name for name in app.view_functions if access_of(app, name) is None]

    assert silent == []


def test_a_visitor_is_asked_to_sign_in_and_brought_back(client: FlaskClient):
    answer = client.get("/workspace")

    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/workspace"


def test_a_member_who_signed_in_reaches_the_first_page_of_the_workspace(
    session: Session, client_of: Callable[..., FlaskClient]
):
    member = a_member(session, an_assignor(session))

    answer = client_of(member).get("/workspace")

    assert answer.status_code == 302
    assert "sign-in" not in answer.location


def test_a_post_without_its_token_is_refused(client: FlaskClient):
    answer = client.post("/language", data={"locale": "en"}, csrf=False)

    assert answer.status_code == 400


def test_every_answer_tells_the_browser_what_to_refuse(client: FlaskClient):
    headers = client.get("/sign-in").headers

    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
