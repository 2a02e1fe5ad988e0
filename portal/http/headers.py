"""What every answer tells the browser to refuse."""

from flask import Flask, Response

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(),"
    " publickey-credentials-get=(self), publickey-credentials-create=(self)",
}
HSTS = "max-age=31536000; includeSubDomains"


def register(app: Flask, *, https_only: bool) -> None:
    """No inline script or style, no frame, no guessed type; with https, never again without."""

    @app.after_request
    def _tell_the_browser(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if https_only:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if not response.cache_control.max_age and response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
