"""Stored files, given back byte for byte to whoever may read them; never shown in the page."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, abort
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.documents.models import Document
from portal.http.access import signed_in
from portal.http.caller import the_caller
from portal.http.transactions import commit_now, runtime, session

pages = Blueprint("documents", __name__, url_prefix="/documents")


@pages.get("/<uuid:document_id>")
@signed_in
def download(document_id: UUID) -> Response:
    """The file as an attachment; row-level security decides who sees that it exists."""
    the_caller()
    document = session().scalar(select(Document).where(Document.id == document_id))
    if document is None:
        abort(404)
    return file_response(document)


def file_response(document: Document) -> Response:
    """A stored file as an attachment, once the transaction that found it is over."""
    name, media_type, digest = document.filename, document.media_type, document.sha256
    commit_now()
    response = Response(runtime().documents.get(digest), mimetype=media_type)
    plain = name.encode("ascii", "replace").decode().replace('"', "'").replace("?", "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
