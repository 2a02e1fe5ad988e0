"""What else is known of one receivable: its requests, and how it is being collected."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.funding.models import FundingLine, FundingRequest
from portal.http.caller import Caller
from portal.receivables.models import Receivable
from portal.receivables.reasons import text_of
from portal.web.collection_panel import Panel, panel_of
from portal.web.presentation import current_locale


def told_reasons(stored: Sequence[Mapping[str, Any]]) -> list[str]:
    """Stored reasons in the reader's language."""
    return [text_of(one, current_locale()) for one in stored]


def requests_about(session: Session, receivable: Receivable) -> list[FundingRequest]:
    """The funding requests that hold this receivable, the latest first."""
    return list(
        session.scalars(
            select(FundingRequest)
            .join(FundingLine, FundingLine.request_id == FundingRequest.id)
            .where(
                FundingLine.receivable_id == receivable.id,
                FundingRequest.assignor_id == receivable.assignor_id,
            )
            .order_by(FundingRequest.created_at.desc())
        )
    )


def collection_story(
    session: Session, receivable: Receivable, caller: Caller, today: date
) -> Panel | None:
    """What the collection fragment shows; None for a draft, which nobody chases."""
    if "collections" not in current_app.blueprints:
        return None
    return panel_of(session, receivable, caller, today)
