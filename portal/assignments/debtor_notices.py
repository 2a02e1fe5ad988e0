"""Letters of notice, prepared for the assignee's use: it alone notifies and dates (art. L313-28 CMF)."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.assignments.deed_facts import deed_facts, line_facts
from portal.assignments.models import Deed
from portal.documents.models import DocumentKind
from portal.documents.rendering import render
from portal.documents.store import DocumentStore, grant, keep
from portal.funding.models import FundingLine, FundingRequest, Offer
from portal.identity.models import Organisation
from portal.lenders.models import LenderProfile
from pricing.money import Money
from pricing.wording import amount_text


def prepare_notices(session: Session, store: DocumentStore, deed: Deed, *, at: datetime) -> int:
    """One undated letter per debtor, given to the lender with the deed; how many were made."""
    request = session.get_one(FundingRequest, deed.request_id)
    assignor = session.get_one(Organisation, deed.assignor_id)
    iban = session.get_one(LenderProfile, deed.lender_id).collection_iban
    whole = deed_facts(session, deed)
    by_debtor: dict[UUID, list[FundingLine]] = defaultdict(list)
    submission = session.get_one(Offer, deed.offer_id).submission
    for line in submission.lines:
        by_debtor[line.receivable.debtor_id].append(line)
    for place, lines in enumerate(by_debtor.values(), start=1):
        total = Money(sum(line.eligible_cents for line in lines), request.currency)
        facts = whole | {
            "debtor": lines[0].receivable.debtor.name,
            "lines": [line_facts(line, request.currency, assignor) for line in lines],
            "count": len(lines),
            "total": amount_text(total.cents, "fr", total.currency),
            "account": f"au compte {iban}" if iban else "sur le compte qu'il vous indique",
        }
        document = keep(
            session,
            store,
            owner_id=deed.assignor_id,
            kind=DocumentKind.DEBTOR_NOTICE,
            filename=f"{deed.reference}-notification-{place}.pdf",
            media_type="application/pdf",
            content=render("debtor_notice", facts, made_at=deed.created_at),
            by=None,
            at=at,
        )
        grant(session, document, deed.lender_id, submission_id=submission.id, at=at)
    return len(by_debtor)
