"""What members are written while a request runs; the wording is in messages.toml, in both languages."""

import tomllib
from datetime import datetime
from functools import cache
from importlib.resources import files
from uuid import UUID

from sqlalchemy.orm import Session

from portal.clock import PARIS
from portal.funding.models import FundingRequest, LenderEvent, Offer, Submission
from portal.identity.models import Organisation
from portal.messages.outbox import Draft, write
from pricing.wording import amount_text, date_text, known_locale


def offer_arrived(session: Session, offer: Offer, *, at: datetime) -> None:
    """Tell the assignor that a firm offer waits for its answer."""
    assignor = session.get_one(Organisation, offer.assignor_id)
    locale = known_locale(assignor.locale)
    _tell(
        session,
        assignor,
        "offer_arrived",
        f"offer:{offer.id}",
        offer.request_id,
        at,
        lender=session.get_one(Organisation, offer.lender_id).legal_name,
        reference=offer.request.reference,
        net=amount_text(offer.net_proceeds_cents, locale, offer.currency),
        ends_on=date_text(offer.valid_until.astimezone(PARIS).date().isoformat(), locale),
    )


def piece_asked(
    session: Session, submission: Submission, event: LenderEvent, *, at: datetime
) -> None:
    """Tell the assignor which pieces a lender waits for."""
    assignor = session.get_one(Organisation, submission.assignor_id)
    _tell(
        session,
        assignor,
        "piece_asked",
        f"piece:{event.id}",
        submission.request_id,
        at,
        lender=session.get_one(Organisation, submission.lender_id).legal_name,
        reference=submission.request.reference,
        pieces=", ".join(submission.requested_documents) or "—",
    )


def nobody_offers(session: Session, request: FundingRequest, *, at: datetime) -> None:
    """Tell the assignor that no lender is left on its request."""
    assignor = session.get_one(Organisation, request.assignor_id)
    _tell(
        session,
        assignor,
        "nobody_offers",
        f"no-offer:{request.id}",
        request.id,
        at,
        reference=request.reference,
    )


def tell_assignor(
    session: Session,
    assignor_id: UUID,
    kind: str,
    key: str,
    request_id: UUID,
    *,
    at: datetime,
    **facts: str,
) -> None:
    """Write one of the messages of messages.toml to an assignor, once per ``key``."""
    assignor = session.get_one(Organisation, assignor_id)
    _tell(session, assignor, kind, key, request_id, at, **facts)


def message_kinds() -> frozenset[str]:
    """Every kind that has its words."""
    return frozenset(_texts())


def _tell(
    session: Session,
    to: Organisation,
    kind: str,
    key: str,
    request_id: UUID,
    at: datetime,
    **facts: str,
) -> None:
    if not to.email:
        return
    words = _texts()[kind][known_locale(to.locale)]
    write(
        session,
        Draft(
            kind=kind,
            dedupe_key=f"{kind}:{key}",
            to_address=to.email,
            to_name=to.legal_name,
            subject=words["subject"].format(**facts),
            body_text=words["body"].format(**facts),
            locale=known_locale(to.locale),
            organisation_id=to.id,
            request_id=request_id,
        ),
        at=at,
    )


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    source = files("portal.funding").joinpath("messages.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
