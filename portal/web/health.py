"""Whether this process can serve: for load balancers and supervisors."""

from flask import Blueprint
from sqlalchemy import text

from portal.http.access import public
from portal.http.transactions import session

pages = Blueprint("health", __name__)


@pages.get("/health")
@public
def show() -> dict[str, str]:
    """Answers when the web process and the database both do."""
    session().execute(text("SELECT 1"))
    return {"status": "ok"}
