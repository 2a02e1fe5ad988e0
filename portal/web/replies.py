"""Debtors' replies, sorted by rules and decided by a person."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.clock import PARIS
from portal.collections.answers import replies
from portal.collections.answers.refusals import AnswerRefused, refusal_words
from portal.collections.answers.replies import ReplyAction, ReplyLine
from portal.collections.answers.sorting import Meaning
from portal.collections.models import DisputeReason
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.receivables.models import Receivable
from portal.web import answer_words
from portal.web.collection_words import DISPUTE_WORDS
from portal.web.csv_export import csv_response
from portal.web.paging import Page, asked_page
from portal.web.presentation import current_locale
from portal.web.typed import typed_cents, typed_day

pages = Blueprint("replies", __name__, url_prefix="/replies")

DECIDED = "decided"


@pages.get("/")
@allow(Action.SEE_RECEIVABLES)
def index() -> str:
    """The replies that wait, by what they seem to say, each with the rule that says so."""
    return _page()


@pages.get("/export.csv")
@allow(Action.SEE_RECEIVABLES)
def export() -> Response:
    """Every reply, those that wait first."""
    owner = current_assignor_id()
    header = [
        gettext("Day"),
        gettext("Debtor"),
        gettext("Address"),
        gettext("Invoice"),
        gettext("What it seems to say"),
    ]

    def rows() -> Iterator[list[Any]]:
        for waiting in (True, False):
            for number in count(1):
                found = replies.list_replies(session(), owner, waiting=waiting, page=number)
                yield from (_row(line) for line in found)
                if len(found) < replies.PER_PAGE:
                    break

    return csv_response(gettext("replies"), header, rows)


def _row(line: ReplyLine) -> list[Any]:
    return [
        line.mail.received_at.astimezone(PARIS).date(),
        line.debtor.name if line.debtor else "",
        line.mail.from_address,
        line.receivable.number if line.receivable else "",
        str(answer_words.MEANINGS[line.reply.meaning][0]),
    ]


@pages.post(f"/<uuid:reply_id>/<any({', '.join(ReplyAction)}):act>")
@allow(Action.MANAGE_COLLECTION)
def decide(reply_id: UUID, act: str) -> Response | tuple[str, int]:
    """Do what a person chose, proposed or not."""
    line = replies.find_reply(session(), reply_id, assignor_id=current_assignor_id())
    try:
        with session().begin_nested():
            _ACTS.get(ReplyAction(act), _only_say)(line, ReplyAction(act))
    except AnswerRefused as refusal:
        return _page(refused=(reply_id, refusal_words(refusal.code, current_locale()))), 422
    if act == ReplyAction.SEND_COPY and line.receivable is not None:
        flash(gettext("Noted. Send the invoice with the next reminder, from here."), "success")
        return redirect(url_for("reminders.show", receivable_id=line.receivable.id), 303)
    if act == ReplyAction.LOOK_AT_BANK and line.receivable is not None:
        flash(gettext("Noted. Record the payment once your bank shows it."), "success")
        return redirect(url_for("collections.show", receivable_id=line.receivable.id), 303)
    flash(gettext("The reply is dealt with."), "success")
    return redirect(url_for("replies.index", view=request.args.get("view") or None), 303)


def _note_promise(line: ReplyLine, _action: ReplyAction) -> None:
    day, _ = typed_day("promised_for")
    typed = request.form.get("promised", "").strip()
    cents = typed_cents(typed) if typed else None
    if typed and cents is None:
        raise AnswerRefused("amount_not_positive", "promised")
    replies.note_promise(
        session(),
        line,
        _invoice(line),
        promised_for=day,
        amount_cents=cents,
        by=the_caller().member_id,
        at=clock().instant(),
    )


def _open_dispute(line: ReplyLine, _action: ReplyAction) -> None:
    reason, typed = request.form.get("reason", ""), request.form.get("disputed", "").strip()
    if reason not in set(DisputeReason):
        raise AnswerRefused("choice_missing", "reason")
    cents = typed_cents(typed) if typed else None
    if typed and cents is None:
        raise AnswerRefused("amount_not_positive", "disputed")
    replies.dispute_from(
        session(),
        line,
        _invoice(line),
        DisputeReason(reason),
        amount_cents=cents,
        by=the_caller().member_id,
        at=clock().instant(),
    )


def _correct_contact(line: ReplyLine, _action: ReplyAction) -> None:
    email = request.form.get("email", "")
    replies.correct_contact(session(), line, email, by=the_caller().member_id, at=clock().instant())


def _only_say(line: ReplyLine, action: ReplyAction) -> None:
    replies.decide(session(), line, action, by=the_caller().member_id, at=clock().instant())


_ACTS: dict[ReplyAction, Callable[[ReplyLine, ReplyAction], None]] = {
    ReplyAction.NOTE_PROMISE: _note_promise,
    ReplyAction.OPEN_DISPUTE: _open_dispute,
    ReplyAction.CORRECT_CONTACT: _correct_contact,
}


def _invoice(line: ReplyLine) -> Receivable:
    if line.receivable is None:
        raise AnswerRefused("invoice_missing")
    return line.receivable


def _page(refused: tuple[UUID, str] | None = None) -> str:
    owner, view = current_assignor_id(), request.args.get("view", "")
    counts = replies.counts_of(session(), owner)
    decided = replies.count_decided(session(), owner)
    meaning = Meaning(view) if view in set(Meaning) else None
    waiting = counts.get(meaning, 0) if meaning else sum(counts.values())
    total = decided if view == DECIDED else waiting
    last = max(-(-total // replies.PER_PAGE), 1)
    number = min(asked_page(), last)
    rows = replies.list_replies(
        session(), owner, meaning=meaning, waiting=view != DECIDED, page=number
    )
    return render_template(
        "answers/replies.html",
        page=Page(number, last, total, replies.PER_PAGE, list(rows)),
        views=_views(view, counts, decided),
        view=view,
        words=answer_words,
        reasons=DISPUTE_WORDS,
        refused=refused,
        typed=request.form.to_dict() if request.method == "POST" else {},
        may_manage=the_caller().may(Action.MANAGE_COLLECTION),
    )


def _views(view: str, counts: dict[Meaning, int], decided: int) -> list[dict[str, object]]:
    shown: list[tuple[str, str, int]] = [("", gettext("All"), sum(counts.values()))]
    shown += [
        (one.value, str(answer_words.MEANINGS[one][0]), counts[one])
        for one in Meaning
        if counts.get(one) or one.value == view
    ]
    shown.append((DECIDED, gettext("Dealt with"), decided))
    return [
        {
            "label": label,
            "count": count,
            "active": key == view,
            "url": url_for("replies.index", view=key or None),
        }
        for key, label, count in shown
    ]
