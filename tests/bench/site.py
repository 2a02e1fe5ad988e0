"""What gunicorn serves for the benchmark: the product, and beside it a bare Flask page."""

import os

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal.app import create_app
from portal.config import Settings

bare = Flask("bare")


@bare.get("/")
def hello() -> str:
    return "<!doctype html><title>bare</title><h1>bare</h1>"


app = DispatcherMiddleware(create_app(Settings.from_environ(os.environ)), {"/bare": bare})
