"""What holds for every page, whatever it shows."""

from collections.abc import Callable

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.http import errors
from portal.http.access import access_of
from portal.identity.invitations import InvitationUnusable
from portal.identity.lookup import MembershipNotFound
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


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("get", "/receivables/?q=%00", None),
        ("get", "/apply/%00/prices", None),
        ("post", "/apply/", {"legal_name": "Exemple\0", "siren": "", "email": "a@b.example"}),
        ("post", "/sign-in", {"email": "a\0@b.example", "password": "long enough a phrase"}),
    ],
)
def test_a_character_no_text_holds_is_the_askers_mistake_and_not_ours(
    session: Session, client_of: Callable[..., FlaskClient], method, path, data
):
    member = a_member(session, an_assignor(session))

    answer = client_of(member).open(path, method=method.upper(), data=data)

    assert answer.status_code == 400


def test_a_post_without_its_token_is_refused(client: FlaskClient):
    answer = client.post("/language", data={"locale": "en"}, csrf=False)

    assert answer.status_code == 400


def test_every_answer_tells_the_browser_what_to_refuse(client: FlaskClient):
    headers = client.get("/sign-in").headers

    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_a_failure_at_the_very_end_of_a_request_says_its_reference_and_no_more():
    app = Flask("failing")
    errors.register(app)
    app.add_url_rule("/api/late", "late", lambda: "done")

    @app.after_request
    def _fail_at_commit(response: Response) -> Response:
        if response.status_code < 400:
            raise ValueError("a secret of the database")
        return response

    answer = app.test_client().get("/api/late")

    assert answer.status_code == 500
    assert len(answer.json["reference"]) == 8
    assert "secret" not in answer.get_data(as_text=True)


def test_a_business_refusal_becomes_the_status_of_its_name():
    assert errors.status_of(MembershipNotFound()) == 404
    assert errors.status_of(InvitationUnusable()) == 410
    assert errors.status_of(ValueError()) is None
