"""Claims on the legal road, valid by default."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portal.collections.legal.claim import Claim, claim_of
from portal.collections.legal.models import PaymentOrder
from portal.collections.legal.orders import file_order, grant_order, prepare_order, serve_order
from portal.identity.models import Organisation
from portal.receivables.models import Receivable
from pricing.court import CourtKind
from pricing.parameters import law
from tests.builders.organisations import an_assignor
from tests.builders.receivables import a_receivable
from tests.conftest import NOW, TODAY


def a_late_receivable(
    session: Session, assignor: Organisation | None = None, **given: Any
) -> Receivable:
    """10 000 € due on 1 May 2026, not paid."""
    facts = {"issued_on": date(2026, 3, 2), "due_on": date(2026, 5, 1), "face_cents": 1_000_000}
    creditor = assignor or an_assignor(session, legal_form="SARL")
    return a_receivable(session, creditor, **{**facts, "delivered_on": None, **given})


def a_claim(session: Session, receivable: Receivable | None = None, on: date = TODAY) -> Claim:
    session.flush()
    return claim_of(session, receivable or a_late_receivable(session), today=on, law=law())


def an_order(session: Session, claim: Claim | None = None, **given: Any) -> PaymentOrder:
    facts = {
        "court_kind": CourtKind.COMMERCIAL,
        "court_name": "Tribunal de commerce d'Exempleville",
        "representative": "A. Exemple, gérante",
        "by": None,
        "at": NOW,
        **given,
    }
    return prepare_order(session, claim or a_claim(session), **facts)


def a_served_order(session: Session, claim: Claim | None = None) -> PaymentOrder:
    """Filed, granted in full and served in person, all today."""
    order = an_order(session, claim)
    file_order(session, order, TODAY, by=None, at=NOW)
    grant_order(session, order, TODAY, order.asked_cents, by=None, at=NOW)
    serve_order(session, order, TODAY, in_person=True, by=None, at=NOW)
    return order
