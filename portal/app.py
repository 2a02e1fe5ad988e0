"""The web application, put together from its parts."""

from importlib import import_module
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import translations
from portal.api import v1
from portal.config import Settings
from portal.http import access, errors, headers, limits, locale, security, statics, transactions
from portal.runtime import Runtime
from portal.web import list_words, navigation, presentation

BLUEPRINTS: tuple[str, ...] = (
    "portal.web.health",
    "portal.web.landing",
    "portal.web.apply",
    "portal.web.claiming",
    "portal.web.home",
    "portal.web.receivables",
    "portal.web.imports",
    "portal.web.debtors",
    "portal.web.reports",
    "portal.web.collections",
    "portal.web.debtor_words",
    "portal.web.debtor_page",
    "portal.web.reminders",
    "portal.web.scenarios",
    "portal.web.scenario_overrides",
    "portal.web.wordings",
    "portal.web.answers",
    "portal.web.replies",
    "portal.web.legal",
    "portal.web.legal_courts",
    "portal.web.legal_agencies",
    "portal.web.insolvencies",
    "portal.web.payments",
    "portal.web.messages",
    "portal.web.funding",
    "portal.web.deeds",
    "portal.web.deals",
    "portal.web.portfolio",
    "portal.web.rate_cards",
    "portal.web.documents",
    "portal.web.switching",
    "portal.web.account",
    "portal.web.members",
    "portal.web.invitations",
    "portal.web.settings",
    "portal.web.card_settings",
    "portal.web.brokers",
    "portal.web.operator",
    "portal.web.operator_tables",
    "portal.web.to_review",
)
"""Modules with a blueprint called ``pages``, in the order of the flow."""

FORM_MEMORY_BYTES = 2_000_000
MULTIPART_OVERHEAD_BYTES = 1_000_000


def create_app(given: Runtime | Settings) -> Flask:
    """The application over one runtime (or over one started from settings)."""
    runtime = Runtime.start(given) if isinstance(given, Settings) else given
    settings = runtime.settings
    app = Flask("portal.web")
    app.extensions["runtime"] = runtime
    app.config["MAX_CONTENT_LENGTH"] = (
        settings.upload_max_bytes * settings.upload_max_files + MULTIPART_OVERHEAD_BYTES
    )
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_MEMORY_BYTES
    app.config["PREFERRED_URL_SCHEME"] = settings.public_url.split(":", 1)[0]
    if not settings.is_demo:
        app.config["TRUSTED_HOSTS"] = [urlsplit(settings.public_url).hostname]
    transactions.register(app)
    headers.register(app, https_only=not settings.is_demo)
    locale.register(app, str(translations.HERE))
    security.register(app, settings)
    access.register(app)
    errors.register(app)
    presentation.register(app)
    navigation.register(app)
    list_words.register(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).pages)
    v1.register(app)
    limits.register(app, storage=settings.rate_limit_storage)
    statics.register(app)
    if settings.trusted_proxies:
        believed = settings.trusted_proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=believed, x_proto=believed, x_host=believed
        )
    return app
