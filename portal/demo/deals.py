"""Funding requests in every state, played through the same services as real ones."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from portal.runtime import Runtime


def play_deals(_runtime: Runtime, _founded: Mapping[str, UUID], _at: datetime) -> Iterator[str]:
    """Mandates, approved reminders and deals, as the members of the demonstration would have made them."""
    yield from ()
