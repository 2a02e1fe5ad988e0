"""The end of an application: the address is proved by a link, then the applicant has an account."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import public
from portal.http.caller import choose_organisation
from portal.http.limits import ASK_BY_EMAIL, SIGN_IN, limited
from portal.http.locale import chosen_locale
from portal.http.security import PASSWORD_LENGTH_MIN, hash_of, sign_in
from portal.http.transactions import clock, runtime, session
from portal.identity.applications import (
    application_of_confirmation_token,
    application_of_resume_token,
    confirmation_link,
    resume_token,
)
from portal.identity.claiming import claim_application, has_account
from portal.identity.models import Application, Organisation
from portal.messages.outbox import Draft, write
from portal.web.apply import progress

pages = Blueprint("claiming", __name__, url_prefix="/apply")


@pages.post("/<token>/account")
@public
@limited(ASK_BY_EMAIL)
def ask(token: str) -> Response:
    """Send the link that proves the address and opens the account."""
    application = _resumed(token)
    application.interactions += 1
    at = clock().instant()
    link = confirmation_link(runtime().settings, application)
    draft = Draft(
        kind="application_confirm",
        dedupe_key=f"application_confirm:{application.id}:{at.isoformat(timespec='minutes')}",
        to_address=application.email or "",
        subject=gettext("Confirm your address and open your account"),
        body_text=gettext(
            "Open this link to confirm your address and choose a password:\n%(link)s\n\n"
            "Your invoices and prices are waiting. If you asked for nothing, ignore this message.",
            link=link,
        ),
        locale=chosen_locale(),
        organisation_id=application.organisation_id,
    )
    write(session(), draft, at=at)
    return redirect(url_for("claiming.sent", token=token), 303)


@pages.get("/<token>/account")
@public
def sent(token: str) -> str:
    """Where to look for the link; a demonstration without a mail server shows it here."""
    application = _resumed(token)
    settings = runtime().settings
    shown = settings.is_demo and not settings.smtp_url
    return render_template(
        "apply/sent.html",
        application=application,
        token=token,
        demo_link=confirmation_link(settings, application) if shown else None,
        progress=progress(4, token),
    )


@pages.get("/confirm/<token>")
@public
def confirm(token: str) -> str:
    """The address is proved: a name and a password are all that is left."""
    return _page(token, _proved(token), {"name": ""}, {})


@pages.post("/confirm/<token>")
@public
@limited(SIGN_IN)
def claim(token: str) -> Response | tuple[str, int]:
    """Open the account, or join it to the one the address already has, and sign in."""
    application = _proved(token)
    typed = {"name": request.form.get("name", "").strip()[:120]}
    password = request.form.get("password", "")
    known = has_account(session(), application)
    errors = {} if known else _errors(typed["name"], password)
    if errors:
        return _page(token, application, typed, errors), 422
    made = claim_application(
        session(),
        application,
        password_hash=None if known else hash_of(password),
        name=typed["name"] or None,
        at=clock().instant(),
    )
    if known:
        return redirect(url_for("security.login", next=url_for("home.index")), 303)
    sign_in(made.member, by="application")
    choose_organisation(made.organisation.id)
    return redirect(url_for("home.index"), 303)


def _resumed(token: str) -> Application:
    settings, at = runtime().settings, clock().instant()
    return application_of_resume_token(session(), settings, token, at=at)


def _proved(token: str) -> Application:
    settings, at = runtime().settings, clock().instant()
    return application_of_confirmation_token(session(), settings, token, at=at)


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
    token: str, application: Application, typed: dict[str, str], errors: dict[str, str]
) -> str:
    return render_template(
        "apply/claim.html",
        token=token,
        application=application,
        company=session().get_one(Organisation, application.organisation_id),
        has_account=has_account(session(), application),
        resume=resume_token(runtime().settings, application),
        typed=typed,
        errors=errors,
        password_length=PASSWORD_LENGTH_MIN,
        progress=progress(4),
    )
