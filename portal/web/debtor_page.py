"""The debtor's page, opened by a signed link: what is due and why, whom to pay, and the ways to answer."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response

from partners.payments.stripe_gateway import CardMethod, CardServiceUnavailable
from portal.collections.answers.disputes import DisputeRefused
from portal.collections.answers.promises import PromiseRefused
from portal.collections.debtor_page.card_keys import account_of, methods_of
from portal.collections.debtor_page.checkouts import (
    CheckoutFailed,
    CheckoutRefused,
    begin_checkout,
    find_checkout,
    open_checkout,
    why_not_by_card,
)
from portal.collections.debtor_page.links import in_the_creditors_name, note_opening, open_link
from portal.collections.debtor_page.models import DebtorLink
from portal.collections.debtor_page.saying import (
    FILE_BYTES_MAX,
    GivenFile,
    Instalment,
    Saying,
    WordRefused,
    equal_instalments,
)
from portal.collections.debtor_page.seeing import (
    Shown,
    invoice_of,
    shown_by,
    shown_one,
    story_of,
)
from portal.collections.debtor_page.states import PENDING
from portal.collections.models import DisputeReason
from portal.http.access import public
from portal.http.limits import limited
from portal.http.locale import chosen_locale
from portal.http.transactions import clock, commit_now, runtime, session
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from portal.web.collection_panel import line_of
from portal.web.collection_words import DISPUTE_WORDS, FLAG_WORDS, METHOD_WORDS
from portal.web.debtor_page_words import REFUSALS, STATE_WORDS, word_text
from portal.web.documents import file_response
from portal.web.settings import is_address
from portal.web.typed import typed_cents, typed_day

pages = Blueprint("debtor_page", __name__, url_prefix="/d")

SAY = "10 per minute; 60 per hour"
OPEN = "60 per minute; 600 per hour"
NOTE_CHARS = 1000
CONTACT_CHARS = 120
SPLIT_MAX = 12

Said = Callable[[Saying, Receivable, Shown], object]


@pages.get("/<token>")
@public
def index(token: str) -> str | Response:
    """The invoices of the link; a single one is shown at once."""
    link = _open(token)
    found = shown_by(session(), link, today=clock().day())
    if len(found) == 1:
        return redirect(_to("show", token, found[0].receivable.id), 302)
    return render_template(
        "debtor_page/index.html",
        token=token,
        creditor=_creditor(link),
        found=found,
        total_cents=sum(one.asked_cents for one in found),
        currencies={one.receivable.currency for one in found},
        **_contact({}, {}),
    )


@pages.get("/<token>/<uuid:receivable_id>")
@public
def show(token: str, receivable_id: UUID) -> str:
    """One invoice."""
    link = _open(token)
    if link.opened_at is None and "_user_id" not in cookie:
        with in_the_creditors_name(session(), link, today=clock().day()):
            note_opening(session(), link, at=clock().instant())
    return _page(token, link, receivable_id)


@pages.get("/<token>/<uuid:receivable_id>/invoice")
@public
def invoice(token: str, receivable_id: UUID) -> Response:
    """The invoice as it was received."""
    link = _open(token)
    shown = shown_one(session(), link, receivable_id, today=clock().day())
    document = invoice_of(session(), shown.receivable)
    if document is None:
        abort(404)
    return file_response(document)


@pages.post("/<token>/<uuid:receivable_id>/pay")
@public
@limited(SAY)
def pay(token: str, receivable_id: UUID) -> Response | tuple[str, int]:
    """Begin a payment of what the page asks today; the same form twice is one payment."""
    link = _open(token)
    shown = shown_one(session(), link, receivable_id, today=clock().day())
    if typed_cents(request.form.get("asked", "")) != shown.asked_cents:
        error = {
            "pay": gettext("The amount has changed since you opened the page: check it again.")
        }
        return _page(token, link, receivable_id, errors=error), 422
    try:
        with in_the_creditors_name(session(), link, today=clock().day()):
            checkout = begin_checkout(
                session(), link, shown, form_token=_form_token(), at=clock().instant()
            )
            checkout_id = checkout.id
    except CheckoutRefused as refusal:
        error = {"pay": str(REFUSALS[f"card_{refusal.reason.value}"])}
        return _page(token, link, receivable_id, errors=error), 422
    return redirect(_to("leave", token, receivable_id, checkout_id=checkout_id), 303)


@pages.get("/<token>/<uuid:receivable_id>/payments/<uuid:checkout_id>/go")
@public
@limited(OPEN)
def leave(token: str, receivable_id: UUID, checkout_id: UUID) -> str | Response:
    """On to the payment service's page, opened outside the transaction."""
    link = _open(token)
    checkout = find_checkout(session(), link, checkout_id)
    if checkout is None or checkout.receivable_id != receivable_id:
        abort(404)
    if checkout.state not in PENDING:
        return redirect(_to("after", token, receivable_id, checkout_id=checkout_id), 302)
    shown = shown_one(session(), link, receivable_id, today=clock().day())
    creditor = _creditor(link)
    label = {
        "locale": chosen_locale(),
        "number": shown.receivable.number,
        "name": creditor.legal_name,
    }
    email = shown.receivable.debtor.contact_email
    commit_now()
    try:
        address = open_checkout(
            runtime(),
            checkout_id,
            label=label,
            email=email,
            page_url=_public(_to("show", token, receivable_id)),
            at=runtime().read_clock(),
        )
    except (CheckoutFailed, CardServiceUnavailable):
        address = ""
    return render_template(
        "debtor_page/leaving.html",
        token=token,
        creditor=creditor,
        one=shown,
        address=address,
        checkout=checkout,
    )


@pages.get("/<token>/<uuid:receivable_id>/payments/<uuid:checkout_id>")
@public
def after(token: str, receivable_id: UUID, checkout_id: UUID) -> str:
    """Back from the payment service: what became of the payment, as far as it is known."""
    link = _open(token)
    checkout = find_checkout(session(), link, checkout_id)
    if checkout is None or checkout.receivable_id != receivable_id:
        abort(404)
    return render_template(
        "debtor_page/after.html",
        token=token,
        creditor=_creditor(link),
        one=shown_one(session(), link, receivable_id, today=clock().day()),
        checkout=checkout,
        word=STATE_WORDS[checkout.state],
        waiting=checkout.state in PENDING,
    )


@pages.post("/<token>/<uuid:receivable_id>/paid")
@public
@limited(SAY)
def paid(token: str, receivable_id: UUID) -> Response | tuple[str, int]:
    """“Paid on … by …”."""
    day, cents = _day("paid_on"), _cents("paid_amount")

    def say(saying: Saying, receivable: Receivable, _: Shown) -> object:
        return saying.paid(
            receivable,
            paid_on=day,
            amount_cents=cents,
            method=request.form.get("method", ""),
            note=_text("note"),
        )

    thanks = gettext(
        "Thank you: your creditor will check its account. No reminder leaves meanwhile."
    )
    return _say(token, receivable_id, "paid", say, thanks)


@pages.post("/<token>/<uuid:receivable_id>/promise")
@public
@limited(SAY)
def promise(token: str, receivable_id: UUID) -> Response | tuple[str, int]:
    """“I shall pay on …”."""
    day, cents = _day("promised_for"), _cents("promised_amount")

    def say(saying: Saying, receivable: Receivable, _: Shown) -> object:
        return saying.promise(receivable, amount_cents=cents, promised_for=day, note=_text("note"))

    return _say(token, receivable_id, "promise", say, gettext("Your promise was noted."))


@pages.post("/<token>/<uuid:receivable_id>/dispute")
@public
@limited(SAY)
def dispute(token: str, receivable_id: UUID) -> Response | tuple[str, int]:
    """Contest all or a part, with a file or not; the rest stays due."""
    whole = not request.form.get("disputed_amount", "").strip()
    cents = None if whole else _cents("disputed_amount")
    file = request.files.get("file")
    content = file.stream.read(FILE_BYTES_MAX + 1) if file and file.filename else b""
    given = GivenFile(file.filename or "", content) if file and file.filename else None

    def say(saying: Saying, receivable: Receivable, _: Shown) -> object:
        chosen = request.form.get("reason", "")
        if chosen not in set(DisputeReason):
            raise WordRefused("reason_missing", "reason")
        return saying.dispute(
            receivable,
            amount_cents=cents,
            reason=DisputeReason(chosen),
            note=_text("note"),
            store=runtime().documents,
            file=given,
        )

    return _say(token, receivable_id, "dispute", say, gettext("Your dispute was noted."))


@pages.post("/<token>/<uuid:receivable_id>/plan")
@public
@limited(SAY)
def plan(token: str, receivable_id: UUID) -> Response | str | tuple[str, int]:
    """Propose instalments: first so many equal ones, which may be changed, then sent."""
    if "split" in request.form:
        link = _open(token)
        shown = shown_one(session(), link, receivable_id, today=clock().day())
        number, first_on = request.form.get("number", ""), _day("first_on")
        if first_on is None or not number.isdigit() or not 2 <= int(number) <= SPLIT_MAX:
            error = {"plan": str(REFUSALS["instalments_split"])}
            return _page(token, link, receivable_id, errors=error), 422
        rows = equal_instalments(shown.asked_cents, int(number), first_on)
        return _page(token, link, receivable_id, instalments=rows, opened="plan")
    given = _instalments()

    def say(saying: Saying, receivable: Receivable, shown: Shown) -> object:
        if given is None:
            raise WordRefused("instalments_unreadable", "plan")
        return saying.plan(
            receivable, instalments=given, asked_cents=shown.asked_cents, note=_text("note")
        )

    thanks = gettext("Your proposal was sent. It holds nothing back until it is accepted.")
    return _say(token, receivable_id, "plan", say, thanks)


@pages.post("/<token>/contact")
@public
@limited(SAY)
def contact(token: str) -> Response | tuple[str, int]:
    """“Write to somebody else”: the creditor confirms before anything changes."""
    link = _open(token)
    typed = {name: _text(f"contact_{name}", CONTACT_CHARS) for name in ("name", "email", "phone")}
    try:
        if typed["email"] and not is_address(typed["email"]):
            raise WordRefused("email_invalid", "contact_email")
        with in_the_creditors_name(session(), link, today=clock().day()):
            Saying(session(), link, _form_token(), clock().instant()).contact(**typed)
    except WordRefused as refusal:
        error = {refusal.field: str(REFUSALS[refusal.code])}
        return _contact_page(token, link, typed, error), 422
    flash(gettext("Thank you: your creditor will confirm the new contact."), "success")
    return redirect(url_for("debtor_page.index", token=token), 303)


@pages.get("/<token>/contact")
@public
def contact_form(token: str) -> str:
    """To whom the creditor should write."""
    return _contact_page(token, _open(token), {}, {})


def _say(
    token: str, receivable_id: UUID, part: str, say: Said, thanks: str
) -> Response | tuple[str, int]:
    """Say one thing in the creditor's books, or show the page again with what is wrong and what was typed."""
    link, today = _open(token), clock().day()
    shown = shown_one(session(), link, receivable_id, today=today)
    try:
        _refuse_unreadable(part)
        with in_the_creditors_name(session(), link, today=today):
            saying = Saying(session(), link, _form_token(), clock().instant())
            say(saying, session().get_one(Receivable, receivable_id), shown)
    except WordRefused as refusal:
        errors = {refusal.field: str(REFUSALS[refusal.code])}
    except (PromiseRefused, DisputeRefused) as refusal:
        field = "promised_for" if refusal.code == "day_past" else f"{part}d_amount"
        errors = {field: str(REFUSALS[refusal.code])}
    else:
        flash(thanks, "success")
        return redirect(_to("show", token, receivable_id), 303)
    return _page(token, link, receivable_id, errors=errors, opened=part), 422


def _refuse_unreadable(part: str) -> None:
    """A day or an amount that cannot be read is refused where it was typed."""
    days = {"paid": "paid_on", "promise": "promised_for"}
    amounts = {"paid": "paid_amount", "promise": "promised_amount", "dispute": "disputed_amount"}
    if part in days and _day(days[part]) is None:
        raise WordRefused("day_unreadable", days[part])
    typed = request.form.get(amounts.get(part, ""), "").strip()
    if part in amounts and _cents(amounts[part]) is None and (typed or part != "dispute"):
        raise WordRefused("amount_unreadable", amounts[part])


def _page(token: str, link: DebtorLink, receivable_id: UUID, **given: Any) -> str:
    today = clock().day()
    shown = shown_one(session(), link, receivable_id, today=today)
    currency = shown.receivable.currency
    account = account_of(session(), link.assignor_id)
    no_card = why_not_by_card(session(), shown, account)
    story = story_of(session(), link, receivable_id)
    return render_template(
        "debtor_page/show.html",
        token=token,
        creditor=_creditor(link),
        one=shown,
        today=today,
        lines=[line_of(line, currency) for line in shown.amount.lines],
        flags=[str(FLAG_WORDS[flag]) for flag in shown.amount.flags],
        story=story,
        word_text=word_text,
        state_words=STATE_WORDS,
        has_invoice=invoice_of(session(), shown.receivable) is not None,
        methods=methods_of(account, currency) if account and no_card is None else (),
        debit=CardMethod.SEPA_DEBIT,
        no_card=no_card,
        form_token=uuid4().hex,
        typed=request.form if request.method == "POST" else {},
        words={"reasons": DISPUTE_WORDS, "methods": METHOD_WORDS},
        several=len(shown_by(session(), link, today=today)) > 1,
        **{"errors": {}, "opened": "", "instalments": [], **given},
    )


def _contact_page(
    token: str, link: DebtorLink, typed: dict[str, str], errors: dict[str, str]
) -> str:
    return render_template(
        "debtor_page/contact.html",
        token=token,
        creditor=_creditor(link),
        **_contact(typed, errors),
    )


def _contact(typed: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    return {"typed": typed, "errors": errors, "form_token": uuid4().hex}


def _open(token: str) -> DebtorLink:
    return open_link(session(), runtime().settings, token, today=clock().day())


def _creditor(link: DebtorLink) -> Organisation:
    return session().get_one(Organisation, link.assignor_id)


def _to(page: str, token: str, receivable_id: UUID, **more: Any) -> str:
    return url_for(f"debtor_page.{page}", token=token, receivable_id=receivable_id, **more)


def _public(path: str) -> str:
    return f"{runtime().settings.public_url.rstrip('/')}{path}"


def _form_token() -> str:
    """What names this sending of the form: sent twice, it counts once."""
    return request.form.get("form_token", "").strip()[:64] or uuid4().hex


def _text(name: str, longest: int = NOTE_CHARS) -> str:
    return request.form.get(name, "").strip()[:longest]


def _day(name: str) -> Any:
    day, _ = typed_day(name)
    return day


def _cents(name: str) -> Any:
    return typed_cents(request.form.get(name, ""))


def _instalments() -> list[Instalment] | None:
    """The rows of the proposed plan that are filled in; None when one cannot be read."""
    rows: list[Instalment] = []
    for place in range(SPLIT_MAX):
        day: date | None = _day(f"due_on_{place}")
        typed = request.form.get(f"amount_{place}", "").strip()
        if not typed and not request.form.get(f"due_on_{place}", "").strip():
            continue
        cents = typed_cents(typed)
        if day is None or cents is None:
            return None
        rows.append(Instalment(day, cents))
    return rows
