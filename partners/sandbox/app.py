"""The sandbox as one WSGI application."""

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from partners.sandbox import card_http, control_http, lenders_http, post_http, register_http
from partners.sandbox.card_desk import CardDesk
from partners.sandbox.lenders_http import Problem, problem_response
from partners.sandbox.settings import SandboxSettings
from partners.sandbox.stage import Stage

REQUEST_BYTES_MAX = 20_000_000


def create_sandbox(settings: SandboxSettings | None = None, *, stage: Stage | None = None) -> Flask:
    """The application; `/` says what is played here and where.

    `stage` is where the lenders act, made from `settings` unless given.
    """
    stage = stage or Stage(settings or SandboxSettings())
    app = Flask("partners.sandbox")
    app.config["MAX_CONTENT_LENGTH"] = REQUEST_BYTES_MAX
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["stage"] = stage
    app.extensions["card_desk"] = CardDesk()
    for routes in (
        lenders_http.routes,
        register_http.routes,
        control_http.routes,
        card_http.routes,
        post_http.routes,
    ):
        app.register_blueprint(routes)
    app.register_blueprint(register_http.routes, name="register_at_root", url_prefix="/")
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_problem)

    @app.get("/")
    def contents() -> Response:
        return jsonify(
            sandbox="fictional lenders, a fictional company register and a fictional post office",
            register="/register/search?q=exemple",
            post="/post",
            control="/control/state",
            lenders={
                lender.slug: {"name": lender.name, "products": sorted(lender.products)}
                for lender in stage.lenders.values()
            },
        )

    return app


def _http_problem(error: HTTPException) -> tuple[Response, int]:
    status = error.code or 500
    return problem_response(Problem(status, error.name, error.description or error.name))
