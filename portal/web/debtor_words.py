"""What debtors said on their page, as the assignor sees and answers it on the page of the invoice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.collections.debtor_page import answering
from portal.collections.debtor_page.links import address_of, link_for, links_of, revoke_links
from portal.collections.debtor_page.models import CardCheckout, DebtorLink, DebtorWord
from portal.collections.lookup import find_receivable
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, runtime, session
from portal.identity.permissions import Action
from portal.payments.recording import PaymentRefused
from portal.receivables.models import Receivable
from portal.web.debtor_page_words import ANSWER_WORDS, KIND_WORDS, STATE_WORDS, word_text
from portal.web.payment_words import refusal_text

pages = Blueprint("debtor_words", __name__, url_prefix="/collections/debtor-page")


@dataclass(frozen=True, slots=True)
class DebtorSaid:
    """What the fragment ``collections/_debtor_words.html`` reads."""

    words: Sequence[DebtorWord]
    checkouts: Sequence[CardCheckout]
    link: DebtorLink | None
    address: str | None
    may_manage: bool


def debtor_words_of(db: Session, receivable: Receivable, today: date) -> dict[str, Any]:
    """Everything the fragment ``collections/_debtor_words.html`` reads, under the names it uses."""
    return {
        "debtor_said": said_by_debtor(db, receivable, today),
        "kind_words": KIND_WORDS,
        "answer_words": ANSWER_WORDS,
        "checkout_words": STATE_WORDS,
        "word_text": word_text,
    }


def said_by_debtor(db: Session, receivable: Receivable, today: date) -> DebtorSaid:
    """What the debtor said and paid on its page about an invoice, and the link that opens it."""
    owner = receivable.assignor_id
    may_manage = the_caller().may(Action.MANAGE_COLLECTION)
    live = links_of(db, owner, receivable.id, today=today)
    link = live[-1] if live else None
    return DebtorSaid(
        words=answering.words_about(db, owner, receivable),
        checkouts=answering.checkouts_about(db, owner, receivable.id),
        link=link,
        address=address_of(runtime().settings, link.id) if link and may_manage else None,
        may_manage=may_manage,
    )


@pages.post("/words/<uuid:word_id>/confirm")
@allow(Action.MANAGE_COLLECTION)
def confirm(word_id: UUID) -> Response:
    """It is so: record the payment the debtor spoke of, or change the contact."""
    word = answering.find_word(session(), word_id, assignor_id=current_assignor_id())
    try:
        answering.confirm(session(), word, by=the_caller().member_id, at=clock().instant())
    except PaymentRefused as refusal:
        flash(refusal_text(refusal), "warning")
    else:
        flash(gettext("Confirmed."), "success")
    return _back(word)


@pages.post("/words/<uuid:word_id>/refuse")
@allow(Action.MANAGE_COLLECTION)
def refuse(word_id: UUID) -> Response:
    """It is not so: reminders resume, the contact stays."""
    word = answering.find_word(session(), word_id, assignor_id=current_assignor_id())
    answering.refuse(session(), word, by=the_caller().member_id, at=clock().instant())
    flash(gettext("Not confirmed: reminders resume."), "success")
    return _back(word)


@pages.post("/<uuid:receivable_id>/link")
@allow(Action.MANAGE_COLLECTION)
def make_link(receivable_id: UUID) -> Response:
    """A link to give the debtor by other means than a reminder."""
    receivable = find_receivable(session(), receivable_id, assignor_id=current_assignor_id())
    link_for(
        session(),
        runtime().settings,
        [receivable],
        by=the_caller().member_id,
        at=clock().instant(),
    )
    flash(gettext("The link is ready: copy it below."), "success")
    return redirect(url_for("collections.show", receivable_id=receivable_id), 303)


@pages.post("/<uuid:receivable_id>/revoke")
@allow(Action.MANAGE_COLLECTION)
def revoke(receivable_id: UUID) -> Response:
    """Take back every link that shows an invoice."""
    receivable = find_receivable(session(), receivable_id, assignor_id=current_assignor_id())
    revoke_links(
        session(),
        receivable.assignor_id,
        receivable.id,
        by=the_caller().member_id,
        at=clock().instant(),
    )
    flash(
        gettext("The debtor's links no longer open; the next reminder carries a new one."),
        "success",
    )
    return redirect(url_for("collections.show", receivable_id=receivable_id), 303)


def _back(word: DebtorWord) -> Response:
    if word.receivable_id is None:
        return redirect(url_for("debtors.show", debtor_id=word.debtor_id), 303)
    return redirect(url_for("collections.show", receivable_id=word.receivable_id), 303)
