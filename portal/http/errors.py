"""Refusals become answers in one table, for pages and API alike."""

import traceback
from http import HTTPStatus
from uuid import uuid4

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from portal.brokers.lookup import MandateNotFound
from portal.collections.debtor_page.answering import WordAnswered, WordNotFound
from portal.collections.debtor_page.links import LinkUnusable
from portal.collections.debtor_page.seeing import NotCovered
from portal.collections.dunning.by_hand import ReceivableNotCollectable
from portal.collections.dunning.scenarios import ScenarioNotFound
from portal.collections.lookup import CollectionNotFound
from portal.debtors.lookup import DebtorNotFound
from portal.identity.applications import ApplicationExpired, ApplicationFinished, LinkInvalid
from portal.identity.claiming import ApplicationClaimedByAnother, CompanyAlreadyHere
from portal.identity.invitations import InvitationUnusable
from portal.identity.lookup import InvitationNotFound, MembershipNotFound
from portal.jobs.inspection import JobNotFailed
from portal.messages.lookup import MessageNotFound
from portal.payments.lookup import PaymentNotFound
from portal.receivables.completing import NothingToSettle, ReceivableAssigned
from portal.receivables.crediting import CreditNoteNotFound
from portal.receivables.lookup import ImportNotFound, ReceivableNotFound
from portal.states import IllegalTransition

log = structlog.get_logger()

STATUS_OF: dict[type[Exception], HTTPStatus] = {
    IllegalTransition: HTTPStatus.CONFLICT,
    ReceivableNotFound: HTTPStatus.NOT_FOUND,
    ImportNotFound: HTTPStatus.NOT_FOUND,
    CreditNoteNotFound: HTTPStatus.NOT_FOUND,
    DebtorNotFound: HTTPStatus.NOT_FOUND,
    CollectionNotFound: HTTPStatus.NOT_FOUND,
    ReceivableNotCollectable: HTTPStatus.NOT_FOUND,
    ScenarioNotFound: HTTPStatus.NOT_FOUND,
    PaymentNotFound: HTTPStatus.NOT_FOUND,
    MessageNotFound: HTTPStatus.NOT_FOUND,
    ReceivableAssigned: HTTPStatus.CONFLICT,
    NothingToSettle: HTTPStatus.CONFLICT,
    JobNotFailed: HTTPStatus.CONFLICT,
    MandateNotFound: HTTPStatus.NOT_FOUND,
    MembershipNotFound: HTTPStatus.NOT_FOUND,
    InvitationNotFound: HTTPStatus.NOT_FOUND,
    LinkUnusable: HTTPStatus.NOT_FOUND,
    NotCovered: HTTPStatus.NOT_FOUND,
    WordNotFound: HTTPStatus.NOT_FOUND,
    WordAnswered: HTTPStatus.CONFLICT,
    InvitationUnusable: HTTPStatus.GONE,
    LinkInvalid: HTTPStatus.NOT_FOUND,
    ApplicationExpired: HTTPStatus.GONE,
    ApplicationFinished: HTTPStatus.CONFLICT,
    ApplicationClaimedByAnother: HTTPStatus.CONFLICT,
    CompanyAlreadyHere: HTTPStatus.CONFLICT,
}
"""A named refusal raised by the domain, and the status it becomes; subclasses follow their parent."""

TEXT_OF: dict[type[Exception], str] = {
    LinkUnusable: lazy_gettext(
        "This link no longer opens: it was cut short, has expired or was replaced."
        " Open the latest message you received, or answer it to ask for a new link."
    ),
    WordAnswered: lazy_gettext("Somebody has already answered this. Reload the page to see how."),
    IllegalTransition: lazy_gettext(
        "Its state has changed in the meantime, and this is no longer possible."
        " Reload the page to see where it stands."
    ),
    ReceivableAssigned: lazy_gettext(
        "This invoice is assigned to a lender: its content is the deed's and can no longer be changed here."
    ),
    NothingToSettle: lazy_gettext("This was already settled. Reload the page to see how."),
    InvitationUnusable: lazy_gettext(
        "This invitation has expired, was withdrawn or has been used."
        " Ask whoever invited you to send another one."
    ),
    LinkInvalid: lazy_gettext(
        "This link was altered or cut short. Open it again from the e-mail, whole."
    ),
    ApplicationExpired: lazy_gettext(
        "This application was not finished in time. Starting a new one takes a minute."
    ),
    ApplicationFinished: lazy_gettext(
        "This application has become an account. Sign in to find your invoices and prices."
    ),
    ApplicationClaimedByAnother: lazy_gettext(
        "Another member has already taken this application over. Sign in with that account."
    ),
    CompanyAlreadyHere: lazy_gettext(
        "This company already has an account here. Ask its owner to invite you"
        " (Members, then Invite somebody); your application is kept meanwhile."
    ),
}
"""What the reader is told instead of the page's general text."""

PAGES = frozenset({400, 403, 404, 409, 413, 429})


def status_of(error: Exception) -> HTTPStatus | None:
    """The status of a named refusal; None for what nobody expected."""
    return next((STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF), None)


def text_of(error: Exception) -> str:
    """The refusal in the reader's words, or nothing where its page says enough."""
    found = next((TEXT_OF[kind] for kind in type(error).__mro__ if kind in TEXT_OF), "")
    return str(found)


def register(app: Flask) -> None:
    """Answer every exception with a page (or a problem in JSON) that says what to do."""
    app.register_error_handler(HTTPException, _http_refusal)
    app.register_error_handler(Exception, _refusal_or_failure)


def _http_refusal(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError):
        cause = error.original_exception
        return _refusal_or_failure(cause if isinstance(cause, Exception) else error)
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    message = (
        gettext("The page was open too long or was not ours. Go back, reload it and send it again.")
        if isinstance(error, CSRFError)
        else ""
    )
    return _answer(error.code, message)


def _refusal_or_failure(error: Exception) -> Response:
    status = status_of(error)
    if status is not None:
        _undo()
        return _answer(int(status), text_of(error), code=type(error).__name__)
    reference = uuid4().hex[:8]
    log.error(
        "unexpected error",
        reference=reference,
        endpoint=request.endpoint,
        method=request.method,
        error=type(error).__name__,
        where=[
            f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
        ],
    )
    g.failed = True
    _undo()
    return _answer(500, reference=reference)


def _undo() -> None:
    if "session" in g:
        g.session.rollback()


def _answer(status: int, message: str = "", *, code: str = "", reference: str = "") -> Response:
    if _wants_json():
        problem = {
            "type": "about:blank",
            "status": status,
            "title": HTTPStatus(status).phrase,
            "message": message or HTTPStatus(status).phrase,
        }
        problem |= {"code": code} if code else {}
        problem |= {"reference": reference} if reference else {}
        response: Response = jsonify(problem)
        response.content_type = "application/problem+json"
    else:
        page = 500 if status >= 500 else status if status in PAGES else _nearest(status)
        response = Response(
            render_template(f"errors/{page}.html", message=message, reference=reference),
            mimetype="text/html",
        )
    response.status_code = status
    return response


def _nearest(status: int) -> int:
    return {401: 403, 405: 404, 410: 404, 415: 400}.get(status, 409)


def _wants_json() -> bool:
    accepts = request.accept_mimetypes
    return request.path.startswith("/api/") or (accepts["application/json"] > accepts["text/html"])
