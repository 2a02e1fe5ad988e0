"""One transaction per request: a good answer commits it, anything else undoes it."""

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.db import DOOR, Viewer, look_as, open_session
from portal.runtime import Runtime


def runtime() -> Runtime:
    """What the process shares."""
    found: Runtime = current_app.extensions["runtime"]
    return found


def session() -> Session:
    """The request's session, opened at first use and looking as the door until somebody is known."""
    if "session" not in g:
        g.session = open_session(runtime().engine, DOOR)
    found: Session = g.session
    return found


def look_through(viewer: Viewer) -> None:
    """From here on, the request sees what ``viewer`` may see."""
    look_as(session(), viewer)


def clock() -> Clock:
    """The request's clock, read once."""
    if "clock" not in g:
        g.clock = runtime().clock(session())
    found: Clock = g.clock
    return found


def commit_now() -> None:
    """End the transaction early, before an outside call; the next query opens another one."""
    session().commit()


def register(app: Flask) -> None:
    """Commit answers below 400, undo the others, and always give the connection back."""

    @app.after_request
    def _end_of_transaction(response: Response) -> Response:
        if "session" in g:
            if response.status_code < 400:
                g.session.commit()
            else:
                g.session.rollback()
        return response

    @app.teardown_appcontext
    def _give_back(_error: BaseException | None) -> None:
        left = g.pop("session", None)
        if left is not None:
            left.close()
