"""A member's own page: who they are, their language, and how they sign in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.http.access import signed_in
from portal.http.locale import LOCALES
from portal.http.transactions import clock, session
from portal.identity.models import Member
from portal.identity.profile import change_profile

pages = Blueprint("account", __name__, url_prefix="/account")

NAME_LENGTH_MAX = 120


@pages.get("/")
@signed_in
def show() -> str:
    """The member's profile and the state of each way of signing in."""
    return _page({"name": current_user.name, "locale": current_user.locale}, {})


@pages.post("/")
@signed_in
def change() -> Response | tuple[str, int]:
    """Change one's name or language."""
    typed = {"name": request.form.get("name", "").strip(), "locale": request.form.get("locale", "")}
    errors = _errors(typed)
    if errors:
        return _page(typed, errors), 422
    member = session().get_one(Member, current_user.id)
    change_profile(member, name=typed["name"], locale=typed["locale"], at=clock().instant())
    flash(gettext("Your profile was saved."), "success")
    return redirect(url_for("account.show"), 303)


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["name"]:
        errors["name"] = gettext("Write your name: your colleagues see it beside what you do.")
    elif len(typed["name"]) > NAME_LENGTH_MAX:
        errors["name"] = gettext("Shorten your name to 120 characters.")
    if typed["locale"] not in LOCALES:
        errors["locale"] = gettext("Choose French or English.")
    return errors


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    member = session().get_one(Member, current_user.id)
    return render_template(
        "account/show.html",
        typed=typed,
        errors=errors,
        has_codes=bool(member.tf_totp_secret),
        recovery_codes_left=len(member.mf_recovery_codes or []),
        passkeys=sorted(member.webauthn, key=lambda passkey: passkey.create_datetime),
    )
