"""Denied unless allowed: every page says who may open it, or it does not open."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from portal.http.caller import current_caller
from portal.http.locale import chosen_locale
from portal.identity.permissions import Action

View = TypeVar("View", bound=Callable[..., Any])

OPEN = "open"
SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Open to everybody, signed in or not."""
    view.__dict__["portal_access"] = OPEN
    return view


def signed_in(view: View) -> View:
    """Open to any member, whatever the organisation and role."""
    view.__dict__["portal_access"] = SIGNED_IN
    return view


def allow(action: Action) -> Callable[[View], View]:
    """Open to members whose role in the acting organisation may do ``action``."""

    def mark(view: View) -> View:
        view.__dict__["portal_access"] = action
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Action | str | None:
    """What an endpoint asks for; None when nobody said, and then nobody may."""
    if endpoint == "static" or endpoint.startswith("security."):
        return OPEN
    found: Action | str | None = app.view_functions[endpoint].__dict__.get("portal_access")
    return found


def register(app: Flask) -> None:
    """Check every request before its view runs."""

    def recognise() -> None:
        """Know the member before an open page looks through other eyes, which would not see them."""
        current_caller()
        chosen_locale()

    @app.before_request
    def _refuse_what_no_text_holds() -> None:
        """A zero character is no text, and the database would refuse it later as our failure."""
        given = [
            *request.args.values(),
            *request.form.values(),
            *(request.view_args or {}).values(),
        ]
        if any("\0" in str(value) for value in given):
            abort(400)

    @app.before_request
    def _refuse_unless_allowed() -> Response | None:
        if request.endpoint is None:
            return None
        needed = access_of(current_app, request.endpoint)
        if needed == OPEN:
            if request.endpoint != "static" and "_user_id" in cookie:
                recognise()
            return None
        caller = current_caller()
        if caller is None:
            return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
        if needed == SIGNED_IN:
            return None
        if not isinstance(needed, Action) or not caller.may(needed):
            abort(403)
        return None
