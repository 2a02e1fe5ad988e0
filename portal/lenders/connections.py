"""Opening the way to one lender: its adapter, its secrets, its address, our webhook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from partners.lenders.adapter import LenderAdapter
from partners.lenders.channel import LenderConnection
from partners.lenders.registry import open_lender
from portal.config import Settings
from portal.lenders.keys import keys_of
from portal.lenders.models import LenderProfile

CALLS_BEFORE_LATER = 2


class LenderNotConnected(Exception):
    """A lender reached over the network has no address or no secret yet."""


@dataclass(frozen=True, slots=True)
class LenderLine:
    """Everything needed to speak to one lender once the transaction is over."""

    adapter: str
    connection: LenderConnection

    def open(self, at: Callable[[], datetime]) -> LenderAdapter:
        """The lender's adapter; ``at`` gives the instant each request is signed."""
        return open_lender(self.adapter, self.connection, at=at)


def line_to(session: Session, settings: Settings, lender_id: UUID) -> LenderLine:
    """How to reach a lender. The session must look as the system.

    Raises:
        LenderNotConnected: it is remote, and has no address or secret.
    """
    profile = session.get_one(LenderProfile, lender_id)
    keys = keys_of(session, settings, lender_id)
    if profile.adapter != "workspace" and (keys is None or not profile.endpoint_url):
        raise LenderNotConnected(f"lender {lender_id} has no address or secret")
    return LenderLine(
        profile.adapter,
        LenderConnection(
            lender=profile.slug,
            base_url=profile.endpoint_url or settings.public_url,
            secrets=(keys.outgoing,) if keys else ("",),
            callback_url=webhook_url(settings, profile.slug),
            answer_seconds=settings.lender_timeout_seconds,
            attempts=CALLS_BEFORE_LATER,
        ),
    )


def webhook_url(settings: Settings, slug: str) -> str:
    """Where one lender sends its events."""
    return f"{settings.public_url.rstrip('/')}/api/v1/lenders/{slug}/events"
