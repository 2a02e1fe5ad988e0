"""The fictional lenders' side of the lender contract (`docs/lender-api.md`), under /lenders."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from partners.exchange.signing import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    is_signed_by,
    request_content,
)
from partners.lenders.channel import IDEMPOTENCY_HEADER
from partners.sandbox import desk
from partners.sandbox.desk import OutOfTurn
from partners.sandbox.lenders import SandboxLender, lender_secret
from partners.sandbox.scripts import Fault
from partners.sandbox.stage import KeyReused, NoSuchDossier, Stage
from pricing.money import Money

TOLERANCE = timedelta(minutes=5)

routes = Blueprint("lenders", __name__, url_prefix="/lenders/<slug>")

_SUBMISSION_KEYS = (
    "dossier",
    "product",
    "face_cents",
    "currency",
    "assignor",
    "receivables",
    "requested_on",
)


class Problem(Exception):
    """An answer of the problem kind (RFC 9457)."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


def problem_response(problem: Problem) -> tuple[Response, int]:
    """The problem as `application/problem+json`."""
    told = {
        "type": "about:blank",
        "title": problem.code,
        "status": problem.status,
        "code": problem.code,
        "detail": str(problem),
    }
    response = jsonify(told)
    response.mimetype = "application/problem+json"
    return response, problem.status


@routes.errorhandler(KeyReused)
def key_reused(error: KeyReused) -> tuple[Response, int]:
    return problem_response(Problem(409, "idempotency_key_reused", str(error)))


@routes.errorhandler(OutOfTurn)
def out_of_turn(error: OutOfTurn) -> tuple[Response, int]:
    return problem_response(Problem(409, error.code, str(error)))


@routes.errorhandler(NoSuchDossier)
def no_such_dossier(error: NoSuchDossier) -> tuple[Response, int]:
    return problem_response(Problem(404, "no_such_dossier", str(error)))


@routes.post("/dossiers")
def submit(slug: str) -> Response:
    lender, body = _lender(slug), _body()
    _refuse_unsound(body)
    fault = the_stage().fault_of(lender, body)
    _fail(fault)
    event = the_stage().submit(lender, _key(), body)
    if fault is Fault.HANG_ONCE_RECORDED:
        the_stage().hang()
    if fault is Fault.NOT_JSON:
        return Response("<html><body>Maintenance</body></html>", mimetype="text/html")
    return jsonify(event)


@routes.get("/dossiers/<dossier>/events")
def events(slug: str, dossier: str) -> Response:
    file = the_stage().file_of(_lender(slug).slug, dossier)
    after = request.args.get("after", 0, type=int)
    return jsonify(events=[event for event in file.events if event["sequence"] > after])


@routes.post("/dossiers/<dossier>/acceptance")
def accept(slug: str, dossier: str) -> Response:
    file, body = the_stage().file_of(_lender(slug).slug, dossier), _body()
    offer_id = str(body.get("offer", ""))
    now = the_stage().clock.now()
    return jsonify(the_stage().act(file, _key(), body, lambda: desk.accept(file, offer_id, now)))


@routes.post("/dossiers/<dossier>/withdrawal")
def withdraw(slug: str, dossier: str) -> Response:
    file, body = the_stage().file_of(_lender(slug).slug, dossier), _body()
    reason, now = str(body.get("reason", "")), the_stage().clock.now()
    return jsonify(the_stage().act(file, _key(), body, lambda: desk.withdraw(file, reason, now)))


@routes.post("/dossiers/<dossier>/documents")
def documents(slug: str, dossier: str) -> Response:
    lender, body = _lender(slug), _body()
    file = the_stage().file_of(lender.slug, dossier)
    if not body.get("documents"):
        raise Problem(422, "no_document", "send at least one document")
    now = the_stage().clock.now()
    return jsonify(the_stage().act(file, _key(), body, lambda: desk.offer(file, lender, now)))


@routes.post("/dossiers/<dossier>/deed")
def deed(slug: str, dossier: str) -> Response:
    file, body = the_stage().file_of(_lender(slug).slug, dossier), _body()
    now = the_stage().clock.now()
    event = the_stage().act(
        file,
        _key(),
        body,
        lambda: desk.receive_deed(file, body, now),
        lambda: the_stage().deed_steps(file),
    )
    return jsonify(event)


def the_stage() -> Stage:
    """Where everything is played, for this request."""
    stage: Stage = current_app.extensions["stage"]
    return stage


def _lender(slug: str) -> SandboxLender:
    stage = the_stage()
    lender = stage.lenders.get(slug)
    if lender is None or lender.adapter != "rest":
        raise Problem(404, "no_such_lender", f"no lender '{slug}' answers here")
    if stage.settings.verify_signatures:
        _refuse_unsigned(stage, slug)
    return lender


def _refuse_unsigned(stage: Stage, slug: str) -> None:
    key, timestamp = request.headers.get(ID_HEADER, ""), request.headers.get(TIMESTAMP_HEADER, "")
    line = request.full_path if request.query_string else request.path
    content = request_content(request.method, line, request.get_data())
    stated = request.headers.get(SIGNATURE_HEADER, "")
    secret = lender_secret(slug, stage.settings.seed)
    if not is_signed_by(stated, (secret,), key, timestamp, content):
        raise Problem(401, "signature_invalid", "the request is not signed with our secret")
    sent_at = datetime.fromtimestamp(int(timestamp), UTC)
    # Only the past is refused: a demo whose calendar was advanced signs from the future.
    if stage.settings.at() - sent_at > TOLERANCE:
        raise Problem(401, "timestamp_outside_tolerance", "the request is too old")


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Problem(400, "not_json", "the body must be a JSON object")
    return body


def _refuse_unsound(body: dict[str, Any]) -> None:
    missing = [name for name in _SUBMISSION_KEYS if not body.get(name)]
    if missing:
        raise Problem(422, "incomplete", f"missing: {', '.join(missing)}")
    try:
        date.fromisoformat(body["requested_on"])
        faces = [_face(receivable) for receivable in body["receivables"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Problem(422, "unreadable", f"a day or a receivable is unreadable: {error}") from error
    if sum(faces) != body["face_cents"]:
        raise Problem(422, "face_total", f"the receivables add up to {sum(faces)} cents")


def _face(receivable: dict[str, Any]) -> int:
    date.fromisoformat(receivable["due_on"])
    if not receivable["number"] or not isinstance(receivable["currency"], str):
        raise ValueError("number and currency are texts")
    return Money(receivable["face_cents"], receivable["currency"]).cents


def _key() -> str:
    key = request.headers.get(IDEMPOTENCY_HEADER, "")
    if not key:
        raise Problem(400, "no_idempotency_key", f"send {IDEMPOTENCY_HEADER}")
    return key


def _fail(fault: Fault) -> None:
    match fault:
        case Fault.HANG:
            the_stage().hang()
            raise Problem(503, "unavailable", "no answer was ready")
        case Fault.UNAVAILABLE:
            raise Problem(503, "unavailable", "come back later")
        case Fault.REFUSED:
            raise Problem(422, "assignor_not_accepted", "this message will never be accepted")
        case _:
            return
