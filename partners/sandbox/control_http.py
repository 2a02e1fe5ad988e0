"""The levers tests and the demo pull, under /control: debtors, behaviours, the clock."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from partners.sandbox import desk
from partners.sandbox.book import DossierFile
from partners.sandbox.desk import Event, OutOfTurn
from partners.sandbox.lenders import Behaviour
from partners.sandbox.lenders_http import Problem, problem_response
from partners.sandbox.scripts import Step
from partners.sandbox.settings import RegisterMode
from partners.sandbox.stage import NoSuchDossier, Stage

routes = Blueprint("control", __name__, url_prefix="/control")


@routes.errorhandler(OutOfTurn)
def out_of_turn(error: OutOfTurn) -> tuple[Response, int]:
    return problem_response(Problem(409, error.code, str(error)))


@routes.errorhandler(NoSuchDossier)
def no_such_dossier(error: NoSuchDossier) -> tuple[Response, int]:
    return problem_response(Problem(404, "no_such_dossier", str(error)))


@routes.get("/state")
def state() -> Response:
    return jsonify(
        now=_stage().clock.now().isoformat(),
        register=_stage().register_mode.value,
        behaviours={slug: one.value for slug, one in _stage().behaviours.items()},
        dossiers=[_summary(file) for file in _stage().book],
        deliveries=[asdict(delivery) for delivery in list(_stage().courier.deliveries)],
    )


@routes.get("/dossiers/<dossier>")
def one_dossier(dossier: str) -> Response:
    file = _file(dossier)
    return jsonify(_summary(file) | {"body": file.body, "events": file.events})


@routes.post("/dossiers/<dossier>/debtor-pays")
def debtor_pays(dossier: str) -> Response:
    file, told = _file(dossier), _told()
    if type(told.get("amount_cents", 1)) is not int or told.get("amount_cents", 1) <= 0:
        raise Problem(422, "unknown", "'amount_cents' is a whole number of cents above zero")
    with _stage().book.lock:
        events = desk.debtor_pays(
            file,
            _stage().clock.now(),
            told.get("receivable_number"),
            told.get("amount_cents"),
            told.get("paid_on"),
        )
        _stage().announce(file, *events)
        if not desk.unpaid_cents(file) and told.get("then_settle", True):
            _stage().plan(file, (Step.RELEASE_RESERVE, Step.SETTLE))
    return jsonify(events=events)


@routes.post("/dossiers/<dossier>/recourse")
def recourse(dossier: str) -> Response:
    return _announced(_file(dossier), desk.call_recourse)


@routes.post("/dossiers/<dossier>/recourse-paid")
def recourse_paid(dossier: str) -> Response:
    return _announced(_file(dossier), desk.recourse_paid, (Step.SETTLE,))


@routes.post("/dossiers/<dossier>/loss")
def loss(dossier: str) -> Response:
    return _announced(_file(dossier), desk.take_loss, (Step.SETTLE,))


@routes.post("/dossiers/<dossier>/notify-debtors")
def notify_debtors(dossier: str) -> Response:
    return _announced(_file(dossier), desk.notify_debtors)


@routes.post("/dossiers/<dossier>/release-reserve")
def release_reserve(dossier: str) -> Response:
    return _announced(_file(dossier), desk.release_reserve)


@routes.post("/dossiers/<dossier>/settle")
def settle(dossier: str) -> Response:
    return _announced(_file(dossier), desk.settle)


@routes.post("/dossiers/<dossier>/withdraw-offer")
def withdraw_offer(dossier: str) -> Response:
    return _announced(_file(dossier), desk.withdraw_offer)


@routes.post("/dossiers/<dossier>/repeat/<int:sequence>")
def repeat(dossier: str, sequence: int) -> Response:
    file = _file(dossier)
    told = [event for event in file.events if event["sequence"] == sequence]
    _stage().announce(file, *told)
    return jsonify(events=told)


@routes.post("/lenders/<slug>/behaviour")
def behaviour(slug: str) -> Response:
    named = _told().get("behaviour")
    if slug not in _stage().lenders or named not in {one.value for one in Behaviour}:
        known = ", ".join(one.value for one in Behaviour)
        raise Problem(422, "unknown", f"a lender of the list and one of: {known}")
    _stage().set_behaviour(slug, Behaviour(named))
    return jsonify(lender=slug, behaviour=named)


@routes.post("/register")
def register_mode() -> Response:
    named = _told().get("mode")
    if named not in {mode.value for mode in RegisterMode}:
        known = ", ".join(mode.value for mode in RegisterMode)
        raise Problem(422, "unknown", f"'mode' is one of: {known}")
    _stage().register_mode = RegisterMode(named)
    return jsonify(mode=named)


@routes.post("/clock")
def clock() -> Response:
    try:
        instant = datetime.fromisoformat(str(_told().get("at")))
    except ValueError as error:
        raise Problem(422, "unknown", "'at' is an instant, as 2026-12-01T09:00Z") from error
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return jsonify(now=_stage().clock.move_to(aware).isoformat())


@routes.post("/reset")
def reset() -> Response:
    _stage().reset()
    _stage().register_mode = RegisterMode.NORMAL
    return jsonify(dossiers=0)


def _announced(
    file: DossierFile,
    act: Callable[[DossierFile, datetime], Event | None],
    then: tuple[Step, ...] = (),
) -> Response:
    stage = _stage()
    with stage.book.lock:
        event = act(file, stage.clock.now())
        told = [event] if event else []
        stage.announce(file, *told)
        stage.plan(file, then)
    return jsonify(events=told)


def _stage() -> Stage:
    stage: Stage = current_app.extensions["stage"]
    return stage


def _file(dossier: str) -> DossierFile:
    file = _stage().book.of_dossier(dossier)
    if file is None:
        raise NoSuchDossier(f"no lender holds the dossier {dossier}")
    return file


def _told() -> dict[str, Any]:
    told = request.get_json(silent=True)
    return told if isinstance(told, dict) else {}


def _summary(file: DossierFile) -> dict[str, Any]:
    return {
        "lender": file.lender,
        "dossier": file.dossier,
        "reference": file.reference,
        "behaviour": file.behaviour.value,
        "product": file.body["product"],
        "face_cents": file.body["face_cents"],
        "status": file.events[-1]["status"],
        "todo": list(file.todo),
        "unpaid_cents": desk.unpaid_cents(file),
    }
