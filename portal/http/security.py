"""Accounts: Flask-Security over our members, in the request's own transaction."""

from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

from flask import Flask, url_for
from flask_security.core import Security, UserMixin, WebAuthnMixin
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.mail_util import MailUtil
from flask_security.utils import hash_password, login_user
from flask_security.webauthn_util import WebauthnUtil
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from webauthn.helpers.structs import AuthenticatorSelectionCriteria

from portal.config import Settings
from portal.http.transactions import clock, session
from portal.identity.models import Member, Passkey
from portal.messages.outbox import Draft, write
from portal.messages.wording import compose

PASSWORD_LENGTH_MIN = 12
KIND_OF_MAIL = {
    "confirmation_instructions": ("confirm_address", "confirmation_link"),
    "reset_instructions": ("reset_password", "reset_link"),
    "reset_notice": ("password_changed", ""),
    "change_notice": ("password_changed", ""),
}
"""Flask-Security's e-mails: our kind of message, and which of its values is the link."""

SIGNED_IN_HOURS = 12


class _RequestSession:
    """Flask-Security's idea of a database: whatever session the request has."""

    @property
    def session(self) -> Session:
        return session()


class MemberStore(SQLAlchemyUserDatastore):
    """Members in the request's transaction: what Flask-Security calls a commit only writes.

    The end of the request commits, or undoes everything.
    """

    def __init__(self) -> None:
        members: Any = Member
        passkeys: Any = Passkey
        no_roles: Any = None
        super().__init__(_RequestSession(), members, no_roles, passkeys)

    def commit(self) -> None:
        session().flush()

    def create_webauthn(self, *given: Any, **named: Any) -> None:
        """A passkey of ours is dated, and keeps the plain name of its kind of device."""
        plain = {
            name: value.value if isinstance(value, Enum) else value for name, value in named.items()
        }
        super().create_webauthn(*given, create_datetime=clock().instant(), **plain)


class OutboxMail(MailUtil):
    """Writes Flask-Security's e-mails into our outbox, so that they leave only if the request succeeds."""

    def send_mail(
        self,
        template: str,
        subject: str,  # noqa: ARG002 - the words are ours (portal/messages/templates)
        recipient: str | tuple[str, str],
        sender: str | tuple[str, str],  # noqa: ARG002 - the outbox knows who sends
        body: str | None,  # noqa: ARG002
        html: str | None,  # noqa: ARG002
        **kwargs: Any,
    ) -> None:
        kind, link = KIND_OF_MAIL[template.rsplit("/", 1)[-1]]
        url = kwargs.get(link) or url_for("security.forgot_password", _external=True)
        wording = compose(kind, kwargs["user"].locale, url=url)
        draft = Draft(
            kind=kind,
            dedupe_key=f"{kind}:{uuid4()}",
            to_address=recipient if isinstance(recipient, str) else recipient[1],
            subject=wording.subject,
            body_text=wording.text,
            body_html=wording.html,
            locale=wording.locale,
        )
        write(session(), draft, at=clock().instant())


class AnyPasskey(WebauthnUtil):
    """Passkeys of the device itself as well as separate keys, asked to check who holds them."""

    def authenticator_selection(
        self, user: UserMixin, usage: str
    ) -> AuthenticatorSelectionCriteria:
        criteria = super().authenticator_selection(user, usage)
        criteria.authenticator_attachment = None
        return criteria


def register(app: Flask, settings: Settings) -> None:
    """Sign-in by password, code and passkey; reset and confirmation by e-mail link; CSRF everywhere."""
    _lend_abilities(UserMixin, Member)
    _lend_abilities(WebAuthnMixin, Passkey)
    Passkey.get_user_mapping = lambda passkey: {"id": passkey.member_id}
    app.config.from_mapping(_cookies(settings) | _accounts(settings) | _factors(settings))
    CSRFProtect(app)
    Security(app, MemberStore(), mail_util_cls=OutboxMail, webauthn_util_cls=AnyPasskey)
    app.login_manager.session_protection = "strong"  # type: ignore[attr-defined]


def hash_of(password: str) -> str:
    """What is stored of a password (argon2)."""
    return str(hash_password(password))


def sign_in(member: Member, *, by: str) -> None:
    """Sign in somebody who has just proved who they are by an e-mailed link (``by`` names which)."""
    known: Any = member
    login_user(known, authn_via=[by])


def _lend_abilities(mixin: type, model: type) -> None:
    """Give a row of the domain what Flask-Security asks of it, so that the domain needs no web package."""
    for parent in mixin.__mro__[:-1]:
        for name, ability in vars(parent).items():
            if not name.startswith("__") and not hasattr(model, name):
                setattr(model, name, ability)


def _cookies(settings: Settings) -> dict[str, Any]:
    https = not settings.is_demo
    return {
        "SECRET_KEY": settings.derive_secret("sessions"),
        "SESSION_COOKIE_NAME": "__Host-session" if https else "session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": https,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=SIGNED_IN_HOURS),
        "WTF_CSRF_TIME_LIMIT": None,
    }


def _accounts(settings: Settings) -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SALT": settings.derive_secret("password salt"),
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_LENGTH_MIN,
        "SECURITY_CONFIRMABLE": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_DATETIME_FACTORY": lambda: clock().instant(),
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_EMAIL_PLAINTEXT": False,
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_RESET_URL": "/reset-password",
        "SECURITY_CONFIRM_URL": "/confirm-email",
        "SECURITY_CHANGE_URL": "/account/password",
        "SECURITY_VERIFY_URL": "/account/verify",
        "SECURITY_POST_LOGIN_VIEW": "/workspace",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_POST_CHANGE_VIEW": "/account",
        "SECURITY_POST_CONFIRM_VIEW": "/sign-in",
        "SECURITY_POST_RESET_VIEW": "/sign-in",
        "SECURITY_JOIN_USER_ROLES": False,
    }


def _factors(settings: Settings) -> dict[str, Any]:
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/account",
        "SECURITY_TWO_FACTOR_SETUP_URL": "/account/two-factor",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "SECURITY_TWO_FACTOR_RESCUE_URL": "/sign-in/rescue",
        "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/second-factor",
        "SECURITY_TOTP_SECRETS": {"1": settings.derive_secret("one-time codes")},
        "SECURITY_TOTP_ISSUER": "Encaisse",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/recovery-codes",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_RP_NAME": "Encaisse",
        "SECURITY_WAN_POST_REGISTER_VIEW": "/account",
        "SECURITY_WAN_REGISTER_URL": "/account/passkeys",
        "SECURITY_WAN_DELETE_URL": "/account/passkeys/delete",
        "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
        "SECURITY_WAN_VERIFY_URL": "/account/verify/passkey",
    }
