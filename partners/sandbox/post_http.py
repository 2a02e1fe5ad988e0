"""The fictional post office's side of the post contract (`docs/post-api.md`), under /post."""

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify, request

from partners.exchange.signing import (
    ID_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    is_signed_by,
    request_content,
)
from partners.post.office import IDEMPOTENCY_HEADER
from partners.sandbox.lenders import lender_secret
from partners.sandbox.lenders_http import Problem, problem_response, the_stage
from partners.sandbox.post_office import Course, KeyReused, Service, course_of
from partners.sandbox.post_proof import proof_pdf
from partners.sandbox.stage import POST

EVENTS_MAX = 200

routes = Blueprint("post", __name__, url_prefix="/post")


@routes.errorhandler(KeyReused)
def key_reused(error: KeyReused) -> tuple[Response, int]:
    return problem_response(Problem(409, "idempotency_key_reused", str(error)))


@routes.before_request
def refuse_unsigned() -> None:
    stage = the_stage()
    key, timestamp = request.headers.get(ID_HEADER, ""), request.headers.get(TIMESTAMP_HEADER, "")
    line = request.full_path if request.query_string else request.path
    content = request_content(request.method, line, request.get_data())
    stated = request.headers.get(SIGNATURE_HEADER, "")
    secret = lender_secret(POST, stage.settings.seed)
    if not is_signed_by(stated, (secret,), key, timestamp, content):
        raise Problem(401, "signature_invalid", "the request is not signed with our secret")


@routes.post("/letters")
def letter() -> tuple[Response, int]:
    body = _body()
    service = str(body.get("service"))
    if service not in set(Service) - {Service.SMS}:
        raise Problem(422, "unknown_service", f"no service '{service}' for letters")
    _refuse_unfit(body, on_paper=service != Service.REGISTERED_EMAIL)
    return _taken(Service(service), str(body["letter"]), body)


@routes.post("/sms")
def sms() -> tuple[Response, int]:
    body = _body()
    if not str(body.get("to", "")).startswith("+") or not body.get("text"):
        raise Problem(422, "unfit", "a text and a number in international form are due")
    return _taken(Service.SMS, str(body.get("sms")), body)


@routes.get("/events")
def events() -> Response:
    after = request.args.get("after", 0, type=int)
    limit = min(request.args.get("limit", EVENTS_MAX, type=int), EVENTS_MAX)
    told = the_stage().post.after(after, limit)
    return jsonify(events=told, position=told[-1]["position"] if told else after)


@routes.get("/proofs/<reference>/<name>")
def proof(reference: str, name: str) -> Response:
    sending = the_stage().post.find(reference)
    proven = [one for one in sending.events if one["proof"] == name] if sending else []
    if sending is None or not proven:
        raise Problem(404, "no_such_proof", "nothing of this name is proven")
    return Response(proof_pdf(sending, proven[0]), mimetype="application/pdf")


def _taken(service: Service, key: str, body: dict[str, Any]) -> tuple[Response, int]:
    stage = the_stage()
    if key != request.headers.get(IDEMPOTENCY_HEADER):
        raise Problem(422, "key_differs", f"{IDEMPOTENCY_HEADER} repeats the message's own key")
    if course_of(service, body) is Course.REJECTED:
        raise Problem(422, "addressee_rejected", "this addressee is not served")
    sending, is_new = stage.post.take(key, service, body)
    calls = stage.post.count_call(key)
    if is_new:
        stage.carry(sending)
    if sending.course is Course.UNAVAILABLE and calls == 1:
        raise Problem(503, "unavailable", "come back later")
    if sending.course is Course.HANG and calls == 1:
        stage.hang()
    return jsonify(reference=sending.reference, status="accepted"), 201 if is_new else 200


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Problem(400, "not_json", "the body must be a JSON object")
    return body


def _refuse_unfit(body: dict[str, Any], *, on_paper: bool) -> None:
    try:
        to, files = body["to"], body["files"]
        contents = [base64.b64decode(one["content_base64"], validate=True) for one in files]
        where = to["address"]["city"] if on_paper else to["email"]
    except (KeyError, TypeError, binascii.Error) as error:
        raise Problem(422, "unfit", f"an addressee and PDF files are due: {error}") from error
    if not where or not contents or not all(one.startswith(b"%PDF-") for one in contents):
        raise Problem(422, "unfit", "an addressee and PDF files are due")
