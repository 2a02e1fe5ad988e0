"""The page an invitation's link opens: join with one's account, or make one."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.http.access import public
from portal.http.caller import choose_organisation
from portal.http.limits import SIGN_IN, limited
from portal.http.security import PASSWORD_LENGTH_MIN, hash_of, sign_in
from portal.http.transactions import clock, session
from portal.identity.claiming import member_of_email
from portal.identity.invitations import (
    InvitationForAnother,
    accept_invitation,
    invitation_of_token,
)
from portal.identity.models import Invitation, Organisation
from portal.web.wording import ROLE_LABELS

pages = Blueprint("invitations", __name__, url_prefix="/invitations")


@pages.get("/<token>")
@public
def show(token: str) -> str:
    """Who invites, in what role, and what is still needed."""
    signed_in_as = _signed_in_as()
    invitation = invitation_of_token(session(), token, at=clock().instant())
    return _page(token, invitation, signed_in_as, {"name": ""}, {})


@pages.post("/<token>")
@public
@limited(SIGN_IN)
def accept(token: str) -> Response | tuple[str, int]:
    """Join; a new member is signed in at once."""
    signed_in_as = _signed_in_as()
    invitation = invitation_of_token(session(), token, at=clock().instant())
    typed = {"name": request.form.get("name", "").strip()}
    password = request.form.get("password", "")
    errors = {} if _has_account(invitation) else _errors(typed["name"], password)
    if errors:
        return _page(token, invitation, signed_in_as, typed, errors), 422
    try:
        member = accept_invitation(
            session(),
            invitation,
            signed_in_as=signed_in_as,
            password_hash=hash_of(password) if password else None,
            name=typed["name"],
            at=clock().instant(),
        )
    except InvitationForAnother:
        return redirect(url_for("security.login", next=url_for("invitations.show", token=token)))
    if not signed_in_as:
        sign_in(member, by="invitation")
    choose_organisation(invitation.organisation_id)
    flash(gettext("Welcome: you now act for this organisation."), "success")
    return redirect(url_for("switching.workspace"), 303)


def _signed_in_as() -> str | None:
    return str(current_user.email) if current_user.is_authenticated else None


def _has_account(invitation: Invitation) -> bool:
    known = member_of_email(session(), invitation.email)
    return known is not None and known.password is not None


def _errors(name: str, password: str) -> dict[str, str]:
    errors = {}
    if not name:
        errors["name"] = gettext("Write your name: your colleagues see it beside what you do.")
    if len(password) < PASSWORD_LENGTH_MIN:
        errors["password"] = gettext(
            "Choose a password of %(count)d characters or more; a short sentence is easy to keep.",
            count=PASSWORD_LENGTH_MIN,
        )
    return errors


def _page(
    token: str,
    invitation: Invitation,
    signed_in_as: str | None,
    typed: dict[str, str],
    errors: dict[str, str],
) -> str:
    inviting = session().get_one(Organisation, invitation.organisation_id)
    return render_template(
        "members/invitation.html",
        token=token,
        email=invitation.email,
        role=ROLE_LABELS[invitation.role],
        inviting=inviting.legal_name,
        expires_on=invitation.expires_at.date(),
        has_account=_has_account(invitation),
        signed_in_as=signed_in_as,
        typed=typed,
        errors=errors,
        password_length=PASSWORD_LENGTH_MIN,
    )
