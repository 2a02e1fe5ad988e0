import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session
from webauthn.helpers.structs import CredentialDeviceType

from portal.db import SYSTEM, look_as
from portal.http.security import hash_of
from portal.http.transactions import look_through
from portal.http.transactions import session as current_session
from portal.identity.models import Member
from portal.messages.models import Message
from tests.builders.organisations import a_member, an_assignor
from tests.web.conftest import without_tokens

ClientOf = Callable[..., FlaskClient]
PASSWORD = "une phrase assez longue"


def a_member_with_a_password(app: Flask, session: Session, **given: object) -> Member:
    with app.app_context():
        hashed = hash_of(PASSWORD)
    return a_member(session, an_assignor(session), password=hashed, **given)


def link_in(session: Session, kind: str) -> str:
    body = session.scalars(select(Message.body_text).where(Message.kind == kind)).one()
    found = re.search(r"https?://[^/]+(/\S+)", body)
    assert found
    return found.group(1)


def sign_in(client: FlaskClient, member: Member, password: str = PASSWORD):
    return client.post("/sign-in", data={"email": member.email, "password": password})


def test_a_member_signs_in_and_out(app: Flask, session: Session, client: FlaskClient):
    member = a_member_with_a_password(app, session)

    signed_in = sign_in(client, member)
    inside = client.get("/account/")
    client.post("/sign-out")

    assert signed_in.location == "/workspace"
    assert inside.status_code == 200
    assert client.get("/account/").status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: Flask, session: Session, client: FlaskClient
):
    member = a_member_with_a_password(app, session)

    wrong = sign_in(client, member, "une autre phrase longue")
    unknown = client.post("/sign-in", data={"email": "nul@exemple.example", "password": PASSWORD})

    texts = [
        without_tokens(answer).replace(address, "")
        for answer, address in ((wrong, member.email), (unknown, "nul@exemple.example"))
    ]
    assert wrong.status_code == unknown.status_code
    assert texts[0] == texts[1]
    assert "notice-danger" in texts[0]


def test_an_unconfirmed_address_is_confirmed_by_the_link_sent(
    app: Flask, session: Session, client: FlaskClient
):
    member = a_member_with_a_password(app, session, confirmed_at=None)
    refused = sign_in(client, member)

    client.post("/confirm-email", data={"email": member.email})
    client.get(link_in(session, "confirm_address"))
    signed_in = sign_in(client, member)

    assert refused.status_code == 200
    assert signed_in.location == "/workspace"
    assert member.confirmed_at is not None


def test_a_forgotten_password_is_replaced_by_the_link_sent(
    app: Flask, session: Session, client: FlaskClient
):
    member = a_member_with_a_password(app, session)
    client.post("/reset-password", data={"email": member.email})
    link = link_in(session, "reset_password")
    page = client.get(link)

    other = "une tout autre phrase"
    client.post(link, data={"password": other, "password_confirm": other})

    assert page.status_code == 200
    assert sign_in(client, member, other).location == "/workspace"


def test_a_second_factor_is_set_up_then_asked_at_sign_in(
    app: Flask, session: Session, client: FlaskClient
):
    member = a_member_with_a_password(app, session)
    sign_in(client, member)
    setup = client.post("/account/two-factor", data={"setup": "authenticator"})
    key = re.search(r"<code>([A-Z2-7 -]{16,})</code>", setup.get_data(as_text=True))
    action = re.search(r'action="(/account/two-factor/[^"]+)"', setup.get_data(as_text=True))
    assert key
    assert action
    codes = TOTP(key=re.sub("[^A-Z2-7]", "", key.group(1)))
    client.post(action.group(1), data={"code": codes.generate().token})
    client.post("/sign-out")

    asked = client.get(sign_in(client, member).location)
    outside = client.get("/account/")

    assert member.tf_totp_secret
    assert outside.status_code == 302
    assert "one-time-code" in asked.get_data(as_text=True)
    assert client.post("/sign-in/code", data={"code": codes.generate().token}).status_code == 302
    assert client.get("/account/").status_code == 200


def test_passkeys_and_recovery_codes_have_their_pages(
    app: Flask, session: Session, client_of: ClientOf
):
    browser = client_of(a_member_with_a_password(app, session))

    naming = browser.get("/account/passkeys")
    asking = browser.post("/account/passkeys", data={"name": "Portable", "usage": "first"})
    codes = browser.post("/account/recovery-codes")

    assert naming.status_code == asking.status_code == codes.status_code == 200
    assert "data-passkey" in asking.get_data(as_text=True)


def test_a_passkey_registered_is_shown_and_removed(
    app: Flask, session: Session, client_of: ClientOf
):
    member = a_member(session, an_assignor(session))
    session.flush()
    with app.test_request_context():
        look_through(SYSTEM)
        store = app.extensions["security"].datastore
        store.create_webauthn(
            user=store.find_user(email=member.email),
            credential_id=b"key",
            public_key=b"public",
            name="Portable",
            sign_count=0,
            usage="first",
            device_type=CredentialDeviceType.SINGLE_DEVICE,
            backup_state=False,
            transports=["internal"],
        )
        store.commit()
        current_session().commit()
    look_as(session, SYSTEM)
    browser = client_of(member)

    shown = browser.get("/account/passkeys").get_data(as_text=True)
    browser.post("/account/passkeys/delete", data={"name": "Portable"})
    browser.get("/account/")

    assert "Portable" in shown
    assert "Portable" not in browser.get("/account/").get_data(as_text=True)


def test_every_page_of_the_entrance_is_ours(client: FlaskClient):
    for path in ("/sign-in", "/reset-password", "/confirm-email", "/sign-in/passkey"):
        assert client.get(path).status_code == 200


def test_an_eleventh_try_within_a_minute_must_wait(
    app: Flask, session: Session, client: FlaskClient
):
    member = a_member(session, an_assignor(session), password=None)

    answers = [sign_in(client, member).status_code for _ in range(11)]

    assert answers[-1] == 429
    assert 429 not in answers[:-1]


def test_a_profile_is_saved_and_a_language_follows_its_member(
    session: Session, client_of: ClientOf
):
    member = a_member(session, an_assignor(session))
    browser = client_of(member)

    browser.post("/account/", data={"name": "Camille Exemple", "locale": "en"})

    assert member.name == "Camille Exemple"
    assert '<html lang="en">' in browser.get("/account/").get_data(as_text=True)


def test_a_language_is_chosen_without_an_account_and_no_link_leads_elsewhere(client: FlaskClient):
    answer = client.post("/language", data={"locale": "en", "next": "//ailleurs.example/"})

    assert answer.location == "/"
    assert '<html lang="en">' in client.get("/sign-in").get_data(as_text=True)
