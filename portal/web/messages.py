"""The messages an organisation sent and received through the product."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from partners.vocabulary.post import BY_POST_OFFICE
from portal.http.access import allow
from portal.http.caller import current_assignor_id, the_caller
from portal.http.transactions import clock, session
from portal.identity.permissions import Action
from portal.messages import lookup
from portal.messages.delivery import send_again
from portal.messages.lookup import MessageFilter
from portal.messages.models import Message, MessageState
from portal.messages.rejections import RejectionNotFound, find_rejection, restore
from portal.messages.tracking import history_of, tracking_of
from portal.web.collection_words import MESSAGE_WORDS
from portal.web.csv_export import csv_response
from portal.web.message_words import MESSAGE_CHANNELS, POST_WORDS
from portal.web.paging import Page, asked_page

pages = Blueprint("messages", __name__, url_prefix="/messages")

PER_PAGE = 25


@pages.get("/")
@allow(Action.SEE_MESSAGES)
def index() -> str:
    """The latest first, each with whether it left."""
    owner, wanted = the_caller().organisation_id, _wanted()
    total = lookup.count_messages(session(), owner, wanted)
    pages_count = max(-(-total // PER_PAGE), 1)
    number = min(asked_page(), pages_count)
    rows = lookup.list_messages(session(), owner, wanted, page=number, per_page=PER_PAGE)
    return render_template(
        "messages/index.html",
        page=Page(number, pages_count, total, PER_PAGE, list(rows)),
        wanted=wanted,
        words=MESSAGE_WORDS,
        channels=MESSAGE_CHANNELS,
        tracked=tracking_of(session(), [row.id for row in rows]),
        post_words=POST_WORDS,
    )


@pages.get("/export.csv")
@allow(Action.SEE_MESSAGES)
def export() -> Response:
    """The same list, whole."""
    owner, wanted = the_caller().organisation_id, _wanted()
    header = [
        gettext("Written"),
        gettext("Channel"),
        gettext("To"),
        gettext("Subject"),
        gettext("State"),
        gettext("Sent"),
    ]
    return csv_response(gettext("messages"), header, lambda: _exported(owner, wanted))


@pages.get("/<uuid:message_id>")
@allow(Action.SEE_MESSAGES)
def show(message_id: UUID) -> str:
    """One message as it was written."""
    message = lookup.find_message(
        session(), message_id, organisation_id=the_caller().organisation_id
    )
    return render_template(
        "messages/show.html",
        message=message,
        attachments=lookup.attachments_of(session(), message),
        word=MESSAGE_WORDS[message.state],
        channel=MESSAGE_CHANNELS[message.channel],
        history=history_of(session(), message.id),
        post_words=POST_WORDS,
        failure=_failure(message),
        may_send=message.state is MessageState.FAILED
        and the_caller().may(Action.MANAGE_COLLECTION),
    )


@pages.post("/<uuid:message_id>/send-again")
@allow(Action.MANAGE_COLLECTION)
def again(message_id: UUID) -> Response:
    """A message that did not leave is sent after all."""
    message = lookup.find_message(
        session(), message_id, organisation_id=the_caller().organisation_id
    )
    send_again(session(), message, by=the_caller().member_id, at=clock().instant())
    flash(gettext("The message is leaving again."), "success")
    return redirect(url_for("messages.show", message_id=message.id), 303)


@pages.post("/addresses/<uuid:rejection_id>/restore")
@allow(Action.MANAGE_COLLECTION)
def restore_address(rejection_id: UUID) -> Response:
    """A person says that a rejected address is good after all."""
    owner = current_assignor_id()
    try:
        rejection = find_rejection(session(), rejection_id, organisation_id=owner)
    except RejectionNotFound:
        abort(404)
    restore(session(), rejection, by=the_caller().member_id, at=clock().instant())
    flash(gettext("Messages may be sent to this address again."), "success")
    debtor_id = request.form.get("debtor", type=UUID)
    if debtor_id is None:
        return redirect(url_for("messages.index"), 303)
    return redirect(url_for("debtors.show", debtor_id=debtor_id), 303)


def _failure(message: Message) -> str | None:
    """What a person reads of a failure; the server's own words are kept after it."""
    if not message.failure:
        return None
    known, _, detail = message.failure.partition(": ")
    texts = _post_failures() if message.channel in BY_POST_OFFICE else _mail_failures()
    return " ".join(filter(None, (texts.get(known, known), detail)))


def _mail_failures() -> dict[str, str]:
    return {
        "interrupted": gettext(
            "The sending was interrupted and the message may have left."
            " Check with the recipient before sending it again."
        ),
        "no_answer": gettext(
            "The mail server did not answer and the message may have left."
            " Check with the recipient before sending it again."
        ),
        "refused": gettext("The mail server refused it. Correct the address, then send it again."),
        "unreached": gettext("The mail server could not be reached."),
        "address_rejected": gettext(
            "An earlier message to this address came back or was reported as unwanted."
            " Correct the debtor's contact, or restore the address on the debtor's page."
        ),
    }


def _post_failures() -> dict[str, str]:
    return {
        "no_answer": gettext(
            "The post office did not answer. Send it again: it is carried once, whatever happened."
        ),
        "refused": gettext("The post office refused it, and nothing left."),
        "unreached": gettext("The post office could not be reached, and nothing left."),
    }


def _exported(owner: UUID, wanted: MessageFilter) -> Iterator[list[Any]]:
    for one in lookup.every_message(session(), owner, wanted):
        yield [
            one.created_at,
            MESSAGE_CHANNELS[one.channel],
            one.to_address,
            one.subject,
            MESSAGE_WORDS[one.state][0],
            one.sent_at,
        ]


def _wanted() -> MessageFilter:
    state = request.args.get("state", "")
    return MessageFilter(
        search=request.args.get("q", "")[:100],
        state=MessageState(state) if state in set(MessageState) else None,
    )
