"""Who owes the assignor, how each one pays, and whom to write to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.debtors.describing import (
    DebtorAlreadyKnown,
    DebtorDetails,
    SirenRefused,
    describe_debtor,
)
from portal.debtors.lookup import find_debtor
from portal.debtors.models import Debtor, DebtorSegment
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.messages.models import RejectedAddress
from portal.messages.rejections import rejection_of
from portal.receivables import lookup
from portal.receivables.crediting import (
    CreditNoteRefused,
    find_credit_note,
    invoices_open_to_credit,
    link_credit_note,
    unlinked_credit_notes,
)
from portal.receivables.facts import DebtorHistory, debtor_histories
from portal.receivables.lookup import Filters
from portal.receivables.overview import every_debtor, list_debtors
from portal.receivables.position import days_past_due
from portal.web.credit_words import refusal_text
from portal.web.csv_export import Amount, csv_response
from portal.web.message_words import REJECTION_WORDS
from portal.web.paging import asked_page
from portal.web.product_words import SEGMENT_LABELS, STATUS_WORDS

pages = Blueprint("debtors", __name__, url_prefix="/debtors")

DEFAULT_SORT = "-outstanding"


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The list of debtors, by what they owe unless asked otherwise."""
    return render_template(
        "debtors/index.html",
        page=_listed(page=asked_page(), per_page=lookup.PER_PAGE),
        search=request.args.get("q", ""),
        segment=_segment(),
        segments=SEGMENT_LABELS,
    )


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """The same list, whole, as a spreadsheet."""
    header = [
        gettext("Debtor"),
        gettext("SIREN"),
        gettext("Kind"),
        gettext("E-mail"),
        gettext("Outstanding"),
        gettext("Overdue"),
        gettext("Mean days late"),
        gettext("Invoices paid"),
    ]
    owner, asked = current_assignor_id(), _asked()
    return csv_response(
        gettext("debtors"),
        header,
        lambda: (
            [
                row.name,
                row.siren,
                SEGMENT_LABELS[DebtorSegment(row.segment)],
                row.contact_email,
                Amount(row.outstanding_cents),
                Amount(row.overdue_cents),
                row.mean_days_late,
                row.invoices_paid,
            ]
            for row in every_debtor(session(), owner, **asked)
        ),
    )


@pages.get("/<uuid:debtor_id>")
@allow(Action.SEE_RECEIVABLES)
def show(debtor_id: UUID) -> str:
    """One debtor: what it owes, how it pays, whom to write to."""
    return _page(_own(debtor_id), {}, {})


@pages.post("/<uuid:debtor_id>")
@allow(Action.IMPORT_RECEIVABLES)
def describe(debtor_id: UUID) -> Response | tuple[str, int]:
    """Change the contact, the kind, the language."""
    debtor = _own(debtor_id, lock=True)
    typed = {name: given.strip()[:200] for name, given in request.form.items()}
    errors = _errors(typed)
    if not errors:
        try:
            describe_debtor(
                session(),
                debtor,
                _details(typed),
                by=the_caller().member_id,
                at=clock().instant(),
            )
        except SirenRefused:
            errors["siren"] = gettext(
                "A SIREN has nine digits and its last one is a check: copy it from an invoice or your Kbis."
            )
        except DebtorAlreadyKnown:
            errors["siren"] = gettext("Another of your debtors has this SIREN.")
    if errors:
        return _page(debtor, typed, errors), 422
    flash(gettext("The debtor was saved."), "success")
    return redirect(url_for("debtors.show", debtor_id=debtor.id), 303)


@pages.post("/<uuid:debtor_id>/credit-notes/<uuid:credit_note_id>")
@allow(Action.IMPORT_RECEIVABLES)
def link(debtor_id: UUID, credit_note_id: UUID) -> Response | tuple[str, int]:
    """Link a credit note to the invoice it corrects."""
    debtor = _own(debtor_id)
    credit_note = find_credit_note(session(), credit_note_id, debtor=debtor, lock=True)
    chosen = request.form.get("receivable", type=UUID)
    if chosen is None:
        return _page(debtor, {}, {"receivable": gettext("Choose the invoice it corrects.")}), 422
    receivable = lookup.find_receivable(
        session(), chosen, assignor_id=debtor.assignor_id, lock=True
    )
    try:
        link_credit_note(
            session(), credit_note, receivable, by=the_caller().member_id, at=clock().instant()
        )
    except CreditNoteRefused as refusal:
        return _page(debtor, {}, {"receivable": refusal_text(refusal)}), 422
    flash(
        gettext(
            "Credit note %(credit)s now lowers invoice %(number)s.",
            credit=credit_note.number,
            number=receivable.number,
        ),
        "success",
    )
    return redirect(url_for("debtors.show", debtor_id=debtor.id), 303)


def _own(debtor_id: UUID, *, lock: bool = False) -> Debtor:
    return find_debtor(session(), debtor_id, assignor_id=current_assignor_id(), lock=lock)


def _listed(*, page: int, per_page: int) -> lookup.Page:
    return list_debtors(
        session(),
        current_assignor_id(),
        page=page,
        per_page=per_page,
        **_asked(),
    )


def _asked() -> dict[str, Any]:
    """What narrows and orders the list, as the address says."""
    return {
        "today": clock().day(),
        "search": request.args.get("q", "")[:100],
        "segment": _segment(),
        "sort": request.args.get("sort", DEFAULT_SORT),
    }


def _segment() -> str:
    given = request.args.get("segment", "")
    return given if given in set(DebtorSegment) else ""


def _page(debtor: Debtor, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    owner, today = debtor.assignor_id, clock().day()
    history = debtor_histories(session(), owner, today=today, debtor_ids={debtor.id})
    receivables = lookup.list_receivables(
        session(), owner, Filters(debtor_id=debtor.id), today=today, page=asked_page(), per_page=25
    )
    credit_notes = unlinked_credit_notes(session(), debtor)
    return render_template(
        "debtors/show.html",
        debtor=debtor,
        credit_notes=credit_notes,
        creditable=invoices_open_to_credit(session(), debtor, today=today) if credit_notes else [],
        history=history.get(debtor.id, DebtorHistory()),
        page=receivables,
        words=STATUS_WORDS,
        late=lambda row: days_past_due(row.due_on, today),
        segments=[(one.value, label) for one, label in SEGMENT_LABELS.items()],
        segment_label=SEGMENT_LABELS[debtor.segment],
        may_change=the_caller().may(Action.IMPORT_RECEIVABLES),
        rejection=_rejection(debtor),
        rejection_words=REJECTION_WORDS,
        may_restore=the_caller().may(Action.MANAGE_COLLECTION),
        typed=typed or _typed(debtor),
        errors=errors,
    )


def _rejection(debtor: Debtor) -> RejectedAddress | None:
    """Why nothing is sent to the debtor's e-mail address any more."""
    if not debtor.contact_email:
        return None
    return rejection_of(session(), debtor.assignor_id, debtor.contact_email)


def _typed(debtor: Debtor) -> dict[str, Any]:
    return {
        "contact_name": debtor.contact_name or "",
        "contact_email": debtor.contact_email or "",
        "contact_phone": debtor.contact_phone or "",
        "segment": debtor.segment.value,
        "locale": debtor.locale,
        "assignment_restricted": debtor.assignment_restricted,
        "related_party": debtor.related_party,
        "siren": debtor.siren or "",
    }


def _details(typed: Mapping[str, str]) -> DebtorDetails:
    return DebtorDetails(
        contact_name=typed.get("contact_name") or None,
        contact_email=typed.get("contact_email") or None,
        contact_phone=typed.get("contact_phone") or None,
        segment=DebtorSegment(typed["segment"]),
        locale=typed["locale"],
        assignment_restricted=bool(typed.get("assignment_restricted")),
        related_party=bool(typed.get("related_party")),
        siren=typed.get("siren") or None,
    )


def _errors(typed: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    name, _, domain = typed.get("contact_email", "").partition("@")
    if typed.get("contact_email") and (not name or "." not in domain):
        errors["contact_email"] = gettext("Write an address such as name@company.fr, or nothing.")
    if typed.get("segment") not in set(DebtorSegment):
        errors["segment"] = gettext("Choose one of the three kinds.")
    if typed.get("locale") not in ("fr", "en"):
        errors["locale"] = gettext("Choose French or English.")
    return errors
