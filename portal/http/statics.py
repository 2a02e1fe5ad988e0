"""The bundled assets: compressed, and kept by browsers for ever, since their names change with their content."""

from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

BUNDLE = "dist"


def register(app: Flask) -> None:
    """Serve the bundle before the application is asked; a bundle not built yet is simply absent."""
    bundle = Path(app.static_folder or "") / BUNDLE
    if bundle.is_dir():
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(bundle),
            prefix=f"static/{BUNDLE}/",
            immutable_file_test=lambda _path, url: "-" in url.rsplit("/", 1)[-1],
            add_headers_function=_never_guess_the_type,
        )


def _never_guess_the_type(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
