"""How often one address may knock."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

View = TypeVar("View", bound=Callable[..., Any])

SIGN_IN = "10 per minute; 60 per hour"
ASK_BY_EMAIL = "5 per minute; 20 per hour"
APPLY = "30 per minute; 300 per hour"

GUARDED = {
    "security.login": SIGN_IN,
    "security.two_factor_token_validation": SIGN_IN,
    "security.mf_recovery": SIGN_IN,
    "security.wan_signin": SIGN_IN,
    "security.wan_signin_response": SIGN_IN,
    "security.verify": SIGN_IN,
    "security.change_password": SIGN_IN,
    "security.forgot_password": ASK_BY_EMAIL,
    "security.reset_password": SIGN_IN,
    "security.send_confirmation": ASK_BY_EMAIL,
}

limiter = Limiter(key_func=get_remote_address, strategy="moving-window")


def limited(allowance: str) -> Callable[[View], View]:
    """A view that changes something on a stranger's word, held to ``allowance`` per address."""
    return cast(Callable[[View], View], limiter.limit(allowance, exempt_when=_only_reads))


def register(app: Flask, *, storage: str) -> None:
    """Limit signing in and everything that sends an e-mail; call once every view is known."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", storage)
    limiter.init_app(app)
    for endpoint, allowance in GUARDED.items():
        app.view_functions[endpoint] = limited(allowance)(app.view_functions[endpoint])


def _only_reads() -> bool:
    return request.method in ("GET", "HEAD", "OPTIONS")
