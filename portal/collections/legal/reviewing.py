"""What the user says of a claim: the parties' quality, the conditions ticked, the road chosen."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.collections.legal.claim import review_of
from portal.collections.legal.models import ClaimReview
from portal.receivables.models import Receivable
from pricing.court import PartyQuality
from pricing.legal_routes import Route, conditions_of

KNOWN_CONDITIONS = frozenset(code for route in Route for code in conditions_of(route))


def review_claim(
    session: Session,
    receivable: Receivable,
    *,
    creditor: PartyQuality,
    debtor: PartyQuality,
    carriage: bool,
    answers: Mapping[str, bool],
    route: Route | None,
    by: UUID | None,
    at: datetime,
) -> ClaimReview:
    """Keep what the user says; the file's own facts are not overruled by it. Saying it again replaces it."""
    review = review_of(session, receivable.id)
    if review is None:
        review = ClaimReview(assignor_id=receivable.assignor_id, receivable_id=receivable.id)
        session.add(review)
    review.creditor_quality, review.debtor_quality = creditor, debtor
    review.carriage = carriage
    review.answers = {code: told for code, told in answers.items() if code in KNOWN_CONDITIONS}
    review.route = route
    review.reviewed_at, review.reviewed_by = at, by
    session.flush()
    facts = {"route": route.value if route else None, "answers": review.answers}
    trail.record(
        session,
        receivable.assignor_id,
        "review_claim",
        "receivable",
        receivable.id,
        facts,
        by=by,
        at=at,
    )
    return review
