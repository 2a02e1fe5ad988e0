"""What the acting organisation decides about itself."""

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.http.access import allow
from portal.http.caller import the_caller
from portal.http.locale import LOCALES
from portal.http.transactions import clock, session
from portal.identity.details import IbanInvalid, change_details, normalised_iban
from portal.identity.permissions import Action

pages = Blueprint("settings", __name__, url_prefix="/settings")

FIELDS = ("iban", "email", "reply_to", "locale")


@pages.get("/")
@allow(Action.MANAGE_SETTINGS)
def show() -> str:
    """The company as registered, and what may be changed."""
    organisation = the_caller().organisation
    return _page({name: getattr(organisation, name) or "" for name in FIELDS}, {})


@pages.post("/")
@allow(Action.MANAGE_SETTINGS)
def change() -> Response | tuple[str, int]:
    """Change the bank account, the addresses or the language."""
    caller = the_caller()
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors = _errors(typed)
    if errors:
        return _page(typed, errors), 422
    changed = change_details(
        session(),
        caller.organisation,
        iban=normalised_iban(typed["iban"]),
        email=typed["email"] or None,
        reply_to=typed["reply_to"] or None,
        locale=typed["locale"],
        by=caller.member_id,
        at=clock().instant(),
    )
    flash(gettext("Settings saved.") if changed else gettext("Nothing had changed."), "success")
    return redirect(url_for("settings.show"), 303)


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    try:
        normalised_iban(typed["iban"])
    except IbanInvalid:
        errors["iban"] = gettext(
            "The IBAN does not pass its own check: compare it with your bank details (RIB)."
            " A French one has 27 characters and starts with FR76."
        )
    for name in ("email", "reply_to"):
        if typed[name] and not is_address(typed[name]):
            errors[name] = gettext(
                "“%(email)s” is not an e-mail address: write it as name@company.fr.",
                email=typed[name],
            )
    if typed["locale"] not in LOCALES:
        errors["locale"] = gettext("Choose French or English.")
    return errors


def is_address(given: str) -> bool:
    """Whether this can be written to as an e-mail address."""
    try:
        validate_email(given, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _page(typed: dict[str, str], errors: dict[str, str]) -> str:
    organisation = the_caller().organisation
    return render_template(
        "settings/show.html",
        company=organisation,
        typed=typed,
        errors=errors,
        card_payments=the_caller().may(Action.MANAGE_CARD_PAYMENTS),
    )
