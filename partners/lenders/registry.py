"""Every kind of lender we can speak to: ours by hand, others by entry point."""

from collections.abc import Callable, Iterable
from datetime import datetime
from importlib.metadata import entry_points

import httpx

from partners.lenders.adapter import LenderAdapter
from partners.lenders.channel import HttpChannel, LenderConnection
from partners.lenders.rest import RestLender
from partners.lenders.workspace import WorkspaceLender

BUILT_IN: tuple[type[LenderAdapter], ...] = (RestLender, WorkspaceLender)
ENTRY_POINT_GROUP = "partners.lenders"


class UnknownAdapter(LookupError):
    """No adapter has this slug; the message lists those that exist."""


def known_adapters(
    built_in: Iterable[type[LenderAdapter]] = BUILT_IN,
    installed: Iterable[type[LenderAdapter]] | None = None,
) -> dict[str, type[LenderAdapter]]:
    """Every adapter by slug; a package adds its own under the entry point 'partners.lenders'.

    Raises:
        ValueError: two adapters claim the same slug.
    """
    if installed is None:
        installed = tuple(entry.load() for entry in entry_points(group=ENTRY_POINT_GROUP))
    adapters: dict[str, type[LenderAdapter]] = {}
    for adapter in (*built_in, *installed):
        if adapter.slug in adapters:
            raise ValueError(f"two adapters are called '{adapter.slug}'")
        adapters[adapter.slug] = adapter
    return adapters


def open_lender(
    adapter_slug: str,
    connection: LenderConnection,
    *,
    at: Callable[[], datetime],
    transport: httpx.BaseTransport | None = None,
) -> LenderAdapter:
    """The adapter of one lender, ready to speak; a workspace lender needs no channel.

    Args:
        adapter_slug: "rest", "workspace", or that of an installed package.
        at: gives the instant each request is signed.

    Raises:
        UnknownAdapter: nothing installed has that slug.
    """
    adapters = known_adapters()
    if adapter_slug not in adapters:
        raise UnknownAdapter(f"'{adapter_slug}' is none of {', '.join(sorted(adapters))}")
    kind = adapters[adapter_slug]
    channel = HttpChannel(connection, at=at, transport=transport) if kind.is_remote else None
    return kind(channel, lender=connection.lender, callback_url=connection.callback_url)
