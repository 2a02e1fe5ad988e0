"""The API as one part of the application: its blueprints, its OpenAPI page, its own safety."""

from typing import Any

from flask import Flask
from flask_smorest import Api

from portal.api import card_webhooks, lender_documents, post, webhooks
from portal.http.access import public

RESOURCES = (
    webhooks.resources,
    lender_documents.resources,
    post.resources,
    card_webhooks.resources,
)


class _Described(Api):  # type: ignore[misc]
    """Describes the resources; refusals stay answered by `portal.http.errors`, for pages and API alike."""

    def _register_error_handlers(self) -> None:
        return


def register(app: Flask) -> None:
    """Add the API. Its calls are signed: no cookie counts, so no CSRF token is asked."""
    app.config |= {
        "API_TITLE": "Encaisse",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/api",
        "OPENAPI_JSON_PATH": "v1/openapi.json",
    }
    api = _Described(app)
    for resources in RESOURCES:
        api.register_blueprint(resources)
        _exempt(app, resources)
    for endpoint, view in app.view_functions.items():
        if endpoint.startswith("api-docs."):
            app.view_functions[endpoint] = public(view)


def _exempt(app: Flask, resources: Any) -> None:
    app.extensions["csrf"].exempt(resources)
