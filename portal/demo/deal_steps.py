"""The stretches of road most deals have in common."""

from collections.abc import Generator, Sequence
from datetime import datetime, timedelta

from partners.sandbox import desk
from portal.assignments.models import Deed
from portal.demo.assignor_side import accept, apply, hold_debts, send, sign
from portal.demo.lender_side import lender_file, offer, open_offer, receive, report, submissions
from portal.demo.receivables import Arrived
from portal.demo.stage import Stage
from portal.funding.models import FundingRequest, Offer
from pricing.products.quote import Product

HOUR = timedelta(hours=1)
NOTIFIED_AFTER = timedelta(hours=26)


def asked(
    stage: Stage,
    trade: str,
    chosen: Sequence[Arrived],
    products: Sequence[Product],
    at: datetime,
    *,
    note: str | None = None,
) -> FundingRequest:
    """Applied for, routed, and received by every lender it went to."""
    request = apply(stage, trade, chosen, products, at, note=note)
    send(stage, request, at)
    receive(stage, request, at)
    return request


def waits_for(stage: Stage, request: FundingRequest, slug: str) -> bool:
    """Whether this lender still has to answer."""
    return any(name == slug for name, _ in submissions(stage, request))


def taken_from(
    stage: Stage,
    trade: str,
    chosen: Sequence[Arrived],
    products: Sequence[Product],
    slug: str,
    at: datetime,
    *,
    hours: tuple[int, int],
) -> Generator[datetime, datetime, tuple[Offer, Deed]]:
    """Asked, offered by ``slug`` and signed after so many hours each; accepted an hour after the offer."""
    request = asked(stage, trade, chosen, products, at)
    until_offer, until_signature = hours
    at = yield at + until_offer * HOUR
    offer(stage, request, slug, at)
    at = yield at + HOUR
    hold_debts(stage, trade, chosen)
    taken = open_offer(stage, request, slug)
    deed = accept(stage, trade, taken, at)
    at = yield at + until_signature * HOUR
    sign(stage, trade, deed, at)
    return taken, deed


def paid_out(stage: Stage, taken: Offer, deed: Deed) -> Generator[datetime, datetime, None]:
    """The assignee dates the deed where the law asks for it, pays, and notifies debtors if it said so."""
    file = lender_file(stage, taken)
    at = yield (deed.signed_at or deed.created_at) + HOUR
    if taken.product is Product.DAILLY:
        report(stage, taken, at, desk.date_deed(file, at))
    at = yield at + 2 * HOUR
    report(stage, taken, at, desk.disburse(file, at))
    if taken.debtor_notice:
        at = yield at + NOTIFIED_AFTER
        report(stage, taken, at, desk.notify_debtors(file, at))


def reserve_back(stage: Stage, taken: Offer, on: datetime) -> Generator[datetime, datetime, None]:
    """What the lender kept comes back, and the lender closes its file."""
    file = lender_file(stage, taken)
    at = yield on
    released = desk.release_reserve(file, at)
    if released is not None:
        report(stage, taken, at, released)
    report(stage, taken, at, desk.settle(file, at))
