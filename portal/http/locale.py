"""In which language a page speaks: the member's, else the cookie's, else the browser's, else French."""

from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, get_translations, refresh
from flask_login import current_user
from werkzeug.wrappers import Response

LOCALES = ("fr", "en")
DEFAULT = "fr"
COOKIE = "locale"
COOKIE_SECONDS = 365 * 24 * 3600
REGION_OF = {"fr": "fr_FR", "en": "en_GB"}


def chosen_locale() -> str:
    """The reader's language: ``fr`` or ``en``."""
    if "locale" not in g:
        g.locale = _choose()
    found: str = g.locale
    return found


def remember_locale(response: Response, locale: str, *, secure: bool) -> None:
    """Keep the language in a cookie, for visitors and for the sign-in page."""
    response.set_cookie(
        COOKIE, locale, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax"
    )
    g.locale = locale
    g.pop("catalogue", None)
    refresh()


def register(app: Flask, translations: str) -> None:
    """Texts and formats follow the reader's language.

    The region is named because Flask-Security's own French texts are filed under ``fr_FR``.
    """
    Babel(
        app,
        default_locale=REGION_OF[DEFAULT],
        default_timezone="Europe/Paris",
        default_translation_directories=translations,
        locale_selector=lambda: REGION_OF[chosen_locale()],
    )
    _speak_from_one_catalogue(app)


def _speak_from_one_catalogue(app: Flask) -> None:
    """Templates find the request's catalogue once, not at each of the thousands of texts of a page."""
    texts = {
        "gettext": lambda text: _catalogue().ugettext(text),
        "ngettext": lambda one, many, count: _catalogue().ungettext(one, many, count),
    }
    app.jinja_env.install_gettext_callables(**texts, newstyle=True)  # type: ignore[attr-defined]


def _catalogue() -> NullTranslations:
    found: NullTranslations | None = g.get("catalogue")
    if found is None:
        found = g.catalogue = get_translations()
    return found


def _choose() -> str:
    if "failed" not in g and current_user and current_user.is_authenticated:
        return current_user.locale if current_user.locale in LOCALES else DEFAULT
    kept = request.cookies.get(COOKIE)
    if kept in LOCALES:
        return str(kept)
    return request.accept_languages.best_match(LOCALES, DEFAULT) or DEFAULT
