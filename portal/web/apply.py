"""The one-minute application: company, e-mail, invoices, prices; an account only at the end."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from partners.formats.identifiers import compact, is_siren
from partners.registers.companies import CompanyRegister, RegisterUnavailable
from partners.vocabulary.companies import CompanyRead
from portal.http.access import public
from portal.http.limits import APPLY, limited
from portal.http.locale import chosen_locale
from portal.http.transactions import clock, commit_now, runtime, session
from portal.identity.applications import (
    ApplicantCompany,
    application_of_resume_token,
    describe_company,
    resume_link,
    resume_token,
    start_application,
)
from portal.identity.models import Application, Organisation, OrganisationState
from portal.messages.outbox import Draft, write
from portal.receivables.completing import DueDateRefused, enter_due_date
from portal.receivables.importing import import_files, open_batch
from portal.receivables.lookup import find_receivable
from portal.web.applicants import priced_table, received_rows
from portal.web.uploads import ACCEPTED, sent_files, told, wants_json

pages = Blueprint("apply", __name__, url_prefix="/apply")

FIELDS = (
    "legal_name", "siren", "siret", "vat_id", "legal_form", "activity_code", "address_line",
    "postal_code", "city", "email",
)  # fmt: skip
LENGTH_MAX = 200
SUGGESTIONS = 6


@pages.get("/")
@public
def company() -> str:
    """Step one: the company, found in the public register or typed."""
    asked = request.args.get("company", "").strip()[:LENGTH_MAX]
    siren = compact(request.args.get("siren", ""))
    by_hand = "by_hand" in request.args
    found: list[CompanyRead] = []
    is_down = False
    if (siren or asked) and not by_hand:
        found, is_down = _search(siren or asked, limit=10)
    if len(found) == 1 and (siren or is_siren(compact(asked))):
        return _company_page(_typed_from(found[0]), {}, chosen=found[0])
    if is_down or by_hand:
        typed = {"siren": compact(asked)} if is_siren(compact(asked)) else {"legal_name": asked}
        return _company_page(typed, {}, by_hand=True, is_down=is_down)
    return render_template("apply/company.html", asked=asked, found=found, progress=progress(1))


@pages.get("/suggestions")
@public
def suggestions() -> str:
    """What the register proposes while one types; nothing when it is down, since one may go on by hand."""
    found, _ = _search(request.args.get("company", "").strip()[:LENGTH_MAX], limit=SUGGESTIONS)
    return render_template("apply/_suggestions.html", found=found)


@pages.post("/")
@public
@limited(APPLY)
def start() -> Response | tuple[str, int]:
    """Keep the company and the e-mail, send the link to come back, and go on to the invoices."""
    typed = {name: request.form.get(name, "").strip()[:LENGTH_MAX] for name in FIELDS}
    typed["siren"] = compact(typed["siren"])
    errors = _errors(typed)
    if errors:
        by_hand = "by_hand" in request.form or bool({"siren", "legal_name"} & set(errors))
        return _company_page(typed, errors, by_hand=by_hand), 422
    described = _described(typed)
    application = _corrected(described) or start_application(
        session(),
        described,
        settings=runtime().settings,
        at=clock().instant(),
        locale=chosen_locale(),
        email=typed["email"],
    )
    application.email, application.step = typed["email"], "invoices"
    _send_resuming_link(application)
    return _to("apply.invoices", application)


@pages.get("/resume/<token>")
@public
def resume(token: str) -> Response:
    """Back to where one stopped."""
    application = _application(token)
    endpoint = "apply.prices" if application.step == "prices" else "apply.invoices"
    return _to(endpoint, application)


@pages.get("/<token>/company")
@public
def correct(token: str) -> str:
    """The company again, to correct it."""
    application = _application(token)
    company = _company_of(application)
    typed = {name: getattr(company, name, None) or "" for name in FIELDS if name != "email"}
    return _company_page({**typed, "email": application.email or ""}, {}, by_hand=True, token=token)


@pages.get("/<token>/invoices")
@public
def invoices(token: str) -> str:
    """Step two: the invoices."""
    application = _application(token)
    return render_template(
        "apply/invoices.html",
        company=_company_of(application),
        application=application,
        token=token,
        rows=received_rows(session(), application.organisation_id),
        resume_url=resume_link(runtime().settings, application),
        accept=ACCEPTED,
        max_bytes=runtime().settings.upload_max_bytes,
        progress=progress(2, token),
    )


@pages.post("/<token>/invoices")
@public
@limited("120 per minute")
def receive(token: str) -> Response | dict[str, object]:
    """Take one file from a script, or all of them from a form; each is read before anything is written."""
    _application(token)
    commit_now()
    sent = sent_files("files", runtime().settings)
    application = _application(token)
    at = clock().instant()
    batch = open_batch(
        session(),
        application.organisation_id,
        source="application",
        key=str(application.id),
        by=None,
        at=at,
    )
    rows = import_files(
        session(),
        runtime().documents,
        _company_of(application),
        sent.files,
        fingerprint_key=runtime().settings.derive_secret("fingerprint"),
        batch=batch,
        by=None,
        at=at,
    )
    application.interactions += 1
    if wants_json():
        return told(rows, sent.refusals)
    for refusal in sent.refusals:
        flash(refusal, "warning")
    if not rows:
        flash(gettext("No file was sent: choose at least one invoice."), "warning")
        return _to("apply.invoices", application)
    return _to("apply.prices", application)


@pages.get("/<token>/prices")
@public
def prices(token: str) -> str | Response:
    """Step three: what each invoice would give, product by product."""
    application = _application(token)
    if not received_rows(session(), application.organisation_id):
        return _to("apply.invoices", application)
    application.step = "prices"
    at = clock()
    table = priced_table(session(), application.organisation_id, today=at.day(), at=at.instant())
    return render_template(
        "apply/prices.html",
        company=_company_of(application),
        application=application,
        token=token,
        table=table,
        resume_url=resume_link(runtime().settings, application),
        progress=progress(3, token),
    )


@pages.post("/<token>/due-dates")
@public
def due_dates(token: str) -> Response:
    """Enter the due dates the invoices did not give; those that cannot be are asked again, with the reason."""
    application = _application(token)
    for name, given in request.form.items():
        if name.startswith("due_") and given:
            _enter_due_date(application, name.removeprefix("due_"), given)
    application.interactions += 1
    return _to("apply.prices", application)


def _enter_due_date(application: Application, receivable_id: str, given: str) -> None:
    try:
        due_on = date.fromisoformat(given)
        found = find_receivable(
            session(), UUID(receivable_id), assignor_id=application.organisation_id, lock=True
        )
        enter_due_date(session(), found, due_on, by=None, at=clock().instant())
    except DueDateRefused as refused:
        flash(
            gettext(
                "%(number)s was issued on %(issued)s: its due date cannot be before.",
                number=found.number,
                issued=refused.issued_on.isoformat(),
            ),
            "warning",
        )
    except ValueError:
        flash(gettext("“%(given)s” is not a date: write it as 2026-12-31.", given=given), "warning")


def progress(current: int, token: str = "") -> list[dict[str, Any]]:
    """The steps of the application; those behind can be gone back to."""
    entries = [
        (gettext("Your company"), "apply.correct"),
        (gettext("Your invoices"), "apply.invoices"),
        (gettext("Your prices"), "apply.prices"),
        (gettext("Your account"), None),
    ]
    return [
        {
            "label": label,
            "state": "done" if n < current else "current" if n == current else "upcoming",
            "url": url_for(endpoint, token=token) if endpoint and token and n < current else None,
        }
        for n, (label, endpoint) in enumerate(entries, start=1)
    ]


def application_of(token: str) -> Application:
    """The application a resuming link opens; the session then sees what its prospect sees."""
    return _application(token)


def _application(token: str) -> Application:
    settings, at = runtime().settings, clock().instant()
    return application_of_resume_token(session(), settings, token, at=at)


def _company_of(application: Application) -> Organisation:
    return session().get_one(Organisation, application.organisation_id)


def _to(endpoint: str, application: Application) -> Response:
    token = resume_token(runtime().settings, application)
    return redirect(url_for(endpoint, token=token), 303)


def _described(typed: dict[str, str]) -> ApplicantCompany:
    return ApplicantCompany(
        legal_name=typed["legal_name"],
        siren=typed["siren"],
        siret=typed["siret"] or None,
        vat_id=typed["vat_id"] or None,
        legal_form=typed["legal_form"] or None,
        activity_code=typed["activity_code"] or None,
        address_line=typed["address_line"] or None,
        postal_code=typed["postal_code"] or None,
        city=typed["city"] or None,
    )


def _corrected(described: ApplicantCompany) -> Application | None:
    """The application being corrected, its company described anew; None for a first answer."""
    token = request.form.get("token", "")
    if not token:
        return None
    application = _application(token)
    company = _company_of(application)
    if company.state is OrganisationState.PROSPECT:
        describe_company(company, described)
    return application


def _search(words: str, *, limit: int) -> tuple[list[CompanyRead], bool]:
    """What the register finds, and whether it is down; asked outside any transaction."""
    commit_now()
    try:
        return list(_register().search(words, limit=limit)), False
    except RegisterUnavailable:
        return [], True


def _register() -> CompanyRegister:
    """One client per process: it keeps its connections."""
    known = current_app.extensions.get("company_register")
    if known is None:
        known = CompanyRegister(runtime().settings.register_url)
        current_app.extensions["company_register"] = known
    register: CompanyRegister = known
    return register


def _typed_from(found: CompanyRead) -> dict[str, str]:
    address = found.address
    return {
        "legal_name": found.name,
        "siren": found.siren,
        "siret": found.siret or "",
        "vat_id": found.vat_id or "",
        "legal_form": found.legal_form or "",
        "activity_code": found.activity_code or "",
        "address_line": address.line if address else "",
        "postal_code": address.postcode if address else "",
        "city": address.city if address else "",
    }


def _company_page(
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    chosen: CompanyRead | None = None,
    by_hand: bool = False,
    is_down: bool = False,
    token: str = "",
) -> str:
    return render_template(
        "apply/confirm_company.html",
        typed=typed,
        errors=errors,
        chosen=chosen,
        by_hand=by_hand or not typed.get("siren"),
        is_down=is_down,
        token=token or request.form.get("token", ""),
        progress=progress(1),
    )


def _errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not is_siren(typed["siren"]):
        errors["siren"] = gettext(
            "A SIREN has nine digits and its last one is a check: copy it from an invoice or your Kbis."
        )
    if not typed["legal_name"]:
        errors["legal_name"] = gettext("Write the name of your company.")
    name, _, domain = typed["email"].partition("@")
    if not name or "." not in domain or " " in typed["email"]:
        errors["email"] = gettext(
            "Write an address such as name@company.fr: your link is sent there."
        )
    return errors


def _send_resuming_link(application: Application) -> None:
    link = resume_link(runtime().settings, application)
    draft = Draft(
        kind="application_resume",
        dedupe_key=f"application_resume:{application.id}:{application.email}",
        to_address=application.email or "",
        subject=gettext("Come back to your application"),
        body_text=gettext(
            "Your application is kept until %(day)s.\n\nTo go on, on this device or another:\n%(link)s\n\n"
            "Whoever has this link can see your application: keep it for yourself.",
            day=application.expires_at.date().isoformat(),
            link=link,
        ),
        locale=chosen_locale(),
        organisation_id=application.organisation_id,
    )
    write(session(), draft, at=clock().instant())
