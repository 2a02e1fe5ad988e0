"""Changing language or organisation, and finding one's own first page."""

from uuid import UUID

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.http.access import public, signed_in
from portal.http.caller import choose_organisation, current_caller
from portal.http.locale import LOCALES, remember_locale
from portal.web.navigation import home_of

pages = Blueprint("switching", __name__)


@pages.post("/language")
@public
def language() -> Response:
    """Speak another language, here and on the member's other machines."""
    wanted = request.form.get("locale", "")
    if wanted not in LOCALES:
        abort(400)
    if current_user.is_authenticated:
        current_user.locale = wanted
    response = redirect(own_path(request.form.get("next", "")), 303)
    remember_locale(response, wanted, secure=bool(current_app.config["SESSION_COOKIE_SECURE"]))
    return response


@pages.post("/organisation")
@signed_in
def organisation() -> Response:
    """Act for another of one's organisations."""
    try:
        choose_organisation(UUID(request.form.get("organisation", "")))
    except ValueError:
        abort(400)
    return redirect(url_for("switching.workspace"), 303)


@pages.get("/workspace")
@signed_in
def workspace() -> Response:
    """The first page of whoever is signed in."""
    caller = current_caller()
    if caller is None:
        return redirect(url_for("security.login"))
    return redirect(home_of(caller))


def own_path(given: str) -> str:
    """``given`` if it is a path of this site, else the home page: never an open redirect."""
    safe = given.startswith("/") and given[1:2] not in ("/", "\\") and given.isprintable()
    return given.rstrip("?") if safe else "/"
