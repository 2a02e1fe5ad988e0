import re
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry
from portal.identity.models import Invitation, Member, Membership, Role
from portal.messages.models import Message
from tests.builders.organisations import a_lender, a_member, an_assignor
from tests.web.conftest import without_tokens

ClientOf = Callable[..., FlaskClient]
PASSWORD = "une phrase assez longue"


def invited_link(session: Session) -> str:
    body = session.scalars(select(Message.body_text).where(Message.kind == "invitation")).one()
    found = re.search(r"(/invitations/\S+)", body)
    assert found
    return found.group(1)


def test_an_owner_invites_a_colleague_who_joins_and_is_signed_in(
    session: Session, client_of: ClientOf, client: FlaskClient
):
    company = an_assignor(session)
    owner = a_member(session, company)

    sent = client_of(owner).post(
        "/members/invitations", data={"email": "Nouveau@Exemple.example", "role": "manager"}
    )
    link = invited_link(session)
    page = client.get(link)
    joined = client.post(link, data={"name": "Dominique Exemple", "password": PASSWORD})
    home = client.get("/members/")

    assert sent.status_code == 303
    assert company.legal_name in page.get_data(as_text=True)
    assert joined.status_code == 303
    assert "Dominique Exemple" in home.get_data(as_text=True)
    membership = session.scalars(
        select(Membership).join(Member).where(Member.email == "nouveau@exemple.example")
    ).one()
    assert membership.role is Role.MANAGER


def test_only_the_digest_of_an_invitation_is_kept(session: Session, client_of: ClientOf):
    owner = a_member(session, an_assignor(session))
    client_of(owner).post(
        "/members/invitations", data={"email": "nouveau@exemple.example", "role": "reader"}
    )

    token = invited_link(session).rsplit("/", 1)[1]

    assert session.scalars(select(Invitation.token_digest)).one() not in token


def test_an_invitation_serves_once(session: Session, client_of: ClientOf, client: FlaskClient):
    owner = a_member(session, an_assignor(session))
    client_of(owner).post(
        "/members/invitations", data={"email": "nouveau@exemple.example", "role": "reader"}
    )
    link = invited_link(session)
    client.post(link, data={"name": "Dominique Exemple", "password": PASSWORD})

    again = client.get(link)

    assert again.status_code == 410


def test_a_link_cut_short_says_whom_to_ask(client: FlaskClient):
    answer = client.get("/invitations/1234")

    assert answer.status_code == 410
    assert "invité" in answer.get_data(as_text=True)


def test_somebody_with_an_account_signs_in_before_joining(
    session: Session, client_of: ClientOf, client: FlaskClient
):
    owner = a_member(session, an_assignor(session))
    other_company = an_assignor(session)
    colleague = a_member(session, other_company, password="kept")
    client_of(owner).post("/members/invitations", data={"email": colleague.email, "role": "reader"})
    link = invited_link(session)

    stranger = client.post(link, data={"name": "Imposteur", "password": PASSWORD})
    signed_in = client_of(colleague).post(link)

    assert "/sign-in" in stranger.location
    assert signed_in.location == "/workspace"
    roles = session.scalars(select(Membership.role).where(Membership.member_id == colleague.id))
    assert set(roles) == {Role.OWNER, Role.READER}


def test_what_was_typed_comes_back_with_what_to_correct(session: Session, client_of: ClientOf):
    owner = a_member(session, an_assignor(session))

    answer = client_of(owner).post(
        "/members/invitations", data={"email": "sans arobase", "role": "reader"}
    )

    assert answer.status_code == 422
    assert 'value="sans arobase"' in answer.get_data(as_text=True)


def test_an_assignor_has_no_credit_officer(session: Session, client_of: ClientOf):
    owner = a_member(session, an_assignor(session))

    answer = client_of(owner).post(
        "/members/invitations", data={"email": "a@exemple.example", "role": "credit_officer"}
    )

    assert answer.status_code == 422


def test_the_last_owner_can_neither_leave_nor_step_down(session: Session, client_of: ClientOf):
    owner = a_member(session, an_assignor(session))
    membership = session.scalars(select(Membership)).one()
    browser = client_of(owner)

    stepping_down = browser.post(f"/members/{membership.id}/role", data={"role": "reader"})
    leaving = browser.post(f"/members/{membership.id}/revoke")

    assert (stepping_down.status_code, leaving.status_code) == (422, 422)
    assert membership.role is Role.OWNER
    assert membership.revoked_at is None


def test_a_member_removed_acts_no_more(session: Session, client_of: ClientOf):
    company = an_assignor(session)
    owner, colleague = a_member(session, company), a_member(session, company, Role.MANAGER)
    membership = session.scalars(
        select(Membership).where(Membership.member_id == colleague.id)
    ).one()

    client_of(owner).post(f"/members/{membership.id}/revoke")

    assert client_of(colleague).get("/members/").status_code == 302
    actions = session.scalars(select(AuditEntry.action)).all()
    assert "membership_revoked" in actions


def test_a_strangers_membership_answers_like_an_absent_one(session: Session, client_of: ClientOf):
    owner = a_member(session, an_assignor(session))
    a_member(session, a_lender(session))
    theirs = session.scalars(select(Membership).where(Membership.member_id != owner.id)).one()
    browser = client_of(owner)

    strange = browser.post(f"/members/{theirs.id}/revoke")
    absent = browser.post(f"/members/{owner.id}/revoke")

    assert strange.status_code == absent.status_code == 404
    assert without_tokens(strange) == without_tokens(absent)


def test_a_reader_sees_colleagues_but_invites_nobody(session: Session, client_of: ClientOf):
    reader = a_member(session, an_assignor(session), Role.READER)
    browser = client_of(reader)

    assert browser.get("/members/").status_code == 200
    assert browser.post("/members/invitations", data={}).status_code == 403
