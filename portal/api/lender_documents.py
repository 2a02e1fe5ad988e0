"""A dossier's documents, fetched by the one lender each signed link was made for."""

from http import HTTPStatus

from flask import abort
from flask_smorest import Blueprint
from itsdangerous import BadSignature
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.documents.models import Document, DocumentGrant
from portal.funding.dossier import read_document_link
from portal.http.access import public
from portal.http.transactions import runtime

resources = Blueprint(
    "lender_documents",
    __name__,
    url_prefix="/api/v1/documents",
    description="Documents of a dossier, under links signed for one lender.",
)


@resources.route("/<token>", methods=["GET"])
@resources.response(HTTPStatus.OK, content_type="application/octet-stream")
@resources.doc(summary="Fetch one document of a dossier", tags=["Lenders"])
@public
def fetch(token: str) -> Response:
    """The file byte for byte, while the link lasts and the grant stands."""
    ours = runtime()
    try:
        document_id, lender_id = read_document_link(ours.settings, token)
    except BadSignature:
        abort(404)
    with ours.transaction() as session:
        document = session.scalar(
            select(Document)
            .join(DocumentGrant, DocumentGrant.document_id == Document.id)
            .where(
                Document.id == document_id,
                DocumentGrant.organisation_id == lender_id,
                DocumentGrant.ended_at.is_(None),
            )
        )
    if document is None:
        abort(404)
    response = Response(ours.documents.get(document.sha256), mimetype=document.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{document.sha256}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
